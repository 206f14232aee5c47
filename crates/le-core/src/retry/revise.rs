//! Answers that are none yet.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;

use crate::operation::Operation;

/// Knows the answers with which a service says that it is not ready, and what it wants changed in the next attempt.
///
/// Some services answer 202, or a failure with a code of its own, while they load an account, and name there a value that the
/// next attempt shall carry. Give one to a call with [`Call::with_revision`](crate::Call::with_revision).
pub trait Revise: Send + Sync + fmt::Debug {
    /// Whether this answer, of any status, means "not yet": nothing was done, and the same call may be sent after a pause.
    /// `operation` is what the next attempt sends; change it here.
    fn not_yet(&self, status: StatusCode, body: &Bytes, operation: &mut Operation) -> bool;
}
