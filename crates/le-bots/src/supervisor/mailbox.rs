//! What waits for the reader of deliveries. It is bounded: events by their number, and of conversations, rings and availability only
//! a mark waits, whose newest state is looked up when its turn comes.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use le_core::id::ConversationId;

use super::delivery::{Gone, RingId};
use crate::conversation::Conversation;
use crate::event::DialogEvent;
use crate::notification::Notification;

/// Chat states and unknown notifications that wait at most.
const MOST_PASSING: usize = 64;

/// One place in the queue.
#[derive(Debug)]
pub(super) enum Item {
    Event(Box<DialogEvent>),
    Passing(Box<DialogEvent>),
    /// The newest state is looked up.
    Conversation(ConversationId),
    /// The last state of one that left.
    Final(Arc<Conversation>),
    Left(ConversationId, Gone),
    Ring(RingId),
    RingGone(RingId),
    AgentState,
    Online,
    Offline,
    Other(Box<Notification>),
}

/// The queue.
#[derive(Debug)]
pub(super) struct Mailbox {
    queue: VecDeque<Item>,
    capacity: usize,
    events: usize,
    passing: usize,
    marked: BTreeSet<ConversationId>,
    agent_state: bool,
    pub(super) reader: Option<Waker>,
    pub(super) abandoned: bool,
    pub(super) finished: bool,
}

impl Mailbox {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            capacity: capacity.max(1),
            events: 0,
            passing: 0,
            marked: BTreeSet::new(),
            agent_state: false,
            reader: None,
            abandoned: false,
            finished: false,
        }
    }

    /// How many more events it takes.
    pub(super) fn room(&self) -> usize {
        if self.abandoned {
            0
        } else {
            self.capacity.saturating_sub(self.events)
        }
    }

    /// Whether there is room enough to ask the history for more.
    pub(super) fn is_roomy(&self) -> bool {
        self.room() >= self.capacity.div_ceil(4)
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether a reader has something to take, or to learn that there is no more.
    pub(super) fn has_news(&self) -> bool {
        self.finished || !self.queue.is_empty()
    }

    pub(super) fn push(&mut self, item: Item) {
        if self.abandoned {
            return;
        }
        match &item {
            Item::Event(_) => self.events += 1,
            Item::Passing(_) | Item::Other(_) if self.passing >= MOST_PASSING => return,
            Item::Passing(_) | Item::Other(_) => self.passing += 1,
            Item::Conversation(id) if !self.marked.insert(id.clone()) => return,
            Item::AgentState if std::mem::replace(&mut self.agent_state, true) => return,
            Item::Online | Item::Offline => {
                // Only how it ended up matters to a reader who was away.
                self.queue
                    .retain(|waiting| !matches!(waiting, Item::Online | Item::Offline));
            }
            _ => {}
        }
        self.queue.push_back(item);
    }

    pub(super) fn pop(&mut self) -> Option<Item> {
        let item = self.queue.pop_front()?;
        match &item {
            Item::Event(_) => self.events -= 1,
            Item::Passing(_) | Item::Other(_) => self.passing -= 1,
            Item::Conversation(id) => {
                self.marked.remove(id);
            }
            Item::AgentState => self.agent_state = false,
            _ => {}
        }
        Some(item)
    }

    pub(super) fn abandon(&mut self) {
        *self = Self {
            abandoned: true,
            finished: self.finished,
            ..Self::new(self.capacity)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Item {
        Item::Event(Box::default())
    }

    #[test]
    fn what_waits_is_bounded_and_marks_wait_once() {
        let mut mailbox = Mailbox::new(4);
        for _ in 0..4 {
            assert!(mailbox.room() > 0);
            mailbox.push(event());
        }
        assert_eq!((mailbox.room(), mailbox.is_roomy()), (0, false));
        for _ in 0..1_000 {
            mailbox.push(Item::Passing(Box::default()));
            mailbox.push(Item::Conversation("c".into()));
            mailbox.push(Item::AgentState);
            mailbox.push(Item::Offline);
            mailbox.push(Item::Online);
        }
        assert_eq!(mailbox.len(), 4 + MOST_PASSING + 3);
        mailbox.pop();
        assert_eq!((mailbox.room(), mailbox.is_roomy()), (1, true));
        while mailbox.pop().is_some() {}
        assert_eq!(mailbox.room(), 4);
        mailbox.push(Item::Conversation("c".into()));
        assert!(mailbox.has_news());
        mailbox.abandon();
        mailbox.push(event());
        assert_eq!((mailbox.len(), mailbox.room()), (0, 0));
    }
}
