//! All visitors: whose turn it is, and what the bounds allow. No input and no output; time is handed in.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use le_core::{Result, Timestamp};
use tokio::sync::oneshot;

use super::Limits;
use super::lane::{Lane, Listed, Next, Outcome, Rules, Work, WorkKind};
use super::ledger::Ledger;
use super::loss::{LossReason, NotTaken, Stats};
use super::queue::EventKind;
use crate::monitoring::{EntryPoint, SessionAnswer};
use crate::visitor::{Visitor, VisitorState};

/// After so many failures in a row few requests are sent at once, until one succeeds.
const TROUBLE: u32 = 8;

/// An event as it is kept: JSON, what it is, and the context of an impression that needs one.
pub(super) struct Event {
    pub(super) json: Vec<u8>,
    pub(super) kind: EventKind,
    pub(super) context: Option<String>,
}

/// The moment, by both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Timestamp,
    pub(super) monotonic: Duration,
}

pub(super) struct Table {
    pub(super) limits: Limits,
    pub(super) ledger: Ledger,
    pub(super) closed: bool,
    /// How many wait until all is delivered.
    pub(super) hurry: usize,
    /// Idle visitors that were forgotten, to be told.
    pub(super) evicted: Vec<(Arc<str>, VisitorState)>,
    lanes: Vec<Option<Lane>>,
    free: Vec<u32>,
    by_key: HashMap<Arc<str>, u32>,
    ready: VecDeque<u32>,
    waiting: BinaryHeap<Reverse<(Duration, u64, u32)>>,
    tickets: u64,
    flying: usize,
    trouble: u32,
}

