//! Errors of requests: refused by the server, too late, or lost with the connection.

use bytes::Bytes;
use http::StatusCode;
use le_core::{Disposition, Error, ErrorKind};

use super::pending::Lost;
use crate::close::{Close, Reconnect};
use crate::frame::Envelope;

/// The error that a response stands for; `None` where it is a success.
///
/// The shape of error bodies is not published: they are kept as they came and classified by code alone.
pub(super) fn refused(response: &Envelope, operation: &'static str) -> Option<Error> {
    // The vendor's clients take a response without a code for success.
    let code = response.code.as_ref()?;
    if code.is_success() {
        return None;
    }
    let status = code
        .number()
        .and_then(|number| u16::try_from(number).ok())
        .and_then(|number| StatusCode::from_u16(number).ok());
    let (kind, message, advice) = reading(status.map_or(0, |status| status.as_u16()));
    let mut error = Error::new(kind, message).with_operation(operation).with_advice(advice);
    if let Some(status) = status {
        error = error.with_status(status);
    }
    if let Some(body) = &response.body {
        error = error.with_body(&Bytes::copy_from_slice(body.as_str().as_bytes()));
    }
    Some(error)
}

fn reading(code: u16) -> (ErrorKind, &'static str, &'static str) {
    match code {
        401 => (
            ErrorKind::Authentication,
            "the server does not know who asks",
            "on a consumer socket, wait for the answer to InitConnection; else get a new credential",
        ),
        403 | 451 => (
            ErrorKind::Authorization,
            "the user may not do this",
            "check the profile and the permissions of the user, and the features of the account",
        ),
        404 => (
            ErrorKind::NotFound,
            "the server does not know what was asked for",
            "check the ids",
        ),
        429 => (
            ErrorKind::RateLimited,
            "the server refuses requests for now",
            "send fewer at once",
        ),
        400..=499 => (
            ErrorKind::InvalidRequest,
            "the server finds fault with the request",
            "read the body of the error; a closed dialog and a participant who is not in the conversation are usual causes",
        ),
        500..=599 => (
            ErrorKind::Server,
            "the server failed",
            "look for an effect before you send it again",
        ),
        _ => (
            ErrorKind::Protocol,
            "the server gave a code that is none",
            "read the body of the error",
        ),
    }
}

/// The error of a request that got no answer.
pub(super) fn lost(lost: Lost, operation: &'static str) -> Error {
    let (error, written) = match lost {
        Lost::Timeout { written } => (Error::new(ErrorKind::Timeout, "no answer in time"), written),
        Lost::Closed { written, close } => (closed(&close), written),
    };
    let error = error.with_operation(operation);
    if written {
        error
            .with_disposition(Disposition::MaybeApplied)
            .with_advice("look for an effect before you send it again: publishing has no id that would tell doubles")
    } else {
        error
            .with_disposition(Disposition::NotSent)
            .with_advice("it was not sent: send it again on a connection that is open")
    }
}

fn closed(close: &Close) -> Error {
    let kind = match close.reconnect() {
        _ if close.requested => ErrorKind::Cancelled,
        Reconnect::NewToken | Reconnect::ExtendIdentity if close.code.is_some_and(|code| code >= 4000) => {
            ErrorKind::Authentication
        }
        _ => ErrorKind::Transport,
    };
    Error::new(kind, format!("the connection ended: {close}"))
}

/// The error of a request that was not even handed over.
pub(super) fn not_sent(close: Option<&Close>, operation: &'static str) -> Error {
    let close = close.cloned().unwrap_or_else(Close::broken);
    lost(Lost::Closed { written: false, close }, operation)
}
