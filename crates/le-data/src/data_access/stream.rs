//! The values of one file, while it comes.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use futures_core::Stream;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use le_core::retry::RetryPolicy;
use le_core::wire::RawRecord;
use le_core::{Error, Result};

use super::content::refuse_odd;
use super::files::DataAccess;
use super::list::DataFile;
use super::unpack::{SLICE, Unpacker};
use super::values::{Splitter, damaged};
use crate::file_stream::FileStream;

/// The JSON objects of one file as received, while it comes: what is held is one of them and a chunk, however long the file is.
///
/// A stretch that is no JSON object is an error in its place ([`broken_value`](super::broken_value) gives its text), and the stream
/// goes on behind it; any other error is the last item. Where the connection breaks, the file is asked for anew, and what was given
/// out before is passed over.
#[must_use = "streams do nothing unless polled"]
pub struct DataFileStream(BoxStream<'static, Result<RawRecord>>);

impl DataFileStream {
    pub(super) fn new(access: DataAccess, file: DataFile, bytes: FileStream) -> Self {
        let reading = Reading {
            access,
            file,
            bytes: Some(bytes),
            pauses: RetryPolicy::default().pauses,
            given: 0,
            passed_over: 0,
            decoding: Decoding::default(),
        };
        let values = futures_util::stream::unfold(reading, |mut reading| async move {
            let value = reading.next().await?;
            Some((value, reading))
        });
        // Whoever asks again at the end is told so again.
        Self(values.fuse().boxed())
    }
}

impl Stream for DataFileStream {
    type Item = Result<RawRecord>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl fmt::Debug for DataFileStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataFileStream").finish_non_exhaustive()
    }
}

struct Reading {
    access: DataAccess,
    file: DataFile,
    /// `None` where the connection broke, and at the end.
    bytes: Option<FileStream>,
    /// The pauses before the next tries, where the connection breaks.
    pauses: Vec<Duration>,
    given: u64,
    /// How many values have been passed over since the file was asked for anew.
    passed_over: u64,
    decoding: Decoding,
}

/// What becomes of the bytes.
#[derive(Default)]
struct Decoding {
    packed: Bytes,
    unpacker: Unpacker,
    unpacked: Vec<u8>,
    /// Whether the first bytes have been looked at.
    is_known: bool,
    splitter: Splitter,
    /// What is wrong behind the values that are in the splitter.
    failure: Option<Error>,
}

impl Reading {
    async fn next(&mut self) -> Option<Result<RawRecord>> {
        loop {
            if let Some(value) = self.decoding.splitter.next_value() {
                if self.passed_over < self.given {
                    self.passed_over += 1;
                    continue;
                }
                self.given += 1;
                self.passed_over += 1;
                return Some(value);
            }
            if let Some(error) = self.decoding.failure.take() {
                self.decoding.splitter.give_up();
                return Some(Err(error));
            }
            if self.decoding.splitter.is_ended() {
                return None;
            }
            if let Err(error) = self.read_on().await {
                self.decoding.failure = Some(error);
            }
        }
    }

    /// Decodes one more slice.
    async fn read_on(&mut self) -> Result<()> {
        if !self.decoding.packed.is_empty() {
            return self.decoding.step();
        }
        let bytes = match &mut self.bytes {
            Some(bytes) => bytes,
            None => {
                let again = self.access.fetch(&self.file).await?;
                self.decoding = Decoding::default();
                self.passed_over = 0;
                self.bytes.insert(again)
            }
        };
        match bytes.next().await {
            Some(Ok(chunk)) => {
                self.decoding.packed = chunk;
                Ok(())
            }
            Some(Err(error)) if error.is_transient() && !self.pauses.is_empty() => {
                self.bytes = None;
                let pause = self.pauses.remove(0);
                tracing::debug!(error.r#type = %error.kind(), "a data file broke off and is asked for anew");
                self.access.clock().sleep(pause).await;
                Ok(())
            }
            Some(Err(error)) => Err(error),
            None => self.decoding.end(),
        }
    }
}

impl Decoding {
    fn step(&mut self) -> Result<()> {
        let length = self.packed.len().min(SLICE);
        let outcome = self.unpacker.push(&self.packed[..length], &mut self.unpacked);
        self.packed.advance(length);
        self.hand_on(false)?;
        outcome.map_err(damaged)
    }

    fn end(&mut self) -> Result<()> {
        let outcome = self.unpacker.end(&mut self.unpacked);
        self.hand_on(true)?;
        outcome.map_err(damaged)?;
        self.splitter.end();
        Ok(())
    }

    /// Four bytes tell what is no JSON at all.
    fn hand_on(&mut self, is_all: bool) -> Result<()> {
        if !self.is_known {
            if self.unpacked.len() < 4 && !is_all {
                return Ok(());
            }
            if let Some(error) = refuse_odd(&self.unpacked, None) {
                return Err(error);
            }
            self.is_known = true;
        }
        self.splitter.push(&self.unpacked);
        self.unpacked.clear();
        Ok(())
    }
}

impl DataAccess {
    /// The JSON objects of a file as received, while it comes. See [`DataFileStream`].
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch). A file in the binary form of Avro is an [`ErrorKind::Decode`](le_core::ErrorKind::Decode) of
    /// the stream ([`binary_avro`](super::binary_avro) tells it from others), an HTML page an
    /// [`ErrorKind::Protocol`](le_core::ErrorKind::Protocol).
    pub async fn read(&self, file: &DataFile) -> Result<DataFileStream> {
        let bytes = self.fetch(file).await?;
        Ok(DataFileStream::new(self.clone(), file.clone(), bytes))
    }
}
