//! One call and its options.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Settings;
use crate::error::Error;
use crate::operation::Operation;
use crate::pipeline;
use crate::response::{RawResponse, StreamedResponse};
use crate::retry::{RetryPolicy, Revise};

/// Options of one call; what is not set comes from the client.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallOptions {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) revise: Option<Arc<dyn Revise>>,
    /// Whether the body of the answer is handed over while it comes.
    pub(crate) streamed: bool,
}

/// A call that is sent by `.await`.
///
/// Dropping the future ends the call: nothing more is sent, but what was sent may be carried out.
#[must_use = "a call does nothing unless awaited"]
pub struct Call {
    pub(super) settings: Arc<Settings>,
    pub(super) operation: Operation,
    pub(super) options: CallOptions,
}

impl Call {
    /// How long one attempt may take, with its body.
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.options.attempt_timeout = Some(timeout);
        self
    }

    /// How long the call may take with all attempts and pauses.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// The retry rules of this call.
    pub fn with_retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Knows the answers of this service that mean "not yet", and what they want changed.
    pub fn with_revision(mut self, revise: Arc<dyn Revise>) -> Self {
        self.options.revise = Some(revise);
        self
    }

    /// The operation as it would be sent.
    #[must_use]
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Sends the call.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send(self) -> Result<RawResponse, Error> {
        let answer = pipeline::run(&self.settings, self.operation, &self.options).await?;
        Ok(answer.head)
    }

    /// Sends the call and hands the body over while it comes, for answers that are too large to be held.
    ///
    /// Up to the head of the answer it is as any call: tried again, and authorized anew. The timeout of an attempt holds for the
    /// head, and then for each chunk; the deadline holds for the head. A body that breaks off is an error of the stream, and is not
    /// asked for again.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn stream(mut self) -> Result<StreamedResponse, Error> {
        self.options.streamed = true;
        pipeline::run(&self.settings, self.operation, &self.options).await
    }
}

impl IntoFuture for Call {
    type Output = Result<RawResponse, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
