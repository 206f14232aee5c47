//! Requests and events over one connection, against a scripted peer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod peer;

use std::num::NonZeroU32;
use std::time::Duration;

use le_bots::event::PublishEvent;
use le_bots::request::RawRequest;
use le_bots::server_clock::{GetClock, KeepAlive};
use le_bots::{Event, Incoming};
use le_core::{Disposition, ErrorKind};
use peer::{connected, number, quiet, settle, soon, stopped, with_buffer};
use serde_json::json;
use tokio::io::AsyncWriteExt;

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
async fn frames_that_are_no_messages_are_handed_on_and_the_connection_goes_on() {
    let (connection, mut events, mut peer) = connected(quiet()).await;
    peer.text("{\"kind\":").await;
    peer.binary(b"\x00\x01").await;
    peer.text("[1]").await;
    peer.text(r#"{"kind":"weather"}"#).await;
    for expected in [&b"{\"kind\":"[..], b"\x00\x01", b"[1]"] {
        let Some(Incoming::Unreadable(frame)) = soon(events.next()).await else {
            panic!()
        };
        assert_eq!(frame.payload().as_ref(), expected);
    }
    assert!(matches!(soon(events.next()).await, Some(Incoming::Unmatched(_))));
    let _peer = peer.obliging();
    soon(connection.request(text("still here")).into_future())
        .await
        .unwrap();
}

#[tokio::test]
async fn five_megabytes_are_taken_and_more_than_allowed_is_not() {
    let mut settings = quiet();
    settings.largest_message = 6 << 20;
    let (connection, mut events, mut peer) = connected(settings).await;
    let frame = |bytes: usize| format!(r#"{{"kind":"notification","type":"x","body":"{}"}}"#, "x".repeat(bytes));
    let large = frame(5 << 20);
    let length = large.len();
    soon(async { tokio::join!(peer.text(large), events.next()) }).await;
    assert!(!connection.is_closed(), "{length} bytes");

    let too_large = frame(7 << 20);
    let script = async {
        use futures_util::{SinkExt, StreamExt};
        // The client may hang up before all of it is written.
        let _ = peer.socket.send(too_large.into()).await;
        peer.socket.next().await
    };
    let (_, close) = soon(async { tokio::join!(script, connection.closed()) }).await;
    assert_eq!(close.fault, Some(le_bots::close::Fault::TooLarge));
    assert!(close.to_string().contains("larger than allowed"));
}

/// A text frame of a server, as bytes.
fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x81];
    match u8::try_from(text.len()) {
        Ok(short) if short < 126 => bytes.push(short),
        _ => {
            bytes.push(126);
            bytes.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        }
    }
    bytes.extend(text.as_bytes());
    bytes
}

