//! Two places to look in: once per call and once per attempt.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};

use crate::error::{Error, ErrorKind};
use crate::operation::{Operation, OperationSpec};

/// What an attempt or a call came to. Holds no secret and no personal data.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The constant part of the operation.
    pub spec: &'static OperationSpec,
    /// The host that was called; empty where none was found.
    pub host: String,
    /// The port that was called.
    pub port: u16,
    /// The number of the attempt from 1; for a call, how many there were.
    pub attempt: u32,
    /// The status, where an answer came.
    pub status: Option<StatusCode>,
    /// The kind of the error, where it failed.
    pub error: Option<ErrorKind>,
    /// Bytes of the body that was received.
    pub received: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// Sees calls and attempts. All methods do nothing by default.
pub trait Hook: Send + Sync + fmt::Debug {
    /// Before anything else; may change or refuse the operation.
    ///
    /// # Errors
    /// What it returns ends the call.
    fn before_call(&self, operation: &mut Operation) -> Result<(), Error> {
        let _ = operation;
        Ok(())
    }

    /// Before each attempt, with its credential on it; may add headers.
    ///
    /// # Errors
    /// What it returns ends the call.
    fn before_attempt(&self, spec: &'static OperationSpec, request: &mut Request<Bytes>) -> Result<(), Error> {
        let _ = (spec, request);
        Ok(())
    }

    /// After each attempt.
    fn after_attempt(&self, report: &Report) {
        let _ = report;
    }

    /// Whether a failed attempt may be followed by another one, where the retry rules allow that. A service that says with a code
    /// of its own that a repetition is of no use is taken at its word here.
    fn permits_retry(&self, error: &Error) -> bool {
        let _ = error;
        true
    }

    /// Before a pause between two attempts.
    fn before_retry(&self, report: &Report, pause: Duration) {
        let _ = (report, pause);
    }

    /// After the call.
    fn after_call(&self, report: &Report) {
        let _ = report;
    }
}
