//! What an agent could send now. Nothing is sent before the agent asks for it.

use le_attributes::widget::{Command, PublicModel, ShoppingCart};
use le_bots::structured_content::{Button, Element, QuickReplies, Text, Vertical};
use le_core::wire::RawRecord;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Suggestion {
    /// A name of ours, by which the page and its test find it.
    id: &'static str,
    title: String,
    command: Command,
}

/// The most characters of a name on a card.
const LONGEST_NAME: usize = 100;
/// The most products on a card.
const MOST_PRODUCTS: usize = 5;

pub(super) fn suggestions(view: &PublicModel) -> Vec<Suggestion> {
    let Some(attributes) = &view.attributes else {
        return Vec::new();
    };
    let mut suggestions = Vec::new();
    let unresolved =
        |error: &&le_attributes::widget::ErrorDetails| !error.resolved.as_ref().is_some_and(|flag| flag.get());
    if let Some(error) = attributes.error.iter().rfind(unresolved) {
        let code = error
            .code
            .as_deref()
            .map(|code| format!(" ({})", short(code)))
            .unwrap_or_default();
        let text = format!("I see that something went wrong{code}. Shall I look into it?");
        suggestions.push(Suggestion {
            id: "error",
            title: "Ask about the error".to_owned(),
            command: Command::write(for_channel(view, text)),
        });
    }
    suggestions.extend(attributes.shopping_cart.last().and_then(cart));
    suggestions.retain(|suggestion| suggestion.command.check().is_ok());
    suggestions
}

/// A line is plain text in messaging and HTML in chat. As long as nobody says that it is messaging, it is written as HTML.
fn for_channel(view: &PublicModel, text: String) -> String {
    let messaging = view.chat_info.as_ref().and_then(|chat| chat.is_messaging.as_ref());
    if messaging.is_some_and(|flag| flag.get()) {
        return text;
    }
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
    html
}

/// The cart as a card, if the vendor's schema takes it.
fn cart(cart: &ShoppingCart) -> Option<Suggestion> {
    let mut card = Vertical::new().with(Text::new("Your cart").bold().tag("title"));
    for product in cart.products.iter().take(MOST_PRODUCTS) {
        let name = product.name.as_deref().or(product.sku.as_deref())?;
        let quantity = product.quantity.as_ref().map_or(1, |quantity| quantity.get());
        card = card.with(Text::new(format!("{quantity} × {}", short(name))));
    }
    if let Some(total) = &cart.cart_total {
        card = card.with(Text::new(format!("Total {total}")));
    }
    let card = Element::from(card.with(Button::says("Check out", "I would like to check out").marked("check-out")));
    let replies = QuickReplies::of(["Yes, please", "Not now"]);
    card.check().and_then(|()| replies.check()).ok()?;
    let command = Command::structured_content(raw(&card)?).with_quick_replies(raw(&replies)?);
    let items = cart.num_items.as_ref().map_or(0, |items| items.get());
    Some(Suggestion {
        id: "cart",
        title: format!("Send the cart ({items} items)"),
        command,
    })
}

fn raw(content: &impl Serialize) -> Option<RawRecord> {
    RawRecord::new(serde_json::to_string(content).ok()?).ok()
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> serde_json::Value {
        serde_json::to_value(suggestions(&PublicModel::read(json).unwrap())).unwrap()
    }

    #[test]
    fn a_line_is_escaped_where_it_is_html() {
        let model = |messaging: &str| {
            format!(
                r#"{{"chatInfo":{{"isMessaging":{messaging}}},"SDE":{{"error":[{{"code":"<img src=x onerror=alert(1)>"}}]}}}}"#
            )
        };
        let text = |messaging| {
            of(&model(messaging))[0]["command"]["data"]["text"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert!(
            text("true").contains("(<img src=x onerror=alert(1)>)"),
            "plain text in messaging"
        );
        for messaging in ["false", "null", "\"maybe\""] {
            assert!(
                text(messaging).contains("(&lt;img src=x onerror=alert(1)&gt;)"),
                "{messaging}"
            );
        }
        assert_eq!(
            of(r#"{"SDE":{"error":[{"code":"a","resolved":"true"}]}}"#),
            serde_json::json!([])
        );
    }

    #[test]
    fn a_cart_becomes_a_card() {
        let card = of(
            r#"{"SDE":{"shoppingCart":[{"cartTotal":"61.4","numItems":2,"products":[{"name":"Mug","quantity":"2"}]}]}}"#,
        );
        assert_eq!(card[0]["command"]["command"], "Write StructuredContent");
        assert_eq!(card[0]["command"]["data"]["json"]["elements"][1]["text"], "2 × Mug");
        assert_eq!(of(r#"{"SDE":{"shoppingCart":[]}}"#), serde_json::json!([]));
        assert_eq!(of("{}"), serde_json::json!([]));
    }
}
