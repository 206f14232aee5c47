//! Limits: the window, refusals by rate, slow readers and writers.

use std::num::NonZeroU32;
use std::time::Duration;

use le_bots::event::PublishEvent;
use le_bots::server_clock::KeepAlive;
use le_bots::{Event, Incoming};
use le_core::{Disposition, ErrorKind};
use serde_json::json;

use crate::peer::{connected, number, quiet, settle, soon, stopped, with_buffer};

fn text(words: &str) -> PublishEvent {
    PublishEvent::new("d", Event::text(words))
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_on_many_threads_each_get_their_own_answer() {
    let mut settings = quiet();
    settings.in_flight = NonZeroU32::new(32).unwrap();
    let (connection, _events, mut peer) = connected(settings).await;
    let echo = tokio::spawn(async move {
        for _ in 0..64 * 50 {
            let (id, frame) = peer.request().await;
            peer.answer(&id, 200, frame["body"]["say"].clone()).await;
        }
    });
    let callers = (0..64).map(|caller| {
        let connection = connection.clone();
        tokio::spawn(async move {
            for turn in 0..50 {
                let word = format!("{caller}-{turn}");
                let request = le_bots::request::RawRequest::new("x.Echo");
                let request = request.with_body(&serde_json::json!({"say": word})).unwrap();
                let answer = connection.request(request).await.unwrap().envelope;
                assert_eq!(answer.body.unwrap().as_str(), format!("\"{word}\""));
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        soon(caller).await.unwrap();
    }
    soon(echo).await.unwrap();
}
