//! The way of one request: it waits for a connection, goes out, and where its answer is lost it is settled.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{Either, select};
use le_core::wire::RawRecord;
use le_core::{Disposition, Error, ErrorKind};

use super::figures::count;
use super::junction::{Gate, Shared};
use super::policy::Offline;
use super::settling::Settling;
use super::state::{Ended, LinkState};
use crate::connection::Connection;
use crate::frame::Envelope;
use crate::request::{Request, names};

/// Requests that change nothing, or the same thing again: they are repeated where their answer was lost.
const REPEATABLE: [&str; 7] = [
    names::GET_CLOCK.id,
    names::QUERY_MESSAGES.id,
    names::GET_PROFILE.id,
    names::UPLOAD_URL.id,
    names::DOWNLOAD_URL.id,
    names::SET_AGENT_STATE.id,
    names::UPDATE_RING.id,
];

/// A request with everything that it needs on its way.
pub(super) struct Way<R> {
    pub(super) shared: Arc<Shared>,
    pub(super) request: Arc<R>,
    pub(super) metadata: Vec<RawRecord>,
    pub(super) timeout: Option<Duration>,
    pub(super) started: Duration,
}

impl<R: Request + 'static> Way<R> {
    /// Sends it on one connection.
    async fn attempt(&self, connection: &Connection, timeout: Option<Duration>) -> Result<Envelope, Error> {
        let mut call = connection.request(Arc::clone(&self.request));
        for part in &self.metadata {
            call = call.metadata(part);
        }
        if let Some(timeout) = timeout {
            call = call.timeout(timeout);
        }
        call.response().await
    }

    /// Sends it, again where that is harmless. A change of a conversation is: what shows there is not made a second time, and what
    /// does not show is made with the same result.
    pub(super) async fn send(&self) -> Result<Envelope, Error> {
        let update = self.request.as_update();
        let repeatable = update.is_some() || REPEATABLE.contains(&self.request.operation());
        let mut lost: Option<Error> = None;
        loop {
            let connection = match self.connection().await {
                Ok((connection, _)) => connection,
                // An earlier attempt may have been carried out; that is what the caller has to know.
                Err(error) => return Err(lost.unwrap_or(error)),
            };
            if let (Some(update), Some(error)) = (update, &lost) {
                match self.settled(update).await {
                    Ok(false) => {}
                    Ok(true) => {
                        tracing::info!("a change without an answer shows in the conversation");
                        return Ok(Envelope::default());
                    }
                    Err(_) => return Err(error.clone()),
                }
            }
            let error = match self.attempt(&connection, self.timeout).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let ended = connection.is_closed();
            match error.disposition() {
                Disposition::NotSent if ended => {}
                Disposition::MaybeApplied if ended && repeatable => lost = Some(error),
                // What is refused since it was done before is done.
                Disposition::Rejected if lost.is_some() && update.is_some_and(|update| self.is_made(update)) => {
                    return Ok(Envelope::default());
                }
                _ => return Err(error),
            }
            if self.shared.offline == Offline::Fail {
                return Err(lost.unwrap_or_else(|| self.offline("the connection ended")));
            }
        }
    }

    /// Sends the answer to a ring. The ring is not offered again meanwhile.
    pub(super) async fn answer_ring(&self, ring: String) -> Result<Envelope, Error> {
        let answering = Answering::new(&self.shared, ring);
        let answer = self.send().await;
        let known = answer
            .as_ref()
            .map_or_else(|error| error.disposition() == Disposition::Rejected, |_| true);
        if known {
            answering.done();
        }
        answer
    }

    /// Publishes, and does not end before it is known what became of it.
    pub(super) async fn publish(&self) -> Result<Envelope, Error> {
        let settling = Settling::new(self);
        let timeout = Some(self.timeout.unwrap_or(self.shared.publish_timeout));
        let mut lost: Option<(Error, u64)> = None;
        loop {
            // Room is made for what always happens; the rest is in boxes, since a future like this one is made for each message.
            let open = match self.open_connection() {
                Some(open) => open,
                None => Box::pin(self.connection()).await,
            };
            let (connection, epoch) = match open {
                Ok(open) => open,
                Err(error) => return Err(lost.map_or(error, |(lost, _)| lost)),
            };
            if let Some((error, since)) = lost.take() {
                match Box::pin(settling.look(self, &connection, epoch, since)).await {
                    Ok(Some(sequence)) => return settling.found(sequence),
                    Ok(None) => count(&self.shared.counters.repeated),
                    // An end for the token's sake says nothing about the publish, either.
                    Err(problem) if problem.is_transient() || connection.is_closed() => {
                        if !Box::pin(self.goes_on_after(&connection)).await {
                            return Err(error);
                        }
                        lost = Some((error, since));
                        continue;
                    }
                    Err(_) => return Err(error),
                }
            } else if !settling.may_send() {
                Box::pin(self.turn(&settling, &connection)).await?;
            }
            if connection.is_closed() {
                continue;
            }
            settling.sent();
            let error = match self.attempt(&connection, timeout).await {
                Ok(response) => return Ok(settling.answered(response)),
                Err(error) => error,
            };
            match error.disposition() {
                Disposition::NotSent if connection.is_closed() => {}
                Disposition::MaybeApplied if error.kind() != ErrorKind::Server => {
                    // As long as the connection lives, the server may still carry it out.
                    connection.abort();
                    settling.lost();
                    lost = Some((error, epoch));
                }
                Disposition::MaybeApplied => {
                    let settled = Box::pin(settling.after_failure(self, &connection, epoch, error)).await;
                    match settled {
                        // The connection ended before the history could tell: the next one is asked.
                        Err(error) if error.disposition() == Disposition::MaybeApplied && connection.is_closed() => {
                            lost = Some((error, epoch));
                        }
                        settled => return settled,
                    }
                }
                _ => return Err(error),
            }
            if self.shared.offline == Offline::Fail {
                return Err(lost.map_or_else(|| self.offline("the connection ended"), |(error, _)| error));
            }
        }
    }

    /// Waits until no earlier publish into the dialog is without a certain outcome, or the connection is gone.
    async fn turn(&self, settling: &Settling, connection: &Connection) -> Result<(), Error> {
        let mut progress = self.shared.progress.subscribe();
        while !settling.may_send() && !connection.is_closed() {
            self.within(progress.changed()).await?;
        }
        Ok(())
    }

    /// Waits until this connection is no longer the one to use, or a little, where it still is. Gives whether there is time left.
    async fn goes_on_after(&self, connection: &Connection) -> bool {
        if !connection.is_closed() {
            let pause = self.shared.clock.sleep(connection.settings().throttled_pause);
            let _ = select(pause, pin!(connection.closed())).await;
        }
        self.left().is_none_or(|left| !left.is_zero())
    }

    /// The connection to use and its number, or that there will be none; `None` where it is to be waited for.
    fn open_connection(&self) -> Option<Result<(Connection, u64), Error>> {
        self.through(&self.shared.gate.borrow())
    }

    fn through(&self, gate: &Gate) -> Option<Result<(Connection, u64), Error>> {
        if let Some(ended) = &gate.ended {
            return Some(Err(self.over(ended)));
        }
        let open = gate.connection.as_ref().filter(|connection| !connection.is_closed())?;
        Some(Ok((open.clone(), gate.epoch)))
    }

    /// The connection to use, as soon as there is one, and its number.
    pub(super) async fn connection(&self) -> Result<(Connection, u64), Error> {
        let mut gate = self.shared.gate.subscribe();
        let mut place = None;
        loop {
            if let Some(open) = self.through(&gate.borrow_and_update()) {
                return open;
            }
            if place.is_none() {
                place = Some(self.wait_in_line()?);
            }
            self.within(gate.changed()).await?;
        }
    }

    /// Waits, but not beyond the deadline.
    pub(super) async fn within<T>(&self, wait: impl Future<Output = T>) -> Result<T, Error> {
        let Some(left) = self.left() else { return Ok(wait.await) };
        match select(pin!(wait), self.shared.clock.sleep(left)).await {
            Either::Left((done, _)) => Ok(done),
            Either::Right(_) => Err(self.late()),
        }
    }

    fn left(&self) -> Option<Duration> {
        match self.shared.offline {
            Offline::Wait { deadline, .. } => {
                let passed = self.shared.clock.monotonic().saturating_sub(self.started);
                Some(deadline.saturating_sub(passed))
            }
            Offline::Fail => None,
        }
    }

    fn wait_in_line(&self) -> Result<Place<'_>, Error> {
        match self.shared.offline {
            Offline::Fail => Err(self.offline("there is no connection")),
            Offline::Wait { at_most, .. } => {
                if self.shared.waiting.fetch_add(1, Ordering::Relaxed) >= at_most {
                    self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                    let message = format!("there is no connection, and {at_most} requests wait for one already");
                    return Err(self.not_sent(ErrorKind::Transport, message));
                }
                Ok(Place(&self.shared))
            }
        }
    }

    fn late(&self) -> Error {
        let error = self.not_sent(
            ErrorKind::Timeout,
            "there was no connection within the deadline".to_owned(),
        );
        match self.shared.state.borrow().clone() {
            LinkState::Waiting { why, .. } => error.with_source(why),
            _ => error,
        }
    }

    fn offline(&self, what: &str) -> Error {
        self.not_sent(ErrorKind::Transport, what.to_owned())
    }

    fn over(&self, ended: &Ended) -> Error {
        let kind = ended.error().map_or(ErrorKind::Cancelled, Error::kind);
        self.not_sent(kind, format!("the link has ended: {ended}"))
    }

    fn not_sent(&self, kind: ErrorKind, message: String) -> Error {
        Error::new(kind, message)
            .with_operation(self.request.operation())
            .with_disposition(Disposition::NotSent)
    }
}

/// A place among the requests that wait for a connection.
struct Place<'a>(&'a Shared);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A ring that is being answered.
struct Answering<'a> {
    shared: &'a Shared,
    ring: Option<String>,
}

impl<'a> Answering<'a> {
    fn new(shared: &'a Shared, ring: String) -> Self {
        shared.read(|core| core.answering(&ring, true));
        Self {
            shared,
            ring: Some(ring),
        }
    }

    /// The server knows the answer.
    fn done(mut self) {
        if let Some(ring) = self.ring.take() {
            self.shared.read(|core| core.answered(&ring));
        }
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        if let Some(ring) = &self.ring {
            self.shared.read(|core| core.answering(ring, false));
        }
    }
}
