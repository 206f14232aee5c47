//! What a click does, and which button a reported click was on.

use le_core::wire::{RawRecord, elements};
use serde::Serialize;
use serde_json::Value;

/// What happens at a click.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Action {
    /// Publishes a text in the consumer's name: at most 256 characters.
    PublishText {
        /// The text.
        text: String,
    },
    /// Opens an address: at most 1 024 characters, with a scheme.
    Link {
        /// The address.
        uri: String,
        /// What it is called.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// `self`, `blank` or `slideout`.
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<&'static str>,
    },
    /// Shows the way to a place.
    Navigate {
        /// Latitude.
        la: f64,
        /// Longitude.
        lo: f64,
        /// What it is called.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// Anything else, as JSON.
    #[serde(untagged)]
    Json(RawRecord),
}

/// Actions of a click, at most four, and the objects that come back when it happens.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Click {
    /// What comes back with the click.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<RawRecord>,
    /// What it does.
    pub actions: Vec<Action>,
}

/// A button that was pressed, as far as it can be told.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Press {
    /// What stood on the button, where the message that had it is known.
    pub title: Option<String>,
    /// What the button writes in the consumer's name.
    pub text: Option<String>,
    /// What the button carried.
    pub metadata: Vec<RawRecord>,
    /// The number of the message that had the button.
    pub of: Option<i64>,
}

impl Press {
    /// The id of the [`ExternalId`](crate::metadata::ExternalId) that the button carried.
    #[must_use]
    pub fn external_id(&self) -> Option<String> {
        self.object("ExternalId")?["id"].as_str().map(str::to_owned)
    }

    /// The first object of this type that the button carried.
    #[must_use]
    pub fn object(&self, kind: &str) -> Option<Value> {
        let mut values = self.metadata.iter().filter_map(|one| one.to_value().ok());
        values.find(|value| value["type"] == kind)
    }
}

/// The element with this metadata in a card or among quick replies: its title, and the text that it publishes.
pub(crate) fn clicked(tree: &Value, metadata: &[Value]) -> Option<(Option<String>, Option<String>)> {
    match tree {
        Value::Array(all) => all.iter().find_map(|one| clicked(one, metadata)),
        Value::Object(members) => {
            let click = &tree["click"];
            if !metadata.is_empty() && elements(&click["metadata"]).eq(metadata) {
                let text = elements(&click["actions"]).find(|action| action["type"] == "publishText");
                let text = text.and_then(|action| action["text"].as_str()).map(str::to_owned);
                let title = ["title", "tooltip", "caption"]
                    .iter()
                    .find_map(|name| tree[*name].as_str());
                return Some((title.map(str::to_owned), text));
            }
            let inner = members.iter().filter(|(name, _)| *name != "click");
            inner.map(|(_, value)| value).find_map(|value| clicked(value, metadata))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_click_is_found_by_what_it_carries() {
        let card = json!({"type": "vertical", "elements": [
            {"type": "text", "text": "Kettle"},
            {"type": "horizontal", "elements": [
                {"type": "button", "title": "Buy", "click": {"metadata": [{"type": "ExternalId", "id": "b"}],
                    "actions": [{"type": "link", "uri": "https://x.example"}, {"type": "publishText", "text": "I buy"}]}},
                {"type": "image", "url": "https://x.example/p.png", "tooltip": "Look", "click": {
                    "metadata": {"type": "ExternalId", "id": "l"}, "actions": []}}]}]});
        let find = |id: &str| clicked(&card, &[json!({"type": "ExternalId", "id": id})]);
        assert_eq!(find("b"), Some((Some("Buy".to_owned()), Some("I buy".to_owned()))));
        assert_eq!(find("l"), Some((Some("Look".to_owned()), None)));
        assert_eq!(find("c"), None);
        assert_eq!(clicked(&card, &[]), None);
    }
}
