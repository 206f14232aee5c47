//! Chats by id.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use le_core::wire::{RawRecord, Record};
use le_core::{Client, ErrorKind, Result, TimeRange};

use super::api::History;
use super::chat::Chat;
use super::info::EngagementId;
use super::search::{SearchChats, request};
use crate::pages::{Api, Request, Span, common_options, days, first_answer, of_record, unreadable};

/// Ended chats. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Chats {
    client: Client,
}

impl Chats {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Chats that began within `range`. The service rounds the range outwards to ten minutes and takes one month at once; for
    /// more see [`SearchChats::windows`].
    pub fn search(&self, range: TimeRange) -> SearchChats {
        SearchChats::new(self.client.clone(), range)
    }

    /// One chat, whole. It is the cure for a record that [is partial](Chat::is_partial).
    ///
    /// The service has no call for this: it is a search for the id. The vendor's page says that the range of time is ignored
    /// then, and also that it has to be there: 28 days up to now are sent, unless [`ChatById::within`] says otherwise.
    pub fn by_id(&self, id: impl Into<EngagementId>) -> ChatById {
        let id = id.into();
        let mut request = request(self.client.clone());
        request.check(id.assigned().is_some(), || "`engagementId` is empty".to_owned());
        request.set("engagementId", id.as_str());
        request.limit = 1;
        let now = self.client.clock().now();
        ChatById {
            request,
            range: TimeRange::last(days(28), now),
        }
    }
}

/// One chat by its id; `.await` gives it typed, with its text.
///
/// <https://developers.liveperson.com/engagement-history-api-methods.html>
#[derive(Clone)]
#[must_use = "a lookup does nothing unless awaited"]
pub struct ChatById {
    request: Request,
    range: TimeRange,
}

common_options!(ChatById with a body);

impl ChatById {
    /// The chat began within this range, of one month at most.
    pub fn within(mut self, range: TimeRange) -> Self {
        if let Err(error) = Span::new(range, "one month", days(31), days(28), History::GRAIN).check() {
            self.request.refuse(error);
        }
        self.range = range;
        self
    }

    /// The chat, typed, with its text.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is none with this id; otherwise see [`ErrorKind`].
    pub async fn get(self) -> Result<Record<Chat>> {
        self.get_raw().await?.decode().map_err(of_record)
    }

    /// The chat as received.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_raw(self) -> Result<RawRecord> {
        let answer = first_answer::<History>(self.request, Some(self.range)).await?;
        let parts = answer
            .text
            .split(History::RECORDS)
            .map_err(|error| unreadable(&answer.response, error))?;
        parts.records.into_iter().next().ok_or_else(|| {
            let message = "there is no chat with this id";
            answer.response.fail(ErrorKind::NotFound, message).with_advice(
                "give the id as `info.engagementId` has it, with the account's id in front; for an older chat try within(..)",
            )
        })
    }
}

impl IntoFuture for ChatById {
    type Output = Result<Record<Chat>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.get())
    }
}
