//! What a lane knows between two events, and how that reaches the store.

use std::collections::BTreeMap;

use bytes::Bytes;
use le_core::Error;
use le_core::id::{ConversationId, DialogId};
use serde_json::Value;

use crate::bot::hub::Hub;
use crate::bot::journal::Entry;
use crate::bot::record::{JOURNAL, Kept, POSITION, Record, STATE, bytes_of};
use crate::bot::standing;
use crate::conversation::Conversation;
use crate::store::Batch;

/// A click that was handled: the text that follows it is the same thing again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pressed {
    pub(super) dialog: DialogId,
    pub(super) metadata: Vec<Value>,
    pub(super) text: String,
}

/// What a lane knows.
#[derive(Debug)]
pub(in crate::bot) struct Memory {
    pub(in crate::bot) record: Record,
    /// The bot's own state.
    pub(super) state: Option<Bytes>,
    /// Whether the state is not in the store yet.
    pub(super) state_changed: bool,
    /// Whether the record is not in the store yet.
    pub(super) changed: bool,
    /// Effects of handlers that did not come to their end in an earlier process.
    pub(super) journal: BTreeMap<String, BTreeMap<u32, Entry>>,
    /// Entries of finished turns, which are to be removed.
    pub(super) finished: Vec<String>,
    /// The last click.
    pub(super) pressed: Option<Pressed>,
    /// Whether events were passed over because the bot did not take part yet.
    pub(super) passed_over: bool,
    /// Whether the conversation has left, and nothing came after that.
    pub(super) gone: bool,
    /// Whether the bot was asked about it, and has joined or does not want to.
    pub(super) decided: bool,
    /// Whether something of this conversation is in the store.
    pub(super) stored: bool,
    /// Turns since the last commit.
    pub(super) turns: u32,
    /// Events that this process has handled.
    pub(super) seen: u32,
}

impl Memory {
    /// Reads what the store has.
    pub(super) async fn load(hub: &Hub, conversation: &ConversationId) -> Result<Box<Self>, Error> {
        let prefix = hub.keys.conversation(conversation);
        let kept = Kept::load(&*hub.store, &prefix).await?;
        let stored = kept.state.is_some() || kept.record != Record::default() || !kept.journal.is_empty();
        let mut record = kept.record;
        if record.left.is_some() {
            // It is back: what the bot knew of it is old, but not how far it got.
            record.active = false;
        }
        if record.active {
            hub.opened(conversation);
        }
        Ok(Box::new(Self {
            record,
            state: kept.state,
            state_changed: false,
            changed: false,
            journal: kept.journal,
            finished: Vec::new(),
            pressed: None,
            passed_over: false,
            gone: false,
            decided: false,
            stored,
            turns: 0,
            seen: 0,
        }))
    }

    /// Whether a new state of the conversation holds nothing that a handler is told, and nothing that is to be noted.
    pub(super) fn knows(&self, hub: &Hub, now: &Conversation) -> bool {
        !self.gone
            && !self.passed_over
            && standing::is_known(&self.record, now)
            && standing::takes_part(now, &hub.me, &hub.duty)
    }

    /// Notes an event that no handler is called for.
    pub(super) fn skip(&mut self, hub: &Hub, dialog: &DialogId, sequence: i64) {
        self.record.handled(dialog, sequence);
        hub.handled(dialog, sequence);
    }

    /// Writes what changed, in one batch.
    pub(super) async fn commit(&mut self, hub: &Hub, conversation: &ConversationId) -> Result<(), Error> {
        self.turns = 0;
        if self.record.closed {
            return self.forget(hub, conversation).await;
        }
        let journals = hub.journals && (self.changed || !self.finished.is_empty());
        if !journals && !self.state_changed {
            return Ok(());
        }
        let prefix = hub.keys.conversation(conversation);
        let mut batch = Batch::new();
        if hub.journals {
            batch = batch.put(format!("{prefix}{POSITION}"), bytes_of(&self.record)?);
        }
        if self.state_changed {
            let key = format!("{prefix}{STATE}");
            batch = match &self.state {
                Some(state) => batch.put(key, state.clone()),
                None => batch.delete(key),
            };
        }
        for entry in self.finished.drain(..) {
            batch = batch.delete(format!("{prefix}{JOURNAL}{entry}"));
        }
        hub.store.write(batch).await?;
        (self.changed, self.state_changed, self.stored) = (false, false, true);
        Ok(())
    }

    /// Removes everything that the store has of a closed conversation.
    async fn forget(&mut self, hub: &Hub, conversation: &ConversationId) -> Result<(), Error> {
        if !std::mem::take(&mut self.stored) && self.finished.is_empty() {
            return Ok(());
        }
        let all = hub.store.scan(&hub.keys.conversation(conversation)).await?;
        let batch = all.into_iter().fold(Batch::new(), |batch, (key, _)| batch.delete(key));
        (self.changed, self.state_changed) = (false, false);
        self.finished.clear();
        match batch.is_empty() {
            true => Ok(()),
            false => hub.store.write(batch).await,
        }
    }
}
