//! What comes unasked, held for a reader that may be slow.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;

use super::Connection;
use crate::frame::Envelope;
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
pub struct Unreadable(pub(super) Bytes);

impl Unreadable {
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
        std::future::poll_fn(|cx| self.inbox.poll(cx)).await
    }
}

impl Stream for Events {
    type Item = Incoming;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Incoming>> {
        self.inbox.poll(cx)
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
    queue: VecDeque<(Incoming, usize)>,
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
    pub(super) fn push(&self, incoming: Incoming, bytes: usize) {
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
        state.queue.push_back((incoming, bytes));
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

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Incoming>> {
        let mut state = self.state();
        if state.missed > 0 {
            return Poll::Ready(Some(Incoming::Missed(std::mem::take(&mut state.missed))));
        }
        if let Some((incoming, bytes)) = state.queue.pop_front() {
            state.bytes -= bytes;
            return Poll::Ready(Some(incoming));
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
