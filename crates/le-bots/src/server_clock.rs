//! The server's clock, and requests that only keep the socket open.

use le_core::Timestamp;
use serde::Serialize;

use crate::dialect::Dialect;
use crate::request::{Acknowledged, Request, names};

/// Asks for the server's time. Due times are to be compared with it, not with the local clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GetClock;

/// An empty object.
#[derive(Debug, Serialize)]
#[doc(hidden)]
pub struct Empty {}

impl Request for GetClock {
    type Answer = ClockReading;
    type Body<'a> = Empty;

    fn operation(&self) -> &'static str {
        names::GET_CLOCK.id
    }

    fn spelled(&self, dialect: Dialect) -> Option<&str> {
        names::GET_CLOCK.spelled(dialect)
    }

    fn body(&self, _: Dialect) -> Option<Empty> {
        Some(Empty {})
    }
}

le_core::record! {
    /// The server's time.
    pub struct ClockReading {
        /// Time.
        current_time: Option<Timestamp> = "currentTime" [safe],
    }
}

/// Does nothing but hold the socket open. A connection does this by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeepAlive;

impl Request for KeepAlive {
    type Answer = Acknowledged;
    type Body<'a> = ();

    fn operation(&self) -> &'static str {
        names::KEEP_ALIVE.id
    }

    fn spelled(&self, dialect: Dialect) -> Option<&str> {
        names::KEEP_ALIVE.spelled(dialect)
    }

    fn body(&self, _: Dialect) -> Option<()> {
        None
    }
}
