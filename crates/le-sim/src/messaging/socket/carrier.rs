//! One open socket: carries frames between the peer and the hub until either ends it.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::Instant,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message, Utf8Bytes,
        protocol::{
            CloseFrame, Role, WebSocketConfig,
            frame::{
                Frame,
                coding::{CloseCode, Data, OpCode},
            },
        },
    },
};
use tokio_util::sync::CancellationToken;

use super::handshake::Stream;
use crate::{
    messaging::{close, engine::LinkId, hub::Received, outbox::Outgoing},
    wire::ConnectionHandle,
    world::World,
};

/// Buffers of a socket: a thousand of them must not cost a gigabyte.
const BUFFER: usize = 8 * 1024;

/// Frames that are read before what they caused is written.
const READ_AHEAD: usize = 32;

/// A peer that does not read is dropped when so many frames wait for it.
const QUEUE_LIMIT: usize = 200_000;

/// How long the peer may take to answer a close.
const CLOSE_GRACE: Duration = Duration::from_secs(2);

/// As above, when the simulator stops: whoever stops it does not want to wait for clients.
const STOP_GRACE: Duration = Duration::from_millis(100);

/// One socket.
pub(crate) struct Carrier {
    world: Arc<World>,
    socket: WebSocketStream<Stream>,
    connection: ConnectionHandle,
    stop: CancellationToken,
    sender: UnboundedSender<Outgoing>,
    outbox: UnboundedReceiver<Outgoing>,
    silent: bool,
    heard: Instant,
}

/// Whether the socket goes on.
enum Next {
    Go,
    End,
}

impl Carrier {
    pub(super) async fn new(
        world: Arc<World>,
        stream: Stream,
        connection: ConnectionHandle,
        stop: CancellationToken,
    ) -> Self {
        let longest = world.behaviour().messaging.longest_frame;
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_message_size(Some(longest))
            .max_frame_size(Some(longest));
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        let (sender, outbox) = mpsc::unbounded_channel();
        Self {
            world,
            socket,
            connection,
            stop,
            sender,
            outbox,
            silent: false,
            heard: Instant::now(),
        }
    }

    /// Where frames for this socket are put.
    pub(super) fn sender(&self) -> UnboundedSender<Outgoing> {
        self.sender.clone()
    }

    /// Carries frames until the socket ends.
    pub(super) async fn run(&mut self, link: LinkId) {
        while let Next::Go = self.step(link).await {}
        self.world.messaging.disconnected(&self.world, link);
    }

    async fn step(&mut self, link: LinkId) -> Next {
        if self.silent {
            return self.frozen_step().await;
        }
        let idle = self.world.behaviour().messaging.idle_ms.map(Duration::from_millis);
        let quiet_until = idle.map(|idle| self.heard + idle);
        let event = tokio::select! {
            biased;
            () = self.stop.cancelled() => {
                let bye = self.close(close::GOING_AWAY, "the server is stopping");
                let _ = tokio::time::timeout(STOP_GRACE, bye).await;
                return Next::End;
            }
            () = self.connection.ended() => return Next::End,
            // Reading comes first: what was read is handled, and then everything that waits is written.
            read = self.socket.next() => Event::Read(read.and_then(Result::ok)),
            out = self.outbox.recv() => Event::Out(out),
            () = until(quiet_until) => Event::Idle,
        };
        match event {
            Event::Out(Some(out)) => self.write(out).await,
            Event::Out(None) | Event::Read(None) => Next::End,
            Event::Read(Some(message)) => self.read_on(link, message).await,
            Event::Idle => {
                self.close(1000, "idle").await;
                Next::End
            }
        }
    }

