//! Reading published events.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::decode::{required, shape_only};
use crate::messaging::engine::{EventKind, Refusal};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventHead<'a> {
    #[serde(rename = "type", borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    content_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    status: Option<String>,
    sequence_list: Option<Value>,
    chat_state: Option<String>,
}

/// States that a client may publish.
const CHAT_STATES: &[&str] = &["ACTIVE", "INACTIVE", "GONE", "COMPOSING", "PAUSE", "BACKGROUND"];

/// What the server has to know of an event.
pub(crate) fn event_kind(event: &str) -> Result<EventKind, Refusal> {
    let head: EventHead<'_> =
        serde_json::from_str(event).map_err(|error| Refusal::bad(format!("event: {}", shape_only(&error))))?;
    match &*head.name {
        "ContentEvent" => {
            if head.content_type.is_none_or(|content_type| content_type.is_empty()) {
                return Err(Refusal::bad("event.contentType is missing"));
            }
            let message = head.message.map_or("null", RawValue::get);
            if !message.starts_with('"') && !message.starts_with('{') {
                return Err(Refusal::bad("event.message must be text or an object"));
            }
            Ok(EventKind::Content {
                length: message.len() - 2,
            })
        }
        // The schema names the tree `message`; every real payload has `content`.
        "RichContentEvent" if head.content.or(head.message).is_some() => Ok(EventKind::Rich),
        "RichContentEvent" => Err(Refusal::bad("event.content is missing")),
        "AcceptStatusEvent" => Ok(EventKind::Accept {
            status: required(head.status, "event.status")?,
            sequences: sequences(head.sequence_list)?,
        }),
        "ChatStateEvent" => match head.chat_state {
            Some(state) if CHAT_STATES.contains(&state.as_str()) => Ok(EventKind::ChatState),
            _ => Err(Refusal::bad("event.chatState is not valid")),
        },
        _ => Err(Refusal::bad("event.type is not known")),
    }
}

fn sequences(list: Option<Value>) -> Result<Vec<i64>, Refusal> {
    let wrong = || Refusal::bad("event.sequenceList must be a list of numbers");
    match list {
        Some(Value::Array(items)) if !items.is_empty() => {
            items.iter().map(|item| item.as_i64().ok_or_else(wrong)).collect()
        }
        Some(Value::Number(number)) => number.as_i64().map(|one| vec![one]).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}
