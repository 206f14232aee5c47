//! How a socket ended.

use std::fmt;

pub use crate::generated::close_codes::{CLOSE_CODES, CloseCode, Reconnect};
/// The documented close codes by name.
pub mod code {
    pub use crate::generated::close_codes::{
        ABNORMAL, GOING_AWAY, IDENTITY_EXPIRED, NO_STATUS, NORMAL, POLICY, SERVER_ERROR, TOKEN_EXPIRED,
    };
}

/// Why this side broke a connection off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The peer answered neither pings nor requests for the clock in time.
    Silent,
    /// A message was larger than the settings allow.
    TooLarge,
    /// The peer broke the rules of the WebSocket protocol.
    Protocol,
}

/// The end of a socket, as the close frame said, or as the missing one did.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Close {
    /// The code; `None` where the connection ended without a close frame.
    pub code: Option<u16>,
    /// The reason text of the peer. `Debug` and `Display` do not show it.
    pub reason: String,
    /// Whether this side asked for it.
    pub requested: bool,
    /// What made this side break it off, where the owner did not ask for it.
    pub fault: Option<Fault>,
}

impl Close {
    /// The server closed with this code and reason.
    #[must_use]
    pub fn by_server(code: u16, reason: impl Into<String>) -> Self {
        Self {
            code: Some(code),
            reason: reason.into(),
            requested: false,
            fault: None,
        }
    }

    /// The connection broke without a close frame; browsers call this 1006.
    #[must_use]
    pub fn broken() -> Self {
        Self {
            code: None,
            reason: String::new(),
            requested: false,
            fault: None,
        }
    }

    /// This side closed the socket.
    #[must_use]
    pub fn requested() -> Self {
        Self {
            code: Some(code::NORMAL.code),
            reason: String::new(),
            requested: true,
            fault: None,
        }
    }

    /// This side broke the connection off.
    #[must_use]
    pub fn broken_off(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::broken()
        }
    }

    /// What is documented about the code; a connection that broke counts as 1006.
    #[must_use]
    pub fn documented(&self) -> Option<&'static CloseCode> {
        let code = self.code.unwrap_or(code::ABNORMAL.code);
        CLOSE_CODES.iter().find(|known| known.code == code)
    }

    /// With which credential to come back after this close.
    ///
    /// An undocumented code from 4000 to 4999 is the vendor's own and counts as 4401. A close without a status whose reason
    /// speaks of an invalid identity token stands for 4407, as a client of the vendor found. All others keep the token.
    #[must_use]
    pub fn reconnect(&self) -> Reconnect {
        match (self.documented(), self.code) {
            (Some(known), _) if known.code == code::NO_STATUS.code && self.blames_identity() => {
                Reconnect::ExtendIdentity
            }
            (Some(known), _) => known.reconnect,
            (None, Some(4000..=4999)) => Reconnect::NewToken,
            (None, _) => Reconnect::SameToken,
        }
    }

    fn blames_identity(&self) -> bool {
        let reason = self.reason.to_ascii_lowercase();
        reason.contains("identity") && reason.contains("invalid")
    }
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            Some(Fault::Silent) => return f.write_str("the peer fell silent"),
            Some(Fault::TooLarge) => return f.write_str("the peer sent a message larger than allowed"),
            Some(Fault::Protocol) => return f.write_str("the peer broke the WebSocket protocol"),
            None => {}
        }
        let by = if self.requested { "this side" } else { "the server" };
        match self.code {
            None => f.write_str("the connection broke"),
            Some(code) => write!(f, "closed by {by} with {code}"),
        }?;
        match self.documented() {
            Some(known) if !self.requested && self.code.is_some() => write!(f, ": {}", known.meaning),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Close")
            .field("code", &self.code)
            .field("reason_len", &self.reason.len())
            .field("requested", &self.requested)
            .field("fault", &self.fault)
            .finish()
    }
}
