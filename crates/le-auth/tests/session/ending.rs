//! How a session ends, and what outlives it.

use std::time::Duration;

use le_auth::{Session, SessionState};
use le_core::ErrorKind;

use crate::support::{Server, advance, client, clock, read, settle, until};
use crate::{opened, user, with};

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
    let session = opened(&server, &clock).await;
    let error = session.close().await.unwrap_err();
    assert_eq!(error.operation(), Some("login.logout"));
    assert!(matches!(session.state(), SessionState::Closed));
    let never = Session::builder(client(&server.transport(), &clock), user()).build();
    never.close().await.unwrap();
}

#[tokio::test]
async fn the_task_ends_with_the_last_clone() {
    let (server, clock) = (Server::default(), clock());
    let session = opened(&server, &clock).await;
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
