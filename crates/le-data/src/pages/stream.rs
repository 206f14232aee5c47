//! All records of a result as streams.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use futures_core::Stream;
use le_core::page::{Cursor, Page, PageSource, Paged, Pages};
use le_core::wire::{RawRecord, Record, RecordError, Salvage};
use le_core::{Error, ErrorKind, Result};

use super::api::Api;
use super::walk::Walk;

/// All records of a search, typed, page after page.
///
/// A record that cannot be read at all is an error in its place ([`record_error`] gives its text), and the stream goes on
/// behind it. Any other error is the last item. Each record comes once, even where pages shift meanwhile.
///
/// Cancel-safe: a page that was read stays until its records are given out. Dropping the stream ends the reading.
#[must_use = "streams do nothing unless polled"]
pub struct RecordStream<T> {
    raw: RawStream,
    record: PhantomData<fn() -> T>,
}

/// All records of a search as received, page after page. Its guarantees are those of [`RecordStream`].
#[must_use = "streams do nothing unless polled"]
pub struct RawStream(Paged<Source>);

/// The record behind an error of a [`RecordStream`]; `None` where the error is about a page.
#[must_use]
pub fn record_error(error: &Error) -> Option<&RecordError> {
    std::error::Error::source(error)?.downcast_ref()
}

/// A walk whose API is forgotten: one call through a table for each page.
struct Source(Box<dyn PageSource<Item = RawRecord>>);

#[async_trait]
impl PageSource for Source {
    type Item = RawRecord;

    async fn next_page(&mut self) -> Result<Option<Page<RawRecord>>> {
        self.0.next_page().await
    }
}

pub(crate) fn record_stream<A: Api>(walk: Walk<A>) -> RecordStream<A::Record> {
    typed(raw_stream(walk))
}

pub(crate) fn raw_stream<A: Api>(walk: Walk<A>) -> RawStream {
    let look_ahead = walk.look_ahead();
    raw_source(walk, look_ahead)
}

/// Records are typed one by one as they are given out, not a page at once: a page of typed records is many times as large as
/// its text, and to build and drop it costs more than to go over the text once more.
fn typed<T>(raw: RawStream) -> RecordStream<T> {
    RecordStream {
        raw,
        record: PhantomData,
    }
}

/// Records as received from elsewhere than a walk over pages.
pub(crate) fn raw_source(source: impl PageSource<Item = RawRecord>, look_ahead: usize) -> RawStream {
    RawStream(Pages::new(Source(Box::new(source))).look_ahead(look_ahead).records())
}

/// Typed records from elsewhere than a walk over pages.
pub(crate) fn typed_source<T>(source: impl PageSource<Item = RawRecord>, look_ahead: usize) -> RecordStream<T> {
    typed(raw_source(source, look_ahead))
}

impl<T> RecordStream<T> {
    /// The position in the result behind the last record that was given out. With windows it is the position in the newest
    /// window.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.raw.cursor()
    }

    /// How many records match, as the newest page says. With windows it is the number in the newest window.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.raw.total()
    }
}

impl RawStream {
    /// See [`RecordStream::cursor`].
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.0.cursor()
    }

    /// See [`RecordStream::total`].
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.0.total()
    }

    /// The pages instead of the records: for sinks that work page by page. Call it before the first poll.
    pub fn pages(self) -> RawPages {
        RawPages(self.0.pages())
    }
}

impl<T> fmt::Debug for RecordStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordStream").field("pages", &self.raw.0).finish()
    }
}

impl fmt::Debug for RawStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawStream").field("pages", &self.0).finish()
    }
}

impl<T: Salvage> Stream for RecordStream<T> {
    type Item = Result<Record<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.raw).poll_next(cx));
        Poll::Ready(next.map(|raw| raw?.decode().map_err(of_record)))
    }
}

impl Stream for RawStream {
    type Item = Result<RawRecord>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx)
    }
}

/// All records of a search as received, as pages.
#[must_use = "streams do nothing unless polled"]
pub struct RawPages(Pages<Source>);

impl Stream for RawPages {
    type Item = Result<Page<RawRecord>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx)
    }
}

impl fmt::Debug for RawPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPages").field("pages", &self.0).finish()
    }
}

/// The error for one record that cannot be read.
pub(crate) fn of_record(error: RecordError) -> Error {
    Error::new(ErrorKind::Decode, error.to_string())
        .with_advice("its text is behind the error's source; the other records are not touched by it")
        .with_source(error)
}
