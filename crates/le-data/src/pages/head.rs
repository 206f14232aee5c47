//! The head of a record, for those who move records without reading them.

use std::borrow::Cow;
use std::fmt;

use le_core::Timestamp;
use le_core::wire::TimeText;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What an export has to know of a record: its key and when it began. Read from the record's text without the rest of it.
///
/// The key is borrowed from the text where it holds no escapes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RecordHead<'a> {
    /// The key by which records are told apart; see the API's module for what it is made of.
    pub key: Option<Cow<'a, str>>,
    /// When it began (a change of status: when it happened).
    pub start: Option<Timestamp>,
    /// Whether the service says that the record is not whole; then read it again by its id.
    pub is_partial: bool,
}

/// A scalar of a JSON text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar<'a> {
    Text(Cow<'a, str>),
    Int(i64),
    Flag(bool),
    /// A value that is none of these.
    Other,
}

impl<'a> Scalar<'a> {
    /// As the text of an id.
    pub(crate) fn into_id(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            Self::Int(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        }
    }

    /// As milliseconds since 1970, or as a time in one of its spellings.
    pub(crate) fn as_instant(&self) -> Option<Timestamp> {
        match self {
            Self::Int(-1) => None,
            Self::Int(millis) => Some(Timestamp::from_millis(*millis)),
            Self::Text(text) => match text.parse() {
                Ok(-1) => None,
                Ok(millis) => Some(Timestamp::from_millis(millis)),
                Err(_) => TimeText::from(text.as_ref()).get(),
            },
            _ => None,
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Flag(flag) => *flag,
            Self::Text(text) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }
}

/// The members `keys` of the object `parent` of a record (or of the record itself), as far as they are scalars. What stands
/// behind them is not read.
pub(crate) fn scalars<'a, const N: usize>(
    json: &'a str,
    parent: Option<&'static str>,
    keys: [&'static str; N],
) -> [Option<Scalar<'a>>; N] {
    let mut found = std::array::from_fn(|_| None);
    let mut reader = serde_json::Deserializer::from_str(json);
    let seed = Members {
        parent,
        keys: &keys,
        found: &mut found,
    };
    // It may stop in the middle of the record, which the reader reports as a failure.
    let _ = seed.deserialize(&mut reader);
    found
}

struct Members<'a, 'de> {
    parent: Option<&'static str>,
    keys: &'a [&'static str],
    found: &'a mut [Option<Scalar<'de>>],
}

impl<'de> DeserializeSeed<'de> for Members<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            if let Some(parent) = self.parent {
                if name == parent {
                    // The rest of the record is of no interest, and an unread rest ends the reading.
                    return map.next_value_seed(Members { parent: None, ..self });
                }
                map.next_value::<IgnoredAny>()?;
            } else if let Some(at) = self.keys.iter().position(|key| *key == name) {
                self.found[at] = Some(map.next_value()?);
                if self.found.iter().all(Option::is_some) {
                    return Ok(());
                }
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// A member's name, borrowed where it can be.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Int(number))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Scalar<'de>, E> {
                Ok(i64::try_from(number).map_or(Scalar::Other, Scalar::Int))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Other)
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Flag(flag))
            }

            fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// The head of a record whose `info` has an id, a start and a mark for partial data.
pub(crate) fn head_of_info<'a>(json: &'a str, id: &'static str) -> RecordHead<'a> {
    let [key, millis, text, partial] = scalars(json, Some("info"), [id, "startTimeL", "startTime", "isPartial"]);
    RecordHead {
        key: key.and_then(Scalar::into_id),
        start: millis
            .and_then(|millis| millis.as_instant())
            .or_else(|| text.and_then(|text| text.as_instant())),
        is_partial: partial.is_some_and(|partial| partial.is_true()),
    }
}

/// The id in the `info` of a record; nothing behind it is read.
pub(crate) fn key_of_info<'a>(json: &'a str, id: &'static str) -> Option<Cow<'a, str>> {
    let [key] = scalars(json, Some("info"), [id]);
    key.and_then(Scalar::into_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(json: &str) -> RecordHead<'_> {
        head_of_info(json, "conversationId")
    }

    #[test]
    fn the_head_is_read_wherever_it_stands_and_whatever_its_types() {
        let plain = r#"{"x":[1,{}],"info":{"a":{"conversationId":"no"},"conversationId":"c-1","startTimeL":1893488400120,"isPartial":true},"later":tru"#;
        let read = head(plain);
        assert!(matches!(read.key, Some(Cow::Borrowed("c-1"))), "the key is borrowed");
        assert_eq!(read.start, Some(Timestamp::from_millis(1_893_488_400_120)));
        assert!(read.is_partial);

        let odd = r#"{"info":{"conversationId":77,"startTimeL":"1893488400120","isPartial":"false"}}"#;
        let read = head(odd);
        assert_eq!(
            (read.key.as_deref(), read.start, read.is_partial),
            (Some("77"), Some(Timestamp::from_millis(1_893_488_400_120)), false)
        );

        let text =
            r#"{"info":{"conversationId":"c\u002d2","startTimeL":null,"startTime":"2030-01-01 09:00:00.120+0000"}}"#;
        let read = head(text);
        assert_eq!(
            (read.key.as_deref(), read.start),
            (Some("c-2"), Some(Timestamp::from_millis(1_893_488_400_120)))
        );
        let broken = r#"{"info":{"conversationId":"c-3","broken": tru"#;
        assert_eq!(head(broken).key.as_deref(), Some("c-3"));
        for nothing in ["{}", "[]", "x", r#"{"info":null}"#, r#"{"info":{"startTimeL":-1}}"#] {
            assert_eq!(head(nothing), RecordHead::default(), "{nothing}");
        }
    }
}
