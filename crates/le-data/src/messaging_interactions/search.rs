//! Conversations by filter (MI-1).

use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use le_core::{Client, Result, TimeRange};

use super::api::{Interactions, content, options, request};
use super::{ConversationPage, ConversationStream, RawConversationStream};
use crate::generated::operations::SEARCH_CONVERSATIONS;
use crate::pages::{
    Api, RecordPage, Request, Span, Walk, days, first_answer, paging_options, raw_stream, record_stream,
};

/// The longest range that the service takes at once: three months, which is 92 days at most.
const LONGEST: Duration = days(92);

/// In which order records come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Sort {
    /// Oldest start first. The only order in which new conversations do not push others from page to page.
    #[default]
    StartAscending,
    /// Newest start first.
    StartDescending,
    /// Oldest end first.
    EndAscending,
    /// Newest end first.
    EndDescending,
}

impl Sort {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::StartAscending => "start:asc",
            Self::StartDescending => "start:desc",
            Self::EndAscending => "end:asc",
            Self::EndDescending => "end:desc",
        }
    }
}

/// A search for conversations that began within a range of time and match all filters.
///
/// `.await` gives the first page; [`stream`](Self::stream) and [`raw_stream`](Self::raw_stream) give all records. A setting that
/// is wrong is reported then, before anything is sent.
///
/// <https://developers.liveperson.com/messaging-interactions-api-methods-conversations.html>
#[derive(Clone)]
#[must_use = "a search does nothing unless awaited or streamed"]
pub struct SearchConversations {
    pub(super) request: Request,
    span: Span,
    sort: Sort,
}

options!(SearchConversations);
paging_options!(SearchConversations);

impl SearchConversations {
    pub(super) fn new(client: Client, range: TimeRange) -> Self {
        let mut request = request(client, &SEARCH_CONVERSATIONS);
        request.query("sort", Sort::default().as_str());
        Self {
            request,
            span: Span::new(range, "three months", LONGEST, LONGEST, Interactions::GRAIN),
            sort: Sort::default(),
        }
    }

    /// In which order records come (default: oldest start first).
    ///
    /// Only the default keeps a stream whole while conversations begin, and only with it too large results are split.
    pub fn sort(mut self, sort: Sort) -> Self {
        self.request.query("sort", sort.as_str());
        self.sort = sort;
        self
    }

    /// Takes in conversations of the rollover account.
    pub fn rollover(mut self, yes: bool) -> Self {
        self.request.query("rollover", yes.to_string());
        self
    }

    /// Streams ask window by window, each at most this long and cut on multiples of ten minutes: so ranges over months work.
    pub fn windows(mut self, length: Duration) -> Self {
        self.span.cut_into(length, &mut self.request);
        self
    }

    /// The first page.
    ///
    /// # Errors
    /// See [`ErrorKind`](le_core::ErrorKind). A partial result is asked for again three times and then reported.
    pub async fn page(self) -> Result<ConversationPage> {
        self.span.check()?;
        let offset = self.request.offset;
        let answer = first_answer::<Interactions>(self.request, Some(self.span.range)).await?;
        RecordPage::read::<Interactions>(answer, offset)
    }

    /// How many conversations match. One small request.
    ///
    /// # Errors
    /// As [`page`](Self::page); also where the service does not say.
    pub async fn count(mut self) -> Result<u64> {
        self.span.check()?;
        self.request.limit = 1;
        self.request.offset = 0;
        content(&mut self.request, Vec::<super::ContentToRetrieve>::new());
        let answer = first_answer::<Interactions>(self.request, Some(self.span.range)).await?;
        match answer.metadata.total() {
            Some(total) => Ok(total),
            None if answer.response.is_empty() => Ok(0),
            None => Err(answer
                .response
                .fail(le_core::ErrorKind::Protocol, "the answer does not say how many match")),
        }
    }

    /// All records, typed.
    pub fn stream(self) -> ConversationStream {
        record_stream(self.walk())
    }

    /// All records as received.
    pub fn raw_stream(self) -> RawConversationStream {
        raw_stream(self.walk())
    }

    /// All records as received, window by window (a day each, unless [`windows`](Self::windows) says otherwise), over a range
    /// of any length.
    pub fn export(mut self) -> RawConversationStream {
        self.span.cut_by_default(days(1));
        self.raw_stream()
    }

    fn walk(mut self) -> Walk<Interactions> {
        let in_order = self.sort == Sort::StartAscending;
        let windows = self.span.windows(&mut self.request, in_order);
        let may_split = in_order && self.request.offset == 0;
        Walk::new(self.request, windows, may_split)
    }
}

impl IntoFuture for SearchConversations {
    type Output = Result<ConversationPage>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.page())
    }
}
