//! A service on loopback, and a client for it whose pauses take no time.

use std::sync::Arc;
use std::time::Duration;

use le_attributes::Attributes;
use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::testing::{FixedEntropy, TestClock};
use le_core::{AccountId, BaseUri, Client, Timestamp, TrustedHosts};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) const APP: &str = "0a0b0c0d-1111-4222-8333-444455556666";

pub(crate) struct Stage {
    pub(crate) server: MockServer,
    pub(crate) clock: TestClock,
    client: Client,
}

impl Stage {
    /// Answers requests with these, in order; the last one stays.
    pub(crate) async fn answering(answers: impl IntoIterator<Item = ResponseTemplate>) -> Self {
        let server = MockServer::start().await;
        let answers: Vec<_> = answers.into_iter().collect();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let respond = move |_: &Request| {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            answers[at.min(answers.len() - 1)].clone()
        };
        Mock::given(any()).respond_with(respond).mount(&server).await;
        let clock = TestClock::auto(Timestamp::from_millis(1_893_456_000_000));
        let base = BaseUri::plain(&server.address().to_string()).unwrap();
        let client = Client::builder(AccountId::new("70011223").unwrap())
            .discover(Arc::new(FixedBase(base)))
            .authorize(Arc::new(StaticBearer::new("b34r3r")))
            .trusted_hosts(TrustedHosts::default().with_host("127.0.0.1"))
            .clock(Arc::new(clock.clone()))
            .entropy(Arc::new(FixedEntropy(0)))
            .build()
            .unwrap();
        Self { server, clock, client }
    }

    pub(crate) fn attributes(&self) -> Attributes {
        Attributes::new(self.client.clone())
    }

    pub(crate) async fn sent(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    /// The pauses between attempts, in seconds.
    pub(crate) fn pauses(&self) -> Vec<u64> {
        self.clock.slept().iter().map(Duration::as_secs).collect()
    }
}

pub(crate) fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// The value of a query parameter.
pub(crate) fn query(request: &Request, name: &str) -> Option<String> {
    let mut pairs = request.url.query_pairs();
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub(crate) fn answer(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// An answer of the Monitoring API with an offer.
pub(crate) fn offered(status: u16, visitor: &str, session: &str) -> ResponseTemplate {
    answer(
        status,
        json!({
            "sessionId": session, "visitorId": visitor, "pageId": "3300771", "later": { "x": 1 },
            "engagementDetails": [{
                "campaignId": 700_111, "engagementId": "700222", "engagementRevision": "9", "contextId": "1",
                "connectorId": "700333", "status": "expose", "language": "nb-NO",
            }],
        }),
    )
}

pub(crate) fn ids(status: u16, visitor: &str, session: &str) -> ResponseTemplate {
    answer(status, json!({ "sid": session, "vid": visitor, "pageId": "3300771" }))
}

pub(crate) fn refusal(status: u16, code: i64, message: &str) -> ResponseTemplate {
    answer(
        status,
        json!({ "time": 1_700_000_000_123_i64, "message": message, "internalCode": code }),
    )
}
