//! One request over a link, until it is awaited.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use le_core::Error;
use le_core::wire::RawRecord;
use serde::Serialize;

use super::junction::{Lifeline, Shared};
use super::way::Way;
use crate::frame::{Envelope, raw};
use crate::request::{Answer, Request};

/// A request over a link that is sent when it is awaited.
///
/// While there is no connection it waits, within the bound and the deadline of [`Offline`](super::Offline), or fails. Where the connection ends
/// before it was written, it goes out on the next one. What happens when it was written and its answer is lost depends on what it is:
///
/// * Something that reads, an answer to a ring, and one's own availability are sent again.
/// * A publish is **settled**: the link looks in the history for an own event of the same content, later than what was known before and
///   not the outcome of another publish. If it is there, its sequence is the answer; if not, it is published again. Until that is clear,
///   no later publish into the same dialog goes out, so the order stays. A publish that stays without an answer for twice the
///   request timeout gives the connection up, since only then it is certain that nothing comes of it any more.
/// * A change of a conversation is settled, too: as soon as the link has caught up, the conversation shows whether it was made; if it does
///   not, the change is made again, with the same result.
/// * All else fails with what is known of it: see [`Error::disposition`].
///
/// # Errors
/// As [`Call`](crate::Call), and:
/// * [`Timeout`](le_core::ErrorKind::Timeout): no connection within the deadline.
/// * [`Transport`](le_core::ErrorKind::Transport): there is no connection, and [`Offline`](super::Offline) says to fail, or too many wait already.
/// * [`Cancelled`](le_core::ErrorKind::Cancelled), [`Authentication`](le_core::ErrorKind::Authentication): the link has ended.
///
/// # Cancel safety
/// Dropped before it is written, the request is not sent. Dropped later, it is carried out all the same; a publish is then not settled.
#[must_use = "a call does nothing until it is awaited"]
pub struct LinkCall<R> {
    shared: Arc<Shared>,
    /// A call in flight keeps the link alive.
    _lifeline: Lifeline,
    request: R,
    metadata: Result<Vec<RawRecord>, Error>,
    timeout: Option<Duration>,
    ring: Option<String>,
}

impl<R: Request + 'static> LinkCall<R> {
    pub(super) fn new(shared: Arc<Shared>, lifeline: Lifeline, request: R) -> Self {
        Self {
            shared,
            _lifeline: lifeline,
            request,
            metadata: Ok(Vec::new()),
            timeout: None,
            ring: None,
        }
    }

    /// Marks it as the answer to a ring.
    pub(super) fn answering(mut self, ring: String) -> Self {
        self.ring = Some(ring);
        self
    }

    /// Adds an object to the metadata, beside the body: see [`metadata`](crate::metadata).
    pub fn metadata<T: Serialize + ?Sized>(mut self, metadata: &T) -> Self {
        self.metadata = self.metadata.and_then(|mut all| {
            all.push(raw("metadata", metadata)?);
            Ok(all)
        });
        self
    }

    /// How long to wait for the answer on each connection, from when the request is handed over to it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Changes the request.
    pub fn with(mut self, change: impl FnOnce(R) -> R) -> Self {
        self.request = change(self.request);
        self
    }

    /// Sends the request and gives the whole response, with members that the typed answer does not have. The response of a publish
    /// that was found in the history is made up; it has the sequence and nothing else.
    ///
    /// # Errors
    /// As the call itself, except for [`Decode`](le_core::ErrorKind::Decode).
    pub fn response(self) -> impl Future<Output = Result<Envelope, Error>> + Send {
        // The request is put where it stays: what a future takes as an argument it has room for twice.
        let request = Arc::new(self.request);
        async move {
            let way = Way {
                started: self.shared.clock.monotonic(),
                request,
                metadata: self.metadata?,
                timeout: self.timeout,
                shared: self.shared,
            };
            let _lifeline = self._lifeline;
            let stored = way.request.as_publish().filter(|publish| {
                let event = publish.event.as_ref();
                publish.dialog_id.is_some() && event.is_some_and(crate::Event::is_stored)
            });
            // Messages are many; the others are in boxes.
            match (stored.is_some(), self.ring) {
                (true, _) => way.publish().await,
                (false, Some(ring)) => Box::pin(way.answer_ring(ring)).await,
                (false, None) => Box::pin(way.send()).await,
            }
        }
    }

    /// What awaiting it does, for a future that has room for this one.
    pub(crate) fn answer(self) -> impl Future<Output = Result<R::Answer, Error>> + Send {
        let operation = self.request.operation();
        let read = move |response| R::Answer::read(response?).map_err(|error| error.with_operation(operation));
        self.response().map(read)
    }
}

impl<R: Request + 'static> IntoFuture for LinkCall<R> {
    type Output = Result<R::Answer, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.answer())
    }
}

impl<R: fmt::Debug> fmt::Debug for LinkCall<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkCall")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}
