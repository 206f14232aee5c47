//! A tap on the wire between clients and the simulator: it writes down each frame, and breaks or freezes what it is told to.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Request, Response, StatusCode};
use le_core::transport::{Body, Cause, Duplex, Phase, Transport, TransportError, UpgradeAnswer};
use le_sim::Sim;
use serde_json::Value;
use tokio::io::DuplexStream;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::support::pipe;

const BUFFER: usize = 64 * 1024;

/// One frame.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Since the tap was made.
    pub(crate) at: Duration,
    /// Which socket, from 1.
    pub(crate) socket: usize,
    pub(crate) to_server: bool,
    pub(crate) seen: Seen,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    Text(Value),
    Ping,
    Close(Option<u16>),
    /// Pongs and what else the library does by itself.
    Other,
}

impl Line {
    /// The short name of a request's type, such as `PublishEvent`.
    pub(crate) fn request(&self) -> Option<&str> {
        let Seen::Text(frame) = &self.seen else { return None };
        let kind = frame["type"].as_str().filter(|_| self.to_server)?;
        kind.rsplit(['.', '$']).next()
    }

    /// The id of a request, or of the request that a response answers.
    pub(crate) fn id(&self) -> Option<&str> {
        let Seen::Text(frame) = &self.seen else { return None };
        frame[if self.to_server { "id" } else { "reqId" }].as_str()
    }

    pub(crate) fn is_response(&self) -> bool {
        !self.to_server && self.id().is_some()
    }

    /// Whether the frame speaks of this text.
    pub(crate) fn holds(&self, text: &str) -> bool {
        matches!(&self.seen, Seen::Text(frame) if frame.to_string().contains(text))
    }
}

/// What becomes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Pass,
    /// The connection breaks in place of the frame.
    Break,
    /// The connection stays, and nothing moves any more; no ping is answered.
    Freeze,
}

/// What becomes of an attempt to open a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Open,
    Refuse(u16),
    Unreachable,
}

/// One attempt to open a socket.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) at: Duration,
    pub(crate) uri: String,
}

type Judge = Box<dyn FnMut(&Line) -> Fate + Send>;
type Porter = Box<dyn FnMut(usize) -> Door + Send>;

/// The tap. Clones are the same.
#[derive(Clone)]
pub(crate) struct Wire(Arc<Shared>);

struct Shared {
    sim: Arc<Sim>,
    origin: Instant,
    lines: Mutex<Vec<Line>>,
    attempts: Mutex<Vec<Attempt>>,
    sockets: Mutex<Vec<tokio::sync::watch::Sender<bool>>>,
    judge: Mutex<Judge>,
    porter: Mutex<Porter>,
}

impl Wire {
    pub(crate) fn new(sim: Arc<Sim>) -> Self {
        Self(Arc::new(Shared {
            sim,
            origin: Instant::now(),
            lines: Mutex::default(),
            attempts: Mutex::default(),
            sockets: Mutex::default(),
            judge: Mutex::new(Box::new(|_| Fate::Pass)),
            porter: Mutex::new(Box::new(|_| Door::Open)),
        }))
    }

    /// From now on each frame is judged by this.
    pub(crate) fn judge(&self, judge: impl FnMut(&Line) -> Fate + Send + 'static) {
        *lock(&self.0.judge) = Box::new(judge);
    }

    /// The next frame that fits, and only that, meets this fate.
    pub(crate) fn once(&self, fate: Fate, fits: impl Fn(&Line) -> bool + Send + 'static) {
        let mut done = false;
        self.judge(move |line| {
            if done || !fits(line) {
                return Fate::Pass;
            }
            done = true;
            fate
        });
    }

    /// From now on this decides who is let in; it is told the number of the attempt, from 1.
    pub(crate) fn porter(&self, porter: impl FnMut(usize) -> Door + Send + 'static) {
        *lock(&self.0.porter) = Box::new(porter);
    }

