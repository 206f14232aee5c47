//! One error type for every LiveEngage client.
//!
//! [`Error`] is opaque: ask it for its [`kind`](Error::kind), its [`disposition`](Error::disposition), the status and the
//! vendor's code. `Display` says what failed and what to do; it never prints a body, a query value or a credential.

mod body;
mod kind;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

pub use body::VendorProblem;
pub use kind::{Disposition, ErrorKind};

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Arc<dyn std::error::Error + Send + Sync>;

/// What went wrong with a call, and all that is known about it. One pointer wide and cheap to clone.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    disposition: Disposition,
    message: Cow<'static, str>,
    advice: Option<Cow<'static, str>>,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    problem: VendorProblem,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    elapsed: Duration,
    body: Option<Bytes>,
    source: Option<Source>,
}

/// The part of an error body that is kept.
pub(crate) const BODY_KEPT: usize = 64 * 1024;

impl Error {
    /// A new error. `message` is shown to people: no secret and no personal value may stand in it.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let disposition = match kind {
            ErrorKind::Server | ErrorKind::Timeout | ErrorKind::Transport => Disposition::MaybeApplied,
            ErrorKind::Decode | ErrorKind::Protocol => Disposition::Applied,
            ErrorKind::RateLimited
            | ErrorKind::InvalidRequest
            | ErrorKind::NotFound
            | ErrorKind::Authentication
            | ErrorKind::Authorization => Disposition::Rejected,
            _ => Disposition::NotSent,
        };
        Self(Box::new(Inner {
            kind,
            disposition,
            message: message.into(),
            advice: None,
            operation: None,
            status: None,
            problem: VendorProblem::default(),
            request_id: None,
            retry_after: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            body: None,
            source: None,
        }))
    }

    /// A request that is wrong and was not sent.
    #[must_use]
    pub fn validation(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Validation, message)
    }

    /// A setting that is missing or wrong.
    #[must_use]
    pub fn configuration(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// Says what to do about it.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// Replaces the kind.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Replaces the message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Says what can have happened to the request.
    #[must_use]
    pub fn with_disposition(mut self, disposition: Disposition) -> Self {
        self.0.disposition = disposition;
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Names the operation by its catalogue id.
    #[must_use]
    pub fn with_operation(mut self, id: &'static str) -> Self {
        self.0.operation = Some(id);
        self
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the body (the first 64 KiB are kept) and what could be read from it.
    #[must_use]
    pub fn with_body(mut self, body: &Bytes) -> Self {
        self.0.problem = VendorProblem::read(body);
        self.0.body = Some(body.slice(..body.len().min(BODY_KEPT)));
        self
    }

    /// Adds the vendor's request id.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    /// Adds how long the service asked to wait.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// Says how often it was tried and how long that took.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    /// The kind: match on this.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the request can have had an effect.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        self.0.disposition
    }

    /// What failed, in one sentence without the advice.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.advice.as_deref()
    }

    /// The catalogue id of the operation.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status, where an answer came.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The vendor's own code: `internalCode`, `errorCode`, `internalErrorCode`, or `oauth_problem`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.problem.code.as_deref()
    }

    /// The vendor's own text. It may hold personal values: show it to the person who made the call, do not log it.
    #[must_use]
    pub fn vendor_message(&self) -> Option<&str> {
        self.0.problem.message.as_deref()
    }

    /// The id that the service gave to the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the service asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How often it was tried; 0 where nothing was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took, with all attempts and pauses.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// The raw body (its first 64 KiB). It may hold personal data: never log it.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.0.body.as_ref()
    }

    /// Whether sending the same request again can succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::RateLimited | ErrorKind::Server | ErrorKind::Timeout | ErrorKind::Transport
        )
    }

    /// Whether the request certainly had no effect.
    #[must_use]
    pub fn is_not_applied(&self) -> bool {
        matches!(self.0.disposition, Disposition::NotSent | Disposition::Rejected)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&inner.message)?;
        let mut facts = Vec::new();
        if let Some(status) = inner.status {
            facts.push(format!("status {}", status.as_u16()));
        }
        if let Some(code) = inner.problem.shown_code() {
            facts.push(format!("code {code}"));
        }
        if inner.attempts > 1 {
            facts.push(format!(
                "{} attempts in {:.1} s",
                inner.attempts,
                inner.elapsed.as_secs_f64()
            ));
        }
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        if let Some(advice) = &inner.advice {
            write!(f, "; {advice}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &inner.kind)
            .field("disposition", &inner.disposition)
            .field("message", &inner.message);
        out.field("operation", &inner.operation).field("status", &inner.status);
        out.field("code", &inner.problem.shown_code())
            .field("attempts", &inner.attempts);
        out.field("body_len", &inner.body.as_ref().map(Bytes::len))
            .field("source", &inner.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_gives_facts_and_advice_but_no_body() {
        let body = Bytes::from_static(br#"{"error":{"message":"user max@example.org","internalCode":10}}"#);
        let error = Error::new(ErrorKind::Authentication, "the session is gone")
            .with_operation("login.refresh")
            .with_status(StatusCode::UNAUTHORIZED)
            .with_body(&body)
            .with_attempts(2, Duration::from_millis(5100))
            .with_advice("log in again");
        assert_eq!(
            error.to_string(),
            "login.refresh: the session is gone (status 401, code 10, 2 attempts in 5.1 s); log in again"
        );
        assert_eq!(error.vendor_message(), Some("user max@example.org"));
        assert!(!format!("{error:?}").contains("max@"));
        assert_eq!(std::mem::size_of::<Error>(), std::mem::size_of::<usize>());
    }
}
