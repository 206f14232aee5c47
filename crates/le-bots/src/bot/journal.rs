//! What a handler has done so far, so that it is not done again when the handler runs again in the next process.
//!
//! Before an effect goes out, its place in the turn and a fingerprint of its content are written to the store. When the turn
//! has ended, its entries are removed together with the new position. What lies between is settled after a restart: an effect
//! with an outcome is skipped; one without is looked for where it would have left a trace, and done only if there is none.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use le_core::wire::RawRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha1::{Digest, Sha1};

use crate::event::{DialogEvent, Event, Message};

/// One effect of a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// What kind of effect.
    #[serde(rename = "k")]
    pub(super) kind: String,
    /// Fingerprint of what was to be done.
    #[serde(rename = "h")]
    pub(super) hash: String,
    /// The last sequence of the dialog that was known before.
    #[serde(rename = "a")]
    pub(super) after: i64,
    /// What came of it: the sequence of what was published, or 0.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<i64>,
}

/// What to do with an effect.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// It was done before: this came of it.
    Done(i64),
    /// It was begun before; nobody knows what came of it.
    Settle(Entry),
    /// It is new.
    Act,
}

/// The effects of one run of a handler.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// The key of the turn, below that of the journal. Empty for effects that nothing could run again.
    pub(super) key: String,
    inner: Mutex<Effects>,
}

#[derive(Debug, Default)]
struct Effects {
    next: u32,
    /// Of an earlier run.
    recorded: BTreeMap<u32, Entry>,
    /// Those that are in the store, by index.
    stored: Vec<u32>,
    /// Outcomes that the store does not have yet.
    fresh: Vec<(u32, Entry)>,
    /// Sequences that belong to effects of this turn.
    claimed: Vec<i64>,
}

impl Turn {
    pub(super) fn new(key: String, recorded: BTreeMap<u32, Entry>) -> Self {
        let stored = recorded.keys().copied().collect();
        let claimed = recorded.values().filter_map(|entry| entry.outcome).collect();
        let inner = Mutex::new(Effects {
            recorded,
            stored,
            claimed,
            ..Effects::default()
        });
        Self { key, inner }
    }

    fn inner(&self) -> MutexGuard<'_, Effects> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next effect: its index, and what is known of it.
    pub(super) fn next(&self, kind: &str, hash: &str) -> (u32, Step) {
        let mut inner = self.inner();
        let index = inner.next;
        inner.next += 1;
        let Some(entry) = inner.recorded.remove(&index) else {
            return (index, Step::Act);
        };
        if entry.kind != kind || entry.hash != hash {
            tracing::warn!(
                index,
                kind,
                "a handler that ran again does something else than before; what it did before counts"
            );
        }
        match entry.outcome {
            Some(outcome) => (index, Step::Done(outcome)),
            None => (index, Step::Settle(entry)),
        }
    }

    /// The entries that are to be written before an effect: its own, and outcomes that are not stored yet.
    pub(super) fn begin(&self, index: u32, entry: Entry) -> Vec<(u32, Entry)> {
        let mut inner = self.inner();
        inner.stored.push(index);
        let mut entries = std::mem::take(&mut inner.fresh);
        entries.push((index, entry));
        entries
    }

    /// Notes what came of an effect.
    pub(super) fn done(&self, index: u32, mut entry: Entry, outcome: i64) {
        entry.outcome = Some(outcome);
        let mut inner = self.inner();
        inner.claimed.push(outcome);
        inner.fresh.push((index, entry));
    }

    /// Whether a sequence belongs to another effect of this turn.
    pub(super) fn has_claimed(&self, sequence: i64) -> bool {
        self.inner().claimed.contains(&sequence)
    }

    /// The indices that the store has.
    pub(super) fn stored(&self) -> Vec<u32> {
        std::mem::take(&mut self.inner().stored)
    }
}

