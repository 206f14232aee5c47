//! The brand's conversation history and the Messaging Interactions answers computed from it
//! (<https://developers.liveperson.com/messaging-interactions-api-overview.html>).
//!
//! [`History::generate`] makes conversations from a seed: the same account, seed, number and time give the same bytes.
//! [`History::answer`] computes everything an answer says from them: filters, order, pages, links, errors.

mod cast;
mod compose;
mod content;
mod conversation;
mod filter;
mod index;
mod live;
mod message;
mod page;
mod render;
mod schedule;
mod sde;
mod search;
mod survey;
mod vocabulary;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;

use crate::account::Account;

use cast::Cast;
use content::{Content, Part};
use filter::Wishes;
use index::Index;
pub(crate) use live::{
    LiveAnswer, LiveConsumer, LiveConversation, LiveDialog, LiveMessage, LivePresence, LiveReceipt, LiveSurvey,
    LiveTransfer,
};
use page::Page;
use render::View;
use search::{Matches, Remembered};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Which of the three Messaging Interactions calls is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryKind {
    /// `POST .../conversations/search`: conversations that match a filter.
    Search,
    /// `POST .../conversations/conversation/search`: one conversation, complete.
    Conversation,
    /// `POST .../conversations/consumer/search`: the conversations of one consumer.
    Consumer,
}

/// One call, as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct HistoryCall<'a> {
    /// Which call.
    pub kind: HistoryKind,
    /// The query parameters, decoded, in the order of the request.
    pub query: &'a [(String, String)],
    /// The request body.
    pub body: &'a [u8],
    /// The server's clock, in epoch milliseconds.
    pub now_ms: i64,
    /// Scheme and host that the links of `_metadata` start with. The service's own name an internal host that clients
    /// cannot reach, see [`INTERNAL_BASE`].
    pub base: &'a str,
}

/// A base for links like the service's own: plain http, and a host that resolves nowhere.
pub const INTERNAL_BASE: &str = "http://msghist.internal.example";

/// The body of an answer: chunks to be written one after the other. Cloning a chunk copies no bytes.
pub type AnswerBody = Vec<Bytes>;

/// What goes back to the client.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status code: 200, or 400 for a call that makes no sense.
    pub status: u16,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: AnswerBody,
}

/// What happens to a `limit` above 100. The pages give the maximum and not the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AboveLimit {
    /// Status 400.
    #[default]
    Reject,
    /// 100 records.
    Clamp,
}

/// All conversations of an account.
#[derive(Debug)]
pub struct History {
    account: String,
    index: RwLock<Index>,
    above_limit: AboveLimit,
    remembered: Remembered,
}

/// Why a call makes no sense: status 400.
#[derive(Debug, PartialEq, Eq)]
struct BadRequest(String);

impl History {
    /// Makes `conversations` conversations that started within the 13 months before `now_ms` (epoch milliseconds), a few
    /// of them still open. Takes about ten microseconds for each in a release build.
    #[must_use]
    pub fn generate(account: &Account, seed: u64, conversations: usize, now_ms: i64) -> Self {
        Self {
            account: account.id.clone(),
            index: RwLock::new(Index::generate(Cast::of(account, seed), seed, conversations, now_ms)),
            above_limit: AboveLimit::default(),
            remembered: Remembered::default(),
        }
    }

    /// Sets what happens to a `limit` above 100.
    #[must_use]
    pub fn above_limit(mut self, rule: AboveLimit) -> Self {
        self.above_limit = rule;
        self
    }

