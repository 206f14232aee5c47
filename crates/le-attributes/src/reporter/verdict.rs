//! What a failed request means for the events in it.

use std::time::Duration;

use le_core::{Disposition, Error, ErrorKind};

use crate::loading;

/// What to do with the events of a request that failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They arrived; only the answer could not be read.
    Delivered,
    /// The service does not know the session: begin a new one, once.
    SessionUnknown,
    /// Something in it is at fault: find out which event.
    Split {
        /// It is the size.
        too_large: bool,
    },
    /// The service wants none of this.
    Refused,
    /// Send them again later.
    Later {
        /// They may have arrived.
        in_doubt: bool,
        /// How long the service asked to wait.
        asked: Option<Duration>,
        /// The visitor that a loading answer named.
        visitor: Option<String>,
    },
}

pub(super) fn of(error: &Error) -> Verdict {
    if loading::of_error(error) {
        let visitor = error.vendor_message().and_then(loading::visitor_id).map(str::to_owned);
        return Verdict::Later {
            in_doubt: false,
            asked: None,
            visitor,
        };
    }
    if error.disposition() == Disposition::Applied {
        return Verdict::Delivered;
    }
    match (error.status().map(|status| status.as_u16()), error.code()) {
        (Some(413), _) => return Verdict::Split { too_large: true },
        (Some(400), Some("5")) => return Verdict::Split { too_large: false },
        (Some(404), Some("37" | "39" | "12")) => return Verdict::SessionUnknown,
        _ => {}
    }
    match error.kind() {
        ErrorKind::RateLimited
        | ErrorKind::Server
        | ErrorKind::Timeout
        | ErrorKind::Transport
        | ErrorKind::Discovery => Verdict::Later {
            in_doubt: error.disposition() == Disposition::MaybeApplied,
            asked: error.retry_after(),
            visitor: None,
        },
        _ => Verdict::Refused,
    }
}
