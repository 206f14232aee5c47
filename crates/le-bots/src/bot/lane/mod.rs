//! One conversation: what happened to it waits here, and is handled one after the other.
//!
//! A lane without anything to do is no task. The first event starts one, which runs until nothing waits any more. What it has
//! done is written to the store when it comes to rest, and before each effect.

mod memory;
mod opening;
mod press;
mod run;
mod turn;

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use le_core::id::{ConversationId, DialogId};

use self::memory::Memory;
use super::hub::Hub;
use super::telemetry::name_of;
use crate::conversation::Conversation;
use crate::event::DialogEvent;
use crate::supervisor::Gone;

/// Something that waits for its turn.
#[derive(Debug)]
pub(super) enum Item {
    /// A stored event.
    Event(Box<DialogEvent>),
    /// A chat state.
    Passing(Box<DialogEvent>),
    /// The conversation changed to this. It has its place among the events: what was said before the end comes before the end.
    State(Arc<Conversation>),
    /// Events of a dialog that are to be read from the history.
    Reread(DialogId),
    /// The conversation left.
    Gone(Gone),
    /// The bot gives the conversation back.
    HandBack,
}

/// One conversation.
pub(super) struct Lane {
    pub(super) id: ConversationId,
    /// How it is called in logs.
    pub(super) name: Box<str>,
    newest: Mutex<Arc<Conversation>>,
    inbox: Mutex<Inbox>,
}

#[derive(Default)]
struct Inbox {
    queue: VecDeque<Item>,
    /// Whether a task takes care of the queue.
    running: bool,
    /// How many events wait.
    events: usize,
    /// Dialogs with events that are not kept, but will be read again.
    rereads: BTreeSet<DialogId>,
    /// What is known, while no task has it.
    memory: Option<Box<Memory>>,
}

impl Lane {
    pub(super) fn new(id: ConversationId, conversation: Arc<Conversation>, show_ids: bool) -> Self {
        Self {
            name: name_of(&id, show_ids),
            id,
            newest: Mutex::new(conversation),
            inbox: Mutex::default(),
        }
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest state.
    pub(super) fn conversation(&self) -> Arc<Conversation> {
        Arc::clone(&self.newest.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether nothing waits and nothing runs.
    pub(super) fn is_idle(&self) -> bool {
        let inbox = self.inbox();
        !inbox.running && inbox.queue.is_empty()
    }

    /// Whether the bot takes part in it, as far as handlers were told.
    pub(super) fn is_active(&self) -> Option<bool> {
        self.inbox().memory.as_ref().map(|memory| memory.record.active)
    }

    /// Takes a new state of the conversation.
    pub(super) fn change(self: &Arc<Self>, hub: &Arc<Hub>, conversation: Arc<Conversation>) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&conversation);
        let mut inbox = self.inbox();
        // Each message changes the times of its conversation, and mostly nothing that a bot is told: no task is needed to see that.
        if !inbox.running
            && let Some(memory) = &inbox.memory
            && memory.knows(hub, &conversation)
        {
            return;
        }
        // Nothing happened between the two.
        if let Some(Item::State(waiting)) = inbox.queue.back_mut() {
            *waiting = conversation;
            return;
        }
        self.push(hub, inbox, Item::State(conversation));
    }

    /// Takes a stored event.
    pub(super) fn event(self: &Arc<Self>, hub: &Arc<Hub>, event: Box<DialogEvent>) {
        let Some((dialog, sequence)) = event.key() else { return };
        let mut inbox = self.inbox();
        if inbox.rereads.contains(dialog) {
            return;
        }
        // What the bot said itself comes back; where nothing else is under way, no task is needed to note that.
        if !inbox.running
            && event.is_by(&hub.me)
            && let Some(memory) = inbox.memory.as_mut().filter(|memory| memory.record.active)
        {
            memory.skip(hub, dialog, sequence);
            return;
        }
        if inbox.events < hub.options.limits.waiting {
            inbox.events += 1;
            self.push(hub, inbox, Item::Event(event));
            return;
        }
        let dialog = dialog.clone();
        hub.counters.overflowed();
        inbox.rereads.insert(dialog.clone());
        self.push(hub, inbox, Item::Reread(dialog));
    }

    /// Takes a chat state; where too much waits already it is dropped.
    pub(super) fn passing(self: &Arc<Self>, hub: &Arc<Hub>, event: Box<DialogEvent>) {
        let inbox = self.inbox();
        if !event.is_by(&hub.me) && inbox.queue.len() < hub.options.limits.waiting {
            self.push(hub, inbox, Item::Passing(event));
        }
    }

    /// Takes anything else.
    pub(super) fn item(self: &Arc<Self>, hub: &Arc<Hub>, item: Item) {
        let inbox = self.inbox();
        self.push(hub, inbox, item);
    }

    fn push(self: &Arc<Self>, hub: &Arc<Hub>, mut inbox: MutexGuard<'_, Inbox>, item: Item) {
        inbox.queue.push_back(item);
        if std::mem::replace(&mut inbox.running, true) {
            return;
        }
        drop(inbox);
        // In a box the future is not moved to where it runs, nor copied over when it has ended.
        tokio::spawn(Box::pin(run::run(Arc::clone(hub), Arc::clone(self))));
    }

    /// The next item; `None` gives the memory back and ends the task.
    fn next(&self, memory: &mut Option<Box<Memory>>) -> Option<Item> {
        let mut inbox = self.inbox();
        let next = inbox.queue.pop_front();
        match &next {
            Some(Item::Event(_)) => inbox.events -= 1,
            Some(Item::Reread(dialog)) => {
                inbox.rereads.remove(dialog);
            }
            Some(_) => {}
            None => {
                inbox.running = false;
                // An idle lane keeps no room for events.
                inbox.queue = VecDeque::new();
                inbox.memory = memory.take();
            }
        }
        next
    }
}
