//! Reads what broke an exchange from the chain of errors below reqwest.

use std::error::Error as StdError;
use std::io;

use super::{Cause, Phase, TransportError};

/// Translates a reqwest error. The URL is dropped from its text: it may hold tokens.
pub(super) fn translate(error: reqwest::Error, phase: Phase) -> TransportError {
    let error = error.without_url();
    let phase = if error.is_connect() { Phase::Connect } else { phase };
    let cause = match find(&error) {
        _ if error.is_builder() || error.is_request() && is_user_error(&error) => Cause::Request,
        Some(cause) => cause,
        None if error.is_timeout() => Cause::Timeout,
        None if error.is_connect() => Cause::Refused,
        None => Cause::Reset,
    };
    TransportError::new(phase, cause).with_source(error)
}

fn is_user_error(error: &(dyn StdError + 'static)) -> bool {
    chain(error).any(|link| link.to_string().starts_with("user error"))
}

fn find(error: &(dyn StdError + 'static)) -> Option<Cause> {
    chain(error).find_map(|link| {
        if let Some(tls) = link.downcast_ref::<rustls::Error>() {
            return Some(of_tls(tls));
        }
        if let Some(io) = link.downcast_ref::<io::Error>() {
            return inside(io);
        }
        // The resolver's error has no public type; its text is stable.
        link.to_string().contains("dns error").then_some(Cause::Dns)
    })
}

/// An io::Error holds its cause inside, out of the reach of `source()`, perhaps in another io::Error.
fn inside(error: &io::Error) -> Option<Cause> {
    match error.get_ref() {
        Some(inner) => match inner.downcast_ref::<io::Error>() {
            Some(io) => inside(io),
            None => find(inner).or_else(|| of_io(error.kind())),
        },
        None => of_io(error.kind()),
    }
}

fn of_tls(error: &rustls::Error) -> Cause {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => Cause::Certificate,
        _ => Cause::Tls,
    }
}

fn of_io(kind: io::ErrorKind) -> Option<Cause> {
    match kind {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
            Some(Cause::Refused)
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(Cause::Reset),
        io::ErrorKind::TimedOut => Some(Cause::Timeout),
        _ => None,
    }
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |link: &&'a (dyn StdError + 'static)| (*link).source())
}
