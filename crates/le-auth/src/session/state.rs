//! What a session is doing, for its owner.

use le_core::id::UserId;
use le_core::{Error, Timestamp};

/// What a session is doing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SessionState {
    /// Nobody has needed it yet.
    Idle,
    /// The first login is under way.
    Opening,
    /// Calls can be made.
    Open {
        /// When the login was, by the clock of the client.
        since: Timestamp,
        /// Who is logged in.
        user_id: Option<UserId>,
    },
    /// The server ended the session; a new login is under way. Calls go on with the old bearer until it is refused.
    Renewing,
    /// The last attempt to log in failed. An old bearer, where there is one, serves until it is refused. Where [`SessionState::is_lost_for_good`], nothing more
    /// happens until [`Session::set_credentials`](crate::Session::set_credentials).
    Lost {
        /// Why. It says what to do.
        reason: Error,
        /// When the next login is tried; `None` where none is.
        next_attempt: Option<Timestamp>,
    },
    /// [`Session::close`](crate::Session::close) was called.
    Closed,
}

impl SessionState {
    /// Whether calls can be made.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::Renewing)
    }

    /// Whether the credential was refused, so that nothing is tried again by itself.
    #[must_use]
    pub fn is_lost_for_good(&self) -> bool {
        matches!(self, Self::Lost { next_attempt: None, .. })
    }
}
