//! A session's life: opening, refreshing, renewal, failures, closing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use le_auth::{AppCredentials, Session, SessionState, UserCredentials};
use le_core::{Client, ErrorKind, Secret};
use support::{Server, advance, client, clock, read, settle, until};

fn user() -> UserCredentials {
    UserCredentials::new("ops@example.org", "pw-1")
}

fn with(client: &Client, session: &Session) -> Client {
    client.with_authorize(Arc::new(session.clone()))
}

#[tokio::test]
async fn it_opens_when_it_is_first_needed() {
    let (server, clock) = (Server::default(), clock());
    let client = client(&server.transport(), &clock);
    let session = Session::builder(client.clone(), user()).build();
    assert!(matches!(session.state(), SessionState::Idle));
    assert!(session.answer().is_none());
    let calling = with(&client, &session);
    for _ in 0..3 {
        calling.call(read()).await.unwrap();
    }
    assert_eq!((server.logins(), server.state().calls), (1, 3));
    let SessionState::Open { since, user_id } = session.state() else {
        panic!("{:?}", session.state());
    };
    assert_eq!(since.as_millis(), 1_893_488_400_000);
    assert_eq!(user_id.unwrap().as_str(), "4100000001");
    let answer = session.answer().unwrap();
    assert_eq!(answer.user_pid().unwrap().as_str(), "pid-1");
    assert_eq!(
        answer.base_uris().collect::<Vec<_>>(),
        [("msgHist", "va.msghist.liveperson.net")]
    );
    assert_eq!(answer.bearer, None, "secrets are taken out");
    assert_eq!(session.bearer().await.unwrap(), Secret::new("bearer-1"));
}

#[tokio::test]
async fn it_refreshes_every_four_minutes_with_csrf_and_cookies() {
    let (server, clock) = (Server::default(), clock());
    let session = Session::builder(client(&server.transport(), &clock), user())
        .open()
        .await
        .unwrap();
    advance(&clock, 239).await;
    assert_eq!(server.state().refreshes, 0);
    clock.advance(Duration::from_secs(1));
    until(|| server.state().refreshes == 1).await;
    assert_eq!(server.state().last_cookie.as_deref(), Some("Session_id=cookie-1; lb=7"));
    assert_eq!(server.state().last_csrf, "csrf-1");
    settle().await;
    advance(&clock, 240).await;
    until(|| server.state().refreshes == 2).await;
    assert_eq!(
        server.state().last_cookie.as_deref(),
        Some("lb=7; Session_id=rotated"),
        "what a refresh sets is replayed"
    );
    assert_eq!(server.logins(), 1);
    assert!(session.state().is_open());
}

#[tokio::test]
async fn the_session_id_of_the_body_stands_in_for_the_cookie() {
    let (server, clock) = (Server::default(), clock());
    server.state().omit_cookie = true;
    let _session = Session::builder(client(&server.transport(), &clock), user())
        .open()
        .await
        .unwrap();
    advance(&clock, 240).await;
    until(|| server.state().refreshes == 1).await;
    assert_eq!(server.state().last_cookie.as_deref(), Some("Session_id=sid-1"));
}

#[tokio::test]
async fn a_session_that_ends_early_is_refreshed_early() {
    let (server, clock) = (Server::default(), clock());
    server.state().ttl_ms = Some(100_000);
    let _session = Session::builder(client(&server.transport(), &clock), user())
        .open()
        .await
        .unwrap();
    advance(&clock, 79).await;
    assert_eq!(server.state().refreshes, 0);
    advance(&clock, 1).await;
    until(|| server.state().refreshes == 1).await;
    assert_eq!(server.logins(), 1);
}

#[tokio::test]
async fn a_session_that_cannot_be_refreshed_is_replaced_before_its_end() {
    let (server, clock) = (Server::default(), clock());
    server.state().omit_csrf = true;
    server.state().ttl_ms = Some(600_000);
    let session = Session::builder(client(&server.transport(), &clock), user())
        .open()
        .await
        .unwrap();
    advance(&clock, 540).await;
    until(|| server.logins() == 2).await;
    assert_eq!(server.state().refreshes, 0);
    session.close().await.unwrap();
    assert_eq!(server.state().logouts, 0, "without csrf there is no logout");
}

#[tokio::test]
async fn after_a_401_on_refresh_calls_go_on_with_the_old_bearer_until_there_is_a_new_one() {
    let (server, clock) = (Server::default(), clock());
    let client = client(&server.transport(), &clock);
    let session = Session::builder(client.clone(), user()).open().await.unwrap();
    let calling = with(&client, &session);
    server.state().refresh_answer = Some((
        401,
        r#"{"error":{"message":"csrf does not match","internalCode":10}}"#.to_owned(),
    ));
    server.state().login_refusal = Some((503, ""));
    advance(&clock, 240).await;
    until(|| matches!(session.state(), SessionState::Lost { .. })).await;
    calling.call(read()).await.unwrap();
    assert_eq!(server.logins(), 2);
    server.state().login_refusal = None;
    let mut states = session.watch();
    advance(&clock, 145).await;
    until(|| server.logins() == 3).await;
    states
        .wait_for(|state| matches!(state, SessionState::Open { .. }))
        .await
        .unwrap();
    calling.call(read()).await.unwrap();
    assert_eq!(session.bearer().await.unwrap(), Secret::new("bearer-3"));
}

