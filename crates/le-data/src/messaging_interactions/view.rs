//! The two ways to look at a record: raw and typed.

use std::fmt;

use le_core::wire::{DecodeError, PageText, RawRecord, Record, RecordError};
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use super::conversation::Conversation;
use super::page::RECORDS;

/// How the records of a page are read.
pub(super) trait View: Send + Sync + 'static {
    type Record: Send + 'static;

    fn records(page: &PageText) -> Result<Vec<Self::Record>, DecodeError>;

    /// Hands the conversation's id to `then`, where the record has one.
    fn with_id<R>(record: &Self::Record, then: impl FnOnce(&str) -> R) -> Option<R>;
}

/// Records as received.
pub(super) struct Raw;

impl View for Raw {
    type Record = RawRecord;

    fn records(page: &PageText) -> Result<Vec<RawRecord>, DecodeError> {
        page.split(RECORDS).map(|parts| parts.records)
    }

    fn with_id<R>(record: &RawRecord, then: impl FnOnce(&str) -> R) -> Option<R> {
        conversation_id(record.as_str()).map(|id| then(&id))
    }
}

/// Records as [`Conversation`]s; one that cannot be read is an error in its place.
pub(super) struct Typed;

impl View for Typed {
    type Record = Result<Record<Conversation>, RecordError>;

    fn records(page: &PageText) -> Result<Vec<Self::Record>, DecodeError> {
        page.decode(RECORDS).map(|parts| parts.records)
    }

    fn with_id<R>(record: &Self::Record, then: impl FnOnce(&str) -> R) -> Option<R> {
        match record {
            Ok(record) => record.id().map(|id| then(id.as_str())),
            Err(error) => Raw::with_id(error.raw(), then),
        }
    }
}

/// The id of a conversation, read from the beginning of its text up to there and no further.
pub(super) fn conversation_id(json: &str) -> Option<std::borrow::Cow<'_, str>> {
    let mut id = None;
    // It stops in the middle of the record, which the reader reports as a failure.
    let _ = serde_json::Deserializer::from_str(json).deserialize_map(Find {
        path: &["info", "conversationId"],
        found: &mut id,
    });
    id
}

/// Goes down a path of keys and stops there.
struct Find<'a, 'de> {
    path: &'a [&'static str],
    found: &'a mut Option<std::borrow::Cow<'de, str>>,
}

impl<'de> Visitor<'de> for Find<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, or the id")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((key, path)) = self.path.split_first() else {
            return Ok(());
        };
        while let Some(name) = map.next_key::<Name<'de>>()? {
            if name.0 == *key {
                return map.next_value_seed(Find {
                    path,
                    found: self.found,
                });
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.path.is_empty() {
            *self.found = Some(std::borrow::Cow::Owned(text.to_owned()));
        }
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        if self.path.is_empty() {
            *self.found = Some(std::borrow::Cow::Borrowed(text));
        }
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.visit_str(&number.to_string())
    }
}

impl<'de> serde::de::DeserializeSeed<'de> for Find<'_, 'de> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A member's name, borrowed where it can be.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_wherever_it_stands() {
        for (json, id) in [
            (r#"{"info":{"conversationId":"a-1","x":1},"y":2}"#, Some("a-1")),
            (
                r#"{"y":[{"info":1}],"info":{"x":{"conversationId":"no"},"conversationId":"a-2"}}"#,
                Some("a-2"),
            ),
            (r#"{"info":{"conversationId":"a\u002d3"}}"#, Some("a-3")),
            (r#"{"info":{"conversationId":77}}"#, Some("77")),
            (r#"{"info":{"conversationId":"a-4"},"broken": tru"#, Some("a-4")),
            (r#"{"info":{"conversationId":null}}"#, None),
            (r#"{"info":"a"}"#, None),
            (r#"{"info":null}"#, None),
            ("[]", None),
            ("{}", None),
        ] {
            assert_eq!(conversation_id(json).as_deref(), id, "{json}");
        }
    }
}
