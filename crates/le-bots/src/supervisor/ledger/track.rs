//! Where one dialog is.

use std::collections::BTreeMap;

use le_core::id::ConversationId;

use crate::event::DialogEvent;

/// Events that came before their turn and are kept. Those beyond are asked for again.
const MOST_HELD: usize = 32;
/// How often the history may fail to have what a later event says is missing, before that is passed over.
const MOST_VAIN: u8 = 2;

/// What the supervisor knows of one dialog. Its size does not grow with the messages.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) conversation: ConversationId,
    /// All events below were handed over, or passed.
    pub(super) next: i64,
    /// The last that was handed over; those behind it were passed.
    got: i64,
    /// The last that was handled, with all before it.
    pub(super) handled: i64,
    /// The last that is known to exist.
    pub(super) horizon: i64,
    /// The last that this side published.
    pub(super) published: i64,
    /// Came before their turn.
    held: BTreeMap<i64, Box<DialogEvent>>,
    /// The history has been read to its end since the connection began.
    pub(super) complete: bool,
    /// A request for missing events is under way.
    pub(super) asking: bool,
    /// Waits in the ledger's queue of those that want to ask.
    pub(super) queued: bool,
    /// The server refused to tell; only a change of the conversation makes it worth asking again.
    pub(super) barred: bool,
    vain: u8,
}

/// What came of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::supervisor) enum Arrival {
    /// It, and perhaps others that waited for it, were handed over.
    Handed,
    /// It was there before.
    Known,
    /// Others are missing before it, or there was no room.
    Early,
    /// Its dialog is not followed.
    Stray,
}

impl Track {
    /// With the last event that was handed over and the last that was handled before; -1 where none was.
    pub(super) fn new(conversation: ConversationId, handed: i64, handled: i64) -> Self {
        Self {
            conversation,
            next: handed.saturating_add(1),
            got: handed,
            handled,
            horizon: handed,
            published: -1,
            held: BTreeMap::new(),
            complete: false,
            asking: false,
            queued: false,
            barred: false,
            vain: 0,
        }
    }

    /// Whether something is missing that the server may have.
    pub(super) fn wants(&self) -> bool {
        !self.barred && !self.asking && self.is_behind()
    }

    pub(super) fn is_behind(&self) -> bool {
        !self.complete || self.horizon >= self.next
    }

    /// An event came by itself. Gives it out if it is its turn and `out` has room.
    pub(super) fn arrive(&mut self, event: Box<DialogEvent>, sequence: i64, out: &mut Outlet<'_>) -> Arrival {
        if sequence < self.next || self.held.contains_key(&sequence) {
            return Arrival::Known;
        }
        self.heard_of(sequence);
        if out.room == 0 {
            // The history has it when there is room.
            return Arrival::Early;
        }
        if sequence == self.next {
            self.hand(sequence, event, out);
            self.hand_contiguous(out);
            return Arrival::Handed;
        }
        self.held.insert(sequence, event);
        self.trim();
        Arrival::Early
    }

    /// Goes on behind an event that the reader need not get, if it is its turn and nothing waits for it. Gives whether it is.
    pub(super) fn pass(&mut self, sequence: i64) -> bool {
        if sequence != self.next || !self.held.is_empty() {
            return false;
        }
        self.heard_of(sequence);
        self.next = sequence + 1;
        self.handled(self.handled);
        true
    }

    /// This event, and all before it, were handled; with the last that the reader got, all that were passed behind it are. Gives whether
    /// that is news.
    pub(super) fn handled(&mut self, sequence: i64) -> bool {
        // What was not handed over cannot have been handled.
        let sequence = if sequence < self.handed() {
            sequence
        } else {
            self.next - 1
        };
        let news = sequence > self.handled;
        self.handled = self.handled.max(sequence);
        news
    }

    /// The last that the reader got: what was passed behind it may be told again.
    pub(super) fn handed(&self) -> i64 {
        self.got.min(self.next - 1)
    }

