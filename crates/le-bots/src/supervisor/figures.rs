//! What a link can be measured by.

use std::sync::atomic::{AtomicU64, Ordering};

/// Figures of a link at one moment: for health checks, metrics, and tests of bounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Figures {
    /// Connections so far; all but the first are reconnects.
    pub connections: u64,
    /// Attempts so far that did not become a connection.
    pub failures: u64,
    /// Publishes whose answer was lost and that were found in the history.
    pub found: u64,
    /// Publishes that were repeated, since the history did not have them.
    pub repeated: u64,
    /// Requests that wait for a connection.
    pub waiting_requests: usize,
    /// Conversations that are followed.
    pub conversations: usize,
    /// Conversations that left and are remembered.
    pub remembered: usize,
    /// Dialogs that are followed.
    pub dialogs: usize,
    /// Dialogs with events that the server has and that were not handed over yet.
    pub behind: usize,
    /// Events that came early and wait for their turn.
    pub held: usize,
    /// Deliveries that wait for the reader.
    pub waiting_deliveries: usize,
    /// Rings that wait for an answer.
    pub rings: usize,
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) connections: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) found: AtomicU64,
    pub(super) repeated: AtomicU64,
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn fill(&self, figures: &mut Figures) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        figures.connections = read(&self.connections);
        figures.failures = read(&self.failures);
        figures.found = read(&self.found);
        figures.repeated = read(&self.repeated);
    }
}
