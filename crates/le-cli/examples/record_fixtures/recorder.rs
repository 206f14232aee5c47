//! A transport that keeps the answers it carries, for the cases that are waited for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use le_core::transport::{Body, OperationInfo, Transport, TransportError};
use serde::Serialize;

/// No sample is larger; a page of history is far below.
const BODY_LIMIT: usize = 64 << 20;

/// One answer as it came. It is printed to a pipe and redacted by the reader; it is never logged.
#[derive(Serialize)]
pub(crate) struct Sample {
    case: String,
    operation: String,
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

/// Sends through another transport, and keeps the first answer to each operation that is waited for.
pub(crate) struct Recorder {
    inner: Arc<dyn Transport>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waited_for: Option<(&'static str, String)>,
    samples: Vec<Sample>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

impl Recorder {
    pub(crate) fn new(inner: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            state: Mutex::default(),
        })
    }

    /// The next answer to `operation` is the sample `case`.
    pub(crate) fn wait_for(&self, operation: &'static str, case: &str) {
        self.lock().waited_for = Some((operation, case.to_owned()));
    }

    /// Whether the case that was waited for has come.
    pub(crate) fn has_come(&self) -> bool {
        self.lock().waited_for.is_none()
    }

    /// Everything recorded so far, in order.
    pub(crate) fn take(&self) -> Vec<Sample> {
        std::mem::take(&mut self.lock().samples)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, operation: &str, answer: &Response<Bytes>) {
        let mut state = self.lock();
        let Some((_, case)) = state.waited_for.take_if(|(wanted, _)| *wanted == operation) else {
            return;
        };
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect();
        state.samples.push(Sample {
            case,
            operation: operation.to_owned(),
            status: answer.status().as_u16(),
            headers,
            body: String::from_utf8_lossy(answer.body()).into_owned(),
        });
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn execute(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let operation = request.extensions().get::<OperationInfo>().map_or("", |info| info.id);
        let (head, body) = self.inner.execute(request).await?.into_parts();
        let whole = Response::from_parts(head, body.collect(BODY_LIMIT).await?);
        self.keep(operation, &whole);
        Ok(whole.map(Body::whole))
    }
}
