//! How connections end, and what becomes of what was under way.

use std::time::Duration;

use crate::peer::{connected, quiet, settle, soon, stopped, with_buffer};
use futures_util::StreamExt;
use le_bots::close::{Fault, code};
use le_bots::event::PublishEvent;
use le_bots::server_clock::KeepAlive;
use le_bots::{Close, Event, NextStep, Recovery};
use le_core::{Disposition, ErrorKind};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

fn text(words: &str) -> PublishEvent {
    PublishEvent::new("d", Event::text(words))
}

/// Ends a connection with a request under way; gives how it ended and the error of the request.
async fn ended_by(code: u16) -> (Close, le_core::Error) {
    let (connection, mut events, mut peer) = connected(quiet()).await;
    let call = tokio::spawn(connection.request(text("hi")).into_future());
    soon(peer.request()).await;
    match code {
        1006 => drop(peer),
        1005 => {
            use futures_util::SinkExt;
            peer.socket.send(Message::Close(None)).await.unwrap();
        }
        _ => peer.close(code, "secret reason").await,
    }
    let close = soon(connection.closed()).await;
    assert_eq!(soon(events.next()).await, None, "the stream ends once");
    (close, soon(call).await.unwrap().unwrap_err())
}

#[tokio::test]
async fn every_close_code_reaches_the_owner_and_fails_what_was_under_way() {
    for (sent, seen, kind, step) in [
        (1000, Some(1000), ErrorKind::Transport, NextStep::Reconnect),
        (1001, Some(1001), ErrorKind::Transport, NextStep::Reconnect),
        // No peer may send 1004; what comes with it counts as a breach of the protocol.
        (1004, Some(1002), ErrorKind::Transport, NextStep::Reconnect),
        (1005, Some(1005), ErrorKind::Transport, NextStep::Reconnect),
        (1006, None, ErrorKind::Transport, NextStep::Reconnect),
        (1008, Some(1008), ErrorKind::Transport, NextStep::RenewCredential),
        (1011, Some(1011), ErrorKind::Transport, NextStep::RenewCredential),
        (1012, Some(1012), ErrorKind::Transport, NextStep::Reconnect),
        (4401, Some(4401), ErrorKind::Authentication, NextStep::RenewCredential),
        (4407, Some(4407), ErrorKind::Authentication, NextStep::ExtendIdentity),
        (4500, Some(4500), ErrorKind::Authentication, NextStep::RenewCredential),
    ] {
        let (close, error) = ended_by(sent).await;
        assert_eq!(close.code, seen, "{sent}");
        assert_eq!(
            (error.kind(), error.disposition()),
            (kind, Disposition::MaybeApplied),
            "{sent}: {error}"
        );
        assert_ne!(error.kind(), ErrorKind::Timeout, "the end of the socket is no timeout");
        assert!(
            !format!("{error} {error:?} {close} {close:?}").contains("secret"),
            "{error}"
        );
        assert_eq!(Recovery::default().closed(&close), step, "{sent}");
    }
}

#[tokio::test]
async fn a_closed_connection_refuses_requests_without_a_panic() {
    let (connection, events, mut peer) = connected(quiet()).await;
    peer.close(code::GOING_AWAY.code, "").await;
    soon(connection.closed()).await;
    for _ in 0..2 {
        let error = soon(connection.request(KeepAlive).into_future()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.disposition()),
            (ErrorKind::Transport, Disposition::NotSent)
        );
        assert!(error.to_string().contains("1001"), "{error}");
    }
    assert!(connection.is_closed());
    connection.abort();
    assert_eq!(soon(connection.close()).await.code, Some(1001), "the first end counts");
    drop(events);
}

