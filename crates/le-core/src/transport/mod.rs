//! One HTTP exchange, or an upgrade to a stream: the narrow seam below the pipeline.
//!
//! A status of 400 or 500 is an answer here, not an error. [`TransportError`] says where an exchange broke, which decides
//! whether it may be repeated.

mod body;
#[cfg(feature = "http")]
mod cause;
#[cfg(feature = "http")]
mod http_client;
#[cfg(feature = "http")]
mod tls;

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};

pub use body::Body;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use http_client::{HttpTransport, HttpTransportBuilder};

/// What a transport needs to know of the operation that a request belongs to; it stands in the request's extensions.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct OperationInfo {
    /// The catalogue id.
    pub id: &'static str,
    /// The number of the attempt, from 1.
    pub attempt: u32,
}

/// Where an exchange broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Before any byte of the request was sent: name lookup, TCP, TLS, a proxy that refused.
    Connect,
    /// After that: the request may have arrived.
    Exchange,
    /// The headers of the answer came, the body did not end.
    Body,
}

/// What broke it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The name of the host could not be looked up.
    Dns,
    /// Nobody listens, or the network is unreachable.
    Refused,
    /// TLS failed: no common version or cipher, or the peer broke it off.
    Tls,
    /// The certificate of the host is not trusted. Repeating does not help.
    Certificate,
    /// The connection was reset or closed.
    Reset,
    /// Time ran out.
    Timeout,
    /// More bytes came than were allowed.
    TooLarge,
    /// The request itself cannot be sent. Repeating does not help.
    Request,
    /// Something else.
    Other,
}

/// An exchange that broke.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.describe())]
pub struct TransportError {
    phase: Phase,
    cause: Cause,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl TransportError {
    /// A new error.
    #[must_use]
    pub fn new(phase: Phase, cause: Cause) -> Self {
        Self {
            phase,
            cause,
            source: None,
        }
    }

    /// Adds the cause. Its text must hold no URL.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Where it broke.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// What broke it.
    #[must_use]
    pub fn cause(&self) -> Cause {
        self.cause
    }

    fn describe(&self) -> &'static str {
        match (self.phase, self.cause) {
            (_, Cause::Dns) => "the host name could not be looked up",
            (_, Cause::Certificate) => "the host's TLS certificate is not trusted",
            (_, Cause::Tls) => "the TLS handshake failed",
            (_, Cause::TooLarge) => "the answer is larger than allowed",
            (_, Cause::Request) => "the request cannot be sent",
            (Phase::Connect, Cause::Timeout) => "no connection in time",
            (_, Cause::Timeout) => "no answer in time",
            (Phase::Connect, _) => "no connection could be made",
            (Phase::Body, _) => "the connection broke before the answer was complete",
            (Phase::Exchange, _) => "the connection broke before an answer came",
        }
    }
}

/// A duplex stream, after an upgrade.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// The answer to an upgrade.
pub enum UpgradeAnswer {
    /// 101: the stream is open. The head of the answer comes with it.
    Open(Response<()>, Box<dyn Duplex>),
    /// Another status: refused, with the answer.
    Refused(Response<Bytes>),
}

impl fmt::Debug for UpgradeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(..) => f.write_str("UpgradeAnswer::Open"),
            Self::Refused(answer) => write!(f, "UpgradeAnswer::Refused({})", answer.status()),
        }
    }
}

/// Carries requests. Redirects are not followed: a signature or a bearer must not travel to another host.
#[async_trait]
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends a request with an absolute URI and gives the head of the answer, with the body still to come.
    ///
    /// # Errors
    /// Where the exchange broke.
    async fn execute(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError>;

    /// Asks for an upgrade over HTTP/1.1.
    ///
    /// # Errors
    /// Where the exchange broke, or where this transport cannot upgrade.
    async fn upgrade(&self, request: Request<()>) -> Result<UpgradeAnswer, TransportError> {
        let _ = request;
        Err(TransportError::new(Phase::Connect, Cause::Request)
            .with_source("this transport cannot upgrade a connection"))
    }
}
