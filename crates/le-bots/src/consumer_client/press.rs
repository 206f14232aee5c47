//! What of a message can be pressed.

use le_core::Error;
use le_core::wire::RawRecord;
use serde_json::Value;

use crate::event::DialogEvent;

/// An element of a message that does something when it is pressed.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// What it carries, object by object.
    pub(super) metadata: Vec<RawRecord>,
    /// What it writes in the consumer's name.
    pub(super) texts: Vec<String>,
}

impl Element {
    /// The element with this title, or else with this tooltip.
    pub(super) fn find(message: &DialogEvent, title: &str) -> Result<Self, Error> {
        let event = message.event.as_ref();
        let trees = event
            .iter()
            .flat_map(|event| [event.quick_replies.as_ref(), event.as_rich()]);
        let trees: Vec<Value> = trees.flatten().filter_map(|tree| tree.to_value().ok()).collect();
        let mut elements = Vec::new();
        trees.iter().for_each(|tree| collect(tree, &mut elements));
        let named = |name: &str| elements.iter().find(|element| element[name] == title);
        match named("title").or_else(|| named("tooltip")) {
            Some(element) => Self::of(&element["click"]),
            None => {
                let count = elements.len();
                let message = format!(
                    "the message has no element of that title or tooltip among the {count} that can be pressed"
                );
                Err(Error::validation(message).with_advice("give the title as the message has it, in the same case"))
            }
        }
    }

    fn of(click: &Value) -> Result<Self, Error> {
        let list = |name: &str| match &click[name] {
            Value::Array(list) => list.clone(),
            Value::Null => Vec::new(),
            one => vec![one.clone()],
        };
        let metadata = list("metadata")
            .iter()
            .map(|object| crate::frame::raw("metadata", object))
            .collect::<Result<_, _>>()?;
        let actions = list("actions");
        let texts = actions.iter().filter(|action| action["type"] == "publishText");
        let texts = texts.filter_map(|action| action["text"].as_str().map(str::to_owned));
        Ok(Self {
            metadata,
            texts: texts.collect(),
        })
    }
}

/// All objects of a tree that have a click.
fn collect<'a>(tree: &'a Value, elements: &mut Vec<&'a Value>) {
    match tree {
        Value::Object(members) => {
            if members.get("click").is_some_and(Value::is_object) {
                elements.push(tree);
            }
            members.values().for_each(|member| collect(member, elements));
        }
        Value::Array(list) => list.iter().for_each(|one| collect(one, elements)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use serde_json::json;

    fn card() -> DialogEvent {
        let click = |id: &str, text: &str| json!({"metadata": [{"type": "ExternalId", "id": id}], "actions": [{"type": "publishText", "text": text}]});
        let card = json!({"type": "vertical", "elements": [
            {"type": "text", "text": "Blue kettle"},
            {"type": "button", "title": "Buy", "tooltip": "Buy it", "click": click("buy", "I buy it")},
            {"type": "image", "url": "https://x.example/i.png", "tooltip": "Look", "click": {"actions": {"type": "link", "uri": "https://x.example"}}},
        ]});
        let replies = json!({"type": "quickReplies", "itemsPerRow": 2, "replies": [{"type": "button", "title": "No", "click": click("no", "No, thanks")}]});
        let event = Event::rich(&card).unwrap().with_quick_replies(&replies).unwrap();
        DialogEvent {
            event: Some(event),
            ..DialogEvent::default()
        }
    }

    #[test]
    fn elements_are_found_by_title_or_tooltip() {
        for (title, texts, objects) in [("Buy", 1, 1), ("Buy it", 1, 1), ("No", 1, 1), ("Look", 0, 0)] {
            let element = Element::find(&card(), title).unwrap();
            assert_eq!(
                (element.texts.len(), element.metadata.len()),
                (texts, objects),
                "{title}"
            );
        }
    }

    #[test]
    fn an_element_that_is_not_there_is_an_error_without_personal_text() {
        let error = Element::find(&card(), "max@example.org").unwrap_err().to_string();
        assert!(
            error.contains("3 that can be pressed") && !error.contains("max@"),
            "{error}"
        );
        assert!(Element::find(&DialogEvent::default(), "x").is_err());
    }
}