/// A fingerprint of what an event says, which is the same for what is sent and for what the history has.
pub(super) fn fingerprint(event: &Event, private: bool) -> String {
    let mut hash = Sha1::new();
    let mut part = |name: &str, bytes: &[u8]| {
        hash.update(name);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part("kind", event.kind.as_ref().map_or("", |kind| kind.as_str()).as_bytes());
    part("private", &[u8::from(private)]);
    match &event.message {
        Some(Message::Text(text)) => part("text", text.as_bytes()),
        Some(Message::Json(raw)) => part("json", canonical(raw).as_bytes()),
        None => {}
    }
    if let Some(content) = &event.content {
        part("json", canonical(content).as_bytes());
    }
    if let Some(replies) = &event.quick_replies {
        part("replies", canonical(replies).as_bytes());
    }
    hex(&hash.finalize())
}

/// A fingerprint of any text.
pub(super) fn fingerprint_of(text: &str) -> String {
    hex(&Sha1::digest(text))
}

fn hex(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(20);
    for byte in digest.iter().take(10) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Whether the history's event is the one with this fingerprint.
pub(super) fn is_the_one(event: &DialogEvent, hash: &str) -> bool {
    let own = event.event.as_ref();
    own.is_some_and(|own| fingerprint(own, event.is_private()) == hash)
}

/// JSON with sorted members, without nulls, and with numbers in one form: servers write it anew.
fn canonical(raw: &RawRecord) -> String {
    let mut text = String::with_capacity(raw.len());
    match raw.to_value() {
        Ok(value) => write_canonical(&value, &mut text),
        Err(_) => text.push_str(raw.as_str()),
    }
    text
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<_, _> = members.iter().filter(|(_, value)| !value.is_null()).collect();
            text.push('{');
            for (name, value) in sorted {
                text.push_str(name);
                text.push(':');
                write_canonical(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(all) => {
            text.push('[');
            for one in all {
                write_canonical(one, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Number(number) => {
            let float = number.as_f64().unwrap_or_default();
            text.push_str(&float.to_string());
        }
        other => text.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fingerprint_tells_contents_apart_and_not_spellings() {
        let print = |event: &Event| fingerprint(event, false);
        assert_eq!(print(&Event::text("Hi")), print(&Event::text("Hi")));
        assert_ne!(print(&Event::text("Hi")), print(&Event::text("Ho")));
        assert_ne!(print(&Event::text("Hi")), fingerprint(&Event::text("Hi"), true));
        let sent = Event::rich(&json!({"type": "text", "text": "A", "n": 5})).unwrap();
        let stored: Event = serde_json::from_str(
            r#"{"type":"RichContentEvent","content":{"n":5.0,"text":"A","tooltip":null,"type":"text"}}"#,
        )
        .unwrap();
        assert_eq!(print(&sent), print(&stored));
        let with = Event::text("Hi").with_quick_replies(&json!({"replies": []})).unwrap();
        assert_ne!(print(&with), print(&Event::text("Hi")));
    }

    #[test]
    fn a_turn_that_runs_again_skips_what_was_done_and_settles_what_was_begun() {
        let entry = |outcome| Entry {
            kind: "publish".to_owned(),
            hash: "h".to_owned(),
            after: 3,
            outcome,
        };
        let turn = Turn::new("t".to_owned(), BTreeMap::from([(0, entry(Some(4))), (1, entry(None))]));
        assert_eq!(turn.next("publish", "h"), (0, Step::Done(4)));
        assert_eq!(turn.next("publish", "h"), (1, Step::Settle(entry(None))));
        assert_eq!(turn.next("publish", "h"), (2, Step::Act));
        assert!(turn.has_claimed(4) && !turn.has_claimed(5));
        // What a new effect writes includes outcomes that were not written before.
        turn.done(1, entry(None), 5);
        let written = turn.begin(2, entry(None));
        assert_eq!(written, [(1, entry(Some(5))), (2, entry(None))]);
        assert_eq!(turn.stored(), [0, 1, 2]);
    }
}
