//! One visitor: what is known of them, what waits, and what follows an answer. No input, no output, no time of its own.

mod landing;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use le_core::{Result, Timestamp};
use tokio::sync::oneshot;

use super::Limits;
use super::queue::Queue;
use crate::monitoring::{EntryPoint, OfferedEngagement, SessionAnswer};
pub(in crate::reporter) use landing::Rules;

use crate::visitor::{Visitor, VisitorState, is_over};

/// A request for one visitor.
pub(in crate::reporter) struct Work {
    pub(in crate::reporter) kind: WorkKind,
    pub(in crate::reporter) visitor_id: Option<String>,
    pub(in crate::reporter) session_id: Option<String>,
    pub(in crate::reporter) body: Bytes,
    /// Whether the answer has to be read although the session holds: the page is not known yet.
    pub(in crate::reporter) read: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reporter) enum WorkKind {
    /// Opens a session for a visitor that nothing names yet.
    Open,
    /// Asks which engagement is offered, for those who wait for it.
    Ask,
    /// Reports so many events.
    Report(usize),
}

/// What an answer came to: `None` where the session holds and nothing is new.
pub(in crate::reporter) type Outcome = Result<Option<SessionAnswer>>;

/// Somebody who waits for the engagement, behind so many events.
struct Ask {
    after: usize,
    answer: oneshot::Sender<Result<SessionAnswer>>,
}

/// What only visitors with a session of their own have.
#[derive(Default)]
struct Held {
    contexts: Vec<OfferedEngagement>,
    asks: Vec<Ask>,
    entry_points: Vec<EntryPoint>,
}

/// When a lane goes on.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::reporter) enum Next {
    Now,
    After(Duration),
}

/// In which list a lane stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reporter) enum Listed {
    No,
    Ready,
    Waiting,
}

pub(in crate::reporter) struct Lane {
    pub(in crate::reporter) key: Arc<str>,
    pub(in crate::reporter) queue: Queue,
    /// Whether a request is on its way.
    pub(in crate::reporter) flying: bool,
    /// The last entry of this lane in the list of waiting lanes; older ones do not count.
    pub(in crate::reporter) ticket: u64,
    /// In which list it stands.
    pub(in crate::reporter) listed: Listed,
    /// Session handles that are alive.
    pub(in crate::reporter) pins: u32,
    pub(in crate::reporter) failures: u8,
    /// The members of every body that do not change.
    head: Box<str>,
    named: bool,
    visitor_id: Option<Box<str>>,
    session_id: Option<Box<str>>,
    page_id: Option<Box<str>>,
    held: Option<Box<Held>>,
    opened_at: Option<i64>,
    active_at: i64,
    /// How many events go together while the one at fault is looked for.
    limit: u32,
    restarted: bool,
}

impl Lane {
    pub(in crate::reporter) fn new(visitor: &Visitor, now: Timestamp) -> Self {
        let state = visitor.remembered();
        let boxed = |text: &Option<String>| text.as_deref().map(Box::from);
        let over = is_over(state.opened_at, state.active_at, now);
        let mut lane = Self {
            key: Arc::clone(visitor.key_arc()),
            queue: Queue::default(),
            flying: false,
            ticket: 0,
            listed: Listed::No,
            pins: 0,
            failures: 0,
            head: visitor.head().into(),
            named: visitor.is_named(),
            visitor_id: boxed(&state.visitor_id),
            session_id: boxed(&state.session_id),
            page_id: boxed(&state.page_id),
            held: None,
            opened_at: state.opened_at,
            active_at: state.active_at.unwrap_or_else(|| now.as_millis()),
            limit: u32::MAX,
            restarted: false,
        };
        if !over && !state.contexts.is_empty() {
            lane.held().contexts.clone_from(&state.contexts);
        }
        lane
    }

    fn held(&mut self) -> &mut Held {
        self.held.get_or_insert_default()
    }

    /// Takes another description of the visitor over, e.g. after a login.
    pub(in crate::reporter) fn describe(&mut self, visitor: &Visitor) {
        self.head = visitor.head().into();
        self.named = visitor.is_named();
    }

    /// A new page: later events belong to it.
    pub(in crate::reporter) fn turn_page(&mut self, entry_points: Vec<EntryPoint>) {
        self.page_id = None;
        self.held().entry_points = entry_points;
    }

