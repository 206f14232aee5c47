//! What comes over the wire, well formed or not.

use le_bots::event::PublishEvent;
use le_bots::{Event, Incoming};
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::peer::{connected, number, quiet, soon};

fn text(words: &str) -> PublishEvent {
    PublishEvent::new("d", Event::text(words))
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
async fn a_peer_that_breaks_the_protocol_is_told_so() {
    for (bytes, code) in [
        // Text that is not UTF-8.
        (&[0x81, 2, 0xc3, 0x28][..], 1007_u16),
        // A masked frame, which only clients send.
        (&[0x81, 0x82, 1, 2, 3, 4, 0x31, 0x33], 1002),
        // A reserved opcode.
        (&[0x83, 0], 1002),
    ] {
        let (ours, mut theirs) = tokio::io::duplex(1 << 10);
        let (connection, _events) = le_bots::Connection::over(ours, le_bots::Dialect::Public, quiet()).await;
        theirs.write_all(bytes).await.unwrap();
        let close = soon(connection.closed()).await;
        assert_eq!(close.fault, Some(le_bots::close::Fault::Protocol), "{bytes:?}");
        let mut goodbye = Vec::new();
        soon(tokio::io::AsyncReadExt::read_to_end(&mut theirs, &mut goodbye))
            .await
            .unwrap();
        // Opcode, length, mask, masked code.
        let [0x88, 0x82, a, b, _, _, x, y, ..] = goodbye[..] else {
            panic!("{goodbye:?}")
        };
        assert_eq!(u16::from_be_bytes([a ^ x, b ^ y]), code, "{bytes:?}");
    }
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
