//! What an answer or a broken exchange means for the next attempt.

use http::StatusCode;

use crate::error::{Disposition, ErrorKind};
use crate::transport::{Cause, Phase, TransportError};

/// What may be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing to do: it is a success.
    Success,
    /// The credential was refused.
    Unauthorized,
    /// The call was refused for now: every call may be sent again.
    Throttled,
    /// No byte was sent: every call may be sent again.
    NotSent,
    /// The service is not ready for it and has done nothing: every call may be sent again, after the pauses of a failure.
    NotYet,
    /// It may have been carried out: idempotent calls may be sent again.
    Failed,
    /// Sending it again does not help.
    Final,
}

impl Verdict {
    /// Whether a retry is allowed for a call that is idempotent, or not.
    pub(crate) fn may_retry(self, idempotent: bool) -> bool {
        match self {
            Self::Throttled | Self::NotSent | Self::NotYet => true,
            Self::Failed => idempotent,
            Self::Success | Self::Unauthorized | Self::Final => false,
        }
    }
}

/// What a status means.
pub(crate) fn of_status(status: StatusCode) -> (Verdict, ErrorKind) {
    match status.as_u16() {
        200..=299 => (Verdict::Success, ErrorKind::Protocol),
        401 => (Verdict::Unauthorized, ErrorKind::Authentication),
        403 | 451 => (Verdict::Final, ErrorKind::Authorization),
        404 | 410 => (Verdict::Final, ErrorKind::NotFound),
        429 => (Verdict::Throttled, ErrorKind::RateLimited),
        400..=499 => (Verdict::Final, ErrorKind::InvalidRequest),
        501 | 505 => (Verdict::Final, ErrorKind::Server),
        500..=599 => (Verdict::Failed, ErrorKind::Server),
        _ => (Verdict::Final, ErrorKind::Protocol),
    }
}

/// What a broken exchange means.
pub(crate) fn of_transport(error: &TransportError) -> (Verdict, ErrorKind, Disposition) {
    let kind = match error.cause() {
        Cause::Timeout => ErrorKind::Timeout,
        Cause::TooLarge => ErrorKind::Protocol,
        Cause::Request => ErrorKind::Validation,
        _ => ErrorKind::Transport,
    };
    let disposition = match error.phase() {
        Phase::Connect => Disposition::NotSent,
        Phase::Exchange | Phase::Body => Disposition::MaybeApplied,
    };
    let verdict = match (error.cause(), error.phase()) {
        // A certificate that is not trusted will not be trusted in five seconds either.
        (Cause::Certificate | Cause::TooLarge | Cause::Request, _) => Verdict::Final,
        (_, Phase::Connect) => Verdict::NotSent,
        (_, Phase::Exchange | Phase::Body) => Verdict::Failed,
    };
    (verdict, kind, disposition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_follow_the_published_table() {
        let verdict = |code| of_status(StatusCode::from_u16(code).unwrap()).0;
        for code in [500, 502, 503, 504, 507, 599] {
            assert_eq!(verdict(code), Verdict::Failed, "{code}");
        }
        for code in [301, 302, 400, 403, 404, 408, 409, 412, 413, 451, 501, 505] {
            assert_eq!(verdict(code), Verdict::Final, "{code}");
        }
        assert_eq!(
            (verdict(429), verdict(401), verdict(204)),
            (Verdict::Throttled, Verdict::Unauthorized, Verdict::Success)
        );
    }

    #[test]
    fn only_idempotent_calls_are_repeated_after_they_may_have_arrived() {
        let of = |phase, cause| of_transport(&TransportError::new(phase, cause)).0;
        assert!(of(Phase::Connect, Cause::Dns).may_retry(false));
        assert!(of(Phase::Connect, Cause::Tls).may_retry(false));
        assert!(!of(Phase::Connect, Cause::Certificate).may_retry(true));
        assert!(!of(Phase::Exchange, Cause::Reset).may_retry(false));
        assert!(of(Phase::Body, Cause::Reset).may_retry(true));
        assert!(Verdict::Throttled.may_retry(false));
    }
}
