//! What the keeper and the callers of a session share: the bearer, the wishes, and the last failure.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use le_core::clock::Clock;
use le_core::{Error, ErrorKind, Secret};
use tokio::sync::{Notify, watch};

use super::state::SessionState;
use crate::credentials::LoginCredentials;
use crate::login::LoginAnswer;

/// A bearer refused this soon after its login is a sign that a new one does not help.
const YOUNG: Duration = Duration::from_secs(60);
/// How many bearers in a row may be refused young before that stops causing logins.
const YOUNG_REFUSALS: u32 = 3;

/// A session that calls can use.
pub(super) struct Live {
    pub(super) header: HeaderValue,
    pub(super) bearer: Secret,
    /// Grows with each login, from 1.
    pub(super) stamp: u64,
    /// By the monotonic clock.
    pub(super) since: Duration,
    pub(super) answer: Arc<LoginAnswer>,
}

pub(super) struct Board {
    desk: Mutex<Desk>,
    /// The number of logins that ended, well or badly.
    turns: watch::Sender<u64>,
    states: watch::Sender<SessionState>,
    wake: Notify,
    clock: Arc<dyn Clock>,
    interval: Duration,
}

struct Desk {
    live: Option<Arc<Live>>,
    failure: Option<Failure>,
    stamps: u64,
    turns: u64,
    wanted: bool,
    young_refusals: (u64, u32),
    credentials: Arc<LoginCredentials>,
    replaced: bool,
    closing: bool,
    closed: Option<Result<(), Error>>,
    running: bool,
}

#[derive(Clone)]
struct Failure {
    turn: u64,
    error: Error,
    /// Until when it is the answer to all callers; `None` for good.
    until: Option<Duration>,
}

/// What the keeper finds on the board.
pub(super) struct Wishes {
    pub(super) login: bool,
    pub(super) replaced: bool,
    pub(super) closing: bool,
}

