//! Conversations that come, change and leave.

use std::sync::Arc;

use le_core::Timestamp;
use le_core::id::{ConversationId, DialogId};

use super::Core;
use crate::conversation::{ChangeKind, Conversation};
use crate::notification::ConversationChange;
use crate::supervisor::delivery::Gone;
use crate::supervisor::glimpse::{Glimpse, Kept};
use crate::supervisor::mailbox::Item;
use crate::supervisor::roster::{Memory, Standing, updated};

impl Core {
    /// Conversations came, changed or left; where there is one alone, with its text.
    pub(in crate::supervisor) fn changes(&mut self, changes: Vec<ConversationChange>, text: Option<Kept>) {
        self.text = text;
        changes.into_iter().for_each(|change| self.change(change));
        self.text = None;
    }

    /// A conversation came, changed, or left the subscription.
    pub(in crate::supervisor) fn change(&mut self, change: ConversationChange) {
        let Some(conversation) = change.conversation else {
            return;
        };
        let Some(id) = conversation.id().cloned() else { return };
        if change.kind == Some(ChangeKind::Delete) {
            self.deleted(&id, conversation);
        } else {
            self.upsert(&id, conversation);
        }
    }

    fn upsert(&mut self, id: &ConversationId, conversation: Conversation) {
        let updated = updated(&conversation);
        let standing = self.roster.standing(id, updated);
        if standing == Standing::Stale {
            return self.confirm(id);
        }
        let memory = match standing {
            Standing::New => self.recall(id),
            _ => Memory::default(),
        };
        let state = Arc::new(conversation);
        self.roster.keep(id, Arc::clone(&state), updated, self.text.take());
        if let Some(entry) = self.roster.get_mut(id) {
            entry.listed = true;
            entry.parked.extend(memory.dialogs);
        }
        self.mailbox.push(Item::Conversation(id.clone()));
        if self.who.takes_part(&state) {
            self.follow(id, &state);
        } else {
            self.park(id);
        }
    }

    /// A state came by itself. Gives whether it was dealt with: nothing but times is new in it. Else it is to be decoded.
    pub(in crate::supervisor) fn glimpse(&mut self, glimpse: &Glimpse<'_>, text: &Arc<str>) -> bool {
        let Some(entry) = self.roster.get_mut(glimpse.conversation) else {
            return false;
        };
        if !entry.renew(text, glimpse) {
            return false;
        }
        for dialog in &entry.dialogs {
            self.ledger.changed(dialog);
        }
        if let Some((dialog, sequence)) = glimpse.last {
            self.hint(dialog, sequence);
        }
        if !self.brief {
            self.mailbox.push(Item::Conversation(glimpse.conversation.into()));
        }
        true
    }

    /// A state that was known came again: after a reconnect this says that the conversation is still there.
    fn confirm(&mut self, id: &ConversationId) {
        if let Some(entry) = self.roster.get_mut(id) {
            entry.listed = true;
            // It was taken for gone too soon.
            entry.leaving.take_if(|gone| *gone == Gone::Unknown);
        }
    }

    /// Takes what is remembered of a conversation that comes back.
    fn recall(&mut self, id: &ConversationId) -> Memory {
        let memory = self.roster.recall(id);
        for (dialog, ..) in &memory.dialogs {
            self.unhandled.remove(dialog);
        }
        memory
    }

    /// Follows the dialogs of a conversation, each from where it was left.
    fn follow(&mut self, id: &ConversationId, state: &Conversation) {
        let Some(entry) = self.roster.get_mut(id) else { return };
        let in_state = state.dialogs().filter_map(|dialog| dialog.dialog_id.as_ref());
        let parked = std::mem::take(&mut entry.parked);
        let mut dialogs: Vec<&DialogId> = in_state.collect();
        dialogs.extend(parked.iter().map(|(dialog, ..)| dialog));
        for dialog in dialogs {
            let place = parked.iter().find(|(other, ..)| other == dialog);
            let (handed, handled) = place.map_or((-1, -1), |(_, handed, handled)| (*handed, *handled));
            if self.ledger.follow(id, dialog, handed, handled) {
                entry.dialogs.push(dialog.clone());
            } else {
                self.ledger.changed(dialog);
            }
        }
        // It may tell of an event that never came.
        let last = state.last_content_event.as_ref();
        if let Some((dialog, sequence)) = last.and_then(|event| event.key()) {
            self.hint(dialog.as_str(), sequence);
        }
    }

    /// A state speaks of an event. Mostly that is on its way, so it is asked for a little later, if it has not come by then.
    fn hint(&mut self, dialog: &str, sequence: i64) {
        if self.ledger.last_known(dialog).is_some_and(|known| known < sequence) {
            let hint = self.hints.entry(dialog.into()).or_insert(sequence);
            *hint = sequence.max(*hint);
        }
    }

