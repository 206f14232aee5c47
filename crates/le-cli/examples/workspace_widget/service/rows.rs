//! What the page shows: labels of ours, texts of others. The page puts both into text nodes.

use le_attributes::widget::PublicModel;
use serde::Serialize;

use super::confirmation::Confirmation;

/// The most characters of a text that somebody else wrote.
const LONGEST: usize = 200;

#[derive(Serialize)]
pub(super) struct Row {
    label: &'static str,
    value: String,
}

pub(super) fn rows(view: &PublicModel, confirmation: &Confirmation) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |label, value: Option<String>| {
        if let Some(value) = value {
            let value = value.chars().take(LONGEST).collect();
            rows.push(Row { label, value });
        }
    };
    let visitor = view.visitor_info.as_ref();
    add("Name", visitor.and_then(|visitor| visitor.visitor_name.clone()));
    add("Device", visitor.and_then(|visitor| visitor.device.clone()));
    let claims = view.claims_and_auth_type.as_ref();
    let login = claims.map(|claims| {
        if claims.is_authenticated() {
            "logged in"
        } else {
            "anonymous"
        }
    });
    add("Login", login.map(|login| format!("{login} (as the page says)")));
    if let Some(attributes) = &view.attributes {
        let customer = attributes.customer_details.last();
        let kind = customer.and_then(|customer| customer.customer_type.clone());
        add("Customer type", kind.clone());
        add("Customer type is", kind.map(|_| confirmation.words().to_owned()));
        let balance = customer.and_then(|customer| customer.balance.as_ref());
        add("Balance", balance.map(ToString::to_string));
        if let Some(cart) = attributes.shopping_cart.last() {
            let items = cart.num_items.as_ref().map_or(0, |items| items.get());
            let total = cart.cart_total.as_ref().map(|total| format!(", {total} in all"));
            add("Cart", Some(format!("{items} items{}", total.unwrap_or_default())));
        }
    }
    // What this page hears in the widget's layout, in the one in which a bot or a report would have it.
    let sent = view
        .attributes
        .as_ref()
        .map(le_attributes::widget::WidgetAttributes::to_send);
    add(
        "Attributes",
        sent.map(|sent| format!("{} reported, {} members unreadable", sent.value.len(), sent.lost.len())),
    );
    rows
}
