//! The other end of a socket, as a script.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use le_bots::{Connection, Dialect, Events, Incoming, Settings};
use le_core::Timestamp;
use le_core::testing::TestClock;
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};

pub(crate) struct Peer {
    pub(crate) socket: WebSocketStream<DuplexStream>,
}

impl Peer {
    /// The next request: its id and the frame.
    pub(crate) async fn request(&mut self) -> (String, Value) {
        loop {
            match self.socket.next().await.unwrap().unwrap() {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    return (frame["id"].as_str().unwrap().to_owned(), frame);
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) async fn text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.unwrap();
    }

    pub(crate) async fn answer(&mut self, id: &str, code: u16, body: Value) {
        let frame = json!({"kind": "resp", "reqId": id, "code": code, "type": "StringResponse", "body": body});
        self.text(frame.to_string()).await;
    }

    pub(crate) async fn notify(&mut self, number: usize) {
        let body = json!({"changes": [{"sequence": number, "dialogId": "d"}]});
        let frame = json!({"kind": "notification", "type": "ms.MessagingEventNotification", "body": body});
        self.text(frame.to_string()).await;
    }

    pub(crate) async fn close(&mut self, code: u16, reason: &str) {
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.to_owned().into(),
        };
        self.socket.send(Message::Close(Some(frame))).await.unwrap();
    }

    pub(crate) async fn binary(&mut self, payload: &'static [u8]) {
        self.socket
            .send(Message::Binary(Bytes::from_static(payload)))
            .await
            .unwrap();
    }

    /// Answers every request with 200 until the client goes.
    pub(crate) fn obliging(mut self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(async move {
            while let Some(Ok(message)) = self.socket.next().await {
                if let Message::Text(text) = message {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    let id = frame["id"].as_str().unwrap();
                    let answer = json!({"kind": "resp", "reqId": id, "code": 200, "body": {"sequence": 1}});
                    if self.socket.send(Message::text(answer.to_string())).await.is_err() {
                        return;
                    }
                }
            }
        })
    }
}

/// A connection with these settings, and its peer, with so many bytes on their way.
pub(crate) async fn with_buffer(settings: Settings, bytes: usize) -> (Connection, Events, Peer) {
    let (ours, theirs) = tokio::io::duplex(bytes);
    let (connection, events) = Connection::over(ours, Dialect::Public, settings).await;
    let config = WebSocketConfig::default().max_frame_size(Some(64 << 20));
    let socket = WebSocketStream::from_raw_socket(theirs, Role::Server, Some(config)).await;
    (connection, events, Peer { socket })
}

pub(crate) async fn connected(settings: Settings) -> (Connection, Events, Peer) {
    with_buffer(settings, 1 << 20).await
}

/// Settings without probes, on the clock of the machine.
pub(crate) fn quiet() -> Settings {
    let mut settings = Settings::default();
    settings.ping_interval = None;
    settings.clock_interval = None;
    settings
}

/// The same on a clock that stands still.
pub(crate) fn stopped() -> (Settings, TestClock) {
    let clock = TestClock::manual(Timestamp::from_millis(1_760_000_000_000));
    let mut settings = quiet();
    settings.clock = Arc::new(clock.clone());
    (settings, clock)
}

/// The sequence of a notification made by [`Peer::notify`].
pub(crate) fn number(incoming: &Incoming) -> i64 {
    let Incoming::Notification(notification) = incoming else {
        panic!("{incoming:?}")
    };
    let Ok(le_bots::News::Events(events)) = notification.read() else {
        panic!("{notification:?}")
    };
    events.events[0].sequence.as_ref().unwrap().get()
}

/// Lets other tasks run until they all wait.
pub(crate) async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// Fails where something hangs.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("it hangs")
}
