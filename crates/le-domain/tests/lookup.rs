//! Both forms of the lookup, both shapes of the answer, and what failures become.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

use std::sync::Arc;

use le_core::retry::RetryPolicy;
use le_core::testing::{Scripted, ScriptedTransport, TestClock};
use le_core::transport::{Cause, Phase};
use le_core::{AccountId, Client, Discover as _, ErrorKind, Timestamp};
use le_domain::{Domain, Lookup, ServiceName};

const LIST: &str = r#"{"baseURIs":[
    {"service":"agentVep","account":"70011223","baseURI":"zz.agentvep.example.net"},
    {"service":"msgHist","account":"70011223","baseURI":"zz.msghist.example.net"},
    {"service":"liveEngageUI","account":"70011223","baseURI":"zz.ui.example.net:9443"}]}"#;
const ONE: &str = r#"{"service":"msgHist","account":"70011223","baseURI":"zz.msghist.example.net"}"#;

fn account() -> AccountId {
    AccountId::new("70011223").unwrap()
}

fn client(transport: &ScriptedTransport) -> Client {
    Client::builder(account())
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(TestClock::auto(Timestamp::default())))
        .build()
        .unwrap()
}

fn domain(transport: &ScriptedTransport, lookup: Lookup) -> Domain {
    Domain::builder(account())
        .client(client(transport))
        .lookup(lookup)
        .build()
        .unwrap()
}

fn asked(transport: &ScriptedTransport) -> Vec<String> {
    transport.sent().iter().map(|sent| sent.uri.to_string()).collect()
}

const ALL_URL: &str = "https://api.liveperson.net/api/account/70011223/service/baseURI.json?version=1.0";
const ONE_URL: &str = "https://api.liveperson.net/api/account/70011223/service/msgHist/baseURI.json?version=1.0";

#[tokio::test]
async fn one_request_serves_all_services() {
    let transport = ScriptedTransport::new([Scripted::ok(LIST)]);
    let domain = domain(&transport, Lookup::All);
    assert_eq!(
        domain.service(ServiceName::MsgHist).await.unwrap().to_string(),
        "https://zz.msghist.example.net"
    );
    assert_eq!(domain.discover("liveEngageUI").await.unwrap().port(), 9443);
    assert_eq!(domain.all().await.unwrap().len(), 3);
    assert_eq!(asked(&transport), [ALL_URL]);
    assert!(transport.sent()[0].headers.get("authorization").is_none());
}

#[tokio::test]
async fn the_single_form_asks_for_each_service_once() {
    let transport = ScriptedTransport::new([Scripted::ok(ONE)]);
    let domain = domain(&transport, Lookup::Single);
    for _ in 0..2 {
        assert_eq!(
            domain.service("msgHist").await.unwrap().host(),
            "zz.msghist.example.net"
        );
    }
    assert_eq!(asked(&transport), [ONE_URL]);
}

#[tokio::test]
async fn either_shape_is_read_on_either_form() {
    for (lookup, body) in [(Lookup::Single, LIST), (Lookup::All, ONE)] {
        let transport = ScriptedTransport::new([Scripted::ok(body)]);
        let domain = domain(&transport, lookup);
        assert_eq!(
            domain.service("msgHist").await.unwrap().host(),
            "zz.msghist.example.net",
            "{lookup:?}"
        );
    }
    let bare = r#"{"baseURIs":{"service":"msgHist","account":"1","baseURI":"bare.example.net"}}"#;
    let domain = domain(&ScriptedTransport::new([Scripted::ok(bare)]), Lookup::All);
    assert_eq!(domain.service("msgHist").await.unwrap().host(), "bare.example.net");
}

#[tokio::test]
async fn the_other_form_is_tried_where_the_preferred_one_is_of_no_use() {
    let cases = [
        (
            Lookup::All,
            Scripted::status(404, "nothing here"),
            ONE,
            [ALL_URL, ONE_URL],
        ),
        (Lookup::All, Scripted::ok("{}"), ONE, [ALL_URL, ONE_URL]),
        (Lookup::All, Scripted::ok("<html>hello</html>"), ONE, [ALL_URL, ONE_URL]),
        (Lookup::Single, Scripted::status(400, ""), LIST, [ONE_URL, ALL_URL]),
    ];
    for (lookup, first, second, urls) in cases {
        let transport = ScriptedTransport::new([first, Scripted::ok(second)]);
        let found = domain(&transport, lookup).service("msgHist").await.unwrap();
        assert_eq!(found.host(), "zz.msghist.example.net");
        assert_eq!(asked(&transport), urls);
    }
}

