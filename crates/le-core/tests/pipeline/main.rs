//! The rules of the pipeline, on a scripted transport and a clock that jumps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where something is not as it should be"
)]

mod credentials;
mod hosts;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass};
use le_core::retry::{Budget, RetryPolicy};
use le_core::testing::{FixedEntropy, Scripted, ScriptedTransport, TestClock};
use le_core::transport::{Cause, Phase};
use le_core::{AccountId, BaseUri, Client, ClientBuilder, Disposition, Error, ErrorKind, Operation, OperationSpec};

static READ: OperationSpec = OperationSpec {
    id: "test.read",
    service: "msgHist",
    method: Method::POST,
    path: "/history/{accountId}/search",
    query: &[("v", "2")],
    auth: AuthRequirement::None,
    idempotent: true,
    class: CallClass::Standard,
    sends_source: true,
    documentation: "",
};
static WRITE: OperationSpec = spec("test.write", false, CallClass::Standard, AuthRequirement::None);
static LOGIN: OperationSpec = spec("test.login", true, CallClass::Login, AuthRequirement::None);
static SECURE: OperationSpec = spec("test.secure", true, CallClass::Standard, AuthRequirement::Required);

const fn spec(id: &'static str, idempotent: bool, class: CallClass, auth: AuthRequirement) -> OperationSpec {
    let (service, method, path, query) = ("s", Method::POST, "/path", &[] as &[(&str, &str)]);
    OperationSpec {
        id,
        service,
        method,
        path,
        query,
        auth,
        idempotent,
        class,
        sends_source: false,
        documentation: "",
    }
}

fn clock() -> TestClock {
    TestClock::auto("2030-01-01T09:00:00Z".parse().unwrap())
}

fn builder(transport: &ScriptedTransport, clock: &TestClock) -> ClientBuilder {
    Client::builder(AccountId::new("70011223").unwrap())
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock.clone()))
        .entropy(Arc::new(FixedEntropy(0)))
        .discover(Arc::new(FixedBase(BaseUri::new("va.msghist.liveperson.net").unwrap())))
}

fn seconds(clock: &TestClock) -> Vec<u64> {
    clock.slept().iter().map(Duration::as_secs).collect()
}

async fn outcome(spec: &'static OperationSpec, script: Vec<Scripted>) -> (Result<u32, Error>, Vec<u64>, usize) {
    let (transport, clock) = (ScriptedTransport::new(script), clock());
    let client = builder(&transport, &clock).build().unwrap();
    let answer = client.call(Operation::new(spec)).await.map(|answer| answer.attempts());
    (answer, seconds(&clock), transport.sent().len())
}

#[tokio::test]
async fn the_address_has_account_fixed_query_and_source() {
    let transport = ScriptedTransport::new([Scripted::ok("{}")]);
    let client = builder(&transport, &clock())
        .source("acme_crm")
        .application("acme/1.0")
        .build()
        .unwrap();
    client
        .call(Operation::new(&READ).query("sort", "start:asc").query("v", "1"))
        .await
        .unwrap();
    let sent = transport.sent().remove(0);
    assert_eq!(
        sent.uri.to_string(),
        "https://va.msghist.liveperson.net/history/70011223/search?sort=start%3Aasc&v=1&source=acme_crm"
    );
    assert!(sent.headers["user-agent"].to_str().unwrap().ends_with(" (+acme/1.0)"));
}

#[tokio::test]
async fn server_errors_are_retried_after_5_10_15_seconds_and_then_reported() {
    let (answer, slept, sent) = outcome(&READ, vec![Scripted::status(503, "down"); 4]).await;
    let error = answer.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), sent), (ErrorKind::Server, 4, 4));
    assert_eq!(slept, [5, 10, 15]);
    assert_eq!(error.elapsed(), Duration::from_secs(30));

    let (answer, slept, _) = outcome(&READ, vec![Scripted::status(500, ""), Scripted::ok("{}")]).await;
    assert_eq!((answer.unwrap(), slept), (2, vec![5]));
}

#[derive(Debug)]
struct KnowsBetter;

impl le_core::hook::Hook for KnowsBetter {
    fn permits_retry(&self, error: &Error) -> bool {
        error.code() != Some("9007")
    }
}