    /// The history told everything from `from` on, up to the last of `events`: what is not among them does not exist, or is not
    /// for us. Gives whether anything was new.
    pub(super) fn page(&mut self, from: i64, events: Vec<(i64, Box<DialogEvent>)>, out: &mut Outlet<'_>) -> bool {
        let last = events.iter().map(|(sequence, _)| *sequence).max();
        let mut fresh = false;
        for (sequence, event) in events {
            if sequence >= self.next {
                fresh = true;
                self.heard_of(sequence);
                self.held.entry(sequence).or_insert(event);
            }
        }
        let certain = last.filter(|_| from <= self.next).unwrap_or(-1);
        while let Some((&sequence, _)) = self.held.first_key_value()
            && out.room > 0
            && (sequence <= certain || sequence == self.next)
        {
            self.hand_first(out);
        }
        if out.room == 0 {
            self.held.clear();
        }
        self.trim();
        if fresh {
            self.vain = 0;
        }
        fresh
    }

    /// The history has nothing from `next` on, though a later event was seen. After a few times that is believed.
    pub(super) fn in_vain(&mut self, out: &mut Outlet<'_>) {
        if self.horizon < self.next || out.room == 0 {
            return;
        }
        self.vain += 1;
        if self.vain < MOST_VAIN {
            return;
        }
        self.vain = 0;
        self.pass_over(out);
    }

    /// Goes on behind a gap that cannot be filled.
    pub(super) fn pass_over(&mut self, out: &mut Outlet<'_>) {
        match self.held.first_key_value() {
            Some((&sequence, _)) => {
                tracing::warn!(
                    missing = sequence - self.next,
                    "the history does not have events that the server counted"
                );
                if out.room > 0 {
                    self.hand_first(out);
                    self.hand_contiguous(out);
                }
            }
            // Somebody said that there was more, and nobody has it.
            None => self.horizon = self.next - 1,
        }
    }

    pub(super) fn holds(&self, sequence: i64) -> bool {
        self.held.contains_key(&sequence)
    }

    pub(super) fn count_held(&self) -> usize {
        self.held.len()
    }

    /// Something with this sequence exists.
    pub(super) fn heard_of(&mut self, sequence: i64) {
        if sequence > self.horizon {
            self.horizon = sequence;
            // A question that is under way may have been asked before.
            self.vain = 0;
        }
    }

    /// A new connection: what is missing has to be asked for.
    pub(super) fn disconnected(&mut self) {
        self.complete = false;
        self.asking = false;
        self.barred = false;
        self.vain = 0;
        // The history tells them again, in order.
        self.held.clear();
    }

    /// Forgets the latest; the history has them.
    fn trim(&mut self) {
        while self.held.len() > MOST_HELD {
            self.held.pop_last();
        }
    }

    fn hand_contiguous(&mut self, out: &mut Outlet<'_>) {
        while out.room > 0
            && self
                .held
                .first_key_value()
                .is_some_and(|(first, _)| *first == self.next)
        {
            self.hand_first(out);
        }
    }

    fn hand_first(&mut self, out: &mut Outlet<'_>) {
        if let Some((sequence, event)) = self.held.pop_first() {
            self.hand(sequence, event, out);
        }
    }

    fn hand(&mut self, sequence: i64, event: Box<DialogEvent>, out: &mut Outlet<'_>) {
        self.next = sequence + 1;
        self.got = sequence;
        out.take(event);
    }
}

/// Events that are in turn. They came in boxes, since they are large and move often.
#[allow(
    clippy::vec_box,
    reason = "an event is moved from queue to queue, and its box with it"
)]
pub(in crate::supervisor) type Handed = Vec<Box<DialogEvent>>;

/// Where events go that are in turn, and how many more it takes.
#[derive(Debug)]
pub(in crate::supervisor) struct Outlet<'a> {
    pub(in crate::supervisor) events: &'a mut Handed,
    pub(in crate::supervisor) room: usize,
}

impl Outlet<'_> {
    pub(super) fn take(&mut self, event: Box<DialogEvent>) {
        self.room = self.room.saturating_sub(1);
        self.events.push(event);
    }
}
