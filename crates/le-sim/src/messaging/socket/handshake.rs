//! The upgrade to a WebSocket (RFC 6455).

use axum::{body::Body, extract::Request, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
};
use hyper_util::rt::TokioIo;
use sha1::{Digest as _, Sha1};

use crate::answer;

/// The constant of RFC 6455, section 1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The stream of an upgraded connection.
pub(crate) type Stream = TokioIo<hyper::upgrade::Upgraded>;

/// A request that may become a WebSocket.
pub(super) struct Upgrade {
    accept: HeaderValue,
    pub(super) on: hyper::upgrade::OnUpgrade,
}

impl Upgrade {
    /// Checks the handshake.
    pub(super) fn of(request: &mut Request) -> Result<Self, Box<Response>> {
        let headers = request.headers();
        if !names(headers, &UPGRADE, "websocket") || !names(headers, &CONNECTION, "upgrade") {
            let text = "this address is a WebSocket: send Upgrade: websocket and Connection: Upgrade\n";
            return Err(refusal(StatusCode::BAD_REQUEST, text));
        }
        if !names(headers, &SEC_WEBSOCKET_VERSION, "13") {
            let mut answer = answer::text(StatusCode::UPGRADE_REQUIRED, "Sec-WebSocket-Version must be 13\n");
            let version = HeaderValue::from_static("13");
            answer.headers_mut().insert(SEC_WEBSOCKET_VERSION, version);
            return Err(Box::new(answer));
        }
        let accept = headers.get(SEC_WEBSOCKET_KEY).and_then(accept_key);
        let accept = accept.ok_or_else(|| refusal(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is missing\n"))?;
        Ok(Self {
            accept,
            on: hyper::upgrade::on(request),
        })
    }

    /// The answer that switches. Extensions such as `permessage-deflate` are declined by not naming them.
    pub(super) fn switching(accept: HeaderValue) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        response
    }

    pub(super) fn accept(&self) -> HeaderValue {
        self.accept.clone()
    }
}

pub(super) fn refusal(status: StatusCode, text: &str) -> Box<Response> {
    Box::new(answer::text(status, text))
}

/// Whether a header lists a token.
fn names(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}

fn accept_key(key: &HeaderValue) -> Option<HeaderValue> {
    let mut hash = Sha1::new();
    hash.update(key.as_bytes());
    hash.update(GUID.as_bytes());
    HeaderValue::from_str(&STANDARD.encode(hash.finalize())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_key_is_the_one_of_the_rfc() {
        let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept_key(&key).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