#[tokio::test]
async fn requests_that_wait_for_a_place_were_not_sent() {
    let mut settings = quiet();
    settings.in_flight = std::num::NonZeroU32::MIN;
    let (connection, _events, mut peer) = connected(settings).await;
    let under_way = tokio::spawn(connection.request(text("one")).into_future());
    soon(peer.request()).await;
    let waiting = tokio::spawn(connection.request(text("two")).into_future());
    settle().await;
    drop(peer);
    let (first, second) = (
        soon(under_way).await.unwrap().unwrap_err(),
        soon(waiting).await.unwrap().unwrap_err(),
    );
    assert_eq!(first.disposition(), Disposition::MaybeApplied);
    assert_eq!(second.disposition(), Disposition::NotSent);
}

#[tokio::test]
async fn an_orderly_close_says_goodbye_and_refuses_what_comes_later() {
    let (connection, mut events, mut peer) = connected(quiet()).await;
    let call = tokio::spawn(connection.request(text("last words")).into_future());
    soon(peer.request()).await;
    let closing = tokio::spawn({
        let connection = connection.clone();
        async move { connection.close().await }
    });
    let Some(Ok(Message::Close(Some(frame)))) = soon(peer.socket.next()).await else {
        panic!()
    };
    assert_eq!(u16::from(frame.code), 1000);
    let refused = soon(connection.request(KeepAlive).into_future()).await.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.disposition()),
        (ErrorKind::Cancelled, Disposition::NotSent)
    );
    // Reading on answers the close.
    let _ = peer.socket.next().await;
    let close = soon(closing).await.unwrap();
    assert!(close.requested);
    assert_eq!(Recovery::default().closed(&close), NextStep::Stay);
    let error = soon(call).await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Cancelled, Disposition::MaybeApplied)
    );
    assert_eq!(soon(events.next()).await, None);
}

#[tokio::test]
async fn answers_that_come_before_the_servers_close_are_delivered() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (ours, mut theirs) = tokio::io::duplex(1 << 12);
    let (connection, _events) = le_bots::Connection::over(ours, le_bots::Dialect::Public, quiet()).await;
    let call = tokio::spawn(connection.request(KeepAlive).into_future());
    let mut seen = [0; 256];
    let asked = theirs.read(&mut seen).await.unwrap();
    assert!(asked > 0);
    let closing = tokio::spawn({
        let connection = connection.clone();
        async move { connection.close().await }
    });
    let goodbye = theirs.read(&mut seen).await.unwrap();
    assert!(goodbye > 0 && seen[0] == 0x88, "a close frame");
    let answer = br#"{"kind":"resp","reqId":"1","code":200,"body":"at last"}"#;
    theirs
        .write_all(&[0x81, u8::try_from(answer.len()).unwrap()])
        .await
        .unwrap();
    theirs.write_all(answer).await.unwrap();
    theirs.write_all(&[0x88, 2, 0x03, 0xe8]).await.unwrap();
    assert_eq!(soon(call).await.unwrap().unwrap().text.as_deref(), Some("at last"));
    assert!(soon(closing).await.unwrap().requested);
}

#[tokio::test]
async fn a_close_whose_answer_does_not_come_ends_in_time_and_goes_on_when_it_is_dropped() {
    let (settings, clock) = stopped();
    let (connection, _events, _peer) = with_buffer(settings, 16).await;
    drop(tokio::time::timeout(Duration::from_millis(5), connection.close()).await);
    soon(clock.wait_for_sleepers(1)).await;
    clock.advance(Duration::from_secs(5));
    assert!(soon(connection.closed()).await.requested);
}

#[tokio::test]
async fn abort_ends_at_once() {
    let (connection, _events, mut peer) = connected(quiet()).await;
    let call = tokio::spawn(connection.request(text("hi")).into_future());
    soon(peer.request()).await;
    connection.abort();
    let error = soon(call).await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Cancelled, Disposition::MaybeApplied)
    );
    let last = soon(peer.socket.next()).await;
    assert!(!matches!(last, Some(Ok(Message::Close(_)))), "no goodbye: {last:?}");
}

