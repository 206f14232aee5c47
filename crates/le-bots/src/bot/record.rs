//! What is kept of a conversation between two processes: how far the bot got, and what it knew.

use std::collections::BTreeMap;

use bytes::Bytes;
use le_core::Timestamp;
use le_core::id::{ConversationId, DialogId, SkillId};
use serde::{Deserialize, Serialize};

use super::journal::Entry;
use crate::store::Store;

/// How far a bot got in a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The last handled sequence; -1 is none.
    #[serde(rename = "a")]
    pub(super) at: i64,
    /// The first sequence that is the bot's to answer: what is older was answered by others.
    #[serde(rename = "f", default)]
    pub(super) from: i64,
}

impl Default for Place {
    fn default() -> Self {
        Self { at: -1, from: 0 }
    }
}

/// What a bot knew of a conversation when it last looked: a change is the difference to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(rename = "d", default)]
    pub(super) places: BTreeMap<DialogId, Place>,
    /// Whether the bot takes part.
    #[serde(rename = "p", default)]
    pub(super) active: bool,
    /// Whether it was decided which messages are the bot's to answer.
    #[serde(rename = "b", default)]
    pub(super) opened: bool,
    /// Whether the bot had it until its main dialog was closed, and it goes on with a survey.
    #[serde(rename = "e", default)]
    pub(super) after: bool,
    /// Whether it was told of the close.
    #[serde(rename = "c", default)]
    pub(super) closed: bool,
    #[serde(rename = "s", default)]
    pub(super) skill: Option<SkillId>,
    /// Type and seconds of the time to respond.
    #[serde(rename = "t", default)]
    pub(super) ttr: Option<(String, i64)>,
    /// The dialogs that were seen, and whether they were open.
    #[serde(rename = "o", default)]
    pub(super) dialogs: BTreeMap<DialogId, bool>,
    /// When the conversation went elsewhere.
    #[serde(rename = "l", default)]
    pub(super) left: Option<Timestamp>,
}

impl Record {
    pub(super) fn place(&self, dialog: &DialogId) -> Place {
        self.places.get(dialog).copied().unwrap_or_default()
    }

    /// Notes that an event was handled.
    pub(super) fn handled(&mut self, dialog: &DialogId, sequence: i64) {
        match self.places.get_mut(dialog) {
            Some(place) => place.at = place.at.max(sequence),
            None => {
                let place = Place { at: sequence, from: 0 };
                self.places.insert(dialog.clone(), place);
            }
        }
    }
}

/// The keys of one bot user.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: Box<str>,
}

impl Keys {
    /// Everything of a user begins with `account.user/`.
    pub(super) fn of(user: &str) -> Self {
        Self {
            prefix: format!("{user}/").into(),
        }
    }

    pub(super) fn all(&self) -> &str {
        &self.prefix
    }

    /// Everything of a conversation. Ids of the vendor have no slash; whatever has one is kept apart all the same.
    pub(super) fn conversation(&self, id: &ConversationId) -> String {
        format!(
            "{}{}/",
            self.prefix,
            id.as_str().replace('%', "%25").replace('/', "%2F")
        )
    }

    /// The conversation and the rest of a key.
    pub(super) fn split<'k>(&self, key: &'k str) -> Option<(ConversationId, &'k str)> {
        let (id, rest) = key.strip_prefix(&*self.prefix)?.split_once('/')?;
        Some((ConversationId::new(id.replace("%2F", "/").replace("%25", "%")), rest))
    }
}

pub(super) const POSITION: &str = "position";
pub(super) const STATE: &str = "state";
pub(super) const JOURNAL: &str = "journal/";

/// What the store has of one conversation.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) record: Record,
    /// The bot's own state.
    pub(super) state: Option<Bytes>,
    /// What was done by handlers that did not come to their end, by turn.
    pub(super) journal: BTreeMap<String, BTreeMap<u32, Entry>>,
}

impl Kept {
    /// Reads a conversation. An entry that cannot be read is an error: to go on without it would do things twice.
    pub(super) async fn load(store: &dyn Store, prefix: &str) -> Result<Self, le_core::Error> {
        let mut kept = Self::default();
        for (key, value) in store.scan(prefix).await? {
            let rest = key.strip_prefix(prefix).unwrap_or_default();
            if rest == POSITION {
                kept.record = read(rest, &value)?;
            } else if rest == STATE {
                kept.state = Some(value);
            } else if let Some((turn, index)) = rest.strip_prefix(JOURNAL).and_then(|rest| rest.rsplit_once('/')) {
                let index = index.parse().map_err(|_| unreadable(rest))?;
                let entries = kept.journal.entry(turn.to_owned()).or_default();
                entries.insert(index, read(rest, &value)?);
            }
        }
        Ok(kept)
    }
}

pub(super) fn read<T: serde::de::DeserializeOwned>(key: &str, value: &[u8]) -> Result<T, le_core::Error> {
    serde_json::from_slice(value).map_err(|e| unreadable(key).with_source(e))
}

fn unreadable(key: &str) -> le_core::Error {
    let message = format!("the store has an entry `{key}` that this version cannot read");
    le_core::Error::new(le_core::ErrorKind::Decode, message).with_advice("use the version of le-bots that wrote it")
}

/// Bytes of a value that always can be written.
pub(super) fn bytes_of<T: Serialize>(value: &T) -> Result<Bytes, le_core::Error> {
    let written = serde_json::to_vec(value);
    written
        .map(Bytes::from)
        .map_err(|e| le_core::Error::validation("the value cannot be written as JSON").with_source(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_apart_as_they_were_put_together() {
        let keys = Keys::of("70011223.42");
        for id in ["3f2a", "a/b%2F"] {
            let id = ConversationId::new(id);
            let key = format!("{}{POSITION}", keys.conversation(&id));
            assert_eq!(keys.split(&key), Some((id, POSITION)));
        }
        assert_eq!(keys.split("70011223.43/x/position"), None);
    }

    #[test]
    fn a_record_survives_its_own_writing() {
        let mut record = Record {
            active: true,
            ttr: Some(("URGENT".to_owned(), 60)),
            ..Record::default()
        };
        record.handled(&DialogId::new("d"), 7);
        record.handled(&DialogId::new("d"), 5);
        assert_eq!(record.place(&DialogId::new("d")).at, 7);
        assert_eq!(record.place(&DialogId::new("e")).at, -1);
        let text = bytes_of(&record).unwrap();
        assert_eq!(read::<Record>(POSITION, &text).unwrap(), record);
    }
}