#[tokio::test]
async fn a_hook_ends_retries_where_the_services_own_code_says_no() {
    let down = |code: u32| Scripted::status(500, format!(r#"{{"internalErrorCode":{code}}}"#));
    let (transport, clock) = (ScriptedTransport::new([down(9010), down(9007), down(9010)]), clock());
    let client = builder(&transport, &clock).hook(Arc::new(KnowsBetter)).build().unwrap();
    let error = client.call(Operation::new(&READ)).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("9007"), 2));
    assert_eq!(seconds(&clock), [5]);
}

#[tokio::test]
async fn a_write_is_repeated_only_if_it_cannot_have_been_applied() {
    for (step, repeated) in [
        (Scripted::status(503, ""), false),
        (Scripted::broken(Phase::Exchange, Cause::Reset), false),
        (Scripted::broken(Phase::Body, Cause::Reset), false),
        (Scripted::broken(Phase::Connect, Cause::Refused), true),
        (Scripted::broken(Phase::Connect, Cause::Dns), true),
        (Scripted::broken(Phase::Connect, Cause::Tls), true),
        (Scripted::status(429, ""), true),
    ] {
        let (answer, _, sent) = outcome(&WRITE, vec![step.clone(), Scripted::ok("{}")]).await;
        assert_eq!(
            (answer.is_ok(), sent),
            (repeated, if repeated { 2 } else { 1 }),
            "{step:?}"
        );
        if let Err(error) = answer {
            assert_eq!(error.disposition(), Disposition::MaybeApplied, "{step:?}");
            assert!(!error.is_not_applied());
        }
    }
    let transport = ScriptedTransport::new([Scripted::status(503, ""), Scripted::ok("{}")]);
    let client = builder(&transport, &clock()).build().unwrap();
    client.call(Operation::new(&WRITE).idempotent(true)).await.unwrap();
}

#[tokio::test]
async fn throttling_waits_for_retry_after_in_both_forms() {
    let throttled = |value: Option<&str>| {
        let step = Scripted::status(429, "");
        vec![
            value.map_or(step.clone(), |value| step.header("retry-after", value)),
            Scripted::ok("{}"),
        ]
    };
    for (spec, header, wait) in [
        (&READ, None, 1),
        (&READ, Some("7"), 7),
        (&READ, Some("Tue, 01 Jan 2030 09:00:42 GMT"), 42),
        (&READ, Some("3600"), 120),
        (&READ, Some("gibberish"), 1),
        (&LOGIN, None, 5),
        (&LOGIN, Some("2"), 5),
        (&LOGIN, Some("9"), 9),
    ] {
        let (answer, slept, _) = outcome(spec, throttled(header)).await;
        assert!(answer.is_ok());
        assert_eq!(slept, [wait], "{} {header:?}", spec.id);
    }
}

#[tokio::test]
async fn client_errors_are_final_and_say_what_to_do() {
    for (status, kind) in [
        (400, ErrorKind::InvalidRequest),
        (403, ErrorKind::Authorization),
        (404, ErrorKind::NotFound),
        (408, ErrorKind::InvalidRequest),
        (451, ErrorKind::Authorization),
        (501, ErrorKind::Server),
        (302, ErrorKind::Protocol),
    ] {
        let (answer, slept, sent) = outcome(&READ, vec![Scripted::status(status, "{}")]).await;
        assert_eq!(
            (answer.unwrap_err().kind(), slept.len(), sent),
            (kind, 0, 1),
            "{status}"
        );
    }
    let (answer, _, sent) = outcome(&READ, vec![Scripted::broken(Phase::Connect, Cause::Certificate)]).await;
    let error = answer.unwrap_err();
    assert_eq!((sent, error.disposition()), (1, Disposition::NotSent));
    assert!(error.to_string().contains("certificate authority"), "{error}");
}

#[tokio::test]
async fn html_and_empty_answers_are_named_as_such() {
    let answer = async |body: &'static str| {
        let transport = ScriptedTransport::new([Scripted::ok(body)]);
        let client = builder(&transport, &clock()).build().unwrap();
        client
            .call(Operation::new(&READ))
            .await
            .unwrap()
            .json::<serde_json::Value>()
            .map_err(|e| (e.kind(), e.to_string()))
    };
    let (kind, text) = answer("<html><body>Bad gateway</body></html>").await.unwrap_err();
    assert!(
        kind == ErrorKind::Protocol && text.contains("HTML") && !text.contains("gateway</body>"),
        "{text}"
    );
    assert_eq!(answer(" \n").await.unwrap_err().0, ErrorKind::Protocol);
    let (kind, text) = answer(r#"{"a": [1, 2"#).await.unwrap_err();
    assert!(kind == ErrorKind::Decode && text.contains("truncated"), "{text}");
    let (answer, _, _) = outcome(
        &READ,
        vec![Scripted::status(502, "<html/>"), Scripted::status(400, "<html/>")],
    )
    .await;
    assert!(answer.unwrap_err().to_string().contains("HTML"));
}

