//! Counts what the client did: the figures of the report are measured, by a hook in the pipeline.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use le_core::ErrorKind;
use le_core::hook::{Hook, Report};

/// Shared by all calls of the demo's clients.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally(Arc<Mutex<Counts>>);

/// What was counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    /// Calls that succeeded, by operation.
    pub(super) calls: BTreeMap<&'static str, u64>,
    /// Attempts of all calls.
    pub(super) attempts: u64,
    /// Retries, by what went wrong before.
    pub(super) retries: BTreeMap<String, u64>,
    /// The pauses before them, as long as the rules make them.
    pub(super) pauses: Duration,
    /// Bytes of the bodies that were received.
    pub(super) received: u64,
}

impl Counts {
    pub(super) fn calls_of(&self, operation: &str) -> u64 {
        self.calls.get(operation).copied().unwrap_or(0)
    }

    pub(super) fn retries(&self) -> u64 {
        self.retries.values().sum()
    }
}

impl Tally {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counts(&self) -> Counts {
        self.lock().clone()
    }
}

/// What went wrong before a retry, for people.
fn cause(report: &Report) -> String {
    match (report.status, report.error) {
        (Some(status), _) => format!("status {}", status.as_u16()),
        (None, Some(ErrorKind::Timeout)) => "no answer in time".to_owned(),
        (None, Some(ErrorKind::Transport)) => "broken connection".to_owned(),
        (None, Some(kind)) => kind.to_string(),
        (None, None) => "unknown".to_owned(),
    }
}

impl Hook for Tally {
    fn after_attempt(&self, report: &Report) {
        let mut counts = self.lock();
        counts.attempts += 1;
        counts.received += report.received;
    }

    fn before_retry(&self, report: &Report, pause: Duration) {
        let mut counts = self.lock();
        *counts.retries.entry(cause(report)).or_default() += 1;
        counts.pauses += pause;
    }

    fn after_call(&self, report: &Report) {
        if report.error.is_none() {
            *self.lock().calls.entry(report.spec.id).or_default() += 1;
        }
    }
}
