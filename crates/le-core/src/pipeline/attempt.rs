//! One attempt: everything that happens to a request bound to a host.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use tracing::{Instrument as _, field};

use super::failure::Failure;
use super::within;
use crate::auth::Stamp;
use crate::base::BaseUri;
use crate::client::Settings;
use crate::error::Error;
use crate::hook::Report;
use crate::limit::Permit;
use crate::operation::{AuthRequirement, Operation};
use crate::response::{RawResponse, StreamedResponse};
use crate::retry::{Verdict, of_status};
use crate::transport::{Body, Cause, OperationInfo, Phase, TransportError};

/// An answer with its body, which of a success that is streamed is empty, and then the rest of it.
type Answer = ((StatusCode, HeaderMap, Bytes), Option<Body>);

pub(super) struct Attempt<'a> {
    pub(super) settings: &'a Settings,
    pub(super) operation: &'a Operation,
    pub(super) base: &'a BaseUri,
    pub(super) number: u32,
    pub(super) timeout: Duration,
    pub(super) streamed: bool,
    /// When the deadline of the call passes, by the monotonic clock.
    pub(super) ends: Option<Duration>,
}

impl Attempt<'_> {
    pub(super) async fn run(&self) -> Result<StreamedResponse, Box<Failure>> {
        let span = tracing::debug_span!(
            "attempt",
            server.address = self.base.host(),
            server.port = self.base.port(),
            http.request.resend_count = self.number - 1,
            http.response.status_code = field::Empty,
            http.response.body.size = field::Empty,
            error.r#type = field::Empty,
        );
        let begun = self.settings.clock.monotonic();
        let outcome = self.exchange().instrument(span.clone()).await;
        let elapsed = self.settings.clock.monotonic().saturating_sub(begun);
        let (status, error, received) = match &outcome {
            Ok(answer) => (Some(answer.status()), None, answer.head.body.len() as u64),
            Err(failure) => (failure.error.status(), Some(failure.error.kind()), 0),
        };
        if let Some(status) = status {
            span.record("http.response.status_code", status.as_u16());
            span.record("http.response.body.size", received);
        }
        if let Some(kind) = error {
            span.record("error.type", kind.as_str());
        }
        if !self.settings.hooks.is_empty() {
            let (host, port) = (self.base.host().to_owned(), self.base.port());
            let spec = self.operation.spec();
            let report = Report {
                spec,
                host,
                port,
                attempt: self.number,
                status,
                error,
                received,
                elapsed,
            };
            self.settings.hooks.iter().for_each(|hook| hook.after_attempt(&report));
        }
        outcome.map_err(|failure| Box::new(Failure { elapsed, ..*failure }))
    }

    async fn exchange(&self) -> Result<StreamedResponse, Box<Failure>> {
        let mut request = self.build().map_err(Failure::last)?;
        let place = within(self.left(), self.limit()).await.map_err(Failure::last)?;
        let stamp = self.authorize(&mut request).await.map_err(Failure::last)?;
        for hook in &self.settings.hooks {
            hook.before_attempt(self.operation.spec(), &mut request)
                .map_err(Failure::last)?;
        }
        let answer = self.send(request).await;
        let answer = answer.map_err(|broken| Failure::broken(self.operation.spec(), self.base, broken))?;
        self.classify(answer, stamp, place)
    }

    fn build(&self) -> Result<Request<Bytes>, Error> {
        let spec = self.operation.spec();
        let target = self
            .operation
            .path_and_query(self.settings.account.as_str(), Some(&self.settings.source))?;
        let uri = format!("{}://{}{target}", self.base.scheme(), self.base.as_authority());
        let mut request = Request::new(self.operation.body().clone());
        *request.method_mut() = spec.method.clone();
        *request.uri_mut() = uri
            .parse()
            .map_err(|e| Error::validation("the address of the call cannot be built").with_source(e))?;
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, self.settings.user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in self.operation.headers() {
            if *name != HOST {
                headers.insert(name.clone(), value.clone());
            }
        }
        request.extensions_mut().insert(OperationInfo {
            id: spec.id,
            attempt: self.number,
        });
        Ok(request)
    }

    fn left(&self) -> Option<Duration> {
        self.ends
            .map(|ends| ends.saturating_sub(self.settings.clock.monotonic()))
    }

    async fn limit(&self) -> Permit {
        match &self.settings.limits {
            Some(limits) => limits.enter(self.base.as_authority(), &self.settings.clock).await,
            None => Permit::default(),
        }
    }

    async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Option<Stamp>, Error> {
        let spec = self.operation.spec();
        if spec.auth == AuthRequirement::None {
            return Ok(None);
        }
        let Some(authorize) = &self.settings.authorize else {
            if spec.auth == AuthRequirement::Optional {
                return Ok(None);
            }
            return Err(
                Error::configuration("this call needs a credential and the client has none")
                    .with_operation(spec.id)
                    .with_advice("give the client an `Authorize`, e.g. le_auth::Session or le_auth::ApiKey"),
            );
        };
        self.settings.check_trusted(self.base)?;
        authorize.authorize(request).await.map(Some)
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Answer, TransportError> {
        let exchange = async {
            let (parts, body) = self.settings.transport.execute(request).await?.into_parts();
            if self.streamed && of_status(parts.status).0 == Verdict::Success {
                let rest = body.with_timeout(self.timeout);
                return Ok(((parts.status, parts.headers, Bytes::new()), Some(rest)));
            }
            let body = body.collect(self.settings.body_limit).await?;
            Ok(((parts.status, parts.headers, body), None))
        };
        match tokio::time::timeout(
            self.left().map_or(self.timeout, |left| left.min(self.timeout)),
            exchange,
        )
        .await
        {
            Ok(outcome) => outcome,
            Err(_) => Err(TransportError::new(Phase::Exchange, Cause::Timeout)),
        }
    }

    fn classify(
        &self,
        ((status, headers, body), rest): Answer,
        stamp: Option<Stamp>,
        place: Permit,
    ) -> Result<StreamedResponse, Box<Failure>> {
        let spec = self.operation.spec();
        if of_status(status).0 != Verdict::Success {
            let now = self.settings.clock.now();
            return Err(Failure::refused(spec, (status, headers, body), stamp, now));
        }
        let head = RawResponse {
            spec,
            status,
            headers,
            body,
            attempts: self.number,
            elapsed: Duration::ZERO,
        };
        Ok(StreamedResponse {
            head,
            body: rest.unwrap_or_else(|| Body::whole(Bytes::new())),
            _place: place,
        })
    }
}
