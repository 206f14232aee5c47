//! Requests and their answers.

use std::num::NonZeroU32;
use std::time::Duration;

use le_bots::event::PublishEvent;
use le_bots::request::RawRequest;
use le_bots::server_clock::GetClock;
use le_bots::{Event, Incoming};
use le_core::{Disposition, ErrorKind};
use serde_json::json;

use crate::peer::{connected, number, quiet, settle, soon, stopped, with_buffer};

fn text(words: &str) -> PublishEvent {
    PublishEvent::new("d", Event::text(words))
}

#[tokio::test]
async fn answers_find_their_requests_whatever_their_order_and_names() {
    let (connection, _events, mut peer) = connected(quiet()).await;
    let (first, second) = (connection.request(text("one")), connection.request(text("two")));
    let script = async {
        let (one, frame) = peer.request().await;
        assert_eq!(frame["type"], "ms.PublishEvent");
        let (two, _) = peer.request().await;
        assert_ne!(one, two);
        // The id comes back as a number here, and as text there.
        peer.text(format!(
            r#"{{"kind":"resp","reqId":{two},"code":"OK","type":"x","body":{{"sequence":2}}}}"#
        ))
        .await;
        peer.answer(&one, 200, json!({"sequence": 1})).await;
    };
    let (first, second, ()) = soon(async { tokio::join!(first.into_future(), second.into_future(), script) }).await;
    assert_eq!(first.unwrap().sequence.unwrap(), 1);
    assert_eq!(second.unwrap().sequence.unwrap(), 2);
}

#[tokio::test]
async fn an_answer_after_its_time_is_not_lost() {
    let (settings, clock) = stopped();
    let (connection, mut events, mut peer) = connected(settings).await;
    let call = tokio::spawn(
        connection
            .request(text("slow"))
            .timeout(Duration::from_secs(3))
            .into_future(),
    );
    let (id, _) = soon(peer.request()).await;
    soon(clock.wait_for_sleepers(1)).await;
    clock.advance(Duration::from_millis(2999));
    settle().await;
    assert!(!call.is_finished());
    clock.advance(Duration::from_millis(1));
    let error = soon(call).await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Timeout, Disposition::MaybeApplied)
    );
    assert_eq!(error.operation(), Some("messaging.publish_event"));

    peer.answer(&id, 200, json!({"sequence": 8})).await;
    peer.answer("no-number", 200, json!("x")).await;
    peer.answer("999", 200, json!("x")).await;
    let Some(Incoming::Unmatched(late)) = soon(events.next()).await else {
        panic!()
    };
    assert_eq!(late.request_id.unwrap().as_str(), id);
    for _ in 0..2 {
        assert!(matches!(soon(events.next()).await, Some(Incoming::Unmatched(_))));
    }
    assert!(!connection.is_closed());
}

#[tokio::test]
async fn codes_become_errors_with_their_bodies() {
    let (connection, _events, mut peer) = connected(quiet()).await;
    for (code, kind, disposition) in [
        (400, ErrorKind::InvalidRequest, Disposition::Rejected),
        (401, ErrorKind::Authentication, Disposition::Rejected),
        (403, ErrorKind::Authorization, Disposition::Rejected),
        (404, ErrorKind::NotFound, Disposition::Rejected),
        (500, ErrorKind::Server, Disposition::MaybeApplied),
        (777, ErrorKind::Protocol, Disposition::Applied),
    ] {
        let script = async {
            let (id, _) = peer.request().await;
            peer.answer(
                &id,
                code,
                json!("Participant max@example.org is not part of the conversation"),
            )
            .await;
        };
        let call = connection.request(text("hi"));
        let (answer, ()) = soon(async { tokio::join!(call.into_future(), script) }).await;
        let error = answer.unwrap_err();
        assert_eq!((error.kind(), error.disposition()), (kind, disposition), "{code}");
        assert!(error.body().unwrap().starts_with(b"\"Participant max"));
        assert!(!format!("{error} {error:?}").contains("max@"), "bodies are personal");
    }
    // A success of another shape.
    let script = async {
        let (id, _) = peer.request().await;
        peer.answer(&id, 200, json!([7])).await;
    };
    let call = connection.request(text("hi"));
    let (answer, ()) = soon(async { tokio::join!(call.into_future(), script) }).await;
    let error = answer.unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Decode, Disposition::Applied)
    );
}

