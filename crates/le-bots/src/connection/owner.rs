//! The one task that owns a socket: it writes requests in bursts, sorts what comes, and watches the time.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Sink;
use le_core::clock::Sleep;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Error as SocketError, Message};

use super::pending::{Lost, Pending, Reply, Waiter};
use super::{Command, Outgoing, Shared};
use crate::close::{Close, Fault, code};
use crate::request::text_frame;
use crate::server_clock::GetClock;

/// Requests for the clock in a row that may stay without an answer.
const CLOCK_MISSES: u32 = 2;

/// What waits to be written.
pub(super) enum Out {
    Request(u64, Message),
    Ping,
    Close(u16),
}

pub(super) enum State {
    Open,
    /// This side asked to close and waits for the server's part.
    Closing {
        deadline: Duration,
    },
    /// All is said: the last frame is flushed, then it is over.
    Ending {
        close: Close,
        deadline: Duration,
    },
    Done,
}

/// Owner of the socket. It ends with how the socket did.
pub(super) struct Owner<S> {
    pub(super) socket: WebSocketStream<S>,
    commands: UnboundedReceiver<Command>,
    pub(super) shared: Arc<Shared>,
    pub(super) pending: Pending,
    pub(super) outbox: VecDeque<Out>,
    pub(super) unflushed: bool,
    pub(super) state: State,
    alarm: Option<(Duration, Sleep)>,
    next_ping: Option<Duration>,
    pub(super) pong_due: Option<Duration>,
    next_clock: Option<Duration>,
    pub(super) clock_misses: u32,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Owner<S> {
    pub(super) fn new(socket: WebSocketStream<S>, commands: UnboundedReceiver<Command>, shared: Arc<Shared>) -> Self {
        let now = shared.settings.clock.monotonic();
        let first = |interval: Option<Duration>| interval.map(|interval| now + interval);
        Self {
            next_ping: first(shared.settings.ping_interval),
            next_clock: first(shared.settings.clock_interval),
            socket,
            commands,
            shared,
            pending: Pending::default(),
            outbox: VecDeque::new(),
            unflushed: false,
            state: State::Open,
            alarm: None,
            pong_due: None,
            clock_misses: 0,
        }
    }

    fn now(&self) -> Duration {
        self.shared.settings.clock.monotonic()
    }

    /// Takes what callers handed over.
    fn take_commands(&mut self, cx: &mut Context<'_>) {
        while matches!(self.state, State::Open | State::Closing { .. }) {
            match self.commands.poll_recv(cx) {
                Poll::Ready(Some(command)) => self.obey(command),
                Poll::Ready(None) => {
                    // Nobody holds the connection any more.
                    if matches!(self.state, State::Open) {
                        self.begin_close();
                    }
                    return;
                }
                Poll::Pending => return,
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Request(request) => {
                let Outgoing {
                    id,
                    text,
                    timeout,
                    reply,
                    place,
                } = *request;
                if !matches!(self.state, State::Open) {
                    return refuse(reply, Close::requested());
                }
                let waiter = Waiter::Caller { reply, _place: place };
                let deadline = self.now() + timeout;
                self.pending.insert(id, waiter, deadline);
                self.outbox.push_back(Out::Request(id, Message::text(text)));
            }
            Command::Close if matches!(self.state, State::Open) => self.begin_close(),
            Command::Close => {}
            Command::Abort => self.end(Close {
                code: None,
                ..Close::requested()
            }),
        }
    }

    fn begin_close(&mut self) {
        self.outbox.push_back(Out::Close(code::NORMAL.code));
        self.state = State::Closing {
            deadline: self.now() + self.shared.settings.close_timeout,
        };
    }

    /// Says goodbye with a code of this side, then ends.
    pub(super) fn break_off(&mut self, fault: Fault, code: u16) {
        self.outbox.clear();
        self.outbox.push_back(Out::Close(code));
        self.last_words(Close::broken_off(fault));
    }

    pub(super) fn last_words(&mut self, close: Close) {
        self.unflushed = true;
        self.state = State::Ending {
            close,
            deadline: self.now() + self.shared.settings.close_timeout,
        };
    }

    /// Writes what waits, then flushes once.
    fn write(&mut self, cx: &mut Context<'_>) {
        let written = self.feed(cx);
        if matches!(written, Poll::Ready(Err(_))) {
            return self.lose();
        }
        if !self.unflushed {
            return;
        }
        match Pin::new(&mut self.socket).poll_flush(cx) {
            Poll::Ready(Ok(())) => self.unflushed = false,
            Poll::Ready(Err(_)) => self.lose(),
            Poll::Pending => {}
        }
    }

    fn feed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        while !self.outbox.is_empty() {
            std::task::ready!(Pin::new(&mut self.socket).poll_ready(cx))?;
            let frame = match self.outbox.pop_front() {
                Some(Out::Request(id, frame)) if self.pending.begin_writing(id) => frame,
                Some(Out::Request(..)) | None => continue,
                Some(Out::Ping) => Message::Ping(Bytes::new()),
                Some(Out::Close(code)) => Message::Close(Some(CloseFrame {
                    code: CloseCode::from(code),
                    reason: "".into(),
                })),
            };
            self.unflushed = true;
            Pin::new(&mut self.socket).start_send(frame)?;
        }
        Poll::Ready(Ok(()))
    }

    /// The connection broke.
    pub(super) fn lose(&mut self) {
        let close = match std::mem::replace(&mut self.state, State::Open) {
            State::Closing { .. } => Close::requested(),
            State::Ending { close, .. } => close,
            State::Open | State::Done => Close::broken(),
        };
        self.end(close);
    }

    /// Handles what is due and arms the alarm for what is next. Gives whether something was due.
    fn watch(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(next) = self.next_due() else { return false };
        if self.alarm.as_ref().is_none_or(|(at, _)| *at > next) {
            let wait = next.saturating_sub(self.now());
            self.alarm = Some((next, self.shared.settings.clock.sleep(wait)));
        }
        let Some((_, alarm)) = &mut self.alarm else {
            return false;
        };
        if alarm.as_mut().poll(cx).is_pending() {
            return false;
        }
        self.alarm = None;
        self.handle_due();
        true
    }

    fn next_due(&self) -> Option<Duration> {
        let state = match self.state {
            State::Closing { deadline } | State::Ending { deadline, .. } => Some(deadline),
            State::Open | State::Done => None,
        };
        [
            state,
            self.pending.next_deadline(),
            self.next_ping,
            self.pong_due,
            self.next_clock,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn handle_due(&mut self) {
        let now = self.now();
        let due = |at: Option<Duration>| at.is_some_and(|at| at <= now);
        if let State::Closing { deadline } | State::Ending { deadline, .. } = self.state
            && deadline <= now
        {
            return self.lose();
        }
        if self.pending.expire(now) {
            self.clock_misses += 1;
        }
        if due(self.pong_due) || self.clock_misses >= CLOCK_MISSES {
            return self.end(Close::broken_off(Fault::Silent));
        }
        if due(self.next_ping) {
            self.next_ping = self.shared.settings.ping_interval.map(|interval| now + interval);
            self.pong_due = self.pong_due.or(Some(now + self.shared.settings.pong_timeout));
            self.outbox.push_back(Out::Ping);
        }
        if due(self.next_clock) {
            let paused = Duration::from_millis(self.shared.throttled_until.load(Ordering::Relaxed));
            // This is a request like any other, and the server wants none for now. Pings are none.
            let resting = paused > now;
            let interval = self.shared.settings.clock_interval;
            self.next_clock = interval.map(|interval| if resting { paused } else { now + interval });
            if !resting {
                self.ask_clock(now);
            }
        }
    }

    fn ask_clock(&mut self, now: Duration) {
        let id = self.shared.new_id();
        // It exists in both dialects and its body is empty, so it can always be written.
        if let Ok(text) = text_frame(&GetClock, self.shared.dialect, &id.to_string(), &[]) {
            self.pending
                .insert(id, Waiter::Clock, now + self.shared.settings.request_timeout);
            self.outbox.push_back(Out::Request(id, Message::text(text)));
        }
    }

    /// Tells everybody that it is over.
    fn end(&mut self, close: Close) {
        if matches!(std::mem::replace(&mut self.state, State::Done), State::Done) {
            return;
        }
        tracing::debug!(code = close.code, requested = close.requested, fault = ?close.fault, "the socket ended");
        self.commands.close();
        // First of all, so that whoever learns of a lost request can ask how the socket ended.
        self.shared.end(close.clone());
        self.pending.fail_all(&close);
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Request(request) = command {
                refuse(request.reply, close.clone());
            }
        }
    }
}

/// Answers a request that was not written.
fn refuse(reply: Reply, close: Close) {
    let _ = reply.send(Err(Lost::Closed { written: false, close }));
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Owner<S> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let owner = self.get_mut();
        loop {
            owner.take_commands(cx);
            owner.read(cx);
            owner.write(cx);
            if matches!(owner.state, State::Ending { .. }) && !owner.unflushed && owner.outbox.is_empty() {
                owner.lose();
            }
            if matches!(owner.state, State::Done) {
                return Poll::Ready(());
            }
            if !owner.watch(cx) {
                return Poll::Pending;
            }
        }
    }
}

impl<S> Drop for Owner<S> {
    /// The runtime went down with the connection still open.
    fn drop(&mut self) {
        self.shared.end(Close::broken());
        self.pending.fail_all(&Close::broken());
    }
}
