//! Answer bodies: whole, in pieces, or cut off.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use crate::wire::ConnectionHandle;

/// How long after its last byte a truncated answer is closed: time for the bytes to leave.
const TRUNCATION_LINGER: Duration = Duration::from_millis(40);

/// A body whose bytes lie in several pieces. They go to the socket as they are, without being joined.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    chunks: VecDeque<Bytes>,
    remaining: u64,
}

impl Chunks {
    pub(crate) fn new(chunks: Vec<Bytes>) -> Self {
        let remaining = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        Self {
            chunks: chunks.into(),
            remaining,
        }
    }

    pub(crate) fn one(bytes: Bytes) -> Self {
        Self::new(vec![bytes])
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        while let Some(chunk) = self.chunks.pop_front() {
            if !chunk.is_empty() {
                self.remaining -= chunk.len() as u64;
                return Poll::Ready(Some(Ok(Frame::data(chunk))));
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}

/// Sends a part of what was announced and closes the connection.
#[derive(Debug)]
pub(crate) struct Truncated {
    sent: Option<Bytes>,
    close: Pin<Box<Sleep>>,
    connection: ConnectionHandle,
}

impl Truncated {
    pub(crate) fn new(sent: Bytes, connection: ConnectionHandle) -> Self {
        Self {
            sent: Some(sent),
            close: Box::pin(sleep(TRUNCATION_LINGER)),
            connection,
        }
    }
}

impl Body for Truncated {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(sent) = self.sent.take() {
            let closes_at = Instant::now() + TRUNCATION_LINGER;
            self.close.as_mut().reset(closes_at);
            if !sent.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(sent))));
            }
        }
        std::task::ready!(self.close.as_mut().poll(cx));
        self.connection.close();
        // The body never ends by itself: an end short of its length would be reported as an error of the server.
        Poll::Pending
    }
}

/// Sends small pieces with pauses between them.
#[derive(Debug)]
pub(crate) struct Drip {
    rest: Bytes,
    piece: usize,
    pause: Duration,
    next: Pin<Box<Sleep>>,
}

impl Drip {
    pub(crate) fn new(bytes: Bytes, piece: usize, every_ms: u64) -> Self {
        Self {
            rest: bytes,
            piece: piece.max(1),
            pause: Duration::from_millis(every_ms),
            next: Box::pin(sleep(Duration::ZERO)),
        }
    }
}

impl Body for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        std::task::ready!(self.next.as_mut().poll(cx));
        let piece = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(piece);
        let at = Instant::now() + self.pause;
        self.next.as_mut().reset(at);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
