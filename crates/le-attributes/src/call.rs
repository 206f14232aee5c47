//! What all calls of this crate share: options, retry rules, and how answers are read.

use std::sync::Arc;
use std::time::Duration;

use le_core::retry::{RetryPolicy, Revise};
use le_core::wire::{RawRecord, Salvage};
use le_core::{BaseUri, Client, ErrorKind, Operation, RawResponse, Result};

use crate::refusal;

/// Options of one call; what is not set comes from the client.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallOptions {
    pub(crate) deadline: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
}

/// The chained options that every builder of this crate has.
macro_rules! call_options {
    ($builder:ty) => {
        impl $builder {
            /// How long the call may take with all attempts and pauses.
            pub fn with_deadline(mut self, deadline: ::std::time::Duration) -> Self {
                self.options.deadline = Some(deadline);
                self
            }

            /// How long one attempt may take, with its body.
            pub fn with_attempt_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.options.attempt_timeout = Some(timeout);
                self
            }

            /// The retry rules of this call. Not called: those of the client, with the pauses that the service publishes where
            /// the client has none of its own.
            pub fn with_retry(mut self, policy: ::le_core::retry::RetryPolicy) -> Self {
                self.options.retry = Some(policy);
                self
            }
        }
    };
}

/// A builder is sent by `.await`.
macro_rules! awaited {
    ($builder:ty => $output:ty) => {
        impl ::std::future::IntoFuture for $builder {
            type Output = ::le_core::Result<$output>;
            type IntoFuture = ::std::pin::Pin<Box<dyn ::std::future::Future<Output = Self::Output> + Send>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}

pub(crate) use {awaited, call_options};

/// The retry rules of the client, with `pauses` (seconds) in place of LivePerson's general ones. A client that was given rules
/// of its own keeps them.
pub(crate) fn paused(client: &Client, pauses: &[u64]) -> RetryPolicy {
    let own = client.retry_policy().clone();
    if own != RetryPolicy::default() {
        return own;
    }
    own.with_pauses(pauses.iter().copied().map(Duration::from_secs).collect::<Vec<_>>())
}

/// The operation at this base, or where discovery finds its service.
pub(crate) fn bound(operation: Operation, base: Option<&BaseUri>) -> Operation {
    match base {
        Some(base) => operation.at(base.clone()),
        None => operation,
    }
}

/// Sends `operation`; `api` is the first word of its refusals in the catalogue.
pub(crate) async fn send(
    client: &Client,
    api: &'static str,
    operation: Operation,
    options: CallOptions,
    pauses: &[u64],
    revise: Option<Arc<dyn Revise>>,
) -> Result<RawResponse> {
    let policy = options.retry.unwrap_or_else(|| paused(client, pauses));
    let mut call = client.call(operation).with_retry(policy);
    if let Some(deadline) = options.deadline {
        call = call.with_deadline(deadline);
    }
    if let Some(timeout) = options.attempt_timeout {
        call = call.with_attempt_timeout(timeout);
    }
    if let Some(revise) = revise {
        call = call.with_revision(revise);
    }
    call.await.map_err(|error| refusal::explain(api, error))
}

/// The answer as a record; members that do not fit stay in its `extra`.
pub(crate) fn read<T: Salvage>(response: &RawResponse) -> Result<T> {
    let unreadable = |what: String| response.fail(ErrorKind::Decode, what);
    let raw =
        RawRecord::new(response.json_text()?).map_err(|error| unreadable(format!("the answer is no JSON: {error}")))?;
    let record = raw.decode::<T>();
    record
        .map(le_core::wire::Record::into_inner)
        .map_err(|error| unreadable(error.cause().to_string()))
}
