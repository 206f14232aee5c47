//! Why a text could not be read, said without repeating what the text holds.

use std::fmt;

use super::RawRecord;

/// A JSON text that could not be read as what was asked for.
///
/// It says where and what was expected; it never repeats the value, which may be personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    path: String,
    reason: String,
    offset: Option<usize>,
}

impl DecodeError {
    pub(super) fn at(offset: usize, reason: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            reason: reason.into(),
            offset: Some(offset),
        }
    }

    /// From the failure of reading the part of a text that begins at byte `base`.
    pub(super) fn of_part(error: &serde_json::Error, base: usize, part: &str) -> Self {
        Self {
            path: String::new(),
            reason: redacted(error),
            offset: Some(base + offset_of(error, part)),
        }
    }

    pub(super) fn with_path(mut self, path: String) -> Self {
        self.path = if path == "." { String::new() } else { path };
        self
    }

    /// The JSON path of the value, e.g. `info.startTimeL`; empty for the whole text.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was expected and what kind of value was found.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Where in the text reading stopped, in bytes, if known.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&self.reason)?;
        match self.offset {
            Some(offset) => write!(f, " (at byte {offset})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for DecodeError {}

/// The byte that serde_json's line and column stand for.
fn offset_of(error: &serde_json::Error, part: &str) -> usize {
    if error.line() == 0 {
        return 0;
    }
    let before: usize = part.split_inclusive('\n').take(error.line() - 1).map(str::len).sum();
    (before + error.column()).min(part.len())
}

/// The message of serde_json without the value it quotes: `invalid type: string "Ruth", expected a number` becomes
/// `invalid type: string, expected a number`.
fn redacted(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(reason, _)| reason);
    if !error.is_data() {
        return text.to_owned();
    }
    let Some((class, rest)) = text.split_once(": ").filter(|(class, _)| class.starts_with("invalid ")) else {
        return text.to_owned();
    };
    let found = rest.split([' ', ',']).next().unwrap_or_default();
    match rest.rsplit_once(", expected ") {
        Some((_, expected)) => format!("{class}: {found}, expected {expected}"),
        None => format!("{class}: {found}"),
    }
}

/// One record of a page that could not be read at all, with its JSON text.
#[derive(Debug, Clone)]
pub struct RecordError {
    raw: RawRecord,
    cause: DecodeError,
}

impl RecordError {
    pub(super) fn new(raw: RawRecord, cause: DecodeError) -> Self {
        Self { raw, cause }
    }

    /// The record's JSON text as received.
    #[must_use]
    pub fn raw(&self) -> &RawRecord {
        &self.raw
    }

    /// Where reading failed, and why.
    #[must_use]
    pub fn cause(&self) -> &DecodeError {
        &self.cause
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a record of {} bytes cannot be read: {}", self.raw.len(), self.cause)
    }
}

impl std::error::Error for RecordError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_not_repeated() {
        let json = "{\n\"a\": \"Ruth, expected a Adler\"}";
        let failure = serde_json::from_str::<std::collections::BTreeMap<String, i64>>(json).unwrap_err();
        let failure = DecodeError::of_part(&failure, 10, json);
        assert_eq!(failure.reason(), "invalid type: string, expected i64");
        assert!(failure.offset().is_some_and(|at| at > 12 && at <= 10 + json.len()));
        let failure = serde_json::from_str::<i64>("{\"a\":").unwrap_err();
        assert!(!redacted(&failure).is_empty());
        let failure = serde_json::from_str::<serde_json::Value>("{\"a\":").unwrap_err();
        assert_eq!(redacted(&failure), "EOF while parsing a value");
    }
}
