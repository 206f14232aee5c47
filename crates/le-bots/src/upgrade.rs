//! The WebSocket handshake, over whatever carries HTTP/1.1: with its proxies, its roots and its addresses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use le_core::transport::{Cause, Duplex, Phase, TransportError, UpgradeAnswer};
use le_core::{Disposition, Error, ErrorKind, Transport};
use sha1::{Digest, Sha1};

use crate::connection::Settings;
use crate::socket::SocketUrl;

/// RFC 6455, section 1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const OPERATION: &str = "messaging.open";

/// Asks for the upgrade and checks the answer. No extension is offered.
///
/// # Errors
/// * By the status of a refusal: [`Authentication`](ErrorKind::Authentication) (401), [`Authorization`](ErrorKind::Authorization) (403),
///   [`NotFound`](ErrorKind::NotFound), [`RateLimited`](ErrorKind::RateLimited), [`InvalidRequest`](ErrorKind::InvalidRequest),
///   [`Server`](ErrorKind::Server), [`Protocol`](ErrorKind::Protocol) (a redirect, a page). The status and the body are with the error.
/// * [`Transport`](ErrorKind::Transport) where no connection could be made, [`Timeout`](ErrorKind::Timeout) where it took longer than
///   [`Settings::open_timeout`].
///
/// No error holds the address, since a bearer can be part of it.
///
/// # Cancel safety
/// Dropping the future drops the half-open connection.
pub async fn upgrade(
    transport: &dyn Transport,
    url: &SocketUrl,
    headers: HeaderMap,
    settings: &Settings,
) -> Result<Box<dyn Duplex>, Error> {
    let key = STANDARD.encode(fastrand::u128(..).to_be_bytes());
    let request = request(url, headers, &key)?;
    let timeout = settings.clock.sleep(settings.open_timeout);
    let answer = match select(transport.upgrade(request), timeout).await {
        Either::Left((answer, _)) => answer.map_err(|broken| unreachable(broken, url))?,
        Either::Right(_) => {
            return Err(Error::new(ErrorKind::Timeout, format!("no upgrade in time ({url})"))
                .with_operation(OPERATION)
                .with_disposition(Disposition::NotSent)
                .with_advice("check the network, the firewall and the proxy settings"));
        }
    };
    match answer {
        UpgradeAnswer::Open(head, stream) => check(&head, &key).map(|()| stream),
        UpgradeAnswer::Refused(answer) => Err(refused(&answer)),
    }
}

fn request(url: &SocketUrl, headers: HeaderMap, key: &str) -> Result<Request<()>, Error> {
    // An upgrade is asked for over http; the address begins with ws or wss.
    let address = url.expose().strip_prefix("ws").unwrap_or_default();
    let built = Request::get(format!("http{address}"))
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, key)
        .body(());
    // Its cause could quote the address.
    let mut request = built.map_err(|_| Error::validation(format!("the address cannot be used ({url})")))?;
    request.headers_mut().extend(headers);
    Ok(request)
}

fn check(head: &Response<()>, key: &str) -> Result<(), Error> {
    let expected = STANDARD.encode(Sha1::digest(format!("{key}{GUID}")));
    let accepted = head.headers().get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
    let what = if accepted != Some(expected.as_bytes()) {
        "the answer to the upgrade does not fit the request"
    } else if head.headers().contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        "the server uses an extension that was not offered"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Protocol, what)
        .with_operation(OPERATION)
        .with_disposition(Disposition::NotSent)
        .with_advice("look at what stands between this machine and the server, such as a proxy or a gateway"))
}

fn refused(answer: &Response<Bytes>) -> Error {
    let status = answer.status();
    let (kind, message, advice) = reading(status);
    let message = if answer.body().trim_ascii_start().first() == Some(&b'<') {
        "an HTML or XML page came instead of the upgrade"
    } else {
        message
    };
    Error::new(kind, message)
        .with_operation(OPERATION)
        .with_status(status)
        .with_body(answer.body())
        .with_disposition(Disposition::Rejected)
        .with_advice(advice)
}

fn reading(status: StatusCode) -> (ErrorKind, &'static str, &'static str) {
    match status.as_u16() {
        401 => (
            ErrorKind::Authentication,
            "the credential was refused",
            "log in again, or get a new token from the brand",
        ),
        403 | 451 => (
            ErrorKind::Authorization,
            "the user may not open this socket",
            "check the profile of the user and the list of allowed IP addresses",
        ),
        404 => (
            ErrorKind::NotFound,
            "there is no messaging socket here",
            "check the account and the service asyncMessagingEnt",
        ),
        429 => (
            ErrorKind::RateLimited,
            "the server refuses connections for now",
            "connect less often",
        ),
        414 | 431 => (
            ErrorKind::InvalidRequest,
            "the address with the token is too long for the server or a proxy",
            "connect without the proxy; there is no other way to send an agent's token",
        ),
        400..=499 => (
            ErrorKind::InvalidRequest,
            "the server finds fault with the upgrade",
            "read the body of the error",
        ),
        500..=599 => (
            ErrorKind::Server,
            "the server failed",
            "try again after 5, 10 and 15 s, then more slowly",
        ),
        300..=399 => (
            ErrorKind::Protocol,
            "the server redirects; redirects are not followed, so that no credential reaches another host",
            "ask the Domain API for the host of asyncMessagingEnt",
        ),
        _ => (
            ErrorKind::Protocol,
            "the server answered, but did not upgrade",
            "look at what stands between this machine and the server, such as a proxy or a gateway",
        ),
    }
}

fn unreachable(broken: TransportError, url: &SocketUrl) -> Error {
    let kind = match broken.cause() {
        Cause::Timeout => ErrorKind::Timeout,
        Cause::Request => ErrorKind::Validation,
        _ => ErrorKind::Transport,
    };
    // Nothing was asked for but the upgrade itself, which leaves nothing behind.
    let disposition = if broken.phase() == Phase::Connect {
        Disposition::NotSent
    } else {
        Disposition::Rejected
    };
    let advice = match broken.cause() {
        Cause::Dns => "check the host name and this machine's DNS",
        Cause::Certificate => {
            "if a proxy or the simulator made the certificate, add its certificate authority as a root"
        }
        _ => "check the network, the firewall and the proxy settings",
    };
    Error::new(kind, format!("{broken} ({url})"))
        .with_operation(OPERATION)
        .with_disposition(disposition)
        .with_advice(advice)
        .with_source(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_must_fit_the_key() {
        // The example of RFC 6455, section 1.3.
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        let head = |accept: &str| {
            Response::builder()
                .header(SEC_WEBSOCKET_ACCEPT, accept)
                .body(())
                .unwrap()
        };
        assert!(check(&head("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), key).is_ok());
        let error = check(&head("s3pPLMBiTxaQ9kYGzzhZRbK+xOp="), key).unwrap_err();
        assert_eq!(
            (error.kind(), error.disposition()),
            (ErrorKind::Protocol, Disposition::NotSent)
        );
        assert!(check(&Response::new(()), key).is_err());
        let mut extended = head("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        extended
            .headers_mut()
            .insert(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static("permessage-deflate"));
        assert!(check(&extended, key).is_err());
    }
}