#[tokio::test]
async fn what_is_dropped_before_it_is_written_is_not_sent() {
    let mut settings = quiet();
    settings.in_flight = NonZeroU32::new(8).unwrap();
    let (connection, _events, mut peer) = with_buffer(settings, 256).await;
    // More than the pipe and the socket's buffer hold, so that later requests wait behind it.
    let long = "x".repeat(64 << 10);
    let stuck = tokio::spawn(connection.request(text(&long)).into_future());
    settle().await;
    let (dropped, kept) = (
        tokio::spawn(connection.request(text("dropped")).into_future()),
        tokio::spawn(connection.request(text("kept")).into_future()),
    );
    settle().await;
    dropped.abort();
    settle().await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let (id, frame) = soon(peer.request()).await;
        seen.push(frame["body"]["event"]["message"].as_str().unwrap().len());
        peer.answer(&id, 200, json!({"sequence": 0})).await;
    }
    assert_eq!(seen, [long.len(), "kept".len()]);
    soon(stuck).await.unwrap().unwrap();
    soon(kept).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_call_that_is_never_awaited_sends_nothing() {
    let (connection, _events, mut peer) = connected(quiet()).await;
    drop(connection.request(text("never")));
    let (later, ()) = soon(async {
        tokio::join!(connection.request(GetClock).into_future(), async {
            let (id, frame) = peer.request().await;
            assert_eq!(frame["type"], "GetClock");
            peer.answer(&id, 200, json!({"currentTime": 1_760_000_000_123_i64}))
                .await;
        })
    })
    .await;
    assert_eq!(later.unwrap().current_time.unwrap().as_millis(), 1_760_000_000_123);
}

#[tokio::test]
async fn metadata_and_raw_requests_go_through() {
    let (connection, _events, mut peer) = connected(quiet()).await;
    let raw = RawRequest::new("x.New").with_body(&json!({"a": 1})).unwrap();
    let call = connection
        .request(raw)
        .metadata(&json!({"type": "ExternalId", "id": "9"}));
    let script = async {
        let (id, frame) = peer.request().await;
        assert_eq!(
            (&frame["type"], &frame["body"], &frame["metadata"][0]["id"]),
            (&json!("x.New"), &json!({"a": 1}), &json!("9"))
        );
        peer.answer(&id, 299, json!({"b": [2]})).await;
    };
    let (answer, ()) = soon(async { tokio::join!(call.into_future(), script) }).await;
    assert_eq!(answer.unwrap().envelope.body.unwrap().as_str(), r#"{"b":[2]}"#);
}

#[tokio::test]
async fn waiting_for_an_event_can_be_given_up_without_loss() {
    let (_connection, mut events, mut peer) = connected(quiet()).await;
    for _ in 0..3 {
        let waited = tokio::time::timeout(Duration::from_millis(2), events.next()).await;
        assert!(waited.is_err());
    }
    peer.notify(1).await;
    assert_eq!(number(&soon(events.next()).await.unwrap()), 1);
}

#[tokio::test]
async fn connections_know_nothing_of_each_other() {
    let (old, mut old_events, mut old_peer) = connected(quiet()).await;
    let (new, mut new_events, mut new_peer) = connected(quiet()).await;
    new_peer.notify(1).await;
    old_peer.notify(7).await;
    old_peer.close(1000, "").await;
    soon(old.closed()).await;
    assert_eq!(number(&soon(old_events.next()).await.unwrap()), 7);
    assert_eq!(soon(old_events.next()).await, None);
    assert_eq!(number(&soon(new_events.next()).await.unwrap()), 1);
    assert!(!new.is_closed());
}

#[tokio::test]
async fn requests_that_the_socket_does_not_have_are_refused_before_they_are_sent() {
    let (connection, _events, mut peer) = connected(quiet()).await;
    let ring = connection.request(le_bots::ring::UpdateRing::accept("r"));
    let error = soon(ring.into_future()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Validation, Disposition::NotSent)
    );
    assert!(
        error
            .to_string()
            .contains("messaging.update_ring: consumer sockets do not have this request"),
        "{error}"
    );
    let nothing = tokio::time::timeout(Duration::from_millis(10), peer.request()).await;
    assert!(nothing.is_err());
}
