//! The conversations that are followed, each in its newest state, and the last ones that left. It does no input or output.

use std::collections::{BTreeMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use indexmap::{Equivalent, IndexMap};
use le_core::Timestamp;
use le_core::id::{ConversationId, DialogId};

use super::delivery::Gone;
use super::glimpse::{Glimpse, Kept};
use crate::conversation::Conversation;

/// Conversations that left and are remembered, since they may come back.
const MOST_REMEMBERED: usize = 2_000;

/// A conversation that is followed.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Its newest state that was decoded; none where only an earlier process knew it.
    state: Option<Arc<Conversation>>,
    /// The text of its newest state, where that came alone.
    text: Option<Kept>,
    /// The text is newer than what was decoded.
    undecoded: bool,
    pub(super) updated: Option<Timestamp>,
    /// It has left, and its last events are still asked for.
    pub(super) leaving: Option<Gone>,
    /// Its last state, for one that is leaving; delivered behind its events.
    pub(super) last: Option<Arc<Conversation>>,
    /// The dialogs that are followed in it.
    pub(super) dialogs: Vec<DialogId>,
    /// Dialogs of a conversation that the agent does not take part in at the moment, with the last event that was handed over and
    /// the last that was handled.
    pub(super) parked: Vec<(DialogId, i64, i64)>,
    /// It was named since the connection began.
    pub(super) listed: bool,
}

impl Entry {
    /// Its newest state.
    pub(super) fn newest(&mut self) -> Option<Arc<Conversation>> {
        if std::mem::take(&mut self.undecoded)
            && let Some(state) = self.text.as_ref().and_then(Kept::decode)
        {
            self.state = Some(Arc::new(state));
        }
        self.state.clone()
    }

    /// Takes a newer state in which nothing but times is new. Gives whether it is one.
    pub(super) fn renew(&mut self, text: &Arc<str>, glimpse: &Glimpse<'_>) -> bool {
        let newer = self.state.is_some() && self.updated.is_some_and(|known| glimpse.updated > known);
        let known = self.text.as_mut().filter(|_| newer && self.leaving.is_none());
        if !known.is_some_and(|known| known.renew(text, glimpse)) {
            return false;
        }
        self.updated = Some(glimpse.updated);
        self.undecoded = true;
        self.listed = true;
        true
    }
}

/// A conversation that left.
#[derive(Debug, Default, Clone)]
pub(super) struct Memory {
    pub(super) updated: Option<Timestamp>,
    /// Of each dialog the last event that was handed over, and the last that was handled.
    pub(super) dialogs: Vec<(DialogId, i64, i64)>,
    /// Whoever reads deliveries has dealt with its end.
    pub(super) done: bool,
}

impl Memory {
    /// Whether a restarted process has nothing more to do about it.
    pub(super) fn is_done(&self) -> bool {
        self.done && self.dialogs.iter().all(|(_, handed, handled)| handled >= handed)
    }
}

/// What a state that came is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The conversation was not followed before.
    New,
    /// Newer than what was known.
    Newer,
    /// Known, or older.
    Stale,
}

/// All conversations that are followed.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// In an order that is the same in every run.
    entries: IndexMap<ConversationId, Entry>,
    left: BTreeMap<ConversationId, Memory>,
    /// Those that left, the longest gone first.
    order: VecDeque<ConversationId>,
}

impl Roster {
    /// How the state of this time stands to what is known. Of two states the one with the later `metaDataLastUpdateTs` counts,
    /// whichever came first.
    pub(super) fn standing(&self, id: &ConversationId, updated: Option<Timestamp>) -> Standing {
        if let Some(entry) = self.entries.get(id) {
            return match (entry.updated, updated) {
                _ if entry.state.is_none() => Standing::Newer,
                (Some(known), Some(new)) if new <= known => Standing::Stale,
                _ => Standing::Newer,
            };
        }
        match (self.left.get(id).and_then(|memory| memory.updated), updated) {
            (Some(known), Some(new)) if new <= known => Standing::Stale,
            _ => Standing::New,
        }
    }

    /// Keeps a state that is new or newer, and the text that it came in, to compare later ones with it. A conversation that was leaving
    /// stays.
    pub(super) fn keep(
        &mut self,
        id: &ConversationId,
        state: Arc<Conversation>,
        updated: Option<Timestamp>,
        text: Option<Kept>,
    ) {
        let entry = self.entries.entry(id.clone()).or_default();
        entry.updated = updated.max(entry.updated);
        entry.state = Some(state);
        entry.text = text;
        entry.undecoded = false;
        entry.leaving = None;
        entry.last = None;
    }

    /// Follows a conversation that an earlier process knew.
    pub(super) fn expect(&mut self, id: &ConversationId, updated: Option<Timestamp>) {
        self.entries.entry(id.clone()).or_default().updated = updated;
    }

    /// What is remembered of a conversation that left.
    pub(super) fn recall(&mut self, id: &ConversationId) -> Memory {
        self.order.retain(|other| other != id);
        self.left.remove(id).unwrap_or_default()
    }

    /// It is gone: keeps its positions for a while. Gives what is forgotten for it.
    pub(super) fn remember(&mut self, id: ConversationId, memory: Memory) -> Vec<Memory> {
        self.order.retain(|other| *other != id);
        self.order.push_back(id.clone());
        self.left.insert(id, memory);
        let surplus = self.order.len().saturating_sub(MOST_REMEMBERED);
        let oldest = self.order.drain(..surplus);
        oldest.filter_map(|id| self.left.remove(&id)).collect()
    }