#[tokio::test]
async fn the_socket_closes_when_nobody_holds_it() {
    let (connection, events, mut peer) = connected(quiet()).await;
    let copy = connection.clone();
    drop(connection);
    drop(copy);
    settle().await;
    let (still, ()) = (
        tokio::time::timeout(Duration::from_millis(20), peer.socket.next()).await,
        (),
    );
    assert!(still.is_err(), "somebody listens");
    drop(events);
    assert!(matches!(soon(peer.socket.next()).await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_dead() {
    let (mut settings, clock) = stopped();
    settings.ping_interval = Some(Duration::from_secs(30));
    let (connection, _events, peer) = with_buffer(settings, 1 << 16).await;
    let call = tokio::spawn(
        connection
            .request(text("hi"))
            .timeout(Duration::from_secs(300))
            .into_future(),
    );
    soon(clock.wait_for_sleepers(1)).await;
    settle().await;
    for (wait, closed) in [(29, false), (1, false), (9, false), (1, true)] {
        clock.advance(Duration::from_secs(wait));
        settle().await;
        assert_eq!(connection.is_closed(), closed, "after {wait} s more");
    }
    let close = soon(connection.closed()).await;
    assert_eq!((close.fault, close.code), (Some(Fault::Silent), None));
    assert_eq!(Recovery::default().closed(&close), NextStep::Reconnect);
    let error = soon(call).await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Transport, Disposition::MaybeApplied)
    );
    drop(peer);
}

#[tokio::test]
async fn a_peer_that_answers_pings_lives() {
    let (mut settings, clock) = stopped();
    settings.ping_interval = Some(Duration::from_secs(30));
    let (connection, _events, mut peer) = connected(settings).await;
    let peer = tokio::spawn(async move {
        let mut pings = 0;
        // Reading answers pings.
        while let Some(Ok(message)) = peer.socket.next().await {
            pings += u32::from(message.is_ping());
        }
        pings
    });
    for _ in 0..20 {
        soon(clock.wait_for_sleepers(1)).await;
        clock.advance(Duration::from_secs(15));
        settle().await;
    }
    assert!(!connection.is_closed());
    connection.abort();
    assert_eq!(soon(peer).await.unwrap(), 10);
}

#[tokio::test]
async fn the_servers_clock_is_learnt_and_missing_it_twice_is_the_end() {
    let (mut settings, clock) = stopped();
    settings.clock_interval = Some(Duration::from_secs(30));
    let (connection, _events, mut peer) = connected(settings).await;
    let before = connection.server_now();
    soon(clock.wait_for_sleepers(1)).await;
    clock.advance(Duration::from_secs(30));
    let (id, frame) = soon(peer.request()).await;
    assert_eq!(
        frame["type"], "GetClock",
        "a dot in front would end a consumer's socket"
    );
    let ahead = before.as_millis() + 30_000 + 2_500;
    peer.answer(&id, 200, json!({"currentTime": ahead})).await;
    settle().await;
    assert_eq!(connection.server_now().as_millis(), ahead);
    for (miss, closed) in [(1, false), (2, true)] {
        soon(clock.wait_for_sleepers(1)).await;
        clock.advance(Duration::from_secs(20));
        settle().await;
        clock.advance(Duration::from_secs(10));
        settle().await;
        clock.advance(Duration::from_secs(10));
        settle().await;
        assert_eq!(connection.is_closed(), closed, "missed {miss} times");
    }
    assert_eq!(soon(connection.closed()).await.fault, Some(Fault::Silent));
}

#[tokio::test]
async fn the_end_of_the_runtime_ends_what_waits() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let (connection, _events, _peer) = runtime.spawn(connected(quiet())).await.unwrap();
    let call = connection.request(text("hi")).into_future();
    let call = tokio::spawn(call);
    settle().await;
    runtime.shutdown_background();
    assert!(soon(call).await.unwrap().is_err());
    assert!(soon(connection.closed()).await.code.is_none());
}
