//! What to do after a socket ended, or was refused.

use http::StatusCode;

use crate::close::{Close, Reconnect};

/// What a client does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NextStep {
    /// Nothing: this side closed the socket.
    Stay,
    /// Wait, then connect with the credential at hand.
    Reconnect,
    /// Get a new credential (a login, or a token from the brand), then connect.
    RenewCredential,
    /// Have the identity provider extend the anonymous identity, then connect.
    ExtendIdentity,
    /// Stop: a new credential was refused too, or the server refuses this client for good.
    GiveUp,
}

/// Decides the next step, and remembers what was tried, so that a bad credential is never sent round in circles.
///
/// Tell it each open, close and refusal. How long to wait is for [`le_core::retry::SlowLoop`].
///
/// ```
/// use http::StatusCode;
/// use le_bots::{Close, NextStep, Recovery};
///
/// let mut recovery = Recovery::default();
/// recovery.opened();
/// // A revoked bearer is often reported as a connection that broke; the refused upgrade then tells the truth.
/// assert_eq!(recovery.closed(&Close::broken()), NextStep::Reconnect);
/// assert_eq!(recovery.refused(StatusCode::UNAUTHORIZED), NextStep::RenewCredential);
/// assert_eq!(recovery.refused(StatusCode::UNAUTHORIZED), NextStep::GiveUp);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovery {
    renewed: bool,
}

impl Recovery {
    /// The socket answered a request: its credential is good.
    ///
    /// An upgrade alone does not prove that; a server may accept it and close at once.
    pub fn opened(&mut self) {
        self.renewed = false;
    }

    /// The socket ended.
    pub fn closed(&mut self, close: &Close) -> NextStep {
        if close.requested {
            return NextStep::Stay;
        }
        match (close.reconnect(), close.documented()) {
            (Reconnect::SameToken, _) => NextStep::Reconnect,
            // Nobody knows what an undocumented code wants: try a new credential once, then only wait.
            (_, None) if self.renewed => NextStep::Reconnect,
            (Reconnect::ExtendIdentity, _) => self.renew(NextStep::ExtendIdentity),
            // 1011 and 1008 are failures of the server for most peers; after one renewal they count as such.
            (Reconnect::NewToken, Some(known)) if self.renewed && known.code < 4000 => NextStep::Reconnect,
            (Reconnect::NewToken, _) => self.renew(NextStep::RenewCredential),
        }
    }

    /// The server answered the upgrade with this status in place of 101.
    pub fn refused(&mut self, status: StatusCode) -> NextStep {
        match status {
            StatusCode::UNAUTHORIZED => self.renew(NextStep::RenewCredential),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => NextStep::Reconnect,
            status if status.is_server_error() => NextStep::Reconnect,
            _ => NextStep::GiveUp,
        }
    }

    /// No connection could be made at all.
    pub fn unreachable(&mut self) -> NextStep {
        NextStep::Reconnect
    }

    fn renew(&mut self, step: NextStep) -> NextStep {
        if std::mem::replace(&mut self.renewed, true) {
            NextStep::GiveUp
        } else {
            step
        }
    }
}
