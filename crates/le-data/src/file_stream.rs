//! The bytes of a file, as they come.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::TryStreamExt as _;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use le_core::transport::{Body, TransportError};
use le_core::{Error, ErrorKind, Result, StreamedResponse};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// The bytes of a file, as they come: what is held is a chunk, however long the file is.
///
/// Cancel-safe: a chunk is given out once. Dropping the stream ends the download.
#[must_use = "streams do nothing unless polled"]
pub struct FileStream {
    content_type: Option<String>,
    length: Option<u64>,
    source: Source,
}

enum Source {
    /// From a host that is asked without the pipeline.
    Bare(Body),
    Answer(Box<StreamedResponse>),
}

impl FileStream {
    pub(crate) fn bare(headers: &HeaderMap, body: Body) -> Self {
        Self {
            content_type: content_type(headers),
            length: body.length(),
            source: Source::Bare(body),
        }
    }

    pub(crate) fn answer(answer: StreamedResponse) -> Self {
        Self {
            content_type: content_type(answer.headers()),
            length: answer.length(),
            source: Source::Answer(Box::new(answer)),
        }
    }

    /// How long the file is, where the host says so.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// What the file is, where the host says so.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Writes all of it, chunk by chunk, and flushes. Gives how many bytes that were.
    ///
    /// # Errors
    /// [`ErrorKind::Transport`] where the connection broke, [`ErrorKind::Io`] where the writer failed. What was written before stays.
    pub async fn write_to<W: AsyncWrite + Unpin>(mut self, out: &mut W) -> Result<u64> {
        let failed = |cause: std::io::Error| {
            Error::new(ErrorKind::Io, format!("a file could not be written: {cause}")).with_source(cause)
        };
        let mut written = 0;
        while let Some(chunk) = self.try_next().await? {
            out.write_all(&chunk).await.map_err(failed)?;
            written += chunk.len() as u64;
        }
        out.flush().await.map_err(failed)?;
        Ok(written)
    }

    /// All of it at once, where it has at most `limit` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Transport`] where the connection broke, [`ErrorKind::Protocol`] where more came.
    pub async fn collect(self, limit: usize) -> Result<Bytes> {
        match self.source {
            Source::Bare(body) => body.collect(limit).await.map_err(broken),
            Source::Answer(answer) => Ok(answer.collect(limit).await?.into_body()),
        }
    }
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.to_owned())
}

fn broken(error: TransportError) -> Error {
    let kind = match error.cause() {
        le_core::transport::Cause::TooLarge => ErrorKind::Protocol,
        _ => ErrorKind::Transport,
    };
    Error::new(kind, error.to_string()).with_source(error)
}

impl Stream for FileStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.source {
            Source::Bare(body) => {
                let next = ready!(Pin::new(body).poll_next(cx));
                Poll::Ready(next.map(|chunk| chunk.map_err(broken)))
            }
            Source::Answer(answer) => Pin::new(answer).poll_next(cx),
        }
    }
}

impl fmt::Debug for FileStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStream")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