    /// Whether something has to go out without waiting for more: somebody waits for an answer, or the event at fault is looked for.
    pub(in crate::reporter) fn is_pressing(&self) -> bool {
        self.limit != u32::MAX || self.restarted || self.held.as_ref().is_some_and(|held| !held.asks.is_empty())
    }

    pub(in crate::reporter) fn is_idle(&self) -> bool {
        !self.flying
            && self.queue.is_empty()
            && self.pins == 0
            && self.held.as_ref().is_none_or(|held| held.asks.is_empty())
    }

    /// Milliseconds since 1970.
    pub(in crate::reporter) fn active_at(&self) -> i64 {
        self.active_at
    }

    pub(in crate::reporter) fn touch(&mut self, now: Timestamp) {
        self.active_at = now.as_millis();
    }

    /// Whether the session holds this context, or any where none is named, and is not expected to be over.
    pub(in crate::reporter) fn holds(&self, context: Option<&str>, now: Timestamp) -> bool {
        let contexts = self.held.as_ref().map_or(&[][..], |held| &held.contexts);
        let is_it = |offer: &OfferedEngagement| {
            let id = offer.context_id.as_ref();
            context.is_none_or(|context| id.is_some_and(|id| id.as_str() == context))
        };
        let known = contexts.iter().any(is_it);
        known && !is_over(self.opened_at, Some(self.active_at), now)
    }

    pub(in crate::reporter) fn ask(&mut self, answer: oneshot::Sender<Result<SessionAnswer>>) {
        let after = self.queue.len();
        self.held().asks.push(Ask { after, answer });
    }

    pub(in crate::reporter) fn state(&self, with_events: bool) -> VisitorState {
        let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        let events = self.queue.iter().filter(|_| with_events).filter_map(|(json, _)| {
            let json = std::str::from_utf8(json).ok()?;
            le_core::wire::RawRecord::new(json).ok()
        });
        VisitorState {
            visitor_id: text(&self.visitor_id),
            session_id: text(&self.session_id),
            page_id: text(&self.page_id),
            contexts: self.held.as_ref().map(|held| held.contexts.clone()).unwrap_or_default(),
            opened_at: self.opened_at,
            active_at: Some(self.active_at),
            undelivered: events.collect(),
        }
    }

    /// The next request, where there is something to do.
    pub(in crate::reporter) fn next(&mut self, limits: &Limits) -> Option<Work> {
        let asked = self
            .held
            .as_ref()
            .and_then(|held| held.asks.iter().map(|ask| ask.after).min());
        if asked == Some(0) {
            return Some(self.work(WorkKind::Ask));
        }
        if self.queue.is_empty() {
            return None;
        }
        if !self.named && self.visitor_id.is_none() {
            return Some(self.work(WorkKind::Open));
        }
        let most = limits
            .batch_events
            .min(self.limit as usize)
            .min(asked.unwrap_or(usize::MAX));
        let events = self.queue.batch(most.max(1), limits.batch_bytes);
        Some(self.work(WorkKind::Report(events)))
    }

    fn work(&mut self, kind: WorkKind) -> Work {
        self.flying = true;
        let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        Work {
            kind,
            visitor_id: text(&self.visitor_id),
            session_id: text(&self.session_id),
            body: self.body(kind),
            read: self.page_id.is_none() || self.session_id.is_none(),
        }
    }

    fn body(&self, kind: WorkKind) -> Bytes {
        let events = match kind {
            WorkKind::Report(events) => self.queue.json(events),
            _ => &[],
        };
        let mut body = Vec::with_capacity(self.head.len() + events.len() + 96);
        body.push(b'{');
        body.extend_from_slice(self.head.as_bytes());
        let member = |body: &mut Vec<u8>, name: &str, json: &[u8]| {
            if body.len() > 1 {
                body.push(b',');
            }
            body.extend_from_slice(name.as_bytes());
            body.extend_from_slice(json);
        };
        if let WorkKind::Report(_) = kind {
            if let Some(page) = self.page_id.as_deref().and_then(|page| serde_json::to_vec(page).ok()) {
                member(&mut body, "\"pageId\":", &page);
            }
            member(&mut body, "\"engagementAttributes\":[", events);
            body.push(b']');
        } else if let Some(points) = self
            .held
            .as_ref()
            .map(|held| &held.entry_points)
            .filter(|points| !points.is_empty())
            && let Ok(points) = serde_json::to_vec(points)
        {
            member(&mut body, "\"entryPoints\":", &points);
        }
        body.push(b'}');
        body.into()
    }
}
