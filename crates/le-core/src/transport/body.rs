//! The body of an answer: whole, or still coming.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::StreamExt as _;

use super::{Cause, Phase, TransportError};

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// The body of an answer, as a stream of chunks.
pub struct Body {
    kind: Kind,
    length: Option<u64>,
}

enum Kind {
    Whole(Option<Bytes>),
    Chunks(Chunks),
}

impl Body {
    /// A body that is here already.
    #[must_use]
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            length: Some(bytes.len() as u64),
            kind: Kind::Whole(Some(bytes)),
        }
    }

    /// A body that is still coming. `length` is the announced one.
    #[must_use]
    pub fn chunks(
        length: Option<u64>,
        chunks: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
    ) -> Self {
        Self {
            length,
            kind: Kind::Chunks(Box::pin(chunks)),
        }
    }

    /// The announced length.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The same body, where each chunk may take so long.
    pub(crate) fn with_timeout(self, timeout: Duration) -> Self {
        let Kind::Chunks(chunks) = self.kind else { return self };
        let next = move |mut chunks: Chunks| async move {
            let Ok(chunk) = tokio::time::timeout(timeout, chunks.next()).await else {
                let ended: Chunks = Box::pin(futures_util::stream::empty());
                return Some((Err(TransportError::new(Phase::Body, Cause::Timeout)), ended));
            };
            Some((chunk?, chunks))
        };
        Self {
            length: self.length,
            kind: Kind::Chunks(Box::pin(futures_util::stream::unfold(chunks, next))),
        }
    }

    /// All of it. Cancel-safe only in that dropping the future drops the rest of the body.
    ///
    /// # Errors
    /// Where the connection broke, or where more than `limit` bytes came.
    pub async fn collect(self, limit: usize) -> Result<Bytes, TransportError> {
        let too_large = || TransportError::new(Phase::Body, Cause::TooLarge);
        let announced = usize::try_from(self.length.unwrap_or(0)).map_err(|_| too_large())?;
        if announced > limit {
            return Err(too_large());
        }
        let mut chunks = match self.kind {
            Kind::Whole(bytes) => return Ok(bytes.unwrap_or_default()),
            Kind::Chunks(chunks) => chunks,
        };
        let Some(first) = chunks.next().await.transpose()? else {
            return Ok(Bytes::new());
        };
        if first.len() > limit {
            return Err(too_large());
        }
        let Some(second) = chunks.next().await.transpose()? else {
            return Ok(first);
        };
        // The announced length may lie: do not reserve more than a page of history for it.
        let mut all = BytesMut::with_capacity(announced.clamp(first.len() + second.len(), 4 << 20));
        all.extend_from_slice(&first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            if all.len() + chunk.len() > limit {
                return Err(too_large());
            }
            all.extend_from_slice(&chunk);
            next = chunks.next().await.transpose()?;
        }
        Ok(all.freeze())
    }
}

impl Stream for Body {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.kind {
            Kind::Whole(bytes) => Poll::Ready(bytes.take().filter(|bytes| !bytes.is_empty()).map(Ok)),
            Kind::Chunks(chunks) => chunks.as_mut().poll_next(cx),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
