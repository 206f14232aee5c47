//! Settings of a reporter.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::driver::{self, OnEvicted, OnLoss, Shared};
use super::loss::Loss;
use super::table::Table;
use super::{Owner, Reporter};
use crate::guard::Guard;
use crate::monitoring::Monitoring;
use crate::visitor::VisitorState;

/// What happens to events that may have been delivered: the connection broke, or the service failed while it worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Delivery {
    /// They are sent again. A purchase may then be there twice, since the service is not known to tell a repetition.
    #[default]
    AtLeastOnce,
    /// Those that are appended are lost ([`LossReason::InDoubt`](super::LossReason::InDoubt)); those that are replaced are sent again.
    AtMostOnce,
}

/// The bounds of a reporter.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) concurrency: usize,
    pub(super) events: usize,
    pub(super) bytes: usize,
    pub(super) visitors: usize,
    pub(super) batch_events: usize,
    pub(super) batch_bytes: usize,
    pub(super) linger: Duration,
    pub(super) idle: Duration,
    pub(super) longest_wait: Duration,
    pub(super) delivery: Delivery,
}

/// Settings of a [`Reporter`].
#[must_use]
pub struct ReporterBuilder {
    api: Monitoring,
    limits: Limits,
    guard: Option<Guard>,
    on_loss: Option<OnLoss>,
    on_evicted: Option<OnEvicted>,
}

impl ReporterBuilder {
    pub(super) fn new(api: Monitoring) -> Self {
        Self {
            api,
            limits: Limits {
                concurrency: 32,
                events: 100_000,
                bytes: 64 << 20,
                visitors: 100_000,
                batch_events: 50,
                batch_bytes: 64 << 10,
                linger: Duration::from_millis(200),
                idle: Duration::from_secs(30 * 60),
                longest_wait: Duration::from_secs(120),
                delivery: Delivery::AtLeastOnce,
            },
            guard: None,
            on_loss: None,
            on_evicted: None,
        }
    }

    /// How many requests are on their way at the same time (default 32).
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.limits.concurrency = requests.max(1);
        self
    }

    /// How many events wait or are on their way at most (default 100 000).
    pub fn events(mut self, events: usize) -> Self {
        self.limits.events = events;
        self
    }

    /// How many bytes of events, as JSON, at most (default 64 MiB). Requests that are on their way hold a copy of what they send:
    /// at most [`batch_bytes`](Self::batch_bytes) for each.
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// How many visitors are remembered at most (default 100 000). The longest idle one makes room for a new one.
    pub fn visitors(mut self, visitors: usize) -> Self {
        self.limits.visitors = visitors.max(1);
        self
    }

    /// How many events go into one request at most (default 50).
    pub fn batch_events(mut self, events: usize) -> Self {
        self.limits.batch_events = events.max(1);
        self
    }

    /// How many bytes of events go into one request at most (default 64 KiB), unless one event alone is larger.
    pub fn batch_bytes(mut self, bytes: usize) -> Self {
        self.limits.batch_bytes = bytes;
        self
    }

    /// How long the first event of a visitor waits for others to go with it (default 200 ms).
    pub fn linger(mut self, wait: Duration) -> Self {
        self.limits.linger = wait;
        self
    }

    /// After how long without an event a visitor is forgotten (default 30 minutes, when their session is over anyway).
    pub fn idle(mut self, after: Duration) -> Self {
        self.limits.idle = after;
        self
    }

    /// What happens to events that may have been delivered.
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.limits.delivery = delivery;
        self
    }

    /// Checks each report against limits of your own, too.
    pub fn guard(mut self, guard: Guard) -> Self {
        self.guard = Some(guard);
        self
    }

    /// Tells events that were lost or not taken. It is called on the reporter's task or on that of the caller of `report`, and must
    /// not block.
    pub fn on_loss(mut self, tell: impl Fn(&Loss) + Send + Sync + 'static) -> Self {
        self.on_loss = Some(Box::new(tell));
        self
    }

    /// Tells visitors that are forgotten since they were idle, by their key, with their ids: keep these, since a visitor who comes
    /// back with the same `vid` is the same visitor.
    pub fn on_evicted(mut self, tell: impl Fn(&str, &VisitorState) + Send + Sync + 'static) -> Self {
        self.on_evicted = Some(Box::new(tell));
        self
    }

    /// Starts the reporter.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn start(self) -> Reporter {
        let shared = Arc::new(Shared::new(
            self.api,
            Table::new(self.limits),
            self.on_loss,
            self.on_evicted,
        ));
        let task = tokio::spawn(driver::drive(Arc::clone(&shared)));
        Reporter(Arc::new(Owner {
            shared,
            guard: self.guard,
            task: Mutex::new(Some(task)),
        }))
    }
}

impl fmt::Debug for ReporterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReporterBuilder")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
