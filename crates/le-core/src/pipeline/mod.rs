//! One request's way, in the order of the code below:
//!
//! hooks per call → deadline → call span → retry loop, and per attempt:
//! **discover → build → limit → authorize → hooks per attempt → send → classify → retry or decode.**
//!
//! The place on the host is waited for before the credential is put on: a signature must not grow old in a queue.

mod attempt;
mod failure;

use std::time::Duration;

use tracing::{Instrument as _, field};

use crate::auth::{Refusal, Renewal};
use crate::base::BaseUri;
use crate::client::{CallOptions, Settings};
use crate::discover::Doubt;
use crate::error::{Disposition, Error, ErrorKind};
use crate::hook::Report;
use crate::operation::Operation;
use crate::response::StreamedResponse;
use crate::retry::{RetryPolicy, Revise, Verdict};

use attempt::Attempt;
use failure::Failure;

/// Sends a call with all its attempts. The body of the answer is in its head, unless the options say that it is streamed.
pub(crate) async fn run(
    settings: &Settings,
    mut operation: Operation,
    options: &CallOptions,
) -> Result<StreamedResponse, Error> {
    for hook in &settings.hooks {
        hook.before_call(&mut operation)?;
    }
    let spec = operation.spec();
    let span = tracing::info_span!(
        "call",
        otel.kind = "client",
        http.request.method = %spec.method,
        url.template = spec.path,
        liveperson.operation = spec.id,
        liveperson.service = spec.service,
        liveperson.account = %settings.account,
        http.response.status_code = field::Empty,
        http.request.resend_count = field::Empty,
        error.r#type = field::Empty,
    );
    let mut call = CallState::new(settings, operation, options);
    let outcome = call.drive().instrument(span.clone()).await;
    let elapsed = call.elapsed();
    span.record("http.request.resend_count", call.attempts.saturating_sub(1));
    let report = call.report(&outcome, elapsed);
    if let Some(status) = report.status {
        span.record("http.response.status_code", status.as_u16());
    }
    if let Some(kind) = report.error {
        span.record("error.type", kind.as_str());
    }
    for hook in &settings.hooks {
        hook.after_call(&report);
    }
    outcome
}

/// What is known of a call between its attempts.
struct CallState<'a> {
    settings: &'a Settings,
    operation: Operation,
    policy: &'a RetryPolicy,
    revise: Option<&'a dyn Revise>,
    attempt_timeout: Duration,
    streamed: bool,
    deadline: Option<Duration>,
    started: Duration,
    attempts: u32,
    base: Option<BaseUri>,
    renewed: bool,
    moved: bool,
}

impl<'a> CallState<'a> {
    fn new(settings: &'a Settings, operation: Operation, options: &'a CallOptions) -> Self {
        Self {
            settings,
            operation,
            policy: options.retry.as_ref().unwrap_or(&settings.retry),
            revise: options.revise.as_deref(),
            attempt_timeout: options.attempt_timeout.unwrap_or(settings.attempt_timeout),
            streamed: options.streamed,
            deadline: options.deadline.or(settings.deadline),
            started: settings.clock.monotonic(),
            attempts: 0,
            base: None,
            renewed: false,
            moved: false,
        }
    }

    fn elapsed(&self) -> Duration {
        self.settings.clock.monotonic().saturating_sub(self.started)
    }

