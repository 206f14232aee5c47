//! How long answers hold, who shares them, and what happens in an outage.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use le_core::discover::Doubt;
use le_core::retry::RetryPolicy;
use le_core::testing::{Scripted, ScriptedTransport, TestClock};
use le_core::transport::{Cause, Phase};
use le_core::{AccountId, BaseUri, Client, Discover as _, Timestamp};
use le_domain::{Domain, Lookup};

fn list(host: &str) -> Scripted {
    Scripted::ok(format!(
        r#"{{"baseURIs":[{{"service":"msgHist","account":"70011223","baseURI":"{host}"}}]}}"#
    ))
}

fn down() -> Scripted {
    Scripted::broken(Phase::Connect, Cause::Refused)
}

fn setup(transport: &ScriptedTransport) -> (Domain, TestClock) {
    let clock = TestClock::manual(Timestamp::default());
    let account = AccountId::new("70011223").unwrap();
    let client = Client::builder(account.clone())
        .transport(Arc::new(transport.clone()))
        .clock(Arc::new(clock.clone()))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let domain = Domain::builder(account)
        .client(client)
        .host("csds.example.net")
        .build()
        .unwrap();
    (domain, clock)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn base(host: &str) -> BaseUri {
    BaseUri::new(host).unwrap()
}

#[tokio::test]
async fn an_answer_holds_for_ten_minutes() {
    let transport = ScriptedTransport::new([list("a.example.net"), list("b.example.net")]);
    let (domain, clock) = setup(&transport);
    assert_eq!(domain.service("msgHist").await.unwrap(), base("a.example.net"));
    clock.advance(secs(599));
    assert_eq!(domain.service("msgHist").await.unwrap(), base("a.example.net"));
    clock.advance(secs(1));
    assert_eq!(domain.service("msgHist").await.unwrap(), base("b.example.net"));
    assert_eq!(transport.sent().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_at_the_same_time_share_one_lookup() {
    let transport = ScriptedTransport::new([list("a.example.net")]).latency(Duration::from_millis(20));
    let (domain, _) = setup(&transport);
    let callers = (0..1000).map(|_| {
        let domain = domain.clone();
        tokio::spawn(async move { domain.service("msgHist").await.unwrap() })
    });
    for found in join_all(callers).await {
        assert_eq!(found.unwrap(), base("a.example.net"));
    }
    assert_eq!(transport.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_leader_does_not_fail_those_who_wait() {
    let transport = ScriptedTransport::new([list("a.example.net")]).latency(secs(10));
    let (domain, _) = setup(&transport);
    let ask = |domain: Domain| tokio::spawn(async move { domain.service("msgHist").await });
    let leader = ask(domain.clone());
    tokio::time::sleep(secs(1)).await;
    let follower = ask(domain.clone());
    tokio::time::sleep(secs(1)).await;
    leader.abort();
    assert_eq!(follower.await.unwrap().unwrap(), base("a.example.net"));
    assert_eq!(transport.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_everybody_left_is_begun_anew() {
    let transport = ScriptedTransport::new([list("old.example.net"), list("new.example.net")]).latency(secs(10));
    let (domain, _) = setup(&transport);
    let left = tokio::time::timeout(secs(1), domain.service("msgHist")).await;
    assert!(left.is_err());
    assert_eq!(domain.service("msgHist").await.unwrap(), base("new.example.net"));
}

#[tokio::test]
async fn a_stale_answer_is_served_while_the_domain_api_fails() {
    let transport = ScriptedTransport::new([list("a.example.net"), down(), down(), list("b.example.net")]);
    let (domain, clock) = setup(&transport);
    assert!(!domain.all().await.unwrap().is_stale());
    clock.advance(secs(600));
    let stale = domain.all().await.unwrap();
    assert!(stale.is_stale());
    assert_eq!(stale.fetched_at(), Timestamp::default());
    for _ in 0..100 {
        assert_eq!(domain.service("msgHist").await.unwrap(), base("a.example.net"));
    }
    assert_eq!(transport.sent().len(), 2, "an outage is not multiplied");
    clock.advance(secs(30));
    assert_eq!(domain.service("msgHist").await.unwrap(), base("a.example.net"));
    clock.advance(secs(30));
    assert_eq!(domain.service("msgHist").await.unwrap(), base("b.example.net"));
    assert!(!domain.all().await.unwrap().is_stale());
    assert_eq!(transport.sent().len(), 4);
}

#[tokio::test]
async fn an_unreachable_host_is_looked_up_again_once() {
    let transport = ScriptedTransport::new([list("a.example.net"), list("a.example.net"), list("b.example.net")]);
    let (domain, clock) = setup(&transport);
    let first = domain.discover("msgHist").await.unwrap();
    assert!(domain.doubt("msgHist", &first, Doubt::Unreachable).await);
    assert_eq!(domain.discover("msgHist").await.unwrap(), first);
    for _ in 0..100 {
        assert!(
            !domain.doubt("msgHist", &first, Doubt::Unreachable).await,
            "confirmed just now"
        );
    }
    assert_eq!(domain.discover("msgHist").await.unwrap(), first);
    assert_eq!(transport.sent().len(), 2);
    clock.advance(secs(31));
    assert!(domain.doubt("msgHist", &first, Doubt::Unreachable).await);
    assert_eq!(domain.discover("msgHist").await.unwrap(), base("b.example.net"));
    assert!(
        domain.doubt("msgHist", &first, Doubt::Unreachable).await,
        "there is another answer already"
    );
    assert_eq!(domain.discover("msgHist").await.unwrap(), base("b.example.net"));
    assert_eq!(transport.sent().len(), 3);
}

#[tokio::test]
async fn ordinary_404s_cause_no_lookups() {
    let transport = ScriptedTransport::new([list("a.example.net"), list("b.example.net")]);
    let (domain, clock) = setup(&transport);
    let first = domain.discover("msgHist").await.unwrap();
    clock.advance(secs(60));
    assert!(!domain.doubt("msgHist", &first, Doubt::NotFound).await);
    clock.advance(secs(1));
    assert!(domain.doubt("msgHist", &first, Doubt::NotFound).await);
    assert_eq!(domain.discover("msgHist").await.unwrap(), base("b.example.net"));
    assert!(!domain.doubt("msgHist", &base("b.example.net"), Doubt::NotFound).await);
    assert_eq!(transport.sent().len(), 2);
}

#[tokio::test]
async fn a_doubted_host_is_still_served_where_nothing_newer_can_be_had() {
    let transport = ScriptedTransport::new([list("a.example.net"), down()]);
    let (domain, _) = setup(&transport);
    let first = domain.discover("msgHist").await.unwrap();
    assert!(domain.doubt("msgHist", &first, Doubt::Unreachable).await);
    assert_eq!(domain.discover("msgHist").await.unwrap(), first);
}

#[tokio::test]
async fn a_login_answer_seeds_the_cache() {
    let transport = ScriptedTransport::new([list("late.example.net")]);
    let (domain, _) = setup(&transport);
    let seeded = domain.seed([("agentVep", "a.example.net"), ("smt", "no/good")]);
    assert_eq!((seeded.len(), seeded.skipped().len()), (1, 1));
    assert_eq!(domain.service("agentVep").await.unwrap(), base("a.example.net"));
    assert_eq!(transport.sent().len(), 0);
    assert_eq!(
        domain.service("msgHist").await.unwrap(),
        base("late.example.net"),
        "what a seed lacks is looked up"
    );
    let none: [(&str, &str); 0] = [];
    assert!(domain.seed(none).is_empty());
    assert!(domain.service("msgHist").await.is_ok(), "an empty seed changes nothing");
}

#[tokio::test]
async fn plain_loopback_is_inherited_from_the_bootstrap() {
    for (host, expected) in [
        ("http://127.0.0.1:1", "http://127.0.0.1:8080"),
        ("127.0.0.1:1", "https://127.0.0.1:8080"),
    ] {
        let account = AccountId::new("70011223").unwrap();
        let transport = ScriptedTransport::new([list("127.0.0.1:8080")]);
        let domain = Domain::builder(account)
            .transport(Arc::new(transport))
            .host(host)
            .lookup(Lookup::All)
            .build()
            .unwrap();
        assert_eq!(domain.service("msgHist").await.unwrap().to_string(), expected);
    }
}
