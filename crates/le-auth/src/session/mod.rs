//! A login session that keeps itself alive.

mod board;
mod builder;
mod keeper;
mod schedule;
mod state;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use le_core::auth::{Refusal, Renewal, Stamp};
use le_core::{Authorize, Client, Error, Secret};
use tokio::sync::watch;

use crate::credentials::LoginCredentials;
use crate::login::LoginAnswer;
use board::{Board, Live};
pub use builder::SessionBuilder;
use keeper::Keeper;
pub use state::SessionState;

/// A login session that opens when it is first needed, keeps itself alive, and replaces itself when the server ends it.
///
/// One background task does all of it; it ends when the session is closed or when its last clone is dropped. Cheap to clone.
/// Give it to a client: `client.with_authorize(Arc::new(session.clone()))`.
///
/// * It refreshes every four minutes, or earlier where the session ends earlier.
/// * Where the server says that the session is gone, it logs in again; calls go on with the old bearer until there is a new one.
///   However many callers were refused with one bearer, that is one login.
/// * Logins are at least five seconds apart. After failures that may pass, it tries again after 2, 4, 8 ... minutes; callers get
///   the last failure meanwhile, at once.
/// * A credential that was refused is never tried again by itself: repeated failures lock the user. Give another one with
///   [`Session::set_credentials`].
/// * [`Session::watch`] tells its owner what it is doing; [`Session::close`] logs out.
///
/// ```no_run
/// use std::sync::Arc;
/// use le_auth::{Session, UserCredentials};
/// # async fn example(client: le_core::Client, domain: le_core::discover::FixedBase) -> Result<(), le_core::Error> {
/// let session = Session::builder(client.clone(), UserCredentials::new("ops@example.org", "password")).open().await?;
/// let client = client.with_authorize(Arc::new(session.clone()));
/// // ... calls ...
/// session.close().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session(Arc<Handle>);

/// Ends the task with the last clone.
struct Handle {
    board: Arc<Board>,
    keeper: Keeper,
}

impl Session {
    /// Starts from the default settings. The client must know how to find `agentVep` (a `Discover`) and needs no credential.
    pub fn builder(client: Client, credentials: impl Into<LoginCredentials>) -> SessionBuilder {
        SessionBuilder::new(client, credentials.into())
    }

    /// Logs in, unless the session is open already. Waits at most for one login, with its retries.
    ///
    /// Unlike a call, it does not stop at a failure from before that may have passed.
    ///
    /// Cancel-safe: the login goes on in the background.
    ///
    /// # Errors
    /// As [`Login::login`](crate::Login::login); [`ErrorKind::Cancelled`](le_core::ErrorKind::Cancelled) after [`Session::close`].
    pub async fn open(&self) -> Result<(), Error> {
        self.keep();
        self.0.board.login_newer_than(0, true).await.map(drop)
    }

    /// The bearer, after a login if need be: for what is not a call of a client, such as the address of an agent's socket.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn bearer(&self) -> Result<Secret, Error> {
        Ok(self.live().await?.bearer.clone())
    }

    /// The answer to the last login, without its secrets. `None` while there is no session.
    #[must_use]
    pub fn answer(&self) -> Option<Arc<LoginAnswer>> {
        Some(Arc::clone(&self.0.board.live()?.answer))
    }

    /// What the session is doing now.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.0.board.states().borrow().clone()
    }

    /// Tells what the session is doing, whenever that changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<SessionState> {
        self.0.board.states().subscribe()
    }

    /// Replaces the credential, and forgets that the old one was refused. A session that is open or lost logs in with the new
    /// credential at once; its old bearer serves until that is done.
    pub fn set_credentials(&self, credentials: impl Into<LoginCredentials>) {
        self.0.board.set_credentials(credentials.into());
    }

    /// Logs out and ends the task. A session that is gone already is no error. Calls that need the session fail from now on.
    ///
    /// # Errors
    /// Where the logout failed; the session is closed here all the same, and ends on the server by its time.
    pub async fn close(&self) -> Result<(), Error> {
        self.0.board.close().await
    }

    /// The session as it is, after a login if need be.
    async fn live(&self) -> Result<Arc<Live>, Error> {
        match self.0.board.live() {
            Some(live) => Ok(live),
            None => {
                self.keep();
                self.0.board.login_newer_than(0, false).await
            }
        }
    }

    fn keep(&self) {
        self.0.keeper.start(&self.0.board);
    }
}

#[async_trait]
impl Authorize for Session {
    async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Stamp, Error> {
        let live = self.live().await?;
        request.headers_mut().insert(AUTHORIZATION, live.header.clone());
        Ok(Stamp(live.stamp))
    }

    async fn renew(&self, refused: Stamp, _refusal: &Refusal<'_>) -> Result<Renewal, Error> {
        self.keep();
        if !self.0.board.may_renew(refused.0) {
            return Ok(Renewal::NotPossible);
        }
        self.0.board.login_newer_than(refused.0, false).await?;
        Ok(Renewal::Renewed)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.keeper.stop();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
