//! The one task that owns a link: it connects, attends to the connection, and decides how to come back.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use le_core::auth::Renewal;
use le_core::{Error, ErrorKind};
use tokio::sync::{mpsc, watch};

use super::figures::count;
use super::junction::Shared;
use super::policy::{Backoff, Rivalry};
use super::session::{Over, Session};
use super::side::Side;
use super::state::{Ended, LinkState};
use crate::close::{Close, Fault, code};
use crate::connector::Failed;
use crate::recovery::{NextStep, Recovery};

/// The least pause after a login that was refused with 429.
const THROTTLED: Duration = Duration::from_secs(5);

/// Owner of a link.
pub(super) struct Owner {
    side: Side,
    shared: Arc<Shared>,
    stopping: Stopping,
    backoff: Backoff,
    rivalry: Rivalry,
    recovery: Recovery,
    /// Attempts since a connection that lasted.
    attempt: u32,
    /// Times in a row that a good credential was taken away soon.
    losses: u32,
    /// How long the last connection that proved its credential lasted.
    lasted: Option<Duration>,
}

/// Waits for the end that the owner of the link wants.
pub(super) struct Stopping {
    stop: watch::Receiver<bool>,
    handles: mpsc::Receiver<std::convert::Infallible>,
}

impl Stopping {
    /// Until the link is shut down, or nobody holds it any more.
    pub(super) async fn wanted(&mut self) {
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => {}
            _ = self.handles.recv() => {}
        }
    }
}

/// What comes after a connection, or an attempt at one.
enum Then {
    /// Another attempt, after a renewal if one is named, and not sooner than this.
    Again(NextStep, Error, Duration),
    End(Ended),
}

impl Owner {
    pub(super) fn new(
        side: Side,
        shared: Arc<Shared>,
        handles: mpsc::Receiver<std::convert::Infallible>,
        backoff: Backoff,
        rivalry: Rivalry,
    ) -> Self {
        Self {
            side,
            stopping: Stopping {
                stop: shared.stop.subscribe(),
                handles,
            },
            shared,
            backoff,
            rivalry,
            recovery: Recovery::default(),
            attempt: 0,
            losses: 0,
            lasted: None,
        }
    }

    pub(super) async fn run(mut self) {
        let ended = self.live().await;
        tracing::debug!(%ended, "a link ended");
        self.shared.end(ended);
    }

    async fn live(&mut self) -> Ended {
        let mut step = NextStep::Reconnect;
        loop {
            let then = match self.renewed(step).await {
                Ok(()) => self.connect_and_attend().await,
                Err(then) => then,
            };
            let (next, why, at_least) = match then {
                Then::Again(next, why, at_least) => (next, why, at_least),
                Then::End(ended) => return ended,
            };
            step = next;
            let pause = self.backoff.pause(self.attempt, &*self.shared.entropy).max(at_least);
            self.attempt = self.attempt.saturating_add(1);
            let until = self.shared.clock.now() + pause;
            tracing::info!(pause_ms = pause.as_millis(), attempt = self.attempt, error = %why, "a link waits before it connects again");
            self.shared.set_state(LinkState::Waiting { until, why });
            let sleep = self.shared.clock.sleep(pause);
            if unless(self.stopping.wanted(), sleep).await.is_none() {
                return Ended::ShutDown;
            }
        }
    }

    /// Gets a new credential, if the last end asks for one.
    async fn renewed(&mut self, step: NextStep) -> Result<(), Then> {
        if !matches!(step, NextStep::RenewCredential | NextStep::ExtendIdentity) {
            return Ok(());
        }
        self.shared.set_state(LinkState::Connecting);
        let Some(renewal) = unless(self.stopping.wanted(), Box::pin(self.side.renew(step))).await else {
            return Err(Then::End(Ended::ShutDown));
        };
        match renewal {
            Ok(Renewal::Renewed) => Ok(()),
            Err(error) if error.is_transient() || error.kind() == ErrorKind::Discovery => {
                let at_least = throttled(&error);
                Err(Then::Again(step, error, at_least))
            }
            Err(error) => Err(Then::End(Ended::Refused(error))),
            Ok(_) => Err(Then::End(Ended::Refused(
                Error::new(
                    ErrorKind::Authentication,
                    "the credential was refused, and it cannot be renewed",
                )
                .with_advice("give a credential that can get a new token, such as a login session"),
            ))),
        }
    }

