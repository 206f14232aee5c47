//! What did not reach LiveEngage, and why; and the counts.

use std::fmt;

use le_core::Error;

/// Why events were not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LossReason {
    /// There was no room for them, or for their visitor: the bounds of the reporter were reached.
    NoRoom,
    /// They break a published rule, or the guard; nothing was sent.
    Invalid,
    /// The service found fault with this event alone.
    Refused,
    /// It is too large for the service, alone.
    TooLarge,
    /// They are impressions, and the session in which the engagement was offered is over.
    ContextGone,
    /// They may have been carried out, and [`Delivery::AtMostOnce`](super::Delivery::AtMostOnce) forbids to send them again.
    InDoubt,
    /// The reporter was shut down before they could be sent.
    ShutDown,
}

impl LossReason {
    /// A short stable name, for logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoRoom => "no_room",
            Self::Invalid => "invalid",
            Self::Refused => "refused",
            Self::TooLarge => "too_large",
            Self::ContextGone => "context_gone",
            Self::InDoubt => "in_doubt",
            Self::ShutDown => "shut_down",
        }
    }
}

impl fmt::Display for LossReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRoom => "no room within the bounds",
            Self::Invalid => "they break a rule",
            Self::Refused => "the service refused them",
            Self::TooLarge => "too large for the service",
            Self::ContextGone => "the session of the offer is over",
            Self::InDoubt => "they may have been delivered and may not be repeated",
            Self::ShutDown => "the reporter was shut down",
        })
    }
}

/// Events of one visitor that were not delivered. `Debug` does not show the visitor.
#[derive(Clone)]
#[non_exhaustive]
pub struct Loss {
    /// The key of the visitor.
    pub visitor: std::sync::Arc<str>,
    /// How many events.
    pub events: usize,
    /// Why.
    pub reason: LossReason,
    /// What the service or the rules said, where they did.
    pub error: Option<Error>,
}

impl fmt::Debug for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loss")
            .field("events", &self.events)
            .field("reason", &self.reason)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Why `report` did not take events. The call returns at once in any case.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum NotTaken {
    /// An event breaks a rule; none of the call was taken.
    Invalid(Error),
    /// The bounds are reached; none of the call was taken. [`Reporter::room`](super::Reporter::room) waits until there is room.
    NoRoom,
    /// The session does not hold the context of this impression, or is expected to be over: ask for the engagement first.
    NoContext,
    /// The reporter was shut down.
    ShutDown,
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(f),
            Self::NoRoom => {
                f.write_str("no room: too many events, bytes or visitors wait; report less, or wait for room")
            }
            Self::NoContext => {
                f.write_str("the session does not hold the context of this impression; ask for the engagement first")
            }
            Self::ShutDown => f.write_str("the reporter was shut down"),
        }
    }
}

impl std::error::Error for NotTaken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Invalid(error) => Some(error),
            _ => None,
        }
    }
}

/// The counts of a reporter since its start, and what it holds now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Events that were taken.
    pub taken: u64,
    /// Events that the service has acknowledged.
    pub delivered: u64,
    /// Events that were lost after they were taken.
    pub lost: u64,
    /// Events that were not taken: no room, or a rule.
    pub not_taken: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Requests that failed and are to be sent again.
    pub failures: u64,
    /// Events that wait or are on their way.
    pub waiting: usize,
    /// Bytes of these events.
    pub waiting_bytes: usize,
    /// Visitors that are remembered.
    pub visitors: usize,
    /// Visitors that were forgotten since they were idle.
    pub evicted: u64,
}
