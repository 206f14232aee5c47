//! What a run did, and how it failed.

use std::fmt;

use le_core::{Error, ErrorKind, Timestamp};
use serde::{Deserialize, Serialize};

use crate::window::Window;

/// How a run ended.
// tidy:closed-enum our own summary, which this crate writes
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunOutcome {
    /// All windows are done.
    Finished,
    /// It was cancelled; the windows that are done stay done.
    Cancelled,
    /// Something failed; the windows that are done stay done, and the next run goes on with the others.
    Failed,
}

/// What a run did: for people, and as JSON for schedulers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunSummary {
    /// The id of the run.
    pub run: String,
    /// The API.
    pub source: String,
    /// How it ended.
    pub outcome: RunOutcome,
    /// When it began, by the clock of the client.
    pub begun: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// The windows.
    pub windows: WindowTally,
    /// Records that were written.
    pub records: u64,
    /// Their bytes as received.
    pub bytes: u64,
    /// Pages that were read.
    pub pages: u64,
    /// Records without a key or that the format could not read: kept as text.
    pub broken: u64,
    /// Records that came incomplete and were read again by their id.
    pub refetched: u64,
    /// Those that were incomplete then, too. They are written as they are.
    pub still_partial: u64,
    /// Records that came though they began outside of their window: the service rounds. They are in the window they belong to.
    pub outside: u64,
    /// Records that came again within a window.
    pub duplicates: u64,
    /// What changed since the run before, for an incremental run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<ChangeTally>,
    /// The most requests that were under way at once.
    pub concurrency: usize,
    /// How often the service refused (429, 503).
    pub refused: u64,
    /// All that changed before is in the export now; the next incremental run begins there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bookmark: Option<Timestamp>,
    /// What ended the run, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl RunSummary {
    /// Whether all is there and all could be read: nothing failed, was cancelled, broken or incomplete.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.outcome == RunOutcome::Finished && self.broken == 0 && self.still_partial == 0
    }
}

/// The windows of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WindowTally {
    /// Windows to read.
    pub planned: u64,
    /// Those that are done.
    pub done: u64,
    /// Those that were done before.
    pub skipped: u64,
    /// Those that failed, after all retries.
    pub failed: Vec<FailedWindow>,
}

/// A window that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FailedWindow {
    /// Which.
    pub window: Window,
    /// Why.
    pub error: String,
}

impl FailedWindow {
    pub(crate) fn new(window: Window, error: &Error) -> Self {
        let error = error.to_string();
        Self { window, error }
    }
}

/// What changed since the run before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangeTally {
    /// Changes were asked for from here on.
    pub since: Timestamp,
    /// Records that had changed, or were within the overlap.
    pub found: u64,
    /// Those that were merged into their windows. The others began outside of the export, or in windows read by this run.
    pub merged: u64,
    /// Windows that were written anew.
    pub windows: u64,
}

/// A run that did not finish: why, and what it did.
#[derive(Debug)]
pub struct RunError {
    error: Error,
    summary: Box<RunSummary>,
}

impl RunError {
    pub(crate) fn new(error: Error, summary: RunSummary) -> Self {
        let summary = Box::new(summary);
        Self { error, summary }
    }

    /// What ended it.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// What it had done.
    #[must_use]
    pub fn summary(&self) -> &RunSummary {
        &self.summary
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let windows = &self.summary.windows;
        write!(f, "{}", self.error)?;
        match (self.error.kind(), windows.planned) {
            (ErrorKind::Validation | ErrorKind::Configuration, _) | (_, 0) => Ok(()),
            (_, planned) => write!(f, " ({} of {planned} windows are done)", windows.done),
        }
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        error.error
    }
}
