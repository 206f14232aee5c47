//! The answer to a call: status, headers and the bytes as they came, whole or while they come.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind};
use crate::limit::Permit;
use crate::operation::OperationSpec;
use crate::retry;
use crate::transport::{Body, TransportError};

/// A successful (2xx) answer. `Debug` prints no header value and no body.
#[derive(Clone)]
pub struct RawResponse {
    pub(crate) spec: &'static OperationSpec,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
}

impl RawResponse {
    /// The status, 2xx.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it came.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body, taken out.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// How many attempts it took.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How long the call took, with all attempts and pauses.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Whether there is nothing but white space in the body.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }

    /// The body as text.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] where it is not UTF-8.
    pub fn text(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.body)
            .map_err(|e| self.fail(ErrorKind::Decode, "the answer is not UTF-8").with_source(e))
    }

    /// The body as JSON text: neither empty nor a page made for a browser.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] for an empty or HTML body (a gateway answered), [`ErrorKind::Decode`] where it is not UTF-8.
    pub fn json_text(&self) -> Result<&str, Error> {
        let text = self.text()?;
        match text.trim_ascii_start().as_bytes().first() {
            None => Err(self.fail(ErrorKind::Protocol, "the answer is empty where JSON is expected")),
            Some(b'<') => Err(self
                .fail(
                    ErrorKind::Protocol,
                    "the answer is an HTML or XML page where JSON is expected",
                )
                .with_advice(
                    "a gateway or proxy between here and LivePerson answered; check proxy settings and the host",
                )),
            Some(_) => Ok(text),
        }
    }

    /// The body decoded. Where that fails, the error names the path of the field, and holds the body.
    ///
    /// # Errors
    /// As [`RawResponse::json_text`], and [`ErrorKind::Decode`] where the shape does not fit.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let text = self.json_text()?;
        serde_json::from_str(text).map_err(|first| {
            // Only now, on the way to the error, is the price of tracking the path paid.
            let mut reader = serde_json::Deserializer::from_str(text);
            let tracked: Result<T, _> = serde_path_to_error::deserialize(&mut reader);
            let path = tracked.err().map(|e| e.path().to_string()).filter(|path| path != ".");
            let what = match (first.classify(), path) {
                (serde_json::error::Category::Eof, _) => {
                    "the JSON of the answer ends too early (a truncated body)".to_owned()
                }
                (_, Some(path)) => format!("the answer does not fit at `{path}`"),
                _ => format!(
                    "the answer is not the JSON that is expected (line {}, column {})",
                    first.line(),
                    first.column()
                ),
            };
            self.fail(ErrorKind::Decode, what)
        })
    }

    /// An error about this answer, with all that is known of it.
    #[must_use]
    pub fn fail(&self, kind: ErrorKind, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        Error::new(kind, message)
            .with_operation(self.spec.id)
            .with_status(self.status)
            .with_body(&self.body)
            .with_attempts(self.attempts, self.elapsed)
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("operation", &self.spec.id)
            .field("status", &self.status)
            .field("body_len", &self.body.len())
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// A successful (2xx) answer whose body is still coming: a stream of its chunks. `Debug` prints no header value.
///
/// Cancel-safe: a chunk is given out once. Dropping it ends the transfer.
#[must_use = "streams do nothing unless polled"]
pub struct StreamedResponse {
    pub(crate) head: RawResponse,
    pub(crate) body: Body,
    /// The place on the host is taken until the body has come.
    pub(crate) _place: Permit,
}

impl StreamedResponse {
    /// The status, 2xx.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// How long the body is, where the service announced it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.body.length()
    }

    /// How many attempts it took.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.head.attempts
    }

    /// All of it at once, where it has at most `limit` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Transport`] where the connection broke, [`ErrorKind::Protocol`] where more came.
    pub async fn collect(self, limit: usize) -> Result<RawResponse, Error> {
        let mut head = self.head;
        head.body = match self.body.collect(limit).await {
            Ok(body) => body,
            Err(broken) => return Err(cut_off(&head, broken)),
        };
        Ok(head)
    }
}

impl Stream for StreamedResponse {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.body).poll_next(cx));
        Poll::Ready(next.map(|chunk| chunk.map_err(|broken| cut_off(&self.head, broken))))
    }
}

impl fmt::Debug for StreamedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamedResponse")
            .field("operation", &self.head.spec.id)
            .field("status", &self.head.status)
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}

/// The body broke off.
fn cut_off(head: &RawResponse, broken: TransportError) -> Error {
    let (_, kind, disposition) = retry::of_transport(&broken);
    Error::new(kind, broken.to_string())
        .with_operation(head.spec.id)
        .with_disposition(disposition)
        .with_attempts(head.attempts, head.elapsed)
        .with_source(broken)
}