    async fn drive(&mut self) -> Result<StreamedResponse, Error> {
        let mut retries = 0;
        loop {
            let outcome = self.attempt().await;
            let failure = match self.revised(outcome) {
                Ok(answer) => {
                    self.settings.budget.give_back();
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            if self.replay_at_once(&failure).await? {
                continue;
            }
            let Some(pause) = self.pause(retries, &failure) else {
                return Err(self.finish(failure.error));
            };
            let report = self.report(&Err(failure.error.clone()), failure.elapsed);
            for hook in &self.settings.hooks {
                hook.before_retry(&report, pause);
            }
            tracing::debug!(attempt = self.attempts, pause_ms = pause.as_millis() as u64, error.r#type = %failure.error.kind(), "retry");
            self.settings.clock.sleep(pause).await;
            retries += 1;
        }
    }

    /// The outcome, after those were asked who know the answers of the service that are none yet.
    fn revised(&mut self, outcome: Result<StreamedResponse, Box<Failure>>) -> Result<StreamedResponse, Box<Failure>> {
        let Some(revise) = self.revise else { return outcome };
        match outcome {
            Ok(answer) if revise.not_yet(answer.head.status, &answer.head.body, &mut self.operation) => {
                Err(Failure::not_yet(&answer.head))
            }
            Err(mut failure) => {
                if let (Some(status), Some(body)) = (failure.error.status(), failure.error.body())
                    && revise.not_yet(status, body, &mut self.operation)
                {
                    failure.verdict = Verdict::NotYet;
                    failure.error = failure.error.with_disposition(Disposition::Rejected);
                }
                Err(failure)
            }
            done => done,
        }
    }

    /// One attempt: discover, then all that is bound to the host.
    async fn attempt(&mut self) -> Result<StreamedResponse, Box<Failure>> {
        let left = self.deadline.map(|deadline| deadline.saturating_sub(self.elapsed()));
        let base = within(left, self.discover())
            .await
            .and_then(|base| base)
            .map_err(Failure::last)?;
        self.base = Some(base.clone());
        self.attempts += 1;
        let attempt = Attempt {
            settings: self.settings,
            operation: &self.operation,
            base: &base,
            number: self.attempts,
            timeout: self.attempt_timeout,
            streamed: self.streamed,
            ends: self.deadline.map(|deadline| self.started + deadline),
        };
        let mut answer = attempt.run().await?;
        answer.head.elapsed = self.elapsed();
        Ok(answer)
    }

    async fn discover(&self) -> Result<BaseUri, Error> {
        if let Some(base) = self.operation.base() {
            return Ok(base.clone());
        }
        let spec = self.operation.spec();
        match &self.settings.discover {
            Some(discover) => discover.discover(spec.service).await,
            None => Err(Error::configuration(format!(
                "no way to find the host of service `{}` was given",
                spec.service
            ))
            .with_operation(spec.id)
            .with_advice("give the client a `Discover`, e.g. le_domain::Domain, or bind the operation to a base")),
        }
    }

    /// The replays that are no retries: one with a renewed credential, one to a host that has moved.
    async fn replay_at_once(&mut self, failure: &Failure) -> Result<bool, Error> {
        match failure.verdict {
            Verdict::Unauthorized if !self.renewed => {
                self.renewed = true;
                self.renew(failure).await
            }
            Verdict::NotSent if !self.moved => {
                self.moved = true;
                Ok(self.has_moved(Doubt::Unreachable).await)
            }
            Verdict::Final if failure.error.kind() == ErrorKind::NotFound => {
                self.doubt(Doubt::NotFound).await;
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    async fn renew(&self, failure: &Failure) -> Result<bool, Error> {
        let (Some(authorize), Some(stamp), Some(status)) =
            (&self.settings.authorize, failure.stamp, failure.error.status())
        else {
            return Ok(false);
        };
        let body = failure.error.body().cloned().unwrap_or_default();
        let refusal = Refusal {
            status,
            headers: &failure.headers,
            body: &body,
        };
        match authorize.renew(stamp, &refusal).await {
            Ok(renewal) => Ok(renewal == Renewal::Renewed),
            Err(error) => Err(self.finish(error)),
        }
    }

    async fn doubt(&self, why: Doubt) -> bool {
        match (&self.settings.discover, &self.base, self.operation.base()) {
            (Some(discover), Some(base), None) => discover.doubt(self.operation.spec().service, base, why).await,
            _ => false,
        }
    }

    async fn has_moved(&self, why: Doubt) -> bool {
        if !self.doubt(why).await {
            return false;
        }
        matches!((self.discover().await, &self.base), (Ok(fresh), Some(old)) if fresh != *old)
    }

    /// The pause before the next attempt, or `None` where there shall be none.
    fn pause(&self, retries: usize, failure: &Failure) -> Option<Duration> {
        let repeatable = self.operation.is_idempotent() || self.policy.repeat_writes;
        let permitted = || {
            self.settings
                .hooks
                .iter()
                .all(|hook| hook.permits_retry(&failure.error))
        };
        if !failure.verdict.may_retry(repeatable) || !permitted() {
            return None;
        }
        let class = self.operation.spec().class;
        let asked = failure.error.retry_after();
        let pause = self
            .policy
            .pause(retries, failure.verdict, class, asked, self.settings.entropy.as_ref())?;
        if self.deadline.is_some_and(|deadline| self.elapsed() + pause >= deadline) {
            return None;
        }
        self.settings
            .budget
            .take(failure.error.kind() == ErrorKind::Timeout)
            .then_some(pause)
    }

    fn finish(&self, error: Error) -> Error {
        let error = match error.operation() {
            None => error.with_operation(self.operation.spec().id),
            Some(_) => error,
        };
        error.with_attempts(self.attempts, self.elapsed())
    }

    fn report(&self, outcome: &Result<StreamedResponse, Error>, elapsed: Duration) -> Report {
        let (status, error, received) = match outcome {
            Ok(answer) => (Some(answer.status()), None, answer.head.body.len() as u64),
            Err(error) => (error.status(), Some(error.kind()), 0),
        };
        Report {
            spec: self.operation.spec(),
            host: self
                .base
                .as_ref()
                .map(|base| base.host().to_owned())
                .unwrap_or_default(),
            port: self.base.as_ref().map_or(0, BaseUri::port),
            attempt: self.attempts,
            status,
            error,
            received,
            elapsed,
        }
    }
}

/// What has to happen before a request is sent, within what is left of the deadline.
async fn within<T>(left: Option<Duration>, work: impl Future<Output = T>) -> Result<T, Error> {
    let Some(left) = left else { return Ok(work.await) };
    tokio::time::timeout(left, work).await.map_err(|_| {
        Error::new(ErrorKind::Timeout, "the deadline passed before the request was sent")
            .with_disposition(Disposition::NotSent)
    })
}