    pub(super) fn get(&self, id: &ConversationId) -> Option<&Entry> {
        self.entries.get(id)
    }

    /// The conversation of this id, or of this text of an id.
    pub(super) fn get_mut(&mut self, id: &(impl Hash + Equivalent<ConversationId> + ?Sized)) -> Option<&mut Entry> {
        self.entries.get_mut(id)
    }

    pub(super) fn remove(&mut self, id: &ConversationId) -> Option<Entry> {
        self.entries.swap_remove(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&ConversationId, &Entry)> {
        self.entries.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&ConversationId, &mut Entry)> {
        self.entries.iter_mut()
    }

    /// One that left.
    pub(super) fn left_mut(&mut self, id: &ConversationId) -> Option<&mut Memory> {
        self.left.get_mut(id)
    }

    /// Those that left, the longest gone first.
    pub(super) fn remembered(&self) -> impl Iterator<Item = (&ConversationId, &Memory)> {
        self.order.iter().filter_map(|id| self.left.get_key_value(id))
    }
}

/// When a conversation last changed.
pub(super) fn updated(conversation: &Conversation) -> Option<Timestamp> {
    conversation.details.as_ref().and_then(|details| details.updated_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Option<Timestamp> {
        Some(Timestamp::from_millis(millis))
    }

    #[test]
    fn the_later_state_counts_whatever_the_order() {
        let (mut roster, id) = (Roster::default(), ConversationId::from("c"));
        assert_eq!(roster.standing(&id, at(5)), Standing::New);
        roster.keep(&id, Arc::default(), at(5), None);
        assert_eq!(roster.standing(&id, at(4)), Standing::Stale);
        assert_eq!(roster.standing(&id, at(5)), Standing::Stale);
        assert_eq!(roster.standing(&id, at(6)), Standing::Newer);
        // A server that gives no time is believed.
        assert_eq!(roster.standing(&id, None), Standing::Newer);
        let entry = roster.remove(&id).unwrap();
        let memory = Memory {
            updated: entry.updated,
            ..Memory::default()
        };
        roster.remember(id.clone(), memory);
        assert_eq!(
            roster.standing(&id, at(5)),
            Standing::Stale,
            "a late state does not bring it back"
        );
        assert_eq!(roster.standing(&id, at(6)), Standing::New, "a transfer does");
    }

    #[test]
    fn a_state_with_new_times_alone_is_decoded_when_somebody_wants_it() {
        let state = |millis: i64, skill: &str| {
            let text = format!(
                r#"{{"kind":"notification","type":".ams.aam.ExConversationChangeNotification","body":{{"subscriptionId":"s",
                "changes":[{{"type":"UPSERT","result":{{"convId":"c","effectiveTTR":{millis},
                "conversationDetails":{{"skillId":"{skill}","metaDataLastUpdateTs":{millis}}}}}}}]}}}}"#
            );
            Arc::<str>::from(text)
        };
        let (mut roster, id) = (Roster::default(), ConversationId::from("c"));
        let text = state(5, "7");
        let first = Kept::new(&text, &Glimpse::of(&text).unwrap());
        roster.keep(&id, Arc::new(first.decode().unwrap()), at(5), Some(first));
        let renew = |roster: &mut Roster, millis: i64, skill: &str| {
            let (entry, text) = (roster.get_mut(&id).unwrap(), state(millis, skill));
            entry.renew(&text, &Glimpse::of(&text).unwrap())
        };
        assert!(!renew(&mut roster, 5, "7"), "the same again");
        assert!(!renew(&mut roster, 6, "8"), "something else is new");
        assert!(renew(&mut roster, 6, "7") && renew(&mut roster, 8, "7"));
        assert!(!renew(&mut roster, 7, "7"), "late");
        assert_eq!(roster.standing(&id, at(8)), Standing::Stale);
        let newest = roster.get_mut(&id).unwrap().newest().unwrap();
        assert_eq!(
            (updated(&newest), newest.effective_ttr.clone().unwrap().get()),
            (at(8), 8)
        );
        roster.get_mut(&id).unwrap().leaving = Some(Gone::Closed);
        assert!(!renew(&mut roster, 9, "7"), "it comes back");
    }

    #[test]
    fn what_an_earlier_process_knew_is_told_anew() {
        let (mut roster, id) = (Roster::default(), ConversationId::from("c"));
        roster.expect(&id, at(9));
        assert_eq!(roster.standing(&id, at(9)), Standing::Newer);
    }

    #[test]
    fn those_that_left_are_remembered_up_to_a_number() {
        let mut roster = Roster::default();
        let mut forgotten = 0;
        for number in 0..MOST_REMEMBERED + 10 {
            forgotten += roster
                .remember(ConversationId::new(number.to_string()), Memory::default())
                .len();
        }
        assert_eq!((forgotten, roster.remembered().count()), (10, MOST_REMEMBERED));
        assert_eq!(roster.remembered().next().unwrap().0.as_str(), "10");
        roster.recall(&"10".into());
        assert_eq!(roster.remembered().count(), MOST_REMEMBERED - 1);
    }
}
