//! Chats by filter.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use le_core::{Client, ErrorKind, Result, TimeRange};

use super::api::History;
use super::{ChatPage, ChatStream, RawChatStream};
use crate::engagement_history::codes::ChatSortField;
use crate::generated::operations::SEARCH_CHATS;
use crate::pages::{
    Api, RangePlace, RecordPage, Request, Span, Walk, common_options, days, first_answer, paging_options, raw_stream,
    record_stream,
};

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// One level of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatSort {
    field: ChatSortField,
    direction: Direction,
}

impl ChatSort {
    /// By this field.
    pub fn new(field: impl Into<ChatSortField>, direction: Direction) -> Self {
        Self {
            field: field.into(),
            direction,
        }
    }

    fn text(&self) -> String {
        let direction = match self.direction {
            Direction::Ascending => "asc",
            Direction::Descending => "desc",
        };
        format!("{}:{direction}", self.field)
    }
}

/// A search for ended chats that began within a range of time and match all filters.
///
/// `.await` gives the first page; [`stream`](Self::stream) and [`raw_stream`](Self::raw_stream) give all records. A setting that
/// is wrong is reported then, before anything is sent.
///
/// <https://developers.liveperson.com/engagement-history-api-methods.html>
#[derive(Clone)]
#[must_use = "a search does nothing unless awaited or streamed"]
pub struct SearchChats {
    pub(super) request: Request,
    span: Span,
    in_order: bool,
}

common_options!(SearchChats with a body);
paging_options!(SearchChats);

pub(super) fn request(client: Client) -> Request {
    let mut request = Request::new(client, &SEARCH_CHATS, RangePlace::Body("start"), History::LARGEST_PAGE);
    // The vendor's examples send it, though the service has no other chats. They send `interactive` too, which hides chats in which
    // the visitor wrote nothing; clients that leave it out work.
    request.set("ended", true);
    request
}

impl SearchChats {
    pub(super) fn new(client: Client, range: TimeRange) -> Self {
        let mut request = request(client);
        request.query("sort", "start:asc");
        // One month, which is 31 days at most and 28 at least.
        let span = Span::new(range, "one month", days(31), days(28), History::GRAIN);
        Self {
            request,
            span,
            in_order: true,
        }
    }

    /// In which order records come (default: oldest start first).
    ///
    /// Only the default keeps a stream whole while chats end, and only with it too large results are split.
    pub fn sort(mut self, levels: impl IntoIterator<Item = ChatSort>) -> Self {
        let levels: Vec<String> = levels.into_iter().map(|level| level.text()).collect();
        self.request.check(!levels.is_empty(), || {
            "`sort` is given no field; leave it out for the oldest start first".to_owned()
        });
        self.in_order = levels.first().is_some_and(|first| first == "start:asc");
        self.request.query("sort", levels.join(","));
        self
    }

    /// Streams ask window by window, each at most this long (28 days) and cut on multiples of ten minutes: so ranges over months
    /// work.
    pub fn windows(mut self, length: Duration) -> Self {
        self.span.cut_into(length, &mut self.request);
        self
    }

    /// The first page.
    ///
    /// # Errors
    /// See [`ErrorKind`]. A partial result is asked for again three times and then reported.
    pub async fn page(self) -> Result<ChatPage> {
        self.span.check()?;
        let offset = self.request.offset;
        let answer = first_answer::<History>(self.request, Some(self.span.range)).await?;
        RecordPage::read::<History>(answer, offset)
    }

    /// How many chats match. One small request.
    ///
    /// # Errors
    /// As [`page`](Self::page); also where the service does not say.
    pub async fn count(mut self) -> Result<u64> {
        self.span.check()?;
        self.request.limit = 1;
        self.request.offset = 0;
        let answer = first_answer::<History>(self.request, Some(self.span.range)).await?;
        match answer.metadata.total() {
            Some(total) => Ok(total),
            None if answer.response.is_empty() => Ok(0),
            None => Err(answer
                .response
                .fail(ErrorKind::Protocol, "the answer does not say how many match")),
        }
    }

    /// All records, typed.
    pub fn stream(self) -> ChatStream {
        record_stream(self.walk())
    }

    /// All records as received.
    pub fn raw_stream(self) -> RawChatStream {
        raw_stream(self.walk())
    }

    /// All records as received, window by window (a day each, unless [`windows`](Self::windows) says otherwise), over a range
    /// of any length.
    pub fn export(mut self) -> RawChatStream {
        self.span.cut_by_default(days(1));
        self.raw_stream()
    }

    fn walk(mut self) -> Walk<History> {
        let windows = self.span.windows(&mut self.request, self.in_order);
        let may_split = self.in_order && self.request.offset == 0;
        Walk::new(self.request, windows, may_split)
    }
}

impl IntoFuture for SearchChats {
    type Output = Result<ChatPage>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.page())
    }
}
