use std::collections::HashSet;
use std::time::Duration;

use http::Method;
use le_core::operation::{AuthRequirement, CallClass, OperationSpec};
use le_core::retry::RetryPolicy;
use le_core::testing::{Scripted, ScriptedTransport, TestClock};
use le_core::{AccountId, BaseUri, Client, ErrorKind, Operation};

use super::*;

static SEARCH: OperationSpec = OperationSpec {
    id: "test.search",
    service: "msgHist",
    method: Method::POST,
    path: "/messaging_history/api/account/{accountId}/conversations/search",
    query: &[("v", "2")],
    auth: AuthRequirement::Required,
    idempotent: true,
    class: CallClass::Standard,
    sends_source: true,
    documentation: "",
};

/// 2030-01-01T09:00:00Z
const NOW: i64 = 1_893_488_400_000;

fn setup(script: impl IntoIterator<Item = Scripted>) -> (Client, ScriptedTransport, ApiKey, TestClock) {
    let clock = TestClock::auto(Timestamp::from_millis(NOW));
    let key = ApiKey::new("ck", "cs", "at", "ats")
        .unwrap()
        .with_clock(Arc::new(clock.clone()));
    let transport = ScriptedTransport::new(script);
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock.clone()))
        .authorize(Arc::new(key.clone()))
        .build()
        .unwrap();
    (client, transport, key, clock)
}

fn search() -> Operation {
    Operation::new(&SEARCH)
        .at(BaseUri::new("va.msghist.liveperson.net").unwrap())
        .query("sort", "start:desc")
        .json_bytes("{}")
}

fn refused(problem: &str) -> Scripted {
    Scripted::status(401, format!("oauth_problem={problem}&oauth_problem_advice=told%20you"))
}

/// The parameters of each request's header.
fn headers(transport: &ScriptedTransport) -> Vec<Vec<(String, String)>> {
    let read = |pair: &str| {
        let (name, value) = pair.trim().split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('"').to_owned())
    };
    let sent = transport.sent();
    let header = |sent: &le_core::testing::SentRequest| {
        let value = &sent.headers[AUTHORIZATION];
        assert!(value.is_sensitive());
        value
            .to_str()
            .unwrap()
            .strip_prefix("OAuth ")
            .unwrap()
            .split(',')
            .map(read)
            .collect()
    };
    sent.iter().map(header).collect()
}

fn parameter(header: &[(String, String)], name: &str) -> String {
    header.iter().find(|(own, _)| own == name).unwrap().1.clone()
}

#[tokio::test]
async fn each_attempt_has_a_fresh_nonce_and_time_and_signs_what_is_sent() {
    let (client, transport, ..) = setup([Scripted::status(503, ""), Scripted::status(503, ""), Scripted::ok("{}")]);
    client.call(search()).await.unwrap();
    let headers = headers(&transport);
    let nonces: HashSet<String> = headers.iter().map(|header| parameter(header, "oauth_nonce")).collect();
    assert_eq!(nonces.len(), 3);
    assert!(nonces.iter().all(|nonce| nonce.len() == 32));
    let times: HashSet<String> = headers
        .iter()
        .map(|header| parameter(header, "oauth_timestamp"))
        .collect();
    assert_eq!(times.len(), 3);
    for (sent, header) in transport.sent().iter().zip(&headers) {
        assert!(sent.uri.query().unwrap().contains("source=le_rust_sdk"));
        let request = Request::builder()
            .method("POST")
            .uri(&sent.uri)
            .body(Bytes::new())
            .unwrap();
        let names = header.iter().filter(|(name, _)| name != "oauth_signature");
        let oauth: Vec<(&str, &str)> = names.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = encode(&sign(&request, &oauth, "cs", "ats"));
        assert_eq!(parameter(header, "oauth_signature"), expected);
    }
}

#[tokio::test]
async fn a_refused_timestamp_is_corrected_once_and_the_difference_is_kept() {
    let ahead = refused("timestamp_refused").header("date", "Tue, 01 Jan 2030 09:10:00 GMT");
    let (client, transport, key, _) = setup([ahead, Scripted::ok("{}"), Scripted::ok("{}")]);
    client.call(search()).await.unwrap();
    client.call(search()).await.unwrap();
    let times: Vec<i64> = headers(&transport)
        .iter()
        .map(|header| parameter(header, "oauth_timestamp").parse().unwrap())
        .collect();
    assert_eq!(times, [NOW / 1000, NOW / 1000 + 600, NOW / 1000 + 600]);
    assert_eq!(key.clock_correction_millis(), 600_000);
}