    /// Takes bytes in without looking at them, so that the end of the connection is noticed and no ping is answered.
    async fn frozen_step(&mut self) -> Next {
        let mut ignored = [0; 1024];
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Next::End,
            () = self.connection.ended() => Next::End,
            out = self.outbox.recv() => match out {
                Some(out) => self.put(out).await,
                None => Next::End,
            },
            read = self.socket.get_mut().read(&mut ignored) => match read {
                Ok(0) | Err(_) => Next::End,
                Ok(_) => Next::Go,
            },
        }
    }

    /// Handles what is there to be read, then writes what came of it.
    async fn read_on(&mut self, link: LinkId, first: Message) -> Next {
        self.heard = Instant::now();
        let mut next = Some(first);
        for _ in 0..READ_AHEAD {
            let Some(message) = next.take() else { break };
            if let Next::End = self.handle(link, message).await {
                return Next::End;
            }
            if self.silent {
                return Next::Go;
            }
            next = match futures_util::FutureExt::now_or_never(self.socket.next()) {
                Some(Some(Ok(message))) => Some(message),
                Some(_) => return Next::End,
                None => None,
            };
        }
        if let Some(message) = next
            && let Next::End = self.handle(link, message).await
        {
            return Next::End;
        }
        match self.outbox.try_recv() {
            Ok(out) => self.write(out).await,
            // A ping may have been answered.
            Err(_) => self.flushed().await,
        }
    }

    async fn handle(&mut self, link: LinkId, message: Message) -> Next {
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => {
                // The answer to it waits in the socket; reading on sends it.
                self.part().await;
                return Next::End;
            }
            Message::Binary(_) => {
                self.close(1003, "text frames only").await;
                return Next::End;
            }
            _ => return Next::Go,
        };
        self.receive(link, text, false).await
    }

    async fn receive(&mut self, link: LinkId, text: Utf8Bytes, again: bool) -> Next {
        match self.world.messaging.receive(&self.world, link, text.as_str(), again) {
            Received::Done => Next::Go,
            Received::Later(pause) => {
                let world = Arc::clone(&self.world);
                let stop = self.stop.clone();
                self.world.tasks.spawn(async move {
                    tokio::select! {
                        biased;
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(pause) => {
                            world.messaging.receive(&world, link, text.as_str(), true);
                        }
                    }
                });
                Next::Go
            }
            Received::Close(code, reason) => {
                self.write_all_waiting().await;
                self.close(code, reason).await;
                Next::End
            }
            Received::Abort => {
                self.connection.reset();
                Next::End
            }
            Received::Silence => {
                self.silent = true;
                Next::Go
            }
        }
    }

    /// Writes this and everything else that waits, in as few packets as it takes.
    async fn write(&mut self, first: Outgoing) -> Next {
        if self.outbox.len() > QUEUE_LIMIT {
            tracing::warn!("a peer that does not read was dropped");
            self.connection.reset();
            return Next::End;
        }
        let mut out = Some(first);
        while let Some(one) = out {
            if let Next::End = self.put(one).await {
                return Next::End;
            }
            out = self.outbox.try_recv().ok();
        }
        self.flushed().await
    }

    async fn write_all_waiting(&mut self) {
        if let Ok(out) = self.outbox.try_recv() {
            let _ = self.write(out).await;
        }
    }

    async fn put(&mut self, out: Outgoing) -> Next {
        if self.silent {
            return match out {
                Outgoing::Abort => {
                    self.connection.reset();
                    Next::End
                }
                Outgoing::Close(code, reason) => {
                    self.close(code, &reason).await;
                    Next::End
                }
                _ => Next::Go,
            };
        }
        let fed = match out {
            Outgoing::Text(text) => self.socket.feed(Message::Text(text)).await,
            Outgoing::Binary(bytes) => self.socket.feed(Message::Binary(bytes)).await,
            Outgoing::Split(text) => self.split(&text).await,
            Outgoing::Raw(bytes) => return self.raw(&bytes).await,
            Outgoing::Close(code, reason) => {
                self.close(code, &reason).await;
                return Next::End;
            }
            Outgoing::Abort => {
                let _ = self.socket.flush().await;
                self.connection.reset();
                return Next::End;
            }
            Outgoing::Silence => {
                let _ = self.socket.flush().await;
                self.silent = true;
                return Next::Go;
            }
            Outgoing::Later(pause, frames) => {
                let sender = self.sender.clone();
                self.world.tasks.spawn(async move {
                    tokio::time::sleep(pause).await;
                    for frame in frames {
                        // The socket may be gone by now.
                        let _ = sender.send(frame);
                    }
                });
                return Next::Go;
            }
        };
        if fed.is_ok() { Next::Go } else { Next::End }
    }

    /// One message in three frames, of which the second is empty.
    async fn split(&mut self, text: &str) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        let half = text.len() / 2;
        let bytes = text.as_bytes();
        let part = |bytes: &[u8], data: Data, last: bool| {
            Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(data), last))
        };
        self.socket.feed(part(&bytes[..half], Data::Text, false)).await?;
        self.socket.feed(part(&[], Data::Continue, false)).await?;
        self.socket.feed(part(&bytes[half..], Data::Continue, true)).await
    }

    async fn raw(&mut self, bytes: &[u8]) -> Next {
        if self.socket.flush().await.is_err() {
            return Next::End;
        }
        let stream = self.socket.get_mut();
        let written = stream.write_all(bytes).await.is_ok() && stream.flush().await.is_ok();
        if written { Next::Go } else { Next::End }
    }

    async fn flushed(&mut self) -> Next {
        if self.socket.flush().await.is_ok() {
            Next::Go
        } else {
            Next::End
        }
    }

    /// The next message, before the link is known.
    pub(super) async fn read(&mut self) -> Option<Message> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            () = self.connection.ended() => None,
            read = self.socket.next() => read.and_then(Result::ok),
        }
    }

    /// Sends one thing at once, before the link is known.
    pub(super) async fn send(&mut self, out: Outgoing) -> Option<()> {
        match self.write(out).await {
            Next::Go => Some(()),
            Next::End => None,
        }
    }

    /// Closes, and waits a little for the peer to agree. 1005 and 1006 are no codes of a frame: the first is a close
    /// without one, the second no close at all.
    pub(super) async fn close(&mut self, code: u16, reason: &str) {
        if code == 1006 {
            self.connection.reset();
            return;
        }
        let frame = (code != 1005).then(|| CloseFrame {
            code: CloseCode::from(code),
            // A control frame has room for 125 bytes, two of which are the code.
            reason: reason.chars().take(40).collect::<String>().into(),
        });
        if code == 1004 {
            // Reserved: the library refuses to send it, though servers were seen to.
            let payload = [&1004_u16.to_be_bytes()[..], reason.as_bytes()].concat();
            let payload = &payload[..payload.len().min(125)];
            let mut bytes = vec![0x88, payload.len() as u8];
            bytes.extend_from_slice(payload);
            let _ = self.raw(&bytes).await;
            self.part().await;
            return;
        }
        if self.socket.close(frame).await.is_ok() {
            self.part().await;
        }
    }

    /// Reads until the end, which is not waited for any longer than is polite.
    async fn part(&mut self) {
        let stop = self.stop.clone();
        let hurry = async {
            stop.cancelled().await;
            tokio::time::sleep(STOP_GRACE).await;
        };
        let drained = async { while let Some(Ok(_)) = self.socket.next().await {} };
        tokio::select! {
            biased;
            () = drained => {}
            () = tokio::time::sleep(CLOSE_GRACE) => {}
            () = hurry => {}
        }
    }
}

enum Event {
    Out(Option<Outgoing>),
    Read(Option<Message>),
    Idle,
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