    fn read(&self) -> RwLockReadGuard<'_, Index> {
        // A poisoned lock only says that another request panicked; the state behind it is still usable.
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many conversations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read().entries.is_empty()
    }

    /// Renders every closed conversation now instead of when it is first asked for, so that a measurement of clients does
    /// not measure this. Takes about 15 microseconds and 7.5 KB for each.
    pub fn render(&self) {
        let view = View {
            account: &self.account,
            now: 0,
            complete: false,
            selected_intent_only: false,
            capping: Vec::new(),
        };
        let mut scratch = Vec::new();
        let index = self.read();
        for place in 0..index.entries.len() {
            index.render(place, &view, &mut scratch);
        }
    }

    /// Answers one call. Who may make it is the server's to decide.
    ///
    /// ```
    /// use le_sim::account::Account;
    /// use le_sim::history::{History, HistoryCall, HistoryKind, INTERNAL_BASE};
    ///
    /// let now_ms = 1_788_000_000_000;
    /// let history = History::generate(&Account::generate("70011223", 7), 7, 100, now_ms);
    /// let body = format!(r#"{{"start": {{"from": {}, "to": {now_ms}}}}}"#, now_ms - 80 * 86_400_000_i64);
    /// let query = [("v".to_owned(), "2".to_owned()), ("sort".to_owned(), "start:asc".to_owned())];
    /// let answer = history.answer(HistoryCall {
    ///     kind: HistoryKind::Search,
    ///     query: &query,
    ///     body: body.as_bytes(),
    ///     now_ms,
    ///     base: INTERNAL_BASE,
    /// });
    /// assert_eq!(answer.status, 200);
    /// ```
    #[must_use]
    pub fn answer(&self, call: HistoryCall<'_>) -> Answer {
        match self.body(&call) {
            Ok(body) => Answer {
                status: 200,
                content_type: "application/json",
                body,
            },
            // The pages document no error body; `debugMessage` is what one public client reads from it.
            Err(BadRequest(message)) => {
                let body = serde_json::json!({"debugMessage": message}).to_string();
                Answer {
                    status: 400,
                    content_type: "application/json",
                    body: vec![Bytes::from(body)],
                }
            }
        }
    }

    fn body(&self, call: &HistoryCall<'_>) -> Result<AnswerBody, BadRequest> {
        let page = Page::read(call.query, self.above_limit)?;
        let index = self.read();
        let (matches, wishes) = match call.kind {
            HistoryKind::Search => {
                let (filter, wishes) = filter::search(call.body, call.now_ms)?;
                let matches = index.search(&self.remembered, call.body, &filter, page.sort, call.now_ms);
                (matches, wishes)
            }
            HistoryKind::Conversation => {
                let (id, wishes) = filter::conversation(call.body)?;
                (Matches::List(index.find(&id).into_iter().collect()), wishes)
            }
            HistoryKind::Consumer => {
                let (consumer, filter, wishes) = filter::consumer(call.body)?;
                let places = index.of_consumer(&consumer).iter().copied();
                (
                    Matches::List(index.matching(places, &filter, page.sort, call.now_ms)),
                    wishes,
                )
            }
        };
        Ok(self.records(&index, call, &page, &matches, wishes))
    }

    /// Puts the answer together from what is rendered already and what has to be.
    fn records(
        &self,
        index: &Index,
        call: &HistoryCall<'_>,
        page: &Page,
        matches: &Matches,
        wishes: Wishes,
    ) -> AnswerBody {
        let view = View {
            account: &self.account,
            now: call.now_ms,
            complete: call.kind == HistoryKind::Conversation,
            selected_intent_only: wishes.selected_intent_only,
            capping: wishes.capping,
        };
        // Version 1 knows authenticated SDEs only.
        let content = if page.v2 {
            wishes.content
        } else {
            wishes.content.without(Part::UnAuthSdes)
        };
        let extras = content.beyond_default();
        let places = matches.page(page.offset, page.limit);
        let mut body = Vec::with_capacity(places.len() * if content == Content::DEFAULT { 2 } else { 6 } + 2);
        let mut scratch = Vec::new();
        let metadata = page::metadata(call, &self.account, page, matches.count());
        body.push(Bytes::from(format!(
            "{{\"_metadata\":{metadata},\"conversationHistoryRecords\":["
        )));
        for (number, place) in places.into_iter().enumerate() {
            index.sheets(place as usize, &view, extras, &mut scratch, |sheet, extras| {
                sheet.record(extras, content, page.v2, number == 0, &mut body);
            });
        }
        body.push(Bytes::from_static(b"]}"));
        body
    }
}

#[cfg(test)]
mod tests;
