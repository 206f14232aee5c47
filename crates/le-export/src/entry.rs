//! One record on its way: its key, its start, its text.

use std::fmt;

use le_core::wire::RawRecord;
use le_core::{Error, Result, Timestamp};

/// A record of history as the engine moves it.
///
/// `Debug` shows no content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What makes the record one record: a newer one with the same key takes its place.
    pub key: String,
    /// When it began; it says which window the record belongs to. `None` where the record does not say: then it belongs to the
    /// window that it came in.
    pub start: Option<Timestamp>,
    /// Whether the service says that the record is not whole.
    pub is_partial: bool,
    /// The text.
    pub raw: RawRecord,
}

impl Entry {
    /// A whole record with its key.
    #[must_use]
    pub fn new(key: impl Into<String>, start: Option<Timestamp>, raw: RawRecord) -> Self {
        Self {
            key: key.into(),
            start,
            is_partial: false,
            raw,
        }
    }

    /// Reads what the engine needs to know of a record; the rest of its text is not looked at.
    ///
    /// # Errors
    /// The record as [`Broken`], where it has no key.
    pub fn read(kind: &RecordKind, raw: RawRecord) -> Result<Self, Broken> {
        match (kind.head)(&raw) {
            Some(Head { key, start, is_partial }) => Ok(Self {
                key,
                start,
                is_partial,
                raw,
            }),
            None => Err(Broken::new(format!("the record has no `{}`", kind.key_path), raw)),
        }
    }
}

/// A record that cannot be used as it should: its text is kept, and it is counted and reported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken {
    /// Why, without any value from the record.
    pub reason: String,
    /// The text.
    pub raw: RawRecord,
}

impl Broken {
    /// A record and what is wrong with it. The reason is shown and logged: no value of the record may stand in it.
    #[must_use]
    pub fn new(reason: impl Into<String>, raw: RawRecord) -> Self {
        Self {
            reason: reason.into(),
            raw,
        }
    }

    /// A record from which no rows can be made.
    pub(crate) fn of_another_kind(raw: RawRecord) -> Self {
        Self::new("the record cannot be read as one of its kind", raw)
    }
}

/// What the engine needs to know of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// See [`Entry::key`].
    pub key: String,
    /// See [`Entry::start`].
    pub start: Option<Timestamp>,
    /// See [`Entry::is_partial`].
    pub is_partial: bool,
}

impl Head {
    /// From what the API's module reads.
    pub(crate) fn from_data(head: le_data::pages::RecordHead<'_>) -> Option<Self> {
        Some(Self {
            key: head.key?.into_owned(),
            start: head.start,
            is_partial: head.is_partial,
        })
    }

    /// The head of a whole record.
    #[must_use]
    pub fn new(key: impl Into<String>, start: Option<Timestamp>) -> Self {
        Self {
            key: key.into(),
            start,
            is_partial: false,
        }
    }
}

/// A kind of record: how it is called, and where its key stands.
pub struct RecordKind {
    /// What the records are, e.g. `conversations`: the name of their table.
    pub name: &'static str,
    /// The same as the only table, for formats that keep records as text.
    pub table: &'static [&'static str],
    /// Where the key stands, for messages, e.g. `info.conversationId`.
    pub key_path: &'static str,
    /// How the key is called where it has to stand at the top of a record, e.g. `conversationId`.
    pub key_name: &'static str,
    /// The members of a record that are known, each with its JSON type, for formats that declare them.
    pub members: &'static [(&'static str, &'static str)],
    /// Reads the head of a record; `None` where there is no key. It does not read further than it has to.
    pub head: fn(&RawRecord) -> Option<Head>,
    /// A record with nothing but the members that `head` reads, to check that redaction leaves them alone.
    pub sample: &'static str,
}

impl RecordKind {
    /// The head of a record whose text is at hand; `None` where it is no JSON or has no key.
    #[must_use]
    pub fn head_of(&self, json: &str) -> Option<Head> {
        RawRecord::new(json).ok().and_then(|raw| (self.head)(&raw))
    }

    /// Refuses any kind but conversations: for destinations whose tables are made of them.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation), naming the destination and the kind.
    pub fn only_conversations(&self, destination: &str) -> Result<()> {
        if self.name == "conversations" {
            return Ok(());
        }
        let message = format!("{destination} takes conversations, not {}", self.name);
        Err(Error::validation(message).with_advice("write these records as JSON Lines"))
    }
}

impl fmt::Debug for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordKind")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
