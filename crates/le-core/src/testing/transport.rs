//! A transport that follows a script.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};

use crate::transport::{Body, Cause, Phase, Transport, TransportError};

/// What the script answers to one request.
#[derive(Debug, Clone)]
pub struct Scripted(Step);

#[derive(Debug, Clone)]
enum Step {
    Answer(StatusCode, Vec<(String, String)>, Bytes),
    Break(Phase, Cause),
    Hang,
}

impl Scripted {
    /// A status and a body.
    ///
    /// # Panics
    /// Where the status is not one.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test double: a wrong script shall stop the test")]
    pub fn status(status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).expect("the script names a valid status");
        Self(Step::Answer(status, Vec::new(), body.into()))
    }

    /// 200 and a body.
    #[must_use]
    pub fn ok(body: impl Into<Bytes>) -> Self {
        Self::status(200, body)
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Step::Answer(_, headers, _) = &mut self.0 {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The exchange breaks.
    #[must_use]
    pub fn broken(phase: Phase, cause: Cause) -> Self {
        Self(Step::Break(phase, cause))
    }

    /// No answer ever comes.
    #[must_use]
    pub fn hang() -> Self {
        Self(Step::Hang)
    }
}

/// A request that was sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SentRequest {
    /// The method.
    pub method: Method,
    /// The absolute URI.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

type Answerer = Box<dyn Fn(&SentRequest) -> Option<Scripted> + Send + Sync>;

/// Answers requests from a script, or by a function, and remembers them. Clones share both.
#[derive(Clone, Default)]
pub struct ScriptedTransport(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    script: VecDeque<Scripted>,
    answerer: Option<Answerer>,
    sent: Vec<SentRequest>,
    latency: Duration,
}

impl ScriptedTransport {
    /// Answers with these, in order, and fails after the last.
    #[must_use]
    pub fn new(script: impl IntoIterator<Item = Scripted>) -> Self {
        let transport = Self::default();
        transport.state().script.extend(script);
        transport
    }

    /// Answers by a function; where it gives `None`, the exchange fails.
    #[must_use]
    pub fn answering(answerer: impl Fn(&SentRequest) -> Option<Scripted> + Send + Sync + 'static) -> Self {
        let transport = Self::default();
        transport.state().answerer = Some(Box::new(answerer));
        transport
    }

    /// Each answer takes this long by tokio's clock.
    #[must_use]
    pub fn latency(self, latency: Duration) -> Self {
        self.state().latency = latency;
        self
    }

    /// Adds to the script.
    pub fn push(&self, step: Scripted) {
        self.state().script.push_back(step);
    }

    /// What was sent so far.
    #[must_use]
    pub fn sent(&self) -> Vec<SentRequest> {
        self.state().sent.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, sent: SentRequest) -> (Option<Scripted>, Duration) {
        let mut state = self.state();
        let answered = state.answerer.as_ref().and_then(|answerer| answerer(&sent));
        let step = answered.or_else(|| state.script.pop_front());
        state.sent.push(sent);
        (step, state.latency)
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("ScriptedTransport")
            .field("left", &state.script.len())
            .field("sent", &state.sent.len())
            .finish()
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn execute(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let (parts, body) = request.into_parts();
        let sent = SentRequest {
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            body,
        };
        let (step, latency) = self.next(sent);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        match step.map(|step| step.0) {
            None => Err(TransportError::new(Phase::Connect, Cause::Request)
                .with_source("the script has no answer for this request")),
            Some(Step::Hang) => std::future::pending().await,
            Some(Step::Break(phase, cause)) => Err(TransportError::new(phase, cause)),
            Some(Step::Answer(status, headers, body)) => {
                let mut answer = Response::builder().status(status);
                for (name, value) in headers {
                    answer = answer.header(name, value);
                }
                answer
                    .body(Body::whole(body))
                    .map_err(|e| TransportError::new(Phase::Exchange, Cause::Request).with_source(e))
            }
        }
    }
}