    async fn connect_and_attend(&mut self) -> Then {
        self.shared.set_state(LinkState::Connecting);
        // In a box, which is gone once there is a connection.
        let Some(opened) = unless(self.stopping.wanted(), Box::pin(self.side.connect())).await else {
            return Then::End(Ended::ShutDown);
        };
        let (connection, events) = match opened {
            Ok(open) => open,
            Err(failed) => return self.not_opened(failed),
        };
        let began = self.shared.clock.monotonic();
        let mut session = Session::new(&self.side, &self.shared, connection, events);
        let over = session.attend(&mut self.stopping).await;
        let proven = session.is_proven();
        drop(session);
        let lasted = self.shared.clock.monotonic().saturating_sub(began);
        self.after(over, proven.then_some(lasted))
    }

    fn not_opened(&mut self, failed: Failed) -> Then {
        let Failed { error, step } = failed;
        count(&self.shared.counters.failures);
        let next = match (step, error.status()) {
            (Some(NextStep::ExtendIdentity), _) => {
                self.recovery.closed(&Close::by_server(code::IDENTITY_EXPIRED.code, ""))
            }
            (Some(_), _) => self.recovery.refused(http::StatusCode::UNAUTHORIZED),
            (None, Some(status)) if of_socket(&error) => self.recovery.refused(status),
            _ if error.is_transient() || error.kind() == ErrorKind::Discovery => self.recovery.unreachable(),
            // A login that is refused, a setting that is missing: nothing comes of trying again.
            _ => return Then::End(Ended::Refused(error)),
        };
        let lost = matches!(step, Some(NextStep::RenewCredential));
        self.decide(next, error, lost)
    }

    /// After a connection: `lasted` says for how long, if its credential proved good.
    fn after(&mut self, over: Over, lasted: Option<Duration>) -> Then {
        if let Some(lasted) = lasted {
            self.recovery.opened();
            self.lasted = Some(lasted);
            if lasted > self.backoff.delay(self.attempt.saturating_sub(1)) {
                self.attempt = 0;
            }
            if lasted >= self.rivalry.within {
                self.losses = 0;
            }
        }
        match over {
            Over::Stopped => Then::End(Ended::ShutDown),
            Over::Closed(close) => {
                // The link itself gave the connection up; nobody wants an end of the link.
                let close = if close.requested {
                    Close::broken_off(Fault::Silent)
                } else {
                    close
                };
                let next = self.recovery.closed(&close);
                let own = close
                    .code
                    .is_some_and(|code| code >= 4000 && code != code::IDENTITY_EXPIRED.code);
                let error = Error::new(ErrorKind::Transport, close.to_string());
                self.decide(next, error, own)
            }
            Over::Refused(error) if error.kind() == ErrorKind::Authentication => {
                let next = self.recovery.refused(http::StatusCode::UNAUTHORIZED);
                self.decide(next, error, true)
            }
            Over::Refused(error) => Then::End(Ended::Refused(error)),
        }
    }

    /// `lost` says that the credential was good, and is not any more.
    fn decide(&mut self, next: NextStep, error: Error, lost: bool) -> Then {
        if lost {
            self.losses = match self.lasted.take() {
                Some(lasted) if lasted < self.rivalry.within => self.losses + 1,
                Some(_) => 1,
                None => self.losses,
            };
        }
        let evicted = self.losses >= self.rivalry.losses.max(1);
        match next {
            _ if lost && evicted => Then::End(Ended::Evicted(self.eviction(error))),
            NextStep::GiveUp if lost && self.losses > 0 => Then::End(Ended::Evicted(self.eviction(error))),
            NextStep::GiveUp => Then::End(Ended::Refused(error)),
            NextStep::Stay => Then::End(Ended::ShutDown),
            next => {
                let at_least = throttled(&error);
                Then::Again(next, error, at_least)
            }
        }
    }

    fn eviction(&self, error: Error) -> Error {
        let message = format!(
            "the session was taken away {} times in a row, each time soon after a new login: another program logs in as this user",
            self.losses
        );
        Error::new(ErrorKind::Authentication, message)
            .with_source(error)
            .with_advice(
                "a user has one session at a time: stop the other program, or give each program a user of its own",
            )
    }
}

/// Does this, unless the end is wanted first.
async fn unless<T>(wanted: impl Future<Output = ()>, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(wanted), pin!(work)).await {
        Either::Left(_) => None,
        Either::Right((done, _)) => Some(done),
    }
}

/// Whether the socket's host said it, and not the login or discovery before it.
fn of_socket(error: &Error) -> bool {
    error.operation().is_some_and(|id| id.starts_with("messaging."))
}

/// How long to wait at least after this error.
fn throttled(error: &Error) -> Duration {
    let told = error.retry_after().unwrap_or_default();
    if error.kind() == ErrorKind::RateLimited {
        told.max(THROTTLED)
    } else {
        told
    }
}