#[tokio::test]
async fn without_fallback_the_answer_stands() {
    let transport = ScriptedTransport::new([Scripted::status(404, r#"{"message":"no"}"#)]);
    let domain = Domain::builder(account())
        .client(client(&transport))
        .lookup(Lookup::Single)
        .fallback(false)
        .build()
        .unwrap();
    let error = domain.service("msgHIST").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Discovery);
    assert_eq!(error.status().unwrap(), 404);
    assert_eq!(error.body().unwrap(), r#"{"message":"no"}"#);
    assert!(error.to_string().contains("service `msgHIST`"), "{error}");
    assert!(error.to_string().contains("did you mean `msgHist`"), "{error}");
}

#[tokio::test]
async fn an_unknown_service_names_those_that_come_near() {
    let transport = ScriptedTransport::new([Scripted::ok(LIST)]);
    let domain = domain(&transport, Lookup::All);
    for (asked, expected) in [
        (
            "MsgHist",
            "did you mean `msgHist`? Names of services are case-sensitive",
        ),
        ("agentVp", "did you mean `agentVep`"),
        ("qwertyuiop", "the account has: agentVep, msgHist, liveEngageUI"),
    ] {
        let error = domain.service(asked).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Discovery);
        assert!(error.message().contains(&format!("`{asked}`")), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.status().unwrap(), 200);
        assert_eq!(error.body().unwrap(), LIST);
    }
    assert_eq!(
        transport.sent().len(),
        1,
        "what a fresh list lacks is not asked for again"
    );
}

#[tokio::test]
async fn every_bad_answer_is_an_error_of_discovery_and_is_not_kept() {
    let bad = [
        Scripted::ok(""),
        Scripted::ok("<html><body>502</body></html>"),
        Scripted::ok("{\"baseURIs\":["),
        Scripted::ok("{}"),
        Scripted::ok("[]"),
        Scripted::ok(r#"{"baseURIs":[]}"#),
        Scripted::ok(r#"{"baseURIs":[{"service":"msgHist","baseURI":"http://a.example/x"}]}"#),
        Scripted::ok(r#"{"baseURIs":[{"service":7},5,null]}"#),
        Scripted::status(400, "{}"),
        Scripted::status(401, "{}"),
        Scripted::status(302, "").header("location", "https://evil.example/"),
    ];
    for (case, answer) in bad.into_iter().enumerate() {
        let transport = ScriptedTransport::new([answer, Scripted::ok(LIST)]);
        let domain = Domain::builder(account())
            .client(client(&transport))
            .fallback(false)
            .build()
            .unwrap();
        let error = domain.service("msgHist").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Discovery, "case {case}: {error}");
        assert!(error.message().contains("account 70011223"), "case {case}: {error}");
        assert!(
            domain.service("msgHist").await.is_ok(),
            "case {case}: a failure was kept"
        );
    }
}

#[tokio::test]
async fn the_second_production_host_is_asked_where_the_first_cannot_be_reached_and_is_kept() {
    let transport = ScriptedTransport::new([
        Scripted::broken(Phase::Connect, Cause::Dns),
        Scripted::ok(LIST),
        Scripted::ok(LIST),
    ]);
    let domain = domain(&transport, Lookup::All);
    domain.all().await.unwrap();
    domain.refresh().await.unwrap();
    let hosts: Vec<_> = transport
        .sent()
        .iter()
        .map(|sent| sent.uri.host().unwrap().to_owned())
        .collect();
    assert_eq!(
        hosts,
        [
            "api.liveperson.net",
            "adminlogin.liveperson.net",
            "adminlogin.liveperson.net"
        ]
    );
}

#[tokio::test]
async fn an_unreachable_domain_api_says_so_and_keeps_the_cause() {
    let dead = || Scripted::broken(Phase::Connect, Cause::Refused);
    let transport = ScriptedTransport::new([dead(), dead()]);
    let client = Client::builder(account())
        .transport(Arc::new(transport))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let domain = Domain::builder(account())
        .client(client)
        .host("csds.example.net")
        .build()
        .unwrap();
    let error = domain.service("msgHist").await.unwrap_err();
    assert!(error.to_string().contains("csds.example.net"), "{error}");
    let source = std::error::Error::source(&error)
        .unwrap()
        .downcast_ref::<le_core::Error>()
        .unwrap();
    assert_eq!(source.kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn a_client_of_another_account_is_refused() {
    let transport = ScriptedTransport::default();
    let error = Domain::builder(AccountId::new("999").unwrap())
        .client(client(&transport))
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}
