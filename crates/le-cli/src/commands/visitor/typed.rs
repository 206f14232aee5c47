//! An event as it is typed.

use le_attributes::Sde;
use le_attributes::customer::CustomerInfo;
use le_attributes::journey::{Lead, SearchedContent, VisitorError};
use le_attributes::shopping::{Cart, Line, Product, ViewedProduct};

/// The event of a line: JSON, or one of a few short forms.
pub(super) fn event(line: &str) -> Result<Sde, &'static str> {
    if line.starts_with('{') {
        return Sde::read(line).map_err(|_| "this is not a JSON object");
    }
    let (kind, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    if rest.is_empty() {
        return Err("an event is JSON, or `type`, `cart`, `view`, `search`, `error` or `lead` with what belongs to it");
    }
    Ok(match kind {
        "type" => CustomerInfo::default().customer_type(rest).into(),
        "search" => SearchedContent::of([rest]).into(),
        "error" => VisitorError::default().message(rest).resolved(false).into(),
        "cart" => cart(rest).ok_or("write `cart TOTAL ITEMS [CURRENCY]`")?.into(),
        "view" => view(rest).into(),
        "lead" => lead(rest).into(),
        _ => {
            return Err(
                "an event is JSON, or `type`, `cart`, `view`, `search`, `error` or `lead` with what belongs to it",
            );
        }
    })
}

fn cart(rest: &str) -> Option<Cart> {
    let mut words = rest.split_whitespace();
    let cart = Cart::new(
        words.next()?.parse::<f64>().ok().filter(|total| total.is_finite())?,
        words.next()?.parse::<i64>().ok()?,
    );
    Some(match words.next() {
        Some(currency) => cart.currency(currency),
        None => cart,
    })
}

/// A name, and a number behind it where the last word is one.
fn valued(rest: &str) -> (&str, Option<f64>) {
    let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    match rest.rsplit_once(char::is_whitespace) {
        Some((name, last)) if number(last).is_some() => (name.trim(), number(last)),
        _ => (rest, None),
    }
}

fn view(rest: &str) -> ViewedProduct {
    let (name, price) = valued(rest);
    let product = Product::default().name(name);
    let product = match price {
        Some(price) => product.price(price),
        None => product,
    };
    ViewedProduct::default().products(vec![Line::single(product)])
}

fn lead(rest: &str) -> Lead {
    let (topic, value) = valued(rest);
    let lead = Lead::default().topic(topic);
    match value {
        Some(value) => lead.value(value),
        None => lead,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_and_json() {
        for (line, json) in [
            ("type gold", r#"{"type":"ctmrinfo","info":{"ctype":"gold"}}"#),
            (
                "cart 61.4 2 EUR",
                r#"{"type":"cart","total":61.4,"currency":"EUR","numItems":2}"#,
            ),
            (
                "search return policy",
                r#"{"type":"searchInfo","keywords":["return policy"]}"#,
            ),
            (
                "error Card refused",
                r#"{"type":"error","error":{"message":"Card refused","resolved":false}}"#,
            ),
            (
                "lead upgrade now 80",
                r#"{"type":"lead","lead":{"topic":"upgrade now","value":80.0}}"#,
            ),
            (r#"{"type":"later","x":1}"#, r#"{"type":"later","x":1}"#),
        ] {
            let written = serde_json::to_value(event(line).unwrap()).unwrap();
            assert_eq!(
                written,
                serde_json::from_str::<serde_json::Value>(json).unwrap(),
                "{line}"
            );
        }
        for wrong in ["hello", "cart", "cart x 2", "cart NaN 2", "dance now", "{", "search"] {
            assert!(event(wrong).is_err(), "{wrong}");
        }
    }
}
