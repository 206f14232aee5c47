//! What can be seen of a bot: names of metrics, counters, and how a conversation is called in logs.
//!
//! With the feature `metrics` everything that is counted here also goes to the [`metrics`](https://docs.rs/metrics) facade.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use le_core::id::ConversationId;

use super::journal::fingerprint_of;

/// Gauge: open connections.
pub const CONNECTIONS: &str = "liveperson.bot.connections";
/// Counter: connections after the first one.
pub const RECONNECTS: &str = "liveperson.bot.reconnects";
/// Counter of rings, by `outcome`: `accepted`, `rejected`, `ignored`, `beyond_limit`, `lost` (expired or taken while it was accepted).
pub const RINGS: &str = "liveperson.bot.rings";
/// Histogram of seconds that handlers took, by `handler`.
pub const HANDLER_DURATION: &str = "liveperson.bot.handler.duration";
/// Counter of handlers that failed or panicked, by `handler`.
pub const HANDLER_FAILURES: &str = "liveperson.bot.handler.failures";
/// Gauge: conversations that bots have.
pub const CONVERSATIONS: &str = "liveperson.bot.conversations";
/// Gauge: effects (messages, transfers and others) that are under way.
pub const OUTBOX: &str = "liveperson.bot.outbox";
/// Histogram of seconds from the time at which the server took a message to the start of its handler.
pub const LAG: &str = "liveperson.bot.lag";
/// Counter of conversations whose events were read again, since more of them waited than are kept.
pub const OVERFLOWS: &str = "liveperson.bot.overflows";

/// The counts of one bot.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) connects: AtomicU64,
    pub(super) connected: AtomicUsize,
    pub(super) open: AtomicUsize,
    pub(super) running: AtomicUsize,
    pub(super) outbox: AtomicUsize,
    pub(super) handled: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) accepted: AtomicU64,
    pub(super) overflows: AtomicU64,
    /// Milliseconds of the wall clock of the last delivery.
    pub(super) last_delivery: AtomicU64,
}

impl Counters {
    pub(super) fn connected(&self) {
        if self.connected.swap(1, Ordering::Relaxed) == 0 {
            gauge(CONNECTIONS, 1.0);
        }
        if self.connects.fetch_add(1, Ordering::Relaxed) > 0 {
            count(RECONNECTS, &[]);
        }
    }

    pub(super) fn disconnected(&self) {
        if self.connected.swap(0, Ordering::Relaxed) == 1 {
            gauge(CONNECTIONS, -1.0);
        }
    }

    pub(super) fn opened(&self) -> usize {
        gauge(CONVERSATIONS, 1.0);
        self.open.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn ended(&self) {
        gauge(CONVERSATIONS, -1.0);
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn ring(&self, outcome: &'static str) {
        if outcome == "accepted" {
            self.accepted.fetch_add(1, Ordering::Relaxed);
        }
        count(RINGS, &[("outcome", outcome)]);
    }

    pub(super) fn handled(&self, handler: &'static str, took: Duration) {
        self.handled.fetch_add(1, Ordering::Relaxed);
        record(HANDLER_DURATION, took, &[("handler", handler)]);
    }

    pub(super) fn failed(&self, handler: &'static str) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        count(HANDLER_FAILURES, &[("handler", handler)]);
    }

    pub(super) fn overflowed(&self) {
        self.overflows.fetch_add(1, Ordering::Relaxed);
        count(OVERFLOWS, &[]);
    }

    pub(super) fn lag(millis: i64) {
        let lag = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        record(LAG, lag, &[]);
    }

    /// An effect is under way, until the guard is dropped.
    pub(super) fn effect(&self) -> Outgoing<'_> {
        self.outbox.fetch_add(1, Ordering::Relaxed);
        gauge(OUTBOX, 1.0);
        Outgoing(self)
    }
}

/// One effect under way.
pub(super) struct Outgoing<'c>(&'c Counters);

impl Drop for Outgoing<'_> {
    fn drop(&mut self) {
        self.0.outbox.fetch_sub(1, Ordering::Relaxed);
        gauge(OUTBOX, -1.0);
    }
}

type Labels<'l> = &'l [(&'static str, &'static str)];

#[cfg(feature = "metrics")]
fn count(name: &'static str, labels: Labels<'_>) {
    metrics::counter!(name, labels).increment(1);
}

#[cfg(feature = "metrics")]
fn gauge(name: &'static str, by: f64) {
    metrics::gauge!(name).increment(by);
}

#[cfg(feature = "metrics")]
fn record(name: &'static str, value: Duration, labels: Labels<'_>) {
    metrics::histogram!(name, labels).record(value);
}

#[cfg(not(feature = "metrics"))]
fn count(_: &'static str, _: Labels<'_>) {}

#[cfg(not(feature = "metrics"))]
fn gauge(_: &'static str, _: f64) {}

#[cfg(not(feature = "metrics"))]
fn record(_: &'static str, _: Duration, _: Labels<'_>) {}

/// How a conversation is called in logs and spans: by a hash, unless ids are asked for.
pub(super) fn name_of(conversation: &ConversationId, show: bool) -> Box<str> {
    if show {
        return conversation.as_str().into();
    }
    let mut hash = fingerprint_of(conversation.as_str());
    hash.truncate(12);
    hash.into()
}
