//! The one task of a session: it logs in, refreshes, logs in again, and logs out.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{self, Either};
use le_core::auth::bearer_header;
use le_core::clock::Clock;
use le_core::retry::SlowLoop;
use le_core::{Client, Error, ErrorKind};
use tokio::task::AbortHandle;
use tracing::Instrument as _;

use super::board::Board;
use super::schedule::{LOGIN_GAP, Schedule, Work};
use crate::credentials::LoginCredentials;
use crate::login::{Grant, Login, LoginAnswer};

/// Told of each login, e.g. to seed discovery.
pub(super) type OnLogin = Arc<dyn Fn(&LoginAnswer) + Send + Sync>;

/// What the task is made of, and the task where it runs.
pub(super) struct Keeper {
    pub(super) client: Client,
    pub(super) interval: Duration,
    pub(super) on_login: Option<OnLogin>,
    pub(super) slow: SlowLoop,
    pub(super) task: Mutex<Option<AbortHandle>>,
}

impl Keeper {
    /// Starts the task unless it runs.
    pub(super) fn start(&self, board: &Arc<Board>) {
        if !board.claim() {
            return;
        }
        let task = Task {
            login: Login::new(self.client.clone()),
            board: Arc::clone(board),
            clock: Arc::clone(self.client.clock()),
            client: self.client.clone(),
            interval: self.interval,
            on_login: self.on_login.clone(),
            slow: self.slow.clone(),
            grant: None,
            used: None,
            login_at: None,
            last_login: None,
        };
        let span = tracing::info_span!("session", liveperson.account = %self.client.account());
        let handle = tokio::spawn(task.run().instrument(span)).abort_handle();
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
    }

    pub(super) fn stop(&self) {
        if let Some(task) = self.task.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

struct Task {
    login: Login,
    board: Arc<Board>,
    clock: Arc<dyn Clock>,
    client: Client,
    interval: Duration,
    on_login: Option<OnLogin>,
    slow: SlowLoop,
    grant: Option<(Grant, Schedule)>,
    /// What the session was opened with.
    used: Option<Arc<LoginCredentials>>,
    /// When a login is tried that nobody asks for.
    login_at: Option<Duration>,
    /// When the last login ended, well or badly.
    last_login: Option<Duration>,
}

/// Says that the task ended, however it ended.
struct Ended(Arc<Board>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.keeper_ended();
    }
}

impl Task {
    async fn run(mut self) {
        let _ended = Ended(Arc::clone(&self.board));
        // It mostly sleeps, and what it does now and then is in boxes, so that a thousand sessions are small.
        loop {
            let wishes = self.board.wishes();
            if wishes.closing {
                return Box::pin(self.close()).await;
            }
            if wishes.login {
                let old = self.grant.clone().filter(|_| wishes.replaced);
                Box::pin(self.log_in()).await;
                if let Some((old, _)) = old {
                    Box::pin(self.end(&old)).await;
                }
                continue;
            }
            match self.due() {
                Some((at, work)) if at <= self.clock.monotonic() => self.work(work).await,
                Some((at, _)) => {
                    let wait = at.saturating_sub(self.clock.monotonic());
                    self.sleep_or_wake(wait).await;
                }
                None => self.board.woken().await,
            }
        }
    }

    fn due(&self) -> Option<(Duration, Work)> {
        if let Some(at) = self.login_at {
            return Some((at, Work::Login));
        }
        self.grant.as_ref()?.1.next()
    }

    async fn sleep_or_wake(&self, wait: Duration) {
        let woken = pin!(self.board.woken());
        future::select(self.clock.sleep(wait), woken).await;
    }

    async fn work(&mut self, work: Work) {
        let over = self
            .grant
            .as_ref()
            .is_some_and(|(_, schedule)| schedule.is_over(self.clock.monotonic()));
        match work {
            Work::Refresh if !over => Box::pin(self.refresh()).await,
            _ => Box::pin(self.log_in()).await,
        }
    }