    pub(crate) fn lines(&self) -> Vec<Line> {
        lock(&self.0.lines).clone()
    }

    /// What clients sent on this socket, as short names.
    pub(crate) fn requests(&self, socket: usize) -> Vec<String> {
        let lines = self.lines().into_iter().filter(|line| line.socket == socket);
        lines.filter_map(|line| line.request().map(str::to_owned)).collect()
    }

    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        lock(&self.0.attempts).clone()
    }

    /// How many sockets were opened.
    pub(crate) fn opened(&self) -> usize {
        lock(&self.0.sockets).len()
    }

    /// Breaks a socket without a close frame.
    pub(crate) fn cut(&self, socket: usize) {
        lock(&self.0.sockets)[socket - 1].send_replace(true);
    }

    fn pass(&self, socket: usize, to_server: bool, message: &Message) -> Fate {
        let seen = match message {
            Message::Text(text) => Seen::Text(serde_json::from_str(text).unwrap_or_default()),
            Message::Ping(_) => Seen::Ping,
            Message::Close(frame) => Seen::Close(frame.as_ref().map(|frame| frame.code.into())),
            _ => Seen::Other,
        };
        let line = Line {
            at: self.0.origin.elapsed(),
            socket,
            to_server,
            seen,
        };
        let fate = lock(&self.0.judge)(&line);
        lock(&self.0.lines).push(line);
        fate
    }

    async fn carry(self, socket: usize, client: DuplexStream, server: Box<dyn Duplex>) {
        let mut client = WebSocketStream::from_raw_socket(client, Role::Server, None).await;
        let mut server = WebSocketStream::from_raw_socket(server, Role::Client, None).await;
        let mut cut = lock(&self.0.sockets)[socket - 1].subscribe();
        loop {
            let (message, to_server) = tokio::select! {
                biased;
                _ = cut.changed() => return,
                message = client.next() => (message, true),
                message = server.next() => (message, false),
            };
            let Some(Ok(message)) = message else { return };
            match self.pass(socket, to_server, &message) {
                Fate::Break => return,
                Fate::Freeze => {
                    let _ = cut.changed().await;
                    return;
                }
                Fate::Pass => {}
            }
            // Each hop answers pings by itself.
            if matches!(message, Message::Ping(_) | Message::Pong(_)) {
                let _ = client.flush().await;
                continue;
            }
            let sent = if to_server {
                server.send(message).await
            } else {
                client.send(message).await
            };
            if sent.is_err() {
                // What the other side still says, a close above all, is to arrive.
                continue;
            }
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

#[async_trait]
impl Transport for Wire {
    async fn execute(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        pipe::execute(self.0.sim.connect(BUFFER), request).await
    }

    async fn upgrade(&self, request: Request<()>) -> Result<UpgradeAnswer, TransportError> {
        let number = {
            let mut attempts = lock(&self.0.attempts);
            attempts.push(Attempt {
                at: self.0.origin.elapsed(),
                uri: request.uri().to_string(),
            });
            attempts.len()
        };
        let door = lock(&self.0.porter)(number);
        match door {
            Door::Open => {}
            Door::Unreachable => return Err(TransportError::new(Phase::Connect, Cause::Refused)),
            Door::Refuse(status) => {
                let mut answer = Response::new(Bytes::new());
                *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                return Ok(UpgradeAnswer::Refused(answer));
            }
        }
        match pipe::upgrade(self.0.sim.connect(BUFFER), request).await? {
            UpgradeAnswer::Open(head, server) => {
                let (near, far) = tokio::io::duplex(BUFFER);
                let socket = {
                    let mut sockets = lock(&self.0.sockets);
                    sockets.push(tokio::sync::watch::Sender::new(false));
                    sockets.len()
                };
                tokio::spawn(self.clone().carry(socket, far, server));
                Ok(UpgradeAnswer::Open(head, Box::new(near)))
            }
            refused => Ok(refused),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
