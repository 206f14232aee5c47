//! The counts, and the losses that are still to be told.

use std::sync::Arc;

use le_core::Error;

use super::loss::{Loss, LossReason, Stats};

#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) stats: Stats,
    /// To be told as soon as nothing is locked.
    pub(super) losses: Vec<Loss>,
}

impl Ledger {
    pub(super) fn taken(&mut self, events: usize, bytes: usize) {
        self.stats.taken += events as u64;
        self.stats.waiting += events;
        self.stats.waiting_bytes += bytes;
    }

    pub(super) fn delivered(&mut self, events: usize, bytes: usize) {
        self.stats.delivered += events as u64;
        self.left(events, bytes);
    }

    pub(super) fn lost(
        &mut self,
        visitor: &Arc<str>,
        events: usize,
        bytes: usize,
        reason: LossReason,
        error: Option<Error>,
    ) {
        self.stats.lost += events as u64;
        self.left(events, bytes);
        self.tell(visitor, events, reason, error);
    }

    pub(super) fn not_taken(&mut self, visitor: &Arc<str>, events: usize, reason: LossReason, error: Option<Error>) {
        self.stats.not_taken += events as u64;
        self.tell(visitor, events, reason, error);
    }

    fn tell(&mut self, visitor: &Arc<str>, events: usize, reason: LossReason, error: Option<Error>) {
        let visitor = Arc::clone(visitor);
        self.losses.push(Loss {
            visitor,
            events,
            reason,
            error,
        });
    }

    fn left(&mut self, events: usize, bytes: usize) {
        self.stats.waiting -= events;
        self.stats.waiting_bytes -= bytes;
    }
}