#[tokio::test]
async fn a_decode_error_names_the_path_and_keeps_the_body() {
    #[derive(Debug, serde::Deserialize)]
    struct Answer {
        #[expect(dead_code, reason = "decoded only")]
        records: Vec<std::collections::BTreeMap<String, i64>>,
    }
    let transport = ScriptedTransport::new([Scripted::ok(r#"{"records":[{"a":1},{"a":"secret"}]}"#)]);
    let client = builder(&transport, &clock()).build().unwrap();
    let error = client
        .call(Operation::new(&READ))
        .await
        .unwrap()
        .json::<Answer>()
        .unwrap_err();
    assert!(
        error.to_string().contains("`records[1].a`") && !error.to_string().contains("secret"),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("secret"));
    assert_eq!(error.body().unwrap().len(), 36);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_times_out_and_is_retried() {
    let transport = ScriptedTransport::new([Scripted::hang(), Scripted::ok("{}")]);
    let clock = clock();
    let client = builder(&transport, &clock).build().unwrap();
    let answer = client
        .call(Operation::new(&READ))
        .with_attempt_timeout(Duration::from_secs(2))
        .await
        .unwrap();
    assert_eq!((answer.attempts(), seconds(&clock)), (2, vec![5]));

    let transport = ScriptedTransport::new([Scripted::hang()]);
    let client = builder(&transport, &clock).retry(RetryPolicy::never()).build().unwrap();
    let error = client.call(Operation::new(&WRITE)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Timeout, Disposition::MaybeApplied)
    );
}

#[tokio::test]
async fn the_deadline_bounds_attempts_and_pauses() {
    let transport = ScriptedTransport::new(vec![Scripted::status(503, ""); 4]);
    let clock = clock();
    let client = builder(&transport, &clock)
        .deadline(Duration::from_secs(12))
        .build()
        .unwrap();
    let error = client.call(Operation::new(&READ)).await.unwrap_err();
    assert_eq!(
        (error.attempts(), seconds(&clock)),
        (2, vec![5]),
        "the second pause of 10 s would end after the deadline"
    );
}

#[tokio::test]
async fn the_budget_is_shared_and_stops_retries_in_an_outage() {
    let transport = ScriptedTransport::answering(|_| Some(Scripted::status(503, "")));
    let clock = clock();
    let budget = Budget::new(20);
    let client = builder(&transport, &clock).budget(budget.clone()).build().unwrap();
    for _ in 0..10 {
        client.clone().call(Operation::new(&READ)).await.unwrap_err();
    }
    assert_eq!(
        transport.sent().len(),
        10 + 4,
        "each call once, and four retries for 20 tokens"
    );
    assert_eq!(budget.left(), 0);
}

#[tokio::test]
async fn a_missing_seam_is_explained() {
    let transport = ScriptedTransport::default();
    let client = builder(&transport, &clock()).build().unwrap();
    let error = client.call(Operation::new(&SECURE)).await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::Configuration && error.to_string().contains("Authorize"),
        "{error}"
    );
    let error = Client::builder(AccountId::new("a").unwrap())
        .source("no spaces allowed")
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("1 to 20 letters"), "{error}");
}

#[cfg(feature = "rate-limit")]
#[tokio::test]
async fn calls_are_spread_over_the_second() {
    let transport = ScriptedTransport::answering(|_| Some(Scripted::ok("{}")));
    let clock = clock();
    let limits = le_core::limit::Limits::default().per_second(std::num::NonZeroU32::new(4).unwrap());
    let client = builder(&transport, &clock).limits(limits).build().unwrap();
    for _ in 0..5 {
        client.call(Operation::new(&READ)).await.unwrap();
    }
    let slept: Vec<_> = clock.slept().iter().map(Duration::as_millis).collect();
    assert_eq!(slept, [250; 4], "the first call goes at once");
}
