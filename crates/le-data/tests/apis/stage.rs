//! A server that answers as a test says, and a client for it whose waits take no time.

use std::sync::{Arc, Mutex};

use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::testing::TestClock;
use le_core::{AccountId, BaseUri, Client, TimeRange, Timestamp, TrustedHosts};
use le_data::Data;
use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub(crate) const START: i64 = 1_893_456_000_000;
pub(crate) const DAY: i64 = 86_400_000;
pub(crate) const TOKEN: &str = "a-token-for-tests";

pub(crate) fn range(days: i64) -> TimeRange {
    TimeRange::new(
        Timestamp::from_millis(START),
        Timestamp::from_millis(START + days * DAY - 1),
    )
    .unwrap()
}

pub(crate) fn crafted(path: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/crafted/");
    std::fs::read(format!("{root}{path}")).unwrap_or_else(|e| panic!("{path}: {e}"))
}

pub(crate) fn crafted_json(path: &str) -> Value {
    serde_json::from_slice(&crafted(path)).unwrap()
}

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
}

impl Seen {
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let pair = self.query.iter().find(|(own, _)| own == name);
        pair.map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.query(name)?.parse().ok()
    }
}

type Answer = Box<dyn Fn(usize, &Seen) -> ResponseTemplate + Send + Sync>;

struct Script {
    answer: Answer,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Respond for Script {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let pairs = request.url.query_pairs();
        let seen = Seen {
            method: request.method.to_string(),
            path: request.url.path().to_owned(),
            query: pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
            authorization: request
                .headers
                .get("authorization")
                .and_then(|value| Some(value.to_str().ok()?.to_owned())),
            body: serde_json::from_slice(&request.body).unwrap_or(Value::Null),
        };
        let call = {
            let mut all = self.seen.lock().unwrap();
            all.push(seen.clone());
            all.len() - 1
        };
        (self.answer)(call, &seen)
    }
}

pub(crate) struct Stage {
    pub(crate) server: MockServer,
    pub(crate) data: Data,
    pub(crate) clock: TestClock,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stage {
    /// Answers the nth request with what `answer` gives.
    pub(crate) async fn start(answer: impl Fn(usize, &Seen) -> ResponseTemplate + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let server = MockServer::start().await;
        let script = Script {
            answer: Box::new(answer),
            seen: Arc::clone(&seen),
        };
        Mock::given(any()).respond_with(script).mount(&server).await;
        let clock = TestClock::auto(Timestamp::from_millis(START + 40 * DAY));
        let data = data_with(&base(&server), &clock);
        Self {
            server,
            data,
            clock,
            seen,
        }
    }

    pub(crate) async fn json(body: Value) -> Self {
        Self::start(move |_, _| ResponseTemplate::new(200).set_body_json(&body)).await
    }

    pub(crate) fn base(&self) -> BaseUri {
        base(&self.server)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// The data APIs of a server that is not this module's.
pub(crate) fn data_at(base: &BaseUri) -> Data {
    data_with(base, &TestClock::auto(Timestamp::from_millis(START + 40 * DAY)))
}

fn data_with(base: &BaseUri, clock: &TestClock) -> Data {
    let client = Client::builder(AccountId::new("le1000").unwrap())
        .discover(Arc::new(FixedBase(base.clone())))
        .authorize(Arc::new(StaticBearer::new(TOKEN)))
        .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1"))
        .clock(Arc::new(clock.clone()))
        .source("le_test")
        .build()
        .unwrap();
    Data::new(client)
}

fn base(server: &MockServer) -> BaseUri {
    BaseUri::plain(&server.address().to_string()).unwrap()
}