impl Board {
    pub(super) fn new(credentials: LoginCredentials, clock: Arc<dyn Clock>, interval: Duration) -> Self {
        let desk = Desk {
            live: None,
            failure: None,
            stamps: 0,
            turns: 0,
            wanted: false,
            young_refusals: (0, 0),
            credentials: Arc::new(credentials),
            replaced: false,
            closing: false,
            closed: None,
            running: false,
        };
        Self {
            desk: Mutex::new(desk),
            turns: watch::Sender::new(0),
            states: watch::Sender::new(SessionState::Idle),
            wake: Notify::new(),
            clock,
            interval,
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn states(&self) -> &watch::Sender<SessionState> {
        &self.states
    }

    pub(super) fn live(&self) -> Option<Arc<Live>> {
        self.desk().live.clone()
    }

    // --- callers ---

    /// Waits for a session whose stamp is above `refused`. All who wait at the same time share one login and its failure.
    ///
    /// `anyway` asks for a login although the last one failed a short while ago.
    pub(super) async fn login_newer_than(&self, refused: u64, anyway: bool) -> Result<Arc<Live>, Error> {
        let mut turns = self.turns.subscribe();
        let asked = self.desk().turns;
        let mut anyway = anyway;
        loop {
            if let Some(outcome) = self.outcome(refused, asked, anyway) {
                return outcome;
            }
            anyway = false;
            if turns.changed().await.is_err() {
                return Err(closed());
            }
        }
    }

    fn outcome(&self, refused: u64, asked: u64, anyway: bool) -> Option<Result<Arc<Live>, Error>> {
        let mut desk = self.desk();
        if desk.closing {
            return Some(Err(closed()));
        }
        if let Some(live) = desk.live.as_ref().filter(|live| live.stamp > refused) {
            return Some(Ok(Arc::clone(live)));
        }
        if let Some(failure) = &desk.failure {
            let holds = match failure.until {
                None => true,
                Some(until) => failure.turn > asked || (!anyway && self.clock.monotonic() < until),
            };
            if holds {
                return Some(Err(failure.error.clone()));
            }
        }
        if !desk.wanted {
            desk.wanted = true;
            self.wake.notify_one();
        }
        None
    }

    /// Whether a refusal of the bearer with this stamp may cause a login. Not where fresh bearers are refused one after the
    /// other: then the bearer is not the reason.
    pub(super) fn may_renew(&self, refused: u64) -> bool {
        let mut desk = self.desk();
        let Some(live) = desk.live.clone().filter(|live| live.stamp == refused) else {
            return true;
        };
        let age = self.clock.monotonic().saturating_sub(live.since);
        let (counted, refusals) = desk.young_refusals;
        let settled = if refusals < YOUNG_REFUSALS {
            YOUNG
        } else {
            YOUNG.max(self.interval)
        };
        if age >= settled {
            desk.young_refusals = (refused, 0);
            return true;
        }
        if counted != refused {
            desk.young_refusals = (refused, refusals + 1);
        }
        desk.young_refusals.1 < YOUNG_REFUSALS
    }

    pub(super) fn set_credentials(&self, credentials: LoginCredentials) {
        let mut desk = self.desk();
        desk.credentials = Arc::new(credentials);
        let lost = desk.failure.take().is_some();
        desk.young_refusals = (0, 0);
        if lost || desk.live.is_some() {
            desk.wanted = true;
            desk.replaced = desk.live.is_some();
        }
        self.wake.notify_one();
    }

    pub(super) async fn close(&self) -> Result<(), Error> {
        let mut turns = self.turns.subscribe();
        loop {
            {
                let mut desk = self.desk();
                desk.closing = true;
                if !desk.running && desk.closed.is_none() {
                    self.set_closed(&mut desk, Ok(()));
                }
                if let Some(outcome) = &desk.closed {
                    return outcome.clone();
                }
            }
            self.wake.notify_one();
            if turns.changed().await.is_err() {
                return Ok(());
            }
        }
    }

    // --- the keeper ---

    /// True for the one who is to run the keeper.
    pub(super) fn claim(&self) -> bool {
        let mut desk = self.desk();
        let claims = !desk.running && !desk.closing;
        desk.running |= claims;
        claims
    }

    /// The keeper's task ended without being closed: with its runtime, or with the last clone of the session.
    pub(super) fn keeper_ended(&self) {
        let mut desk = self.desk();
        desk.running = false;
        // Only the keeper could refresh it; whoever needs a session next starts over.
        desk.live = None;
        desk.wanted = false;
        if desk.closing && desk.closed.is_none() {
            self.set_closed(&mut desk, Ok(()));
            return;
        }
        if desk.closed.is_none() {
            self.states.send_replace(SessionState::Idle);
            let error = Error::new(ErrorKind::Cancelled, "the task that keeps the session ended");
            self.end_turn(&mut desk, Some((error, Some(Duration::ZERO))));
        }
    }

    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    pub(super) fn wishes(&self) -> Wishes {
        let desk = self.desk();
        Wishes {
            login: desk.wanted,
            replaced: desk.replaced,
            closing: desk.closing,
        }
    }

    /// A login begins, with these credentials.
    pub(super) fn begin_login(&self) -> Arc<LoginCredentials> {
        let mut desk = self.desk();
        desk.wanted = false;
        desk.replaced = false;
        let state = if desk.live.is_some() {
            SessionState::Renewing
        } else {
            SessionState::Opening
        };
        self.states.send_replace(state);
        Arc::clone(&desk.credentials)
    }

    /// There is a new bearer, had with `used`.
    pub(super) fn opened(
        &self,
        used: &Arc<LoginCredentials>,
        header: HeaderValue,
        bearer: Secret,
        answer: Arc<LoginAnswer>,
    ) {
        let mut desk = self.desk();
        desk.stamps += 1;
        let user_id = answer.user_id().cloned();
        desk.live = Some(Arc::new(Live {
            header,
            bearer,
            stamp: desk.stamps,
            since: self.clock.monotonic(),
            answer,
        }));
        // Whoever wished for a login has it now, unless the credential was replaced meanwhile.
        desk.wanted = !Arc::ptr_eq(used, &desk.credentials);
        desk.replaced = desk.wanted;
        let since = self.clock.now();
        self.states.send_replace(SessionState::Open { since, user_id });
        self.end_turn(&mut desk, None);
    }

    /// The login with `used` failed. It is final where `until` is `None`.
    pub(super) fn failed(&self, used: &Arc<LoginCredentials>, error: Error, until: Option<Duration>) {
        let mut desk = self.desk();
        if !Arc::ptr_eq(used, &desk.credentials) {
            // The credential was replaced meanwhile: its failure says nothing about the new one.
            desk.wanted = true;
            self.wake.notify_one();
            return;
        }
        desk.wanted = false;
        let wait = until.map(|until| until.saturating_sub(self.clock.monotonic()));
        let next_attempt = wait.map(|wait| self.clock.now() + wait);
        self.states.send_replace(SessionState::Lost {
            reason: error.clone(),
            next_attempt,
        });
        self.end_turn(&mut desk, Some((error, until)));
    }

    pub(super) fn closed(&self, outcome: Result<(), Error>) {
        let mut desk = self.desk();
        self.set_closed(&mut desk, outcome);
    }

    fn set_closed(&self, desk: &mut Desk, outcome: Result<(), Error>) {
        desk.live = None;
        desk.running = false;
        desk.closed = Some(outcome);
        self.states.send_replace(SessionState::Closed);
        self.end_turn(desk, None);
    }

    fn end_turn(&self, desk: &mut Desk, failure: Option<(Error, Option<Duration>)>) {
        desk.turns += 1;
        let turn = desk.turns;
        desk.failure = failure.map(|(error, until)| Failure { turn, error, until });
        self.turns.send_replace(turn);
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Cancelled, "the session is closed").with_advice("open a new session")
}
