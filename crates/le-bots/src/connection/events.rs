//! What comes unasked, held for a reader that may be slow.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;

use super::Connection;
use crate::frame::{Envelope, Frame};
use crate::notification::Notification;

/// Something that came unasked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Incoming {
    /// A notification.
    Notification(Notification),
    /// So many events were dropped here, since the reader was slow. Catch up: query the messages of each open dialog, and
    /// subscribe again to conversations, whose first notification lists them all.
    Missed(u64),
    /// An answer that nobody waits for: it came after its time, or answers what was never asked. A late answer to a publish
    /// tells that the event was stored after all.
    Unmatched(Envelope),
    /// A frame that is no message of the protocol.
    Unreadable(Unreadable),
}

/// A frame that is no message of the protocol: no JSON object, of no known kind, or binary.
#[derive(Clone, PartialEq, Eq)]
pub struct Unreadable(Bytes);

impl Unreadable {
    pub(super) fn new(payload: Bytes) -> Self {
        tracing::warn!(bytes = payload.len(), "a frame that is no message of the protocol");
        Self(payload)
    }

    /// The payload of the frame. It may hold personal data.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.0
    }
}

impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unreadable(<{} bytes>)", self.0.len())
    }
}

/// How a frame begins that says of itself that it is a notification, as servers write it.
pub(crate) const NOTIFICATION: &str = r#"{"kind":"notification","#;

/// Something that came unasked and waits for the reader.
#[derive(Debug)]
pub(crate) enum Came {
    /// It begins as a [`NOTIFICATION`]. Most are read once, by whoever knows what to look for.
    Unread(Arc<str>),
    /// It was read.
    Read(Box<Incoming>),
}

impl From<Incoming> for Came {
    fn from(incoming: Incoming) -> Self {
        Self::Read(Box::new(incoming))
    }
}

impl Came {
    /// Reads it.
    pub(crate) fn read(self) -> Incoming {
        let text = match self {
            Self::Read(incoming) => return *incoming,
            Self::Unread(text) => text,
        };
        match Envelope::read(&text) {
            Ok(envelope) if matches!(envelope.frame(), Frame::Notification { .. }) => {
                Incoming::Notification(Notification::from(envelope))
            }
            Ok(envelope) => Incoming::Unmatched(envelope),
            Err(_) => Incoming::Unreadable(Unreadable::new(Bytes::copy_from_slice(text.as_bytes()))),
        }
    }
}

/// The events of a connection, as a [`Stream`]. There is one reader.
///
/// Events wait in memory up to the limits of the [`Settings`](super::Settings). A reader that falls behind loses the oldest ones
/// and is told so by [`Incoming::Missed`]; requests are answered all the same, so that a handler may wait for them.
/// The stream ends when the connection does; [`Connection::closed`] tells why. Dropping it drops later events, the connection
/// goes on.
///
/// # Cancel safety
/// Dropping a future of `next()` loses nothing.
pub struct Events {
    inbox: Arc<Inbox>,
    /// Keeps the connection open for as long as somebody listens.
    _connection: Connection,
}

impl Events {
    pub(super) fn new(inbox: Arc<Inbox>, connection: Connection) -> Self {
        Self {
            inbox,
            _connection: connection,
        }
    }

    /// The next event; `None` when the connection has ended.
    ///
    /// # Cancel safety
    /// An event that is not returned is not lost.
    pub async fn next(&mut self) -> Option<Incoming> {
        self.next_unread().await.map(Came::read)
    }

    /// As [`next`](Self::next), not read yet.
    pub(crate) async fn next_unread(&mut self) -> Option<Came> {
        std::future::poll_fn(|cx| self.inbox.poll(cx)).await
    }
}

impl Stream for Events {
    type Item = Incoming;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Incoming>> {
        self.inbox.poll(cx).map(|came| came.map(Came::read))
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.inbox.abandon();
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("waiting", &self.inbox.state().queue.len())
            .finish_non_exhaustive()
    }
}

/// The queue between the owner of the socket and the reader of events.
#[derive(Debug)]
pub(super) struct Inbox {
    state: Mutex<State>,
    most: usize,
    most_bytes: usize,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<(Came, usize)>,
    bytes: usize,
    missed: u64,
    reader: Option<Waker>,
    abandoned: bool,
    finished: bool,
}

impl Inbox {
    pub(super) fn new(most: usize, most_bytes: usize) -> Self {
        Self {
            state: Mutex::default(),
            most: most.max(1),
            most_bytes,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event of this many bytes; the newest one is always kept.
    pub(super) fn push(&self, came: Came, bytes: usize) {
        let mut state = self.state();
        if state.abandoned {
            return;
        }
        while !state.queue.is_empty() && (state.queue.len() >= self.most || state.bytes + bytes > self.most_bytes) {
            if let Some((_, freed)) = state.queue.pop_front() {
                state.bytes -= freed;
                state.missed += 1;
            }
        }
        state.bytes += bytes;
        state.queue.push_back((came, bytes));
        wake(state);
    }

    /// Ends the stream behind what is waiting.
    pub(super) fn finish(&self) {
        let mut state = self.state();
        state.finished = true;
        wake(state);
    }

    fn abandon(&self) {
        let mut state = self.state();
        state.abandoned = true;
        state.queue = VecDeque::new();
        state.bytes = 0;
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Came>> {
        let mut state = self.state();
        if state.missed > 0 {
            let missed = std::mem::take(&mut state.missed);
            return Poll::Ready(Some(Incoming::Missed(missed).into()));
        }
        if let Some((came, bytes)) = state.queue.pop_front() {
            state.bytes -= bytes;
            return Poll::Ready(Some(came));
        }
        if state.finished {
            return Poll::Ready(None);
        }
        match &mut state.reader {
            Some(reader) => reader.clone_from(cx.waker()),
            None => state.reader = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

/// Wakes the reader without holding the lock.
fn wake(mut state: MutexGuard<'_, State>) {
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}