impl Table {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ledger: Ledger::default(),
            closed: false,
            hurry: 0,
            evicted: Vec::new(),
            lanes: Vec::new(),
            free: Vec::new(),
            by_key: HashMap::new(),
            ready: VecDeque::new(),
            waiting: BinaryHeap::new(),
            tickets: 0,
            flying: 0,
            trouble: 0,
        }
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            visitors: self.by_key.len(),
            ..self.ledger.stats
        }
    }

    pub(super) fn has_room(&self) -> bool {
        let stats = &self.ledger.stats;
        stats.waiting < self.limits.events && stats.waiting_bytes < self.limits.bytes
    }

    /// Takes events of one visitor, all or none.
    pub(super) fn push(&mut self, visitor: &Visitor, events: &[Event], at: Moment) -> Result<(), NotTaken> {
        if self.closed {
            return Err(NotTaken::ShutDown);
        }
        let bytes: usize = events.iter().map(|event| event.json.len() + 1).sum();
        let stats = &self.ledger.stats;
        let fits =
            stats.waiting + events.len() <= self.limits.events && stats.waiting_bytes + bytes <= self.limits.bytes;
        let place = if fits { self.place(visitor, at.now) } else { None };
        let Some(index) = place else {
            self.ledger
                .not_taken(visitor.key_arc(), events.len(), LossReason::NoRoom, None);
            return Err(NotTaken::NoRoom);
        };
        let Some(lane) = self.lanes[index as usize].as_mut() else {
            return Err(NotTaken::NoRoom);
        };
        let mut contexts = events.iter().filter(|event| event.kind == EventKind::Impression);
        if !contexts.all(|event| lane.holds(event.context.as_deref(), at.now)) {
            return Err(NotTaken::NoContext);
        }
        for event in events {
            lane.queue.push(&event.json, event.kind);
        }
        self.ledger.taken(events.len(), bytes);
        self.schedule(index, at.monotonic);
        Ok(())
    }

    /// Where a visitor stands; one that is new gets a place, unless there are too many.
    fn place(&mut self, visitor: &Visitor, now: Timestamp) -> Option<u32> {
        if let Some(index) = self.by_key.get(visitor.key()) {
            return Some(*index);
        }
        if self.by_key.len() >= self.limits.visitors {
            self.evict(now, Duration::ZERO, self.limits.visitors / 16 + 1);
            if self.by_key.len() >= self.limits.visitors {
                return None;
            }
        }
        let lane = Lane::new(visitor, now);
        let key = Arc::clone(&lane.key);
        let index = match self.free.pop() {
            Some(index) => {
                self.lanes[index as usize] = Some(lane);
                index
            }
            None => {
                let index = u32::try_from(self.lanes.len()).ok()?;
                self.lanes.push(Some(lane));
                index
            }
        };
        self.by_key.insert(key, index);
        Some(index)
    }

    fn lane(&mut self, key: &str) -> Option<&mut Lane> {
        let index = *self.by_key.get(key)?;
        self.lanes[index as usize].as_mut()
    }

    /// Pins a visitor: it is not forgotten while its handle lives.
    pub(super) fn pin(&mut self, visitor: &Visitor, at: Moment) -> Result<(), NotTaken> {
        if self.closed {
            return Err(NotTaken::ShutDown);
        }
        let index = self.place(visitor, at.now).ok_or(NotTaken::NoRoom)?;
        if let Some(lane) = self.lanes[index as usize].as_mut() {
            lane.pins += 1;
        }
        Ok(())
    }

    pub(super) fn unpin(&mut self, key: &str) {
        if let Some(lane) = self.lane(key) {
            lane.pins = lane.pins.saturating_sub(1);
        }
    }

    pub(super) fn describe(&mut self, visitor: &Visitor) {
        if let Some(lane) = self.lane(visitor.key()) {
            lane.describe(visitor);
        }
    }

    pub(super) fn turn_page(&mut self, key: &str, entry_points: Vec<EntryPoint>) {
        if let Some(lane) = self.lane(key) {
            lane.turn_page(entry_points);
        }
    }

    /// Asks for the engagement behind everything that was reported so far. False where the visitor is gone.
    pub(super) fn ask(
        &mut self,
        key: &str,
        answer: oneshot::Sender<Result<SessionAnswer>>,
        monotonic: Duration,
    ) -> bool {
        let Some(index) = self.by_key.get(key).copied().filter(|_| !self.closed) else {
            return false;
        };
        if let Some(lane) = self.lanes[index as usize].as_mut() {
            lane.ask(answer);
        }
        self.schedule(index, monotonic);
        true
    }

    /// Where a visitor stands; with what is not acknowledged yet, or without.
    pub(super) fn state(&self, key: &str, with_events: bool) -> Option<VisitorState> {
        let index = *self.by_key.get(key)?;
        Some(self.lanes[index as usize].as_ref()?.state(with_events))
    }

    /// Whether the session of a visitor holds this context.
    pub(super) fn holds(&mut self, key: &str, context: &str, now: Timestamp) -> bool {
        self.lane(key).is_some_and(|lane| lane.holds(Some(context), now))
    }

    /// Puts a lane into the list where it belongs.
    fn schedule(&mut self, index: u32, monotonic: Duration) {
        let (limits, hurry) = (&self.limits, self.hurry > 0);
        let Some(lane) = self.lanes[index as usize].as_mut() else {
            return;
        };
        // One that failed waits out its pause, whatever comes.
        if lane.flying || lane.listed == Listed::Ready || (lane.listed == Listed::Waiting && lane.failures > 0) {
            return;
        }
        let full = lane.queue.len() >= limits.batch_events || lane.queue.bytes() >= limits.batch_bytes;
        if lane.is_pressing() || hurry || full || limits.linger.is_zero() {
            if lane.is_idle() {
                return;
            }
            lane.listed = Listed::Ready;
            self.ready.push_back(index);
        } else if !lane.queue.is_empty() && lane.listed == Listed::No {
            let due = monotonic + limits.linger;
            self.wait(index, due);
        }
    }

    fn wait(&mut self, index: u32, due: Duration) {
        let Some(lane) = self.lanes[index as usize].as_mut() else {
            return;
        };
        self.tickets += 1;
        lane.ticket = self.tickets;
        lane.listed = Listed::Waiting;
        self.waiting.push(Reverse((due, self.tickets, index)));
    }

    /// The lane that is due first, where its entry still counts.
    fn due(&mut self) -> Option<(Duration, u32)> {
        while let Some(Reverse((due, ticket, index))) = self.waiting.peek().copied() {
            let lane = self.lanes[index as usize].as_ref();
            if lane.is_some_and(|lane| lane.ticket == ticket && lane.listed == Listed::Waiting) {
                return Some((due, index));
            }
            self.waiting.pop();
        }
        None
    }

    /// How many requests may be on their way now.
    fn allowed(&self) -> usize {
        let all = self.limits.concurrency;
        if self.trouble < TROUBLE { all } else { (all / 8).max(1) }
    }

    /// The next request that may be sent now.
    pub(super) fn next(&mut self, monotonic: Duration) -> Option<(u32, Work)> {
        while self.flying < self.allowed() {
            while let Some((_, index)) = self.due().filter(|(due, _)| *due <= monotonic) {
                self.waiting.pop();
                self.make_ready(index);
            }
            let index = self.ready.pop_front()?;
            let Some(lane) = self.lanes[index as usize].as_mut() else {
                continue;
            };
            lane.listed = Listed::No;
            if let Some(work) = lane.next(&self.limits) {
                self.flying += 1;
                self.ledger.stats.requests += 1;
                return Some((index, work));
            }
        }
        None
    }

    fn make_ready(&mut self, index: u32) {
        if let Some(lane) = self.lanes[index as usize].as_mut() {
            lane.listed = Listed::Ready;
            self.ready.push_back(index);
        }
    }

    /// When the next lane is due, where none is ready.
    pub(super) fn next_due(&mut self) -> Option<Duration> {
        if self.flying >= self.allowed() {
            return None;
        }
        self.due().map(|(due, _)| due)
    }

    /// Takes the answer to a request.
    pub(super) fn done(&mut self, index: u32, kind: WorkKind, outcome: Outcome, at: Moment, chance: f64) {
        self.flying -= 1;
        let Some(lane) = self.lanes[index as usize].as_mut() else {
            return;
        };
        let rules = Rules {
            limits: &self.limits,
            now: at.now,
            chance,
        };
        match lane.done(kind, outcome, &rules, &mut self.ledger) {
            Next::Now => {
                self.trouble = 0;
                self.schedule(index, at.monotonic);
            }
            Next::After(pause) => {
                self.trouble = self.trouble.saturating_add(1);
                self.wait(index, at.monotonic + pause);
            }
        }
    }

    /// Sends what lingers.
    pub(super) fn hurry(&mut self) {
        self.hurry += 1;
        for index in 0..self.lanes.len() {
            let lingers = self.lanes[index]
                .as_ref()
                .is_some_and(|lane| lane.listed == Listed::Waiting && lane.failures == 0);
            if let (true, Ok(index)) = (lingers, u32::try_from(index)) {
                self.make_ready(index);
            }
        }
    }

    pub(super) fn is_drained(&self) -> bool {
        self.ledger.stats.waiting == 0 && self.flying == 0
    }

    /// Forgets visitors that were idle for so long, the longest idle first, at most `most`.
    pub(super) fn evict(&mut self, now: Timestamp, idle: Duration, most: usize) {
        let before = now.as_millis() - i64::try_from(idle.as_millis()).unwrap_or(i64::MAX);
        let mut idle: Vec<(i64, usize)> = self
            .lanes
            .iter()
            .enumerate()
            .filter_map(|(index, lane)| Some((index, lane.as_ref()?)))
            .filter(|(_, lane)| lane.is_idle() && lane.listed == Listed::No && lane.active_at() <= before)
            .map(|(index, lane)| (lane.active_at(), index))
            .collect();
        if idle.len() > most {
            idle.select_nth_unstable(most);
            idle.truncate(most);
        }
        for (_, index) in idle {
            let Some(lane) = self.lanes[index].take() else { continue };
            self.by_key.remove(&lane.key);
            self.free.extend(u32::try_from(index));
            self.ledger.stats.evicted += 1;
            self.evicted.push((Arc::clone(&lane.key), lane.state(false)));
        }
    }

    /// Gives everything up that still waits.
    pub(super) fn give_up(&mut self) {
        for lane in self.lanes.iter_mut().flatten() {
            lane.lose(usize::MAX, |_| true, LossReason::ShutDown, None, &mut self.ledger);
        }
    }
}
