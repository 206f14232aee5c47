//! Conversations by id (MI-2) and by consumer (MI-3).

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use le_core::id::{ConsumerId, ConversationId};
use le_core::wire::{RawRecord, Record};
use le_core::{Client, ErrorKind, Result, TimeRange};

use super::api::{Interactions, options, request};
use super::conversation::Conversation;
use super::search::SearchConversations;
use super::{ConversationPage, ConversationStream, RawConversationStream};
use crate::generated::enums::ConversationStatus;
use crate::generated::operations::{SEARCH_CONSUMER_CONVERSATIONS, SEARCH_CONVERSATION};
use crate::pages::{
    Answer, Api, RecordPage, Request, Walk, first_answer, of_record, paging_options, raw_stream, record_stream,
    unreadable,
};

/// Messaging conversations, open and closed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Conversations {
    client: Client,
}

impl Conversations {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Conversations that began within `range` (MI-1). The service rounds the range outwards to ten minutes and takes three
    /// months at once; for more see [`SearchConversations::windows`].
    pub fn search(&self, range: TimeRange) -> SearchConversations {
        SearchConversations::new(self.client.clone(), range)
    }

    /// One conversation with all its engagement attributes (MI-2).
    pub fn by_id(&self, id: impl Into<ConversationId>) -> ConversationById {
        let id = id.into();
        let mut request = request(self.client.clone(), &SEARCH_CONVERSATION);
        request.check(id.assigned().is_some(), || "`conversationId` is empty".to_owned());
        request.set("conversationId", id.as_str());
        ConversationById { request }
    }

    /// The conversations of one consumer, open and closed (MI-3). The id is that of [`ConsumerParticipant`].
    ///
    /// [`ConsumerParticipant`]: super::ConsumerParticipant
    pub fn by_consumer(&self, id: impl Into<ConsumerId>) -> ConversationsOfConsumer {
        let id = id.into();
        let mut request = request(self.client.clone(), &SEARCH_CONSUMER_CONVERSATIONS);
        request.check(id.assigned().is_some(), || "`consumer` is empty".to_owned());
        request.set("consumer", id.as_str());
        request.set("status", [ConversationStatus::Open, ConversationStatus::Close]);
        ConversationsOfConsumer { request }
    }
}

/// One conversation by its id; `.await` gives it typed, with its text.
///
/// <https://developers.liveperson.com/messaging-interactions-api-methods-get-conversation-by-conversation-id.html>
#[derive(Clone)]
#[must_use = "a lookup does nothing unless awaited"]
pub struct ConversationById {
    request: Request,
}

options!(ConversationById);

impl ConversationById {
    /// The conversation, typed, with its text.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is none with this id; otherwise see [`ErrorKind`].
    pub async fn get(self) -> Result<Record<Conversation>> {
        self.get_raw().await?.decode().map_err(of_record)
    }

    /// The conversation as received.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_raw(self) -> Result<RawRecord> {
        self.request.checked()?;
        let response = self.request.client.call(self.request.single()).await?;
        let answer = Answer::new::<Interactions>(response)?;
        let parts = answer
            .text
            .split(Interactions::RECORDS)
            .map_err(|error| unreadable(&answer.response, error))?;
        parts.records.into_iter().next().ok_or_else(|| {
            let message = "there is no conversation with this id";
            answer
                .response
                .fail(ErrorKind::NotFound, message)
                .with_advice("check the id; history is kept for 13 months")
        })
    }
}

impl IntoFuture for ConversationById {
    type Output = Result<Record<Conversation>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.get())
    }
}

/// The conversations of one consumer; `.await` gives the first page.
///
/// <https://developers.liveperson.com/messaging-interactions-api-methods-get-conversations-by-consumer-id.html>
#[derive(Clone)]
#[must_use = "a lookup does nothing unless awaited or streamed"]
pub struct ConversationsOfConsumer {
    request: Request,
}

options!(ConversationsOfConsumer);
paging_options!(ConversationsOfConsumer);

impl ConversationsOfConsumer {
    /// In one of these states (not called: open and closed).
    pub fn status(mut self, states: impl IntoIterator<Item = ConversationStatus>) -> Self {
        let states: Vec<_> = states.into_iter().collect();
        self.request
            .check(!states.is_empty(), || "`status` is given no value".to_owned());
        self.request.set("status", states);
        self
    }

    /// The first page.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn page(self) -> Result<ConversationPage> {
        let offset = self.request.offset;
        RecordPage::read::<Interactions>(first_answer::<Interactions>(self.request, None).await?, offset)
    }

    /// All records, typed.
    pub fn stream(self) -> ConversationStream {
        record_stream(Walk::<Interactions>::new(self.request, [None], false))
    }

    /// All records as received.
    pub fn raw_stream(self) -> RawConversationStream {
        raw_stream(Walk::<Interactions>::new(self.request, [None], false))
    }
}

impl IntoFuture for ConversationsOfConsumer {
    type Output = Result<ConversationPage>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.page())
    }
}
