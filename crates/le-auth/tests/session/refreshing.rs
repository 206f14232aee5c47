//! A session opens when it is needed, and keeps itself alive.

use std::time::Duration;

use le_auth::{Session, SessionState};
use le_core::Secret;

use crate::support::{Server, advance, client, clock, read, settle, until};
use crate::{opened, user, with};

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
    let session = opened(&server, &clock).await;
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
    let _session = opened(&server, &clock).await;
    advance(&clock, 240).await;
    until(|| server.state().refreshes == 1).await;
    assert_eq!(server.state().last_cookie.as_deref(), Some("Session_id=sid-1"));
}

#[tokio::test]
async fn a_session_that_ends_early_is_refreshed_early() {
    let (server, clock) = (Server::default(), clock());
    server.state().ttl_ms = Some(100_000);
    let _session = opened(&server, &clock).await;
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
    let session = opened(&server, &clock).await;
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
    let _session = opened(&server, &clock).await;
    for _ in 0..10 {
        advance(&clock, 240).await;
    }
    assert_eq!(server.state().refreshes, 10);
    assert_eq!(server.logins(), 11);
}

#[tokio::test]
async fn what_a_refresh_says_is_taken_in() {
    let (server, clock) = (Server::default(), clock());
    let session = opened(&server, &clock).await;
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
    let _session = opened(&server, &clock).await;
    server.state().refresh_answer = Some((503, String::new()));
    advance(&clock, 240).await;
    advance(&clock, 150).await;
    assert_eq!(server.state().refreshes, 2);
    assert_eq!(server.logins(), 1);
    advance(&clock, 150).await;
    until(|| server.logins() == 2).await;
}