#[tokio::test]
async fn a_401_at_each_refresh_causes_no_more_than_one_login_in_an_interval() {
    let (server, clock) = (Server::default(), clock());
    server.state().refresh_answer = Some((401, String::new()));
    let _session = Session::builder(client(&server.transport(), &clock), user())
        .open()
        .await
        .unwrap();
    for _ in 0..10 {
        advance(&clock, 240).await;
    }
    assert_eq!(server.state().refreshes, 10);
    assert_eq!(server.logins(), 11);
}

#[tokio::test]
async fn what_a_refresh_says_is_taken_in() {
    let (server, clock) = (Server::default(), clock());
    let session = Session::builder(client(&server.transport(), &clock), user())
        .open()
        .await
        .unwrap();
    server.state().refresh_answer = Some((
        200,
        r#"{"bearer":"fresh","csrf":"csrf-new","sessionTTl":100000}"#.to_owned(),
    ));
    advance(&clock, 240).await;
    until(|| server.state().refreshes == 1).await;
    settle().await;
    assert_eq!(session.bearer().await.unwrap(), Secret::new("fresh"));
    advance(&clock, 80).await;
    until(|| server.state().refreshes == 2).await;
    assert_eq!(server.state().last_csrf, "csrf-new");
}

#[tokio::test]
async fn refreshes_that_keep_failing_lead_to_a_login_before_the_end() {
    let (server, clock) = (Server::default(), clock());
    server.state().ttl_ms = Some(600_000);
    let _session = Session::builder(client(&server.transport(), &clock), user())
        .open()
        .await
        .unwrap();
    server.state().refresh_answer = Some((503, String::new()));
    advance(&clock, 240).await;
    advance(&clock, 150).await;
    assert_eq!(server.state().refreshes, 2);
    assert_eq!(server.logins(), 1);
    advance(&clock, 150).await;
    until(|| server.logins() == 2).await;
}

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
async fn close_logs_out_and_refuses_what_comes_after() {
    for status in [200, 401] {
        let (server, clock) = (Server::default(), clock());
        server.state().logout_status = Some(status);
        let client = client(&server.transport(), &clock);
        let session = Session::builder(client.clone(), user()).open().await.unwrap();
        let mut states = session.watch();
        session.close().await.unwrap();
        states
            .wait_for(|state| matches!(state, SessionState::Closed))
            .await
            .unwrap();
        assert_eq!(server.state().last_csrf, "csrf-1");
        assert_eq!(server.state().last_cookie.as_deref(), Some("Session_id=cookie-1; lb=7"));
        let error = with(&client, &session).call(read()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(session.open().await.unwrap_err().kind(), ErrorKind::Cancelled);
        session.close().await.unwrap();
        assert_eq!(server.logins(), 1);
        assert_eq!(server.state().logouts, 1);
        assert_eq!(server.state().calls, 0);
    }
}

#[tokio::test]
async fn a_logout_that_fails_is_told_and_the_session_is_closed_all_the_same() {
    let (server, clock) = (Server::default(), clock());
    server.state().logout_status = Some(500);
    let session = Session::builder(client(&server.transport(), &clock), user())
        .open()
        .await
        .unwrap();
    let error = session.close().await.unwrap_err();
    assert_eq!(error.operation(), Some("login.logout"));
    assert!(matches!(session.state(), SessionState::Closed));
    let never = Session::builder(client(&server.transport(), &clock), user()).build();
    never.close().await.unwrap();
}

#[tokio::test]
async fn the_task_ends_with_the_last_clone() {
    let (server, clock) = (Server::default(), clock());
    let session = Session::builder(client(&server.transport(), &clock), user())
        .open()
        .await
        .unwrap();
    let clone = session.clone();
    let mut states = session.watch();
    drop(session);
    advance(&clock, 240).await;
    until(|| server.state().refreshes == 1).await;
    clock.wait_for_sleepers(1).await;
    drop(clone);
    until(|| clock.sleeping() == 0).await;
    states.mark_unchanged();
    while states.changed().await.is_ok() {}
    clock.advance(Duration::from_secs(100_000));
    settle().await;
    assert_eq!(server.state().refreshes, 1);
    assert_eq!(server.state().logouts, 0);
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

#[test]
fn a_session_survives_the_runtime_that_it_was_opened_in() {
    let (server, clock) = (Server::default(), clock());
    let client = client(&server.transport(), &clock);
    let session = Session::builder(client.clone(), user()).build();
    let calling = with(&client, &session);
    for logins in 1..=2 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { calling.call(read()).await.unwrap() });
        drop(runtime);
        assert_eq!(server.logins(), logins);
        clock.advance(Duration::from_secs(10));
    }
}