#[tokio::test]
async fn frames_come_byte_by_byte_and_many_at_once() {
    let (ours, mut theirs) = tokio::io::duplex(1 << 16);
    let (_connection, mut events) = le_bots::Connection::over(ours, le_bots::Dialect::Public, quiet()).await;
    let note = |n: usize| {
        bytes_of(&format!(
            r#"{{"kind":"notification","type":"ms.MessagingEventNotification","body":{{"changes":[{{"sequence":{n}}}]}}}}"#
        ))
    };
    for byte in note(0) {
        theirs.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    theirs.write_all(&[note(1), note(2), note(3)].concat()).await.unwrap();
    // One message in three frames, with a ping between them.
    let whole = note(4);
    let (header, payload) = (&whole[..2], &whole[2..]);
    assert!(usize::from(header[1]) == payload.len(), "a short frame");
    let (a, rest) = payload.split_at(5);
    let (b, c) = rest.split_at(7);
    let length = |part: &[u8]| u8::try_from(part.len()).unwrap();
    theirs
        .write_all(
            &[
                &[0x01, length(a)][..],
                a,
                &[0x89, 0],
                &[0x00, length(b)],
                b,
                &[0x80, length(c)],
                c,
            ]
            .concat(),
        )
        .await
        .unwrap();
    for expected in 0..5 {
        assert_eq!(number(&soon(events.next()).await.unwrap()), expected);
    }
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
async fn a_notification_may_come_before_the_answer_that_caused_it() {
    let (connection, mut events, mut peer) = connected(quiet()).await;
    let call = connection.request(text("hi"));
    let script = async {
        let (id, _) = peer.request().await;
        peer.notify(3).await;
        peer.answer(&id, 200, json!({"sequence": 3})).await;
    };
    let (published, ()) = soon(async { tokio::join!(call.into_future(), script) }).await;
    assert_eq!(published.unwrap().sequence.unwrap(), 3);
    assert_eq!(number(&soon(events.next()).await.unwrap()), 3);
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
async fn a_burst_of_429_is_waited_out_by_everybody() {
    let (settings, clock) = stopped();
    let (connection, _events, mut peer) = connected(settings).await;
    let first = tokio::spawn(connection.request(text("one")).into_future());
    let (id, _) = soon(peer.request()).await;
    peer.answer(&id, 429, json!("Too many requests")).await;
    // The deadline's sleep of the owner, and the pause of the caller.
    while clock.slept().len() < 2 {
        tokio::task::yield_now().await;
    }
    let second = tokio::spawn(connection.request(text("two")).into_future());
    settle().await;
    clock.advance(Duration::from_millis(999));
    settle().await;
    assert_eq!(connection.settings().throttled_pause, Duration::from_secs(1));
    clock.advance(Duration::from_millis(1001));
    let answer = peer.obliging();
    soon(first).await.unwrap().unwrap();
    soon(second).await.unwrap().unwrap();
    let pauses: Vec<_> = clock
        .slept()
        .into_iter()
        .filter(|pause| *pause < Duration::from_secs(3))
        .collect();
    assert!(
        pauses.len() >= 2 && pauses.iter().all(|pause| *pause <= Duration::from_secs(2)),
        "{pauses:?}"
    );
    answer.abort();
}

#[tokio::test]
async fn a_server_that_never_stops_throttling_is_an_error_in_the_end() {
    let mut settings = quiet();
    settings.throttled_pause = Duration::from_millis(2);
    let (connection, _events, mut peer) = connected(settings).await;
    let script = async {
        let mut ids = std::collections::BTreeSet::new();
        for _ in 0..4 {
            let (id, _) = peer.request().await;
            assert!(ids.insert(id.clone()), "each attempt has an id of its own");
            peer.answer(&id, 429, json!("Too many requests")).await;
        }
    };
    let call = connection.request(text("hi"));
    let (answer, ()) = soon(async { tokio::join!(call.into_future(), script) }).await;
    let error = answer.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 4));
    assert_eq!(error.disposition(), Disposition::Rejected);
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_allowed() {
    let mut settings = quiet();
    settings.in_flight = NonZeroU32::new(2).unwrap();
    let (connection, _events, mut peer) = connected(settings).await;
    let calls: Vec<_> = (0..3)
        .map(|_| tokio::spawn(connection.request(KeepAlive).into_future()))
        .collect();
    let (one, _) = soon(peer.request()).await;
    let (two, _) = soon(peer.request()).await;
    settle().await;
    // A caller who gives up keeps its place: the server still works for it.
    calls[0].abort();
    calls[1].abort();
    settle().await;
    let third = tokio::time::timeout(Duration::from_millis(30), peer.request()).await;
    assert!(third.is_err(), "the window is full");
    peer.answer(&one, 200, json!("")).await;
    let (three, _) = soon(peer.request()).await;
    peer.answer(&two, 200, json!("")).await;
    peer.answer(&three, 200, json!("")).await;
    assert_eq!(
        soon(calls.into_iter().nth(2).unwrap())
            .await
            .unwrap()
            .unwrap()
            .text
            .as_deref(),
        Some("")
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
async fn a_slow_reader_loses_the_oldest_and_is_told_while_requests_go_on() {
    let mut settings = quiet();
    settings.waiting_events = 3;
    let (connection, mut events, mut peer) = connected(settings).await;
    for n in 0..10 {
        peer.notify(n).await;
    }
    let _peer = peer.obliging();
    soon(connection.request(text("answered")).into_future()).await.unwrap();
    assert_eq!(soon(events.next()).await, Some(Incoming::Missed(7)));
    for expected in 7..10 {
        assert_eq!(number(&soon(events.next()).await.unwrap()), expected);
    }
}

#[tokio::test]
async fn the_bytes_that_wait_are_bounded_too() {
    let mut settings = quiet();
    settings.waiting_bytes = 2048;
    let (connection, mut events, mut peer) = connected(settings).await;
    for n in 0..3 {
        peer.text(format!(
            r#"{{"kind":"notification","type":"t{n}","body":"{}"}}"#,
            "x".repeat(1500)
        ))
        .await;
    }
    let _peer = peer.obliging();
    soon(connection.request(text("answered")).into_future()).await.unwrap();
    assert_eq!(soon(events.next()).await, Some(Incoming::Missed(2)));
    let Some(Incoming::Notification(last)) = soon(events.next()).await else {
        panic!()
    };
    assert_eq!(last.name().unwrap().as_str(), "t2", "the newest is kept, however large");
}

#[tokio::test]
async fn a_peer_that_does_not_read_while_it_writes_blocks_nobody() {
    let (connection, mut events, mut peer) = with_buffer(quiet(), 512).await;
    let call = tokio::spawn(connection.request(text(&"x".repeat(20_000))).into_future());
    settle().await;
    // The peer writes more than the pipe holds, before it reads anything.
    for n in 0..50 {
        soon(peer.notify(n)).await;
    }
    let (id, _) = soon(peer.request()).await;
    peer.answer(&id, 200, json!({"sequence": 0})).await;
    soon(call).await.unwrap().unwrap();
    for expected in 0..50 {
        assert_eq!(number(&soon(events.next()).await.unwrap()), expected);
    }
}

#[tokio::test]
async fn a_thousand_requests_in_flight_share_one_timer() {
    let (mut settings, clock) = stopped();
    settings.in_flight = NonZeroU32::new(1024).unwrap();
    let (connection, _events, mut peer) = connected(settings).await;
    let calls: Vec<_> = (0..1024)
        .map(|_| tokio::spawn(connection.request(KeepAlive).into_future()))
        .collect();
    for _ in 0..1024 {
        soon(peer.request()).await;
    }
    assert_eq!(clock.sleeping(), 1);
    clock.advance(Duration::from_secs(10));
    for call in calls {
        assert_eq!(soon(call).await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
    }
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
async fn without_a_reader_events_go_and_requests_stay() {
    let (connection, events, mut peer) = connected(quiet()).await;
    drop(events);
    for n in 0..20_000 {
        peer.notify(n).await;
        if n % 100 == 0 {
            settle().await;
        }
    }
    let _peer = peer.obliging();
    soon(connection.request(text("answered")).into_future()).await.unwrap();
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