    async fn refresh(&mut self) {
        let Some((mut grant, mut schedule)) = self.grant.take() else {
            return;
        };
        let bearer = grant.bearer().clone();
        let Some(outcome) = unless_closing(&self.board, self.login.refresh(&mut grant)).await else {
            self.grant = Some((grant, schedule));
            return;
        };
        let now = self.clock.monotonic();
        match outcome {
            Ok(()) => {
                tracing::debug!("session refreshed");
                self.slow.reset();
                schedule.prolonged(grant.ttl(), now);
                if *grant.bearer() != bearer
                    && let Some(used) = &self.used
                    && let Err(error) = self.publish(&grant, used)
                {
                    tracing::warn!(%error, "the refreshed bearer cannot be used");
                }
            }
            Err(error) if !is_final(&error) => {
                let pause = self.slow.pause(self.client.entropy().as_ref());
                tracing::warn!(%error, pause_s = pause.as_secs(), "the session could not be refreshed");
                schedule.failed(now + pause);
            }
            Err(error) => {
                // Some users get a 401 here at each interval although the bearer still works: not faster than the interval.
                tracing::info!(%error, "the session is gone, a new login follows");
                let earliest = self.last_login.map_or(now, |last| last + self.interval);
                self.login_at = Some(earliest.max(now));
            }
        }
        self.grant = Some((grant, schedule));
    }

    async fn log_in(&mut self) {
        if let Some(last) = self.last_login {
            let wait = (last + LOGIN_GAP).saturating_sub(self.clock.monotonic());
            if !wait.is_zero() && unless_closing(&self.board, self.clock.sleep(wait)).await.is_none() {
                return;
            }
        }
        let credentials = self.board.begin_login();
        let attempt = self.login.login(LoginCredentials::clone(&credentials));
        let Some(outcome) = unless_closing(&self.board, attempt).await else {
            return;
        };
        let now = self.clock.monotonic();
        self.last_login = Some(now);
        self.login_at = None;
        let outcome = outcome.and_then(|grant| self.publish(&grant, &credentials).map(|()| grant));
        match outcome {
            Ok(grant) => {
                tracing::info!("logged in");
                self.slow.reset();
                let schedule = Schedule::new(self.interval, grant.ttl(), grant.can_be_refreshed(), now);
                self.grant = Some((grant, schedule));
                self.used = Some(credentials);
            }
            Err(error) => self.login_failed(&credentials, error, now),
        }
    }

    fn login_failed(&mut self, credentials: &Arc<LoginCredentials>, error: Error, now: Duration) {
        if is_final(&error) {
            tracing::error!(%error, "login refused; it is not repeated");
            // The old session, if there is one, is of no more use than its bearer.
            self.grant = None;
            self.board.failed(credentials, error, None);
            return;
        }
        let pause = self.slow.pause(self.client.entropy().as_ref());
        tracing::warn!(%error, pause_s = pause.as_secs(), "login failed");
        self.login_at = Some(now + pause);
        self.board.failed(credentials, error, Some(now + pause));
    }

    /// Lets the callers use a session.
    fn publish(&self, grant: &Grant, used: &Arc<LoginCredentials>) -> Result<(), Error> {
        let header = bearer_header(grant.bearer())?;
        if let Some(on_login) = &self.on_login {
            on_login(grant.answer());
        }
        self.board
            .opened(used, header, grant.bearer().clone(), grant.shared_answer());
        Ok(())
    }

    async fn close(mut self) {
        let outcome = match self.grant.take() {
            Some((grant, _)) if grant.can_be_refreshed() => self.login.logout(&grant).await.map(drop),
            _ => Ok(()),
        };
        self.board.closed(outcome);
    }

    /// Ends a session that was replaced by one of another credential.
    async fn end(&self, grant: &Grant) {
        if grant.can_be_refreshed()
            && let Err(error) = self.login.logout(grant).await
        {
            tracing::debug!(%error, "the replaced session could not be ended; it ends by its time");
        }
    }
}

/// Runs `work` unless the session is closed meanwhile.
async fn unless_closing<T>(board: &Board, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    loop {
        if board.wishes().closing {
            return None;
        }
        match future::select(work.as_mut(), pin!(board.woken())).await {
            Either::Left((outcome, _)) => return Some(outcome),
            Either::Right(_) => {}
        }
    }
}

/// Whether trying again with the same credential cannot help.
fn is_final(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Authentication
            | ErrorKind::Authorization
            | ErrorKind::InvalidRequest
            | ErrorKind::Validation
            | ErrorKind::Configuration
    )
}
