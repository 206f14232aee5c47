//! All records of a result as streams.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use le_core::page::{Cursor, Page, Paged, Pages};
use le_core::wire::{RawRecord, Record, RecordError};
use le_core::{Error, ErrorKind, Result};

use super::conversation::Conversation;
use super::view::{Raw, Typed};
use super::walk::Walk;

/// All conversations of a search, typed, page after page.
///
/// A record that cannot be read at all is an error in its place ([`record_error`] gives its text), and the stream goes on
/// behind it. Any other error is the last item. Each conversation comes once, even where pages shift meanwhile.
///
/// Cancel-safe: a page that was read stays until its records are given out. Dropping the stream ends the reading.
#[must_use = "streams do nothing unless polled"]
pub struct ConversationStream(Paged<Walk<Typed>>);

/// All conversations of a search as received, page after page. Its guarantees are those of [`ConversationStream`].
#[must_use = "streams do nothing unless polled"]
pub struct RawConversationStream(Paged<Walk<Raw>>);

/// The record behind an error of a [`ConversationStream`]; `None` where the error is about a page.
#[must_use]
pub fn record_error(error: &Error) -> Option<&RecordError> {
    std::error::Error::source(error)?.downcast_ref()
}

macro_rules! position {
    ($stream:ident) => {
        impl $stream {
            /// The position in the result behind the last record that was given out. With windows it is the position in the
            /// newest window.
            #[must_use]
            pub fn cursor(&self) -> Cursor {
                self.0.cursor()
            }

            /// How many records match, as the newest page says. With windows it is the number in the newest window.
            #[must_use]
            pub fn total(&self) -> Option<u64> {
                self.0.total()
            }
        }

        impl fmt::Debug for $stream {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($stream))
                    .field("pages", &self.0)
                    .finish()
            }
        }
    };
}
position!(ConversationStream);
position!(RawConversationStream);

impl ConversationStream {
    pub(super) fn new(walk: Walk<Typed>, look_ahead: usize) -> Self {
        Self(Pages::new(walk).look_ahead(look_ahead).records())
    }
}

impl RawConversationStream {
    pub(super) fn new(walk: Walk<Raw>, look_ahead: usize) -> Self {
        Self(Pages::new(walk).look_ahead(look_ahead).records())
    }

    /// The pages instead of the records: for sinks that work page by page. Call it before the first poll.
    pub fn pages(self) -> RawConversationPages {
        RawConversationPages(self.0.pages())
    }
}

impl Stream for ConversationStream {
    type Item = Result<Record<Conversation>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.0).poll_next(cx));
        Poll::Ready(next.map(|item| item?.map_err(of_record)))
    }
}

impl Stream for RawConversationStream {
    type Item = Result<RawRecord>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx)
    }
}

/// All conversations of a search as received, as pages.
#[must_use = "streams do nothing unless polled"]
pub struct RawConversationPages(Pages<Walk<Raw>>);

impl Stream for RawConversationPages {
    type Item = Result<Page<RawRecord>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx)
    }
}

impl fmt::Debug for RawConversationPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawConversationPages").field("pages", &self.0).finish()
    }
}

/// The error for one record that cannot be read.
pub(super) fn of_record(error: RecordError) -> Error {
    Error::new(ErrorKind::Decode, error.to_string())
        .with_advice("its text is behind the error's source; the other records are not touched by it")
        .with_source(error)
}
