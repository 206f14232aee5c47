//! The request body, read leniently.

use serde_json::{Map, Value};

use super::super::BadRequest;

/// A JSON object whose `null` members count as absent.
#[derive(Debug)]
pub(in crate::history) struct Body(Map<String, Value>);

/// `{from, to}`; either bound may be missing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::history) struct Range {
    pub(in crate::history) from: Option<f64>,
    pub(in crate::history) to: Option<f64>,
}

impl Range {
    pub(in crate::history) fn contains(self, value: f64) -> bool {
        self.from.is_none_or(|from| from <= value) && self.to.is_none_or(|to| value <= to)
    }
}

impl Body {
    pub(in crate::history) fn parse(bytes: &[u8]) -> Result<Self, BadRequest> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(BadRequest("the body must be a JSON object".to_owned())),
            Err(error) => Err(BadRequest(format!("the body is not JSON: {error}"))),
        }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// A text, or a number or flag as text.
    pub(in crate::history) fn text(&self, key: &str) -> Result<Option<String>, BadRequest> {
        self.get(key)
            .map(|value| text(value).ok_or_else(|| wrong(key, "a text")))
            .transpose()
    }

    /// A list of texts; a single one is taken as a list.
    pub(in crate::history) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, BadRequest> {
        self.list(key, text, "a list of texts")
    }

    /// A list of integers, which may be texts.
    pub(in crate::history) fn integers(&self, key: &str) -> Result<Option<Vec<i64>>, BadRequest> {
        self.list(key, integer, "a list of integers")
    }

    pub(in crate::history) fn flags(&self, key: &str) -> Result<Option<Vec<bool>>, BadRequest> {
        self.list(key, flag, "a list of true or false")
    }

    pub(in crate::history) fn flag(&self, key: &str) -> Result<Option<bool>, BadRequest> {
        self.get(key)
            .map(|value| flag(value).ok_or_else(|| wrong(key, "true or false")))
            .transpose()
    }

    pub(in crate::history) fn number(&self, key: &str) -> Result<Option<f64>, BadRequest> {
        self.get(key)
            .map(|value| number(value).ok_or_else(|| wrong(key, "a number")))
            .transpose()
    }

    pub(in crate::history) fn range(&self, key: &str) -> Result<Option<Range>, BadRequest> {
        let Some(object) = self.object(key)? else {
            return Ok(None);
        };
        let bound = |name: &str| {
            object
                .number(name)
                .map_err(|_| wrong(&format!("{key}.{name}"), "a number"))
        };
        Ok(Some(Range {
            from: bound("from")?,
            to: bound("to")?,
        }))
    }

    pub(in crate::history) fn object(&self, key: &str) -> Result<Option<Self>, BadRequest> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members.clone()))),
            Some(_) => Err(wrong(key, "an object")),
        }
    }

    fn list<T>(
        &self,
        key: &str,
        read: impl Fn(&Value) -> Option<T>,
        expected: &str,
    ) -> Result<Option<Vec<T>>, BadRequest> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let entries = match value {
            Value::Array(entries) => entries.as_slice(),
            single => std::slice::from_ref(single),
        };
        let read = |value: &Value| read(value).ok_or_else(|| wrong(key, expected));
        entries
            .iter()
            .filter(|value| !value.is_null())
            .map(read)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

fn wrong(key: &str, expected: &str) -> BadRequest {
    BadRequest(format!("{key}: must be {expected}"))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
