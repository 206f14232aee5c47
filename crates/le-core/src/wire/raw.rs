//! One record as received, and the typed view beside it.

use std::fmt;
use std::io::{self, Write};
use std::ops::{Deref, DerefMut};

use bytestring::ByteString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{DecodeError, RecordError, Salvage, Trail};

/// The exact JSON text of one record.
///
/// A record of a page shares the page's buffer: cloning and moving it copies nothing, and the buffer is freed with the last
/// record. `Debug` prints only the length, since history is personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRecord(ByteString);

impl RawRecord {
    /// Takes a JSON text as a record.
    ///
    /// # Errors
    /// The text is not exactly one JSON value.
    pub fn new(json: impl Into<String>) -> Result<Self, DecodeError> {
        let text = ByteString::from(json.into());
        if let Err(error) = serde_json::from_str::<&RawValue>(&text) {
            return Err(DecodeError::of_part(&error, 0, &text));
        }
        Ok(Self(text))
    }

    /// The part of the page `text` that `part` is a slice of.
    pub(super) fn part_of(text: &ByteString, part: &str) -> Self {
        Self(text.slice_ref(part))
    }

    /// The JSON text as received.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The length of the text in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the text is empty, which no record that came from a page is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The record as a JSON value.
    ///
    /// # Errors
    /// The text holds something that a value cannot, such as half of a surrogate pair.
    pub fn to_value(&self) -> Result<serde_json::Value, DecodeError> {
        serde_json::from_str(self.as_str()).map_err(|error| DecodeError::of_part(&error, 0, self.as_str()))
    }

    /// Reads the record as `T`. What does not fit its field stays in the record's `extra`; [`Record::salvaged`] says where.
    ///
    /// # Errors
    /// The text is of another kind altogether, e.g. a number in place of an object.
    pub fn decode<T: Salvage>(&self) -> Result<Record<T>, RecordError> {
        match serde_json::from_str(self.as_str()) {
            Ok(value) => Ok(Record::new(self.clone(), value, Vec::new())),
            Err(_) => self.salvage(),
        }
    }

    /// Reads the record leniently; for one whose strict reading failed.
    #[cold]
    pub(super) fn salvage<T: Salvage>(&self) -> Result<Record<T>, RecordError> {
        let raw: Result<&RawValue, _> = serde_json::from_str(self.as_str());
        let mut trail = Trail::default();
        match raw.ok().and_then(|raw| T::salvage(raw, &mut trail)) {
            Some(value) => Ok(Record::new(self.clone(), value, trail.into_paths())),
            None => Err(RecordError::new(self.clone(), self.why_not::<T>())),
        }
    }

    /// Why the strict reading fails, with the path.
    fn why_not<T: Salvage>(&self) -> DecodeError {
        let mut reader = serde_json::Deserializer::from_str(self.as_str());
        match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Ok(_) => DecodeError::at(self.len(), "more than one value"),
            Err(error) => {
                let path = error.path().to_string();
                DecodeError::of_part(error.inner(), 0, self.as_str()).with_path(path)
            }
        }
    }

    /// Writes the text as received as exactly one line.
    ///
    /// A line break in a JSON text can only stand between tokens (within a string it is escaped), so a space in its place
    /// changes nothing but the layout.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn write_line(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let mut rest = self.as_str().as_bytes();
        while let Some(at) = memchr::memchr2(b'\n', b'\r', rest) {
            out.write_all(&rest[..at])?;
            out.write_all(b" ")?;
            rest = &rest[at + 1..];
        }
        out.write_all(rest)?;
        out.write_all(b"\n")
    }
}

impl Serialize for RawRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(self.as_str()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// As a field of another record it holds any JSON value, in a buffer of its own.
impl<'de> Deserialize<'de> for RawRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(ByteString::from(String::from(Box::<str>::from(raw)))))
    }
}

impl Salvage for RawRecord {}

impl AsRef<str> for RawRecord {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for RawRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRecord(<{} bytes>)", self.len())
    }
}

/// A record in its typed view, with the exact text it came as.
///
/// It reads like the typed record.
#[derive(Clone, PartialEq)]
pub struct Record<T> {
    value: T,
    raw: RawRecord,
    salvaged: Vec<String>,
}

impl<T> Record<T> {
    pub(super) fn new(raw: RawRecord, value: T, salvaged: Vec<String>) -> Self {
        Self { value, raw, salvaged }
    }

    /// The JSON text as received.
    #[must_use]
    pub fn raw(&self) -> &RawRecord {
        &self.raw
    }

    /// The JSON paths of values that did not fit their fields and stayed in `extra`, e.g. `messageRecords[3].timeL`.
    ///
    /// Empty for nearly every record.
    #[must_use]
    pub fn salvaged(&self) -> &[String] {
        &self.salvaged
    }

    /// The typed record alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The typed record and its text.
    #[must_use]
    pub fn into_parts(self) -> (T, RawRecord) {
        (self.value, self.raw)
    }
}

impl<T> Deref for Record<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Record<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Record<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Record");
        out.field("value", &self.value).field("raw", &self.raw);
        if !self.salvaged.is_empty() {
            out.field("salvaged", &self.salvaged);
        }
        out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_written_as_one_line_whatever_its_layout() {
        let raw = RawRecord::new("{\r\n  \"a\": \"x\\ny\",\n\t\"b\": 1\n}").unwrap();
        let mut out = Vec::new();
        raw.write_line(&mut out).unwrap();
        assert_eq!(out, b"{    \"a\": \"x\\ny\", \t\"b\": 1 }\n");
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&out).unwrap(),
            raw.to_value().unwrap()
        );
        assert_eq!(format!("{raw:?}"), format!("RawRecord(<{} bytes>)", raw.len()));
    }

    #[test]
    fn only_one_whole_value_is_a_record() {
        for json in ["", "{", "{}{}", "x"] {
            assert!(RawRecord::new(json).is_err(), "{json}");
        }
        assert_eq!(RawRecord::new("{}").unwrap().as_str(), "{}");
    }
}