#[tokio::test]
async fn a_refused_timestamp_that_the_date_does_not_explain_is_an_error() {
    for date in [None, Some("Tue, 01 Jan 2030 09:00:01 GMT"), Some("soon")] {
        let mut answer = refused("timestamp_refused");
        if let Some(date) = date {
            answer = answer.header("date", date);
        }
        let (client, transport, key, _) = setup([answer]);
        let error = client.call(search()).await.unwrap_err();
        assert!(error.to_string().contains("clock"), "{error}");
        assert_eq!((transport.sent().len(), key.clock_correction_millis()), (1, 0));
    }
}

#[tokio::test]
async fn a_server_that_keeps_refusing_the_time_is_not_asked_for_ever() {
    let answer = || refused("timestamp_refused").header("date", "Tue, 01 Jan 2030 09:10:00 GMT");
    let (client, transport, ..) = setup([answer(), answer()]);
    assert!(client.call(search()).await.is_err());
    assert_eq!(transport.sent().len(), 2);
}

#[tokio::test]
async fn every_problem_says_what_to_do_and_is_not_repeated() {
    let cases = [
        ("signature_invalid", "check secret"),
        ("token_rejected", "access token"),
        ("consumer_key_rejected", "app key"),
        ("nonce_used", "twice"),
        ("signature_method_rejected", "OAuth 2.0"),
        ("parameter_absent", "Authorization header"),
        ("permission_denied", "permission"),
        ("something_new", "four values"),
    ];
    for (problem, advice) in cases {
        let (client, transport, ..) = setup([refused(problem)]);
        let error = client.call(search()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert_eq!(error.code(), Some(problem));
        assert_eq!(error.vendor_message(), Some("told you"));
        assert_eq!(error.operation(), Some("test.search"));
        assert!(error.to_string().contains(advice), "{error}");
        assert_eq!(transport.sent().len(), 1, "{problem}");
    }
}

#[tokio::test]
async fn a_refusal_in_another_form_stands_as_it_is() {
    let (client, ..) = setup([Scripted::status(401, "<html>no</html>")]);
    let error = client.call(search()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.to_string().contains("HTML"), "{error}");
}

#[tokio::test]
async fn a_host_that_is_not_trusted_gets_no_signature() {
    let (client, transport, ..) = setup([]);
    let operation = Operation::new(&SEARCH).at(BaseUri::new("liveperson.net.evil.example").unwrap());
    let error = client
        .call(operation)
        .with_retry(RetryPolicy::never())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("not trusted"), "{error}");
    assert!(transport.sent().is_empty());
}

#[test]
fn values_are_checked_and_never_shown() {
    let error = ApiKey::new("ck", " cs", "at", "ats").unwrap_err().to_string();
    assert!(error.contains("the secret of the API key has white space"), "{error}");
    assert!(
        ApiKey::new("ck", "cs", "", "ats")
            .unwrap_err()
            .to_string()
            .contains("access token")
    );
    let key = ApiKey::new("ck9", "cs9", "at9", "ats9").unwrap();
    assert_eq!(format!("{key:?}"), "ApiKey(<redacted>)");
}

#[tokio::test]
async fn thousands_refused_at_once_make_one_correction() {
    let (_, _, key, clock) = setup([]);
    clock.advance(Duration::from_secs(1));
    assert_eq!(key.0.correction().stamp, 0);
    let answer = || Some(refused("timestamp_refused").header("date", "Tue, 01 Jan 2030 10:00:00 GMT"));
    let transport = ScriptedTransport::answering(move |sent| {
        let header = sent.headers[AUTHORIZATION].to_str().unwrap();
        let time = header
            .split("oauth_timestamp=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        match time.parse::<i64>().unwrap() >= NOW / 1000 + 3000 {
            true => Some(Scripted::ok("{}")),
            false => answer(),
        }
    });
    let client = Client::builder(AccountId::new("1").unwrap())
        .transport(Arc::new(transport.clone()))
        .authorize(Arc::new(key.clone()))
        .build()
        .unwrap();
    let calls = (0..1000).map(|_| client.call(search()).send());
    for outcome in futures_util::future::join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(key.0.correction().stamp, 1);
}
