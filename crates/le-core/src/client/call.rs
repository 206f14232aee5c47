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
use crate::response::RawResponse;
use crate::retry::RetryPolicy;

/// Options of one call; what is not set comes from the client.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallOptions {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
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
