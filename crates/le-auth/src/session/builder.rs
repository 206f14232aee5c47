//! Settings of a [`Session`].

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use le_core::retry::SlowLoop;
use le_core::{Client, Error};

use super::board::Board;
use super::keeper::{Keeper, OnLogin};
use super::{Handle, Session};
use crate::credentials::LoginCredentials;
use crate::login::LoginAnswer;

/// Settings of a [`Session`]. See [`Session::builder`].
#[must_use]
pub struct SessionBuilder {
    client: Client,
    credentials: LoginCredentials,
    interval: Duration,
    slow: SlowLoop,
    on_login: Option<OnLogin>,
}

/// The cadence between the vendor's 3 and 5 minutes.
const INTERVAL: Duration = Duration::from_secs(240);
/// No refresh is sent more often than this.
const SHORTEST: Duration = Duration::from_secs(10);

impl SessionBuilder {
    pub(super) fn new(client: Client, credentials: LoginCredentials) -> Self {
        Self {
            client,
            credentials,
            interval: INTERVAL,
            slow: SlowLoop::default(),
            on_login: None,
        }
    }

    /// How often the session is refreshed (default 4 minutes; LivePerson asks for 3 to 5; at least 10 seconds).
    /// A session that ends earlier is refreshed earlier.
    pub fn refresh_interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(SHORTEST);
        self
    }

    /// The pauses between logins after failures that may pass (default 2, 4, 8, 16 minutes).
    pub fn slow_loop(mut self, slow: SlowLoop) -> Self {
        self.slow = slow;
        self
    }

    /// Is told of each login. The answer lists the hosts of all services, so discovery can be filled from it:
    /// `.on_login(move |answer| { domain.seed(answer.base_uris()); })`.
    pub fn on_login(mut self, told: impl Fn(&LoginAnswer) + Send + Sync + 'static) -> Self {
        self.on_login = Some(Arc::new(told));
        self
    }

    /// A session that logs in when it is first needed, within a tokio runtime.
    #[must_use]
    pub fn build(self) -> Session {
        let clock = Arc::clone(self.client.clock());
        Session(Arc::new(Handle {
            board: Arc::new(Board::new(self.credentials, clock, self.interval)),
            keeper: Keeper {
                client: self.client,
                interval: self.interval,
                on_login: self.on_login,
                slow: self.slow,
                task: Mutex::default(),
            },
        }))
    }

    /// A session that is logged in.
    ///
    /// # Errors
    /// As [`Login::login`](crate::Login::login).
    pub async fn open(self) -> Result<Session, Error> {
        let session = self.build();
        session.open().await?;
        Ok(session)
    }
}

impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("client", &self.client)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
