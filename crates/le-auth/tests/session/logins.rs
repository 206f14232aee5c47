//! When a session logs in, how often, and when never again.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use le_auth::{AppCredentials, Session, SessionState, UserCredentials};
use le_core::{ErrorKind, Secret};

use crate::support::{Server, advance, client, clock, read, settle, until};
use crate::{user, with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_on_a_dead_session_cause_one_login() {
    let (server, clock) = (Server::default(), clock());
    let client = client(&server.transport().latency(Duration::from_millis(30)), &clock);
    let session = Session::builder(client.clone(), user()).open().await.unwrap();
    server.state().valid = None;
    clock.advance(Duration::from_secs(3600));
    let calling = with(&client, &session);
    let callers = (0..10_000).map(|_| {
        let calling = calling.clone();
        tokio::spawn(async move { calling.call(read()).await.map(drop) })
    });
    for outcome in join_all(callers).await {
        outcome.unwrap().unwrap();
    }
    assert_eq!(server.logins(), 2, "the first one, and one for all of them");
    assert!(server.state().calls <= 20_000);
}

#[tokio::test]
async fn a_refused_credential_fails_all_who_wait_and_is_never_tried_again() {
    for (status, kind) in [
        (401, ErrorKind::Authentication),
        (451, ErrorKind::Authorization),
        (403, ErrorKind::Authorization),
        (400, ErrorKind::InvalidRequest),
    ] {
        let (server, clock) = (Server::default(), clock());
        server.state().login_refusal = Some((status, "{}"));
        let client = client(&server.transport(), &clock);
        let session = Session::builder(client.clone(), user()).build();
        let calling = with(&client, &session);
        let outcomes = join_all((0..1000).map(|_| calling.call(read()).send())).await;
        assert!(
            outcomes
                .iter()
                .all(|outcome| outcome.as_ref().unwrap_err().kind() == kind)
        );
        clock.advance(Duration::from_secs(1_000_000));
        settle().await;
        assert!(calling.call(read()).await.is_err());
        assert!(session.open().await.is_err());
        assert_eq!((server.logins(), server.state().calls), (1, 0), "{status}");
        assert!(session.state().is_lost_for_good());

        server.state().login_refusal = None;
        session.set_credentials(UserCredentials::new("ops@example.org", "pw-2"));
        until(|| session.state().is_open()).await;
        calling.call(read()).await.unwrap();
        assert_eq!((server.logins(), server.state().last_password.as_str()), (2, "pw-2"));
    }
}

#[tokio::test]
async fn after_a_failure_that_may_pass_callers_fail_at_once_and_the_keeper_tries_again_slowly() {
    let (server, clock) = (Server::default(), clock());
    server.state().login_refusal = Some((503, ""));
    let client = client(&server.transport(), &clock);
    let session = Session::builder(client.clone(), user()).build();
    let calling = with(&client, &session);
    for _ in 0..100 {
        let error = calling.call(read()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server);
    }
    assert_eq!(server.logins(), 1);
    let SessionState::Lost { next_attempt, .. } = session.state() else {
        panic!("{:?}", session.state());
    };
    let pause = next_attempt.unwrap().since(le_core::clock::Clock::now(&clock));
    assert!((120..=144).contains(&pause.as_secs()), "{pause:?}");
    advance(&clock, 119).await;
    assert_eq!(server.logins(), 1);
    advance(&clock, 26).await;
    assert_eq!(server.logins(), 2);
    advance(&clock, 239).await;
    assert_eq!(server.logins(), 2, "4 minutes the second time");
    server.state().login_refusal = None;
    advance(&clock, 50).await;
    until(|| session.state().is_open()).await;
    calling.call(read()).await.unwrap();
    assert_eq!(server.logins(), 3);
}

#[tokio::test]
async fn open_tries_again_at_once_but_not_within_five_seconds() {
    let (server, clock) = (Server::default(), clock());
    server.state().login_refusal = Some((503, ""));
    let session = Session::builder(client(&server.transport(), &clock), user()).build();
    assert!(session.open().await.is_err());
    server.state().login_refusal = None;
    let second = tokio::spawn({
        let session = session.clone();
        async move { session.open().await }
    });
    settle().await;
    assert_eq!(server.logins(), 1);
    advance(&clock, 5).await;
    second.await.unwrap().unwrap();
    assert_eq!(server.logins(), 2);
}

#[tokio::test]
async fn bearers_that_are_refused_as_soon_as_they_are_made_do_not_make_a_loop() {
    let (server, clock) = (Server::default(), clock());
    let client = client(&server.transport(), &clock);
    let session = Session::builder(client.clone(), user()).build();
    let calling = with(&client, &session);
    server.state().refuses_calls = true;
    for _ in 0..20 {
        let calling = calling.clone();
        let call = tokio::spawn(async move { calling.call(read()).await });
        // Five seconds between logins pass ten milliseconds at a time.
        until(|| {
            clock.advance(Duration::from_millis(10));
            call.is_finished()
        })
        .await;
        assert_eq!(call.await.unwrap().unwrap_err().status().unwrap(), 401);
    }
    assert!((2..=4).contains(&server.logins()), "{}", server.logins());
}

#[tokio::test]
async fn a_cancelled_caller_leaves_the_login_to_the_others() {
    let (server, clock) = (Server::default(), clock());
    let transport = server.transport().latency(Duration::from_millis(50));
    let session = Session::builder(client(&transport, &clock), user()).build();
    let first = tokio::spawn({
        let session = session.clone();
        async move { session.open().await }
    });
    until(|| server.logins() == 1).await;
    first.abort();
    session.open().await.unwrap();
    assert_eq!(server.logins(), 1);
}

#[tokio::test]
async fn a_new_credential_replaces_an_open_session_and_ends_the_old_one() {
    let (server, clock) = (Server::default(), clock());
    let client = client(&server.transport(), &clock);
    let session = Session::builder(client.clone(), user()).open().await.unwrap();
    session.set_credentials(AppCredentials::oauth2("night-bot", "id", "secret"));
    advance(&clock, 5).await;
    until(|| server.state().logouts == 1).await;
    assert_eq!(server.logins(), 2);
    assert_eq!(server.state().last_csrf, "csrf-1");
    assert_eq!(session.bearer().await.unwrap(), Secret::new("bearer-2"));
}

#[tokio::test]
async fn a_credential_is_not_sent_to_a_host_that_is_not_trusted() {
    let (server, clock) = (Server::default(), clock());
    let transport = server.transport();
    let evil = le_core::discover::FixedBase("agentvep.evil.example".parse().unwrap());
    let client = client(&transport, &clock).with_discover(Arc::new(evil));
    let error = Session::builder(client, user()).open().await.unwrap_err();
    assert!(
        error.to_string().contains("\"agentvep.evil.example\" is not trusted"),
        "{error}"
    );
    assert_eq!(error.operation(), Some("login.login"));
    assert!(transport.sent().is_empty());
}

#[tokio::test]
async fn the_login_answer_seeds_discovery() {
    let (server, clock) = (Server::default(), clock());
    let transport = server.transport();
    let client = client(&transport, &clock);
    let domain = le_domain::Domain::builder(client.account().clone())
        .client(client.clone())
        .build()
        .unwrap();
    let seeded = domain.clone();
    let session = Session::builder(client, user())
        .on_login(move |answer| drop(seeded.seed(answer.base_uris())))
        .open()
        .await
        .unwrap();
    assert_eq!(
        domain.service("msgHist").await.unwrap().host(),
        "va.msghist.liveperson.net"
    );
    assert_eq!(transport.sent().len(), 1);
    drop(session);
}
