//! Where the handles, the reader of deliveries and the owner of a link meet.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use le_core::Timestamp;
use le_core::clock::{Clock, Entropy};
use tokio::sync::{Notify, mpsc, watch};

use super::board::Board;
use super::core::Core;
use super::delivery::Delivery;
use super::figures::{Counters, Figures, count};
use super::policy::{Mutation, Offline};
use super::state::{Ended, LinkState};
use crate::agent_state::Availability;
use crate::connection::Connection;

/// Keeps a link alive; the owner ends when the last one is gone.
pub(super) type Lifeline = mpsc::Sender<std::convert::Infallible>;

/// The connection that requests go through at the moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate {
    pub(super) connection: Option<Connection>,
    /// Grows with each connection.
    pub(super) epoch: u64,
    pub(super) ended: Option<Ended>,
}

/// What all parts of a link share.
pub(super) struct Shared {
    core: Mutex<Core>,
    pub(super) gate: Board<Gate>,
    pub(super) state: watch::Sender<LinkState>,
    /// Grows whenever somebody who waits for a publish should look again.
    pub(super) progress: Board<u64>,
    /// Wakes the owner: there is room for events, or something to ask.
    pub(super) wake: Notify,
    pub(super) stop: watch::Sender<bool>,
    availability: Mutex<Option<Availability>>,
    pub(super) offline: Offline,
    pub(super) waiting: AtomicUsize,
    pub(super) counters: Counters,
    pub(super) mutation: Mutation,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    /// How long a publish waits for its answer before its connection is given up.
    pub(super) publish_timeout: Duration,
    server_offset: AtomicI64,
}

impl Shared {
    pub(super) fn new(core: Core, offline: Offline, mutation: Mutation, settings: &crate::Settings) -> Self {
        Self {
            core: Mutex::new(core),
            gate: Board::new(Gate::default()),
            state: watch::Sender::new(LinkState::Connecting),
            progress: Board::new(0),
            wake: Notify::new(),
            stop: watch::Sender::new(false),
            availability: Mutex::new(None),
            offline,
            waiting: AtomicUsize::new(0),
            counters: Counters::default(),
            mutation,
            clock: Arc::clone(&settings.clock),
            entropy: Arc::clone(&settings.entropy),
            publish_timeout: settings.request_timeout * 2,
            server_offset: AtomicI64::new(0),
        }
    }

    /// The knowledge of the link. Held only for as long as it takes to look; never across an await.
    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what the link knows.
    pub(super) fn read<T>(&self, look: impl FnOnce(&mut Core) -> T) -> T {
        look(&mut self.lock())
    }

    /// Changes what the link knows, and wakes the reader if something waits for it.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Core) -> T) -> T {
        let mut core = self.lock();
        let result = act(&mut core);
        let reader = if core.mailbox.has_news() {
            core.mailbox.reader.take()
        } else {
            None
        };
        drop(core);
        if let Some(reader) = reader {
            reader.wake();
        }
        result
    }

    pub(super) fn poll_delivery(&self, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        let mut core = self.lock();
        if let Some(delivery) = core.deliver() {
            let roomy = core.starved && core.mailbox.is_roomy();
            if roomy {
                core.starved = false;
            }
            drop(core);
            if roomy {
                self.wake.notify_one();
            }
            return Poll::Ready(Some(delivery));
        }
        if core.mailbox.finished {
            return Poll::Ready(None);
        }
        match &mut core.mailbox.reader {
            Some(reader) => reader.clone_from(cx.waker()),
            None => core.mailbox.reader = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    pub(super) fn abandon_deliveries(&self) {
        self.lock().mailbox.abandon();
    }

    /// Tells those who wait for a publish to look again.
    pub(super) fn advance(&self) {
        self.progress.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(super) fn set_state(&self, state: LinkState) {
        self.state.send_replace(state);
    }

    /// Lets requests through, or stops them.
    pub(super) fn set_connection(&self, connection: Option<Connection>) {
        if connection.is_some() {
            count(&self.counters.connections);
        }
        self.gate.send_modify(|gate| {
            gate.epoch += u64::from(connection.is_some());
            gate.connection = connection;
        });
        self.advance();
    }

    /// It is over.
    pub(super) fn end(&self, ended: Ended) {
        self.gate.send_modify(|gate| {
            gate.connection = None;
            gate.ended = Some(ended.clone());
        });
        self.set_state(LinkState::Ended { why: ended });
        self.advance();
        self.with(|core| core.mailbox.finished = true);
    }

    /// What the agent says of itself at each connection.
    pub(super) fn set_availability(&self, availability: Option<Availability>) {
        *self.availability.lock().unwrap_or_else(PoisonError::into_inner) = availability;
    }

    pub(super) fn availability(&self) -> Option<Availability> {
        self.availability.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn figures(&self) -> Figures {
        let mut figures = self.read(|core| core.figures());
        figures.waiting_requests = self.waiting.load(Ordering::Relaxed);
        self.counters.fill(&mut figures);
        figures
    }

    pub(super) fn learn_time(&self, server: Timestamp) {
        let offset = server.as_millis().saturating_sub(self.clock.now().as_millis());
        self.server_offset.store(offset, Ordering::Relaxed);
    }

    pub(super) fn server_now(&self) -> Timestamp {
        let connection = self.gate.borrow().connection.as_ref().and_then(Connection::server_time);
        connection.unwrap_or_else(|| {
            let now = self.clock.now().as_millis();
            Timestamp::from_millis(now.saturating_add(self.server_offset.load(Ordering::Relaxed)))
        })
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}