    /// Whether somebody spoke of events that have not come.
    pub(in crate::supervisor) fn has_hints(&self) -> bool {
        !self.hints.is_empty()
    }

    /// Events that were spoken of a while ago and have not come are asked for.
    pub(in crate::supervisor) fn pursue_hints(&mut self) {
        for (dialog, sequence) in std::mem::take(&mut self.hints) {
            self.ledger.heard_of(&dialog, sequence);
        }
    }

    /// The agent does not take part at the moment: no events come, so none are asked for.
    fn park(&mut self, id: &ConversationId) {
        let Some(entry) = self.roster.get_mut(id) else { return };
        for dialog in std::mem::take(&mut entry.dialogs) {
            if let Some((handed, handled)) = self.ledger.forget(&dialog) {
                entry.parked.push((dialog, handed, handled));
            }
        }
    }

    fn deleted(&mut self, id: &ConversationId, conversation: Conversation) {
        let Some(entry) = self.roster.get(id) else { return };
        if updated(&conversation).is_some_and(|new| entry.updated.is_some_and(|known| new < known)) {
            return;
        }
        let gone = match (&conversation.details, conversation.is_open()) {
            (None, _) => Gone::Unknown,
            (Some(_), false) => Gone::Closed,
            (Some(_), true) => Gone::Elsewhere,
        };
        self.leave(id, gone, Some(conversation));
    }

    /// A conversation is over for this link. Its last events are asked for before it is let go.
    pub(in crate::supervisor) fn leave(&mut self, id: &ConversationId, gone: Gone, last: Option<Conversation>) {
        let Some(entry) = self.roster.get_mut(id) else { return };
        if let Some(last) = last.filter(|last| last.details.is_some()) {
            let last = Arc::new(last);
            entry.updated = updated(&last).max(entry.updated);
            // Not its state yet: that could be handed over before its last events.
            entry.last = Some(Arc::clone(&last));
            if gone == Gone::Closed && (!entry.dialogs.is_empty() || !entry.parked.is_empty()) {
                self.follow(id, &last);
            }
        }
        let Some(entry) = self.roster.get_mut(id) else { return };
        entry.leaving = Some(gone);
        self.leaving = true;
        for dialog in &entry.dialogs {
            self.ledger.recheck(dialog);
        }
        self.leave_if_settled(id);
    }

    /// Lets a conversation go that is leaving, as soon as all its events were handed over.
    pub(super) fn leave_if_settled(&mut self, id: &ConversationId) {
        let Some(entry) = self.roster.get(id) else { return };
        let Some(gone) = entry.leaving else { return };
        let settled = entry.dialogs.iter().all(|dialog| self.ledger.is_settled(dialog));
        if !settled && !self.mailbox.abandoned {
            return;
        }
        let Some(entry) = self.roster.remove(id) else { return };
        // Where nobody said that it is gone, the state that was known brings it back.
        let updated = entry.updated.filter(|_| gone != Gone::Unknown);
        let mut memory = Memory {
            updated,
            dialogs: entry.parked,
            done: false,
        };
        for dialog in entry.dialogs {
            if let Some((handed, handled)) = self.ledger.forget(&dialog) {
                if handled < handed {
                    self.unhandled.insert(dialog.clone(), id.clone());
                }
                memory.dialogs.push((dialog, handed, handled));
            }
        }
        self.remember(id, memory);
        if let Some(last) = entry.last {
            self.mailbox.push(Item::Final(last));
        }
        self.mailbox.push(Item::Left(id.clone(), gone));
        self.leaving = self.roster.iter().any(|(_, entry)| entry.leaving.is_some());
    }

    fn remember(&mut self, id: &ConversationId, memory: Memory) {
        for forgotten in self.roster.remember(id.clone(), memory) {
            for (dialog, ..) in forgotten.dialogs {
                self.unhandled.remove(&dialog);
            }
        }
    }

    /// Conversations that the first list after a reconnect does not have.
    pub(in crate::supervisor) fn absent(&self) -> Vec<ConversationId> {
        let absent = self
            .roster
            .iter()
            .filter(|(_, entry)| !entry.listed && entry.leaving.is_none());
        absent.map(|(id, _)| id.clone()).collect()
    }

    /// When the first of them last changed; `None` where one is without a time.
    pub(in crate::supervisor) fn absent_since(&self) -> Option<Timestamp> {
        let absent = self
            .roster
            .iter()
            .filter(|(_, entry)| !entry.listed && entry.leaving.is_none());
        let times: Option<Vec<_>> = absent.map(|(_, entry)| entry.updated).collect();
        times?.into_iter().min()
    }
}
