//! A little history service, and a client for it whose waits take no time.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::testing::TestClock;
use le_core::{AccountId, BaseUri, Client, TimeRange, Timestamp, TrustedHosts};
use le_data::Data;
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub const START: i64 = 1_893_456_000_000;
pub const DAY: i64 = 86_400_000;

/// A conversation that began `at` milliseconds after the start of the history.
pub fn conversation(number: usize, at: i64) -> Value {
    json!({
        "info": { "conversationId": id(number), "startTimeL": START + at, "status": "CLOSE" },
        "messageRecords": [{ "seq": 0, "messageData": { "msg": { "text": format!("message of {number}") } } }],
    })
}

pub fn id(number: usize) -> String {
    format!("0a1b2c3d-1111-4222-8333-{number:012x}")
}

pub fn range(days: i64) -> TimeRange {
    TimeRange::new(
        Timestamp::from_millis(START),
        Timestamp::from_millis(START + days * DAY - 1),
    )
    .unwrap()
}

/// What was asked for: offset, limit, window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub offset: usize,
    pub limit: usize,
    pub from: i64,
    pub to: i64,
}

type Change = Box<dyn Fn(usize, &mut Vec<Value>) + Send + Sync>;
type Answer = Box<dyn Fn(usize, &Asked) -> Option<ResponseTemplate> + Send + Sync>;

/// Answers searches from a list of conversations, as the service does: windows widened to ten minutes, zero-based offsets.
pub struct History {
    records: Mutex<Vec<Value>>,
    asked: Mutex<Vec<Asked>>,
    calls: AtomicUsize,
    largest_page: usize,
    /// Changes the history before the nth call is answered.
    change: Option<Change>,
    /// Answers the nth call in place of the history.
    instead: Option<Answer>,
}

impl History {
    pub fn new(records: Vec<Value>) -> Self {
        Self {
            records: Mutex::new(records),
            asked: Mutex::default(),
            calls: AtomicUsize::new(0),
            largest_page: 100,
            change: None,
            instead: None,
        }
    }

    /// `count` conversations, one each minute.
    pub fn of(count: usize) -> Self {
        Self::new((0..count).map(|n| conversation(n, n as i64 * 60_000)).collect())
    }

    pub fn changing(mut self, change: impl Fn(usize, &mut Vec<Value>) + Send + Sync + 'static) -> Self {
        self.change = Some(Box::new(change));
        self
    }

    pub fn instead(
        mut self,
        answer: impl Fn(usize, &Asked) -> Option<ResponseTemplate> + Send + Sync + 'static,
    ) -> Self {
        self.instead = Some(Box::new(answer));
        self
    }

    pub fn pages_of(mut self, largest: usize) -> Self {
        self.largest_page = largest;
        self
    }

    fn answer(&self, request: &Request) -> ResponseTemplate {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let query = |name: &str| {
            request
                .url
                .query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let bound = |name: &str, none: i64| body["start"][name].as_i64().unwrap_or(none);
        let asked = Asked {
            offset: query("offset").map_or(0, |text| text.parse().unwrap()),
            limit: query("limit").map_or(50, |text| text.parse().unwrap()),
            from: bound("from", i64::MIN),
            to: bound("to", i64::MAX),
        };
        self.asked.lock().unwrap().push(asked.clone());
        if let Some(answer) = self.instead.as_ref().and_then(|instead| instead(call, &asked)) {
            return answer;
        }
        let mut records = self.records.lock().unwrap();
        if let Some(change) = &self.change {
            change(call, &mut records);
        }
        let wide = |at: i64| {
            at >= asked.from.div_euclid(600_000).saturating_mul(600_000)
                && at
                    <= asked
                        .to
                        .saturating_add(599_999)
                        .div_euclid(600_000)
                        .saturating_mul(600_000)
        };
        let found: Vec<&Value> = records
            .iter()
            .filter(|record| record["info"]["startTimeL"].as_i64().is_none_or(wide))
            .collect();
        let page: Vec<&Value> = found
            .iter()
            .skip(asked.offset)
            .take(asked.limit.min(self.largest_page))
            .copied()
            .collect();
        let end = asked.offset + page.len();
        let mut metadata =
            json!({ "count": found.len(), "self": { "rel": "self", "href": "http://internal.invalid/self" } });
        if end < found.len() {
            metadata["next"] = json!({ "rel": "next", "href": format!("http://internal.invalid/x?offset={end}") });
        }
        ResponseTemplate::new(200).set_body_json(json!({ "_metadata": metadata, "conversationHistoryRecords": page }))
    }
}

struct Serve(Arc<History>);

impl Respond for Serve {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        self.0.answer(request)
    }
}

pub struct Service {
    pub server: MockServer,
    pub data: Data,
    pub clock: TestClock,
    history: Arc<History>,
}

impl Service {
    pub async fn start(history: History) -> Self {
        let history = Arc::new(history);
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path_regex("^/messaging_history/api/account/le1000/conversations/"))
            .respond_with(Serve(Arc::clone(&history)))
            .mount(&server)
            .await;
        let clock = TestClock::auto(Timestamp::from_millis(START));
        let client = Client::builder(AccountId::new("le1000").unwrap())
            .discover(Arc::new(FixedBase(
                BaseUri::plain(&server.address().to_string()).unwrap(),
            )))
            .authorize(Arc::new(StaticBearer::new("a-token-for-tests")))
            .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1"))
            .clock(Arc::new(clock.clone()))
            .build()
            .unwrap();
        Self {
            server,
            data: Data::new(client),
            clock,
            history,
        }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.history.asked.lock().unwrap().clone()
    }

    pub fn offsets(&self) -> Vec<usize> {
        self.asked().into_iter().map(|asked| asked.offset).collect()
    }
}
