//! One request on its way.

use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{Either, select};
use le_core::wire::RawRecord;
use le_core::{Error, ErrorKind};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{Command, Connection, Outgoing, refusal};
use crate::frame::{Envelope, raw};
use crate::request::{Answer, Request, text_frame};

/// A request that is sent when it is awaited.
///
/// It waits for a place in the window of the connection, is written, and waits for its answer. Where the server refuses it with
/// 429, which leaves it undone, it is sent again after a pause, in which no request goes out.
///
/// # Errors
/// * [`Validation`](ErrorKind::Validation): the dialect does not have it, or it cannot be written as JSON.
/// * [`Timeout`](ErrorKind::Timeout): no answer in time. A late one comes as [`Incoming::Unmatched`](super::Incoming::Unmatched).
/// * [`Transport`](ErrorKind::Transport), [`Authentication`](ErrorKind::Authentication), [`Cancelled`](ErrorKind::Cancelled): the connection
///   ended, by itself, for its credential (4401, 4407), or because this side closed it.
/// * By the code of the answer: [`Authentication`](ErrorKind::Authentication) (401), [`Authorization`](ErrorKind::Authorization) (403),
///   [`NotFound`](ErrorKind::NotFound), [`RateLimited`](ErrorKind::RateLimited) (after the last retry),
///   [`InvalidRequest`](ErrorKind::InvalidRequest) (another 4xx), [`Server`](ErrorKind::Server) (5xx).
/// * [`Decode`](ErrorKind::Decode): the answer is of another shape.
///
/// Ask [`Error::disposition`] before you send it again.
///
/// # Cancel safety
/// Dropped before it is written, the request is not sent. Dropped later, it is carried out all the same and its answer is thrown away;
/// it keeps its place in the window until then.
#[derive(Debug)]
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<R> {
    connection: Connection,
    request: R,
    metadata: Result<Vec<RawRecord>, Error>,
    timeout: Duration,
}

impl<R: Request> Call<R> {
    pub(super) fn new(connection: Connection, request: R) -> Self {
        Self {
            timeout: connection.shared.settings.request_timeout,
            connection,
            request,
            metadata: Ok(Vec::new()),
        }
    }

    /// Adds an object to the metadata, beside the body: see [`metadata`](crate::metadata).
    pub fn metadata<T: Serialize + ?Sized>(mut self, metadata: &T) -> Self {
        self.metadata = self.metadata.and_then(|mut all| {
            all.push(raw("metadata", metadata)?);
            Ok(all)
        });
        self
    }

    /// How long to wait for the answer, from when the request is handed over to the connection.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Changes the request.
    pub fn with(mut self, change: impl FnOnce(R) -> R) -> Self {
        self.request = change(self.request);
        self
    }

    /// Sends the request and gives the whole response, with members that the typed answer does not have.
    ///
    /// # Errors
    /// As the call itself, except for [`Decode`](ErrorKind::Decode).
    pub async fn response(self) -> Result<Envelope, Error> {
        let operation = self.request.operation();
        let metadata = self.metadata?;
        let shared = Arc::clone(&self.connection.shared);
        let clock = &shared.settings.clock;
        let started = clock.monotonic();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let place = self.connection.place(operation).await?;
            let id = shared.new_id();
            let text = text_frame(&self.request, shared.dialect, &id.to_string(), &metadata)?;
            let response = self
                .connection
                .exchange(id, text, self.timeout, place, operation)
                .await?;
            let Some(error) = refusal::refused(&response, operation) else {
                return Ok(response);
            };
            if error.kind() != ErrorKind::RateLimited {
                return Err(error);
            }
            self.connection.throttle();
            if attempt > shared.settings.throttled_retries {
                return Err(error.with_attempts(attempt, clock.monotonic().saturating_sub(started)));
            }
        }
    }
}

impl<R: Request + 'static> IntoFuture for Call<R> {
    type Output = Result<R::Answer, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let operation = self.request.operation();
            let response = self.response().await?;
            R::Answer::read(response).map_err(|error| error.with_operation(operation))
        })
    }
}

impl Connection {
    /// Waits for the end of a pause, and for a place in the window.
    async fn place(&self, operation: &'static str) -> Result<OwnedSemaphorePermit, Error> {
        loop {
            let window = Arc::clone(&self.shared.window);
            let place = window.acquire_owned().await;
            let place = place.map_err(|_| refusal::not_sent(self.shared.end.get(), operation))?;
            let Some(pause) = self.pause() else { return Ok(place) };
            drop(place);
            let sleep = self.shared.settings.clock.sleep(pause);
            if let Either::Right(_) = select(sleep, pin!(self.shared.end.wait())).await {
                return Err(refusal::not_sent(self.shared.end.get(), operation));
            }
        }
    }

    /// Hands a request over and waits for its answer.
    async fn exchange(
        &self,
        id: u64,
        text: String,
        timeout: Duration,
        place: OwnedSemaphorePermit,
        operation: &'static str,
    ) -> Result<Envelope, Error> {
        let (reply, answer) = oneshot::channel();
        let command = Command::Request(Box::new(Outgoing {
            id,
            text,
            timeout,
            reply,
            place,
        }));
        let not_sent = || refusal::not_sent(self.shared.end.get(), operation);
        self.commands.send(command).map_err(|_| not_sent())?;
        match answer.await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(lost)) => Err(refusal::lost(lost, operation)),
            // The owner went down before it took the request.
            Err(_) => Err(not_sent()),
        }
    }

    /// Stops all requests for a while.
    fn throttle(&self) {
        let settings = &self.shared.settings;
        let until = settings.clock.monotonic() + settings.throttled_pause;
        let until = u64::try_from(until.as_millis()).unwrap_or(u64::MAX);
        self.shared.throttled_until.fetch_max(until, Ordering::Relaxed);
    }

    /// What is left of a pause, spread a little, so that those who waited do not all come at once.
    fn pause(&self) -> Option<Duration> {
        let settings = &self.shared.settings;
        let until = Duration::from_millis(self.shared.throttled_until.load(Ordering::Relaxed));
        let left = until
            .checked_sub(settings.clock.monotonic())
            .filter(|left| !left.is_zero())?;
        Some(left + settings.throttled_pause.mul_f64(settings.entropy.unit()))
    }
}
