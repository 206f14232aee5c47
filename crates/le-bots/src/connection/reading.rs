//! What the owner of a socket does with what comes.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Bytes, Error as SocketError, Message};

use super::events::{Came, Incoming, NOTIFICATION, Unreadable};
use super::owner::{Owner, State};
use super::pending::Waiter;
use crate::close::{Close, Fault, code};
use crate::frame::{Envelope, Frame};
use crate::server_clock::ClockReading;

/// Frames that are read in one go before others get their turn.
const BURST: usize = 64;

impl<S: AsyncRead + AsyncWrite + Unpin> Owner<S> {
    /// Reads a burst of frames.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) {
        for _ in 0..BURST {
            if !matches!(self.state, State::Open | State::Closing { .. }) {
                return;
            }
            match Pin::new(&mut self.socket).poll_next(cx) {
                Poll::Ready(Some(Ok(message))) => self.sort(message),
                Poll::Ready(Some(Err(error))) => return self.failed(&error),
                Poll::Ready(None) => return self.lose(),
                Poll::Pending => return,
            }
        }
        // There may be more, but others want their turn.
        cx.waker().wake_by_ref();
    }

    fn sort(&mut self, message: Message) {
        // Whatever came, the peer lives.
        self.pong_due = None;
        match message {
            // Whoever reads events reads it, and its body with it; here is nothing to be done about it. It is copied, since a part of
            // the read buffer would keep that, and each burst would need a new one.
            Message::Text(text) if text.starts_with(NOTIFICATION) => {
                self.shared.inbox.push(Came::Unread(text.as_str().into()), text.len());
            }
            Message::Text(text) => match Envelope::read(text.as_str()) {
                Ok(envelope) => self.deliver(envelope, text.len()),
                Err(_) => self.unreadable(text.into()),
            },
            Message::Binary(payload) => self.unreadable(payload),
            Message::Ping(_) => self.unflushed = true,
            Message::Close(frame) => {
                let close = match (&self.state, frame) {
                    (State::Closing { .. }, _) => Close::requested(),
                    (_, Some(frame)) => Close::by_server(frame.code.into(), frame.reason.as_str()),
                    (_, None) => Close::by_server(code::NO_STATUS.code, ""),
                };
                self.outbox.clear();
                self.last_words(close);
            }
            Message::Pong(_) | Message::Frame(_) => {}
        }
    }

    fn unreadable(&mut self, payload: Bytes) {
        let bytes = payload.len();
        let unreadable = Incoming::Unreadable(Unreadable::new(payload));
        self.shared.inbox.push(unreadable.into(), bytes);
    }

    fn deliver(&mut self, envelope: Envelope, bytes: usize) {
        let answered = match envelope.frame() {
            Frame::Response { to, .. } => to.as_str().parse().ok().and_then(|id| self.pending.take(id)),
            Frame::Notification { .. } => {
                let notification = Incoming::Notification(envelope.into());
                return self.shared.inbox.push(notification.into(), bytes);
            }
            _ => None,
        };
        match answered {
            Some(Waiter::Caller { reply, .. }) => {
                // A caller who gave up does not want it.
                let _ = reply.send(Ok(envelope));
            }
            Some(Waiter::Clock) => {
                self.clock_misses = 0;
                self.shared.learn_time(envelope.decode_body::<ClockReading>().ok());
            }
            None => {
                tracing::debug!(bytes, "an answer that nobody waits for");
                self.shared.inbox.push(Incoming::Unmatched(envelope).into(), bytes);
            }
        }
    }

    fn failed(&mut self, error: &SocketError) {
        match error {
            SocketError::Capacity(_) => self.break_off(Fault::TooLarge, 1009),
            SocketError::Utf8(_) => self.break_off(Fault::Protocol, 1007),
            SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => self.lose(),
            SocketError::Protocol(_) => self.break_off(Fault::Protocol, 1002),
            _ => self.lose(),
        }
    }
}
