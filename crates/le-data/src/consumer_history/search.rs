//! The two calls.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use le_core::id::ConversationId;
use le_core::{Client, Result, TimeRange};

use super::event::Content;
use super::jwt::ConsumerJwt;
use super::metadata::Metadata;
use super::{ConsumerConversationPage, ConsumerConversationStream, EventPage};
use crate::consumer_history::state::ConsumerHistoryState;
use crate::generated::operations::{CONSUMER_HISTORY_CONTENT, CONSUMER_HISTORY_METADATA};
use crate::messaging_interactions::Sort;
use crate::pages::{
    Answer, Api, RangePlace, RawStream, RecordPage, Request, Span, Walk, common_options, days, first_answer,
    paging_options, raw_stream, record_stream,
};

/// What one consumer may read of their own conversations. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ConsumerHistory {
    client: Client,
}

impl ConsumerHistory {
    pub(crate) fn new(client: &Client, jwt: ConsumerJwt) -> Self {
        Self {
            client: client.with_authorize(Arc::new(jwt)),
        }
    }

    /// The consumer's conversations, without their messages: of the last 13 months, archived ones, oldest start first, unless
    /// other things are asked for.
    pub fn conversations(&self) -> ConsumerConversations {
        let place = RangePlace::QueryMillis("startFrom", "startTo");
        let mut request = Request::new(
            self.client.clone(),
            &CONSUMER_HISTORY_METADATA,
            place,
            Metadata::LARGEST_PAGE,
        );
        request.query("sort", Sort::default().as_str());
        ConsumerConversations {
            request,
            range: None,
            in_order: true,
        }
    }

    /// The messages of one conversation, all at once: the service has no pages here.
    pub fn messages(&self, id: impl Into<ConversationId>) -> ConsumerMessages {
        let id = id.into();
        let place = RangePlace::QueryMillis("startFrom", "startTo");
        let mut request = Request::new(
            self.client.clone(),
            &CONSUMER_HISTORY_CONTENT,
            place,
            Content::LARGEST_PAGE,
        );
        request.check(id.assigned().is_some(), || "`conversationId` is empty".to_owned());
        request.query("conversationId", id.as_str());
        ConsumerMessages { request }
    }
}

/// The conversations of the consumer who asks; `.await` gives the first page.
#[derive(Clone)]
#[must_use = "a search does nothing unless awaited or streamed"]
pub struct ConsumerConversations {
    request: Request,
    range: Option<TimeRange>,
    in_order: bool,
}

common_options!(ConsumerConversations);
paging_options!(ConsumerConversations);

impl ConsumerConversations {
    /// Began within this range, of 13 months at most (not called: the last 13 months).
    pub fn started(mut self, range: TimeRange) -> Self {
        let longest = days(397);
        let span = Span::new(range, "13 months", longest, longest, Metadata::GRAIN);
        if let Err(error) = span.check() {
            self.request.refuse(error);
        }
        self.range = Some(range);
        self
    }

    /// In one of these states (not called: archived).
    pub fn states(mut self, states: impl IntoIterator<Item = impl Into<ConsumerHistoryState>>) -> Self {
        let states: Vec<String> = states.into_iter().map(|state| state.into().to_string()).collect();
        self.request.check(!states.is_empty(), || {
            "`state` is given no value; leave it out for archived conversations".to_owned()
        });
        self.request.query("state", states.join(","));
        self
    }

    /// In which order records come (default: oldest start first).
    pub fn sort(mut self, sort: Sort) -> Self {
        self.request.query("sort", sort.as_str());
        self.in_order = sort == Sort::StartAscending;
        self
    }

    /// The first page.
    ///
    /// # Errors
    /// See [`ErrorKind`](le_core::ErrorKind).
    pub async fn page(self) -> Result<ConsumerConversationPage> {
        let offset = self.request.offset;
        let answer = first_answer::<Metadata>(self.request, self.range).await?;
        RecordPage::read::<Metadata>(answer, offset)
    }

    /// All conversations, typed.
    pub fn stream(self) -> ConsumerConversationStream {
        record_stream(self.walk())
    }

    /// All conversations as received.
    pub fn raw_stream(self) -> RawStream {
        raw_stream(self.walk())
    }

    fn walk(self) -> Walk<Metadata> {
        let may_split = self.in_order && self.request.offset == 0;
        Walk::new(self.request, [self.range], may_split)
    }
}

impl IntoFuture for ConsumerConversations {
    type Output = Result<ConsumerConversationPage>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.page())
    }
}

/// The messages of one conversation; `.await` gives them.
#[derive(Clone)]
#[must_use = "a lookup does nothing unless awaited"]
pub struct ConsumerMessages {
    request: Request,
}

common_options!(ConsumerMessages);

impl ConsumerMessages {
    /// The messages and marks, in the order of the answer; see [`RecordPage::in_order`].
    ///
    /// # Errors
    /// See [`ErrorKind`](le_core::ErrorKind).
    pub async fn get(self) -> Result<EventPage> {
        self.request.checked()?;
        let response = self.request.client.call(self.request.single()).await?;
        RecordPage::read::<Content>(Answer::new::<Content>(response)?, 0)
    }
}

impl IntoFuture for ConsumerMessages {
    type Output = Result<EventPage>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.get())
    }
}
