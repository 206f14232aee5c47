//! What a link is doing, and why it ended.

use std::fmt;

use le_core::{Error, Timestamp};

/// What a link is doing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LinkState {
    /// It opens a socket.
    Connecting,
    /// The socket is open: what happened meanwhile is asked for. Requests go through already.
    CatchingUp,
    /// Everything that happened has been asked for and handed over to the queue of deliveries.
    Online,
    /// There is no socket; the next attempt is due then.
    Waiting {
        /// When, by this machine's clock.
        until: Timestamp,
        /// Why the socket ended or was not opened.
        why: Error,
    },
    /// It is over.
    Ended {
        /// Why.
        why: Ended,
    },
}

impl LinkState {
    /// Whether requests go out at once.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(self, Self::CatchingUp | Self::Online)
    }

    /// Whether everything is caught up.
    #[must_use]
    pub fn is_online(&self) -> bool {
        matches!(self, Self::Online)
    }

    /// Why it is over, where it is.
    #[must_use]
    pub fn ended(&self) -> Option<&Ended> {
        match self {
            Self::Ended { why } => Some(why),
            _ => None,
        }
    }
}

/// Why a link is over.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Ended {
    /// The owner shut it down, or dropped all of its handles.
    ShutDown,
    /// The server refuses this client, its credential cannot be renewed, or it may not do what the link is for.
    Refused(Error),
    /// Another program logs in as the same user: the two evict each other. One of them has to go.
    Evicted(Error),
}

impl Ended {
    /// The error, unless the owner wanted the end.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::ShutDown => None,
            Self::Refused(error) | Self::Evicted(error) => Some(error),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error() {
            Some(error) => write!(f, "{error}"),
            None => f.write_str("shut down"),
        }
    }
}
