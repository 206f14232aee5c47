//! A monitoring service in memory. It keeps what arrives in order, and fails as it is told.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use le_attributes::Attributes;
use le_attributes::monitoring::Monitoring;
use le_core::clock::{Clock, Sleep};
use le_core::discover::FixedBase;
use le_core::testing::FixedEntropy;
use le_core::transport::{Body, Cause, Phase, Transport, TransportError};
use le_core::{AccountId, BaseUri, Client, Timestamp};
use serde_json::{Value, json};

pub(crate) const START: i64 = 1_893_456_000_000;

/// What happens to one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Refused with this status, code and text; nothing was done.
    Status(u16, i64, &'static str),
    /// It is done, and then this status is answered.
    Done(u16),
    /// No connection.
    Unreachable,
    /// It is done, and the connection breaks.
    DoneAndBroken,
    /// The service has forgotten all sessions before it.
    Forgetful,
}

/// One request that was done.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) visitor: String,
    pub(crate) session: String,
    /// `report` or `engagement`.
    pub(crate) call: String,
    pub(crate) body: Value,
}

impl Done {
    pub(crate) fn events(&self) -> Vec<Value> {
        self.body["engagementAttributes"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }
}

type Plan = Box<dyn FnMut(usize) -> Fault + Send>;

#[derive(Default)]
struct State {
    plan: Option<Plan>,
    requests: usize,
    at_once: usize,
    most_at_once: usize,
    sessions: BTreeMap<String, String>,
    visitors: BTreeMap<String, String>,
    made: usize,
    done: Vec<Done>,
    offers: bool,
    largest: usize,
}

/// The service, and the transport that reaches it. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Service(Arc<Mutex<State>>);

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}

impl Service {
    /// Fails as `plan` says, by the number of the request from 0.
    pub(crate) fn failing(plan: impl FnMut(usize) -> Fault + Send + 'static) -> Self {
        let service = Self::default();
        service.state().plan = Some(Box::new(plan));
        service.state().largest = usize::MAX;
        service
    }

    pub(crate) fn good() -> Self {
        Self::failing(|_| Fault::None)
    }

    /// Offers an engagement.
    pub(crate) fn offering(self) -> Self {
        self.state().offers = true;
        self
    }

    /// Takes no body that is larger.
    pub(crate) fn largest(self, bytes: usize) -> Self {
        self.state().largest = bytes;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn done(&self) -> Vec<Done> {
        self.state().done.clone()
    }

    pub(crate) fn requests(&self) -> usize {
        self.state().requests
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.state().most_at_once
    }

    /// Keywords of all searches that arrived, in order.
    pub(crate) fn searches(&self) -> Vec<String> {
        let done = self.done();
        let events = done.iter().flat_map(Done::events);
        events
            .filter_map(|event| Some(event["keywords"][0].as_str()?.to_owned()))
            .collect()
    }

    pub(crate) fn monitoring(&self) -> Monitoring {
        let client = Client::builder(AccountId::new("70011223").unwrap())
            .transport(Arc::new(self.clone()))
            .discover(Arc::new(FixedBase(BaseUri::new("lo.v.liveperson.net").unwrap())))
            .clock(Arc::new(PausedClock::default()))
            .entropy(Arc::new(FixedEntropy(0)))
            .build()
            .unwrap();
        Attributes::new(client).monitoring("0a0b0c0d-1111-4222-8333-444455556666")
    }

    fn answer(&self, request: &Request<Bytes>) -> Result<(u16, Value), TransportError> {
        let mut state = self.state();
        let number = state.requests;
        state.requests += 1;
        let fault = state.plan.as_mut().map_or(Fault::None, |plan| plan(number));
        match &fault {
            Fault::Status(status, code, text) => {
                return Ok((*status, json!({ "time": 1, "message": text, "internalCode": code })));
            }
            Fault::Unreachable => return Err(TransportError::new(Phase::Connect, Cause::Refused)),
            Fault::Forgetful => {
                state.sessions.clear();
                state.visitors.clear();
            }
            _ => {}
        }
        if request.body().len() > state.largest {
            return Ok((413, json!({})));
        }
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        if body.to_string().contains("poison") {
            return Ok((
                400,
                json!({ "time": 1, "message": "keywords is invalid", "internalCode": 5 }),
            ));
        }
        let answer = state.carry_out(request, body, matches!(fault, Fault::Forgetful));
        match fault {
            Fault::DoneAndBroken => Err(TransportError::new(Phase::Exchange, Cause::Reset)),
            Fault::Done(status) => Ok((status, json!({ "time": 1, "internalCode": 18 }))),
            _ => Ok(answer),
        }
    }
}

impl State {
    fn carry_out(&mut self, request: &Request<Bytes>, body: Value, strict: bool) -> (u16, Value) {
        let query: BTreeMap<String, String> = request
            .uri()
            .query()
            .unwrap_or_default()
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let sent = query.get("vid").zip(query.get("sid"));
        if strict && sent.is_some() {
            return (404, json!({ "time": 1, "message": "session", "internalCode": 39 }));
        }
        let call = request.uri().path().rsplit('/').next().unwrap().to_owned();
        let subject = body["identities"][0]["sub"].as_str().map(str::to_owned);
        if call == "report" && subject.is_none() && !query.contains_key("vid") {
            return (
                400,
                json!({ "time": 1, "message": "vid is missing", "internalCode": 5 }),
            );
        }
        let live = sent.filter(|(visitor, session)| self.sessions.get(*visitor) == Some(*session));
        let (status, visitor, session) = match live {
            Some((visitor, session)) => (200, visitor.clone(), session.clone()),
            None => {
                self.made += 1;
                let made = self.made;
                let known = subject.map(|subject| {
                    let visitor = self.visitors.entry(subject);
                    visitor.or_insert_with(|| format!("v{made}")).clone()
                });
                let visitor = query
                    .get("vid")
                    .cloned()
                    .or(known)
                    .unwrap_or_else(|| format!("v{}", self.made));
                let session = format!("s{}", self.made);
                self.sessions.insert(visitor.clone(), session.clone());
                (201, visitor, session)
            }
        };
        let mut answer = json!({ "visitorId": visitor, "sessionId": session, "pageId": "p1" });
        if call == "engagement" && self.offers {
            answer["engagementDetails"] = json!([{ "campaignId": 1, "engagementId": 2, "engagementRevision": 3,
                "contextId": format!("c-{session}"), "status": "expose" }]);
        }
        self.done.push(Done {
            visitor,
            session,
            call,
            body,
        });
        (status, answer)
    }
}

#[async_trait]
impl Transport for Service {
    async fn execute(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        {
            let mut state = self.state();
            state.at_once += 1;
            state.most_at_once = state.most_at_once.max(state.at_once);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        let answer = self.answer(&request);
        self.state().at_once -= 1;
        let (status, body) = answer?;
        let mut response = Response::new(Body::whole(body.to_string()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(response)
    }
}

/// Tokio's clock, which stands still in these tests unless everybody waits.
#[derive(Debug)]
struct PausedClock(tokio::time::Instant);

impl Default for PausedClock {
    fn default() -> Self {
        Self(tokio::time::Instant::now())
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(START) + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Runs with time that stands still.
pub(crate) fn paused<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}
