//! A failed attempt, and the errors that answers and broken exchanges become.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::auth::Stamp;
use crate::base::BaseUri;
use crate::error::{Disposition, Error, ErrorKind};
use crate::operation::OperationSpec;
use crate::response::RawResponse;
use crate::retry::{self, Verdict};
use crate::time::Timestamp;
use crate::transport::{Cause, TransportError};

/// A failed attempt.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) verdict: Verdict,
    pub(super) stamp: Option<Stamp>,
    pub(super) headers: HeaderMap,
    pub(super) elapsed: Duration,
}

impl Failure {
    /// A failure that ends the call.
    pub(super) fn last(error: Error) -> Box<Self> {
        Box::new(Self {
            error,
            verdict: Verdict::Final,
            stamp: None,
            headers: HeaderMap::new(),
            elapsed: Duration::ZERO,
        })
    }

    /// An exchange that broke.
    pub(super) fn broken(spec: &'static OperationSpec, base: &BaseUri, broken: TransportError) -> Box<Self> {
        let (verdict, kind, disposition) = retry::of_transport(&broken);
        let mut error = Error::new(kind, format!("{broken} ({})", base.as_authority()))
            .with_operation(spec.id)
            .with_disposition(disposition);
        if let Some(advice) = advice_on(broken.cause()) {
            error = error.with_advice(advice);
        }
        Box::new(Self {
            verdict,
            ..*Self::last(error.with_source(broken))
        })
    }

    /// An answer that means "not yet".
    pub(super) fn not_yet(answer: &RawResponse) -> Box<Self> {
        let error = answer
            .fail(ErrorKind::Server, "the service is not ready yet")
            .with_disposition(Disposition::Rejected)
            .with_advice("try again later; the service prepares itself for this account");
        Box::new(Self {
            verdict: Verdict::NotYet,
            headers: answer.headers().clone(),
            ..*Self::last(error)
        })
    }

    /// An answer that is no success.
    pub(super) fn refused(
        spec: &'static OperationSpec,
        (status, headers, body): (StatusCode, HeaderMap, Bytes),
        stamp: Option<Stamp>,
        now: Timestamp,
    ) -> Box<Self> {
        let (verdict, kind) = retry::of_status(status);
        let html = body.trim_ascii_start().first() == Some(&b'<');
        let mut error = Error::new(kind, message(kind, status, html))
            .with_operation(spec.id)
            .with_status(status)
            .with_body(&body)
            .with_retry_after(retry::retry_after(&headers, now))
            .with_request_id(request_id(&headers));
        if let Some(advice) = advice(kind, status) {
            error = error.with_advice(advice);
        }
        Box::new(Self {
            error,
            verdict,
            stamp,
            headers,
            elapsed: Duration::ZERO,
        })
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("x-request-id").or_else(|| headers.get("request-id"))?;
    value.to_str().ok().map(|text| text.chars().take(128).collect())
}

fn message(kind: ErrorKind, status: StatusCode, html: bool) -> &'static str {
    if html {
        return "an HTML or XML page came instead of an API answer";
    }
    match (kind, status.as_u16()) {
        (_, 300..=399) => {
            "the service redirects; redirects are not followed, so that no credential reaches another host"
        }
        (_, 451) => "LivePerson has blocked this account or user",
        (ErrorKind::Authentication, _) => "the credential was refused",
        (ErrorKind::Authorization, _) => "the credential is not allowed to do this",
        (ErrorKind::NotFound, _) => "the service does not know what was asked for",
        (ErrorKind::RateLimited, _) => "the service refuses calls for now",
        (ErrorKind::InvalidRequest, _) => "the service finds fault with the request",
        (ErrorKind::Server, _) => "the service failed",
        _ => "the service gave an unexpected answer",
    }
}

fn advice(kind: ErrorKind, status: StatusCode) -> Option<&'static str> {
    Some(match (kind, status.as_u16()) {
        (_, 451) => "open a support case with LivePerson; repeating does not help",
        (ErrorKind::Authentication, _) => "check the credential and that it belongs to this account",
        (ErrorKind::Authorization, _) => {
            "check the privileges of the API key or user, and its list of allowed IP addresses"
        }
        (ErrorKind::RateLimited, _) => "make fewer calls at once",
        (ErrorKind::Server, _) => "try again later; https://status.liveperson.com shows known outages",
        _ => return None,
    })
}

fn advice_on(cause: Cause) -> Option<&'static str> {
    Some(match cause {
        Cause::Dns => "check the host name and this machine's DNS",
        Cause::Refused => "check the network, the firewall and the proxy settings",
        Cause::Certificate => {
            "if a proxy or the simulator made the certificate, add its certificate authority as a root; do not turn verification off"
        }
        Cause::Tls => "the peer must speak TLS 1.2 or newer",
        Cause::TooLarge => "ask for less at once, or raise the client's body limit",
        _ => return None,
    })
}
