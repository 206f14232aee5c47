//! The brand's conversation history and the Messaging Interactions answers computed from it
//! (<https://developers.liveperson.com/messaging-interactions-api-overview.html>).
//!
//! [`History::generate`] makes conversations from a seed: the same account, seed, number and time give the same bytes.
//! [`History::answer`] computes everything an answer says from them: filters, order, pages, links, errors.

mod cast;
mod change;
pub(crate) mod chats;
mod compose;
mod consumer;
mod content;
mod conversation;
pub(crate) mod dialect;
pub(crate) mod files;
mod filter;
mod index;
mod knobs;
mod live;
mod live_content;
mod live_sdes;
mod message;
mod moments;
mod page;
mod render;
mod schedule;
mod sde;
mod search;
mod stencil;
mod survey;
mod vocabulary;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;

use crate::account::Account;

use cast::Cast;
pub use change::HistoryChange;
pub use chats::ChatKnobs;
pub(crate) use chats::{ChatCall, Chats};
pub(crate) use consumer::ConsumerCall;
pub use consumer::{ConsumerHistoryKnobs, TokenPrefix};
use content::{Content, Part};
pub use dialect::{Missing, RecordDialect, Scalars};
use filter::Wishes;
use index::Index;
pub use knobs::{DataLimit, HistoryKnobs, NoMatch};
pub(crate) use live::{
    LiveAnswer, LiveCampaign, LiveConsumer, LiveConversation, LiveDialog, LiveMessage, LivePresence, LiveReceipt,
    LiveSurvey, LiveTransfer,
};
pub(crate) use live_sdes::read_payload;
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
    /// What happens where the pages leave it open.
    pub knobs: &'a HistoryKnobs,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
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
    remembered: Remembered,
    changed: AtomicBool,
}

/// Why a call makes no sense: status 400.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadRequest(pub(crate) String);

/// A file that was exchanged in a conversation.
#[derive(Debug, Clone)]
pub(crate) struct SharedFile {
    /// `relativePath`.
    pub(crate) path: String,
    /// A data URI.
    pub(crate) preview: String,
}

/// Sub-code of a failure of the search engine.
const SEARCH_ENGINE_FAILURE: &str = "0007";

/// Why a call is not answered with records.
enum Refused {
    BadRequest(BadRequest),
    /// The page reaches deeper than the search engine goes.
    TooDeep,
}

impl From<BadRequest> for Refused {
    fn from(error: BadRequest) -> Self {
        Self::BadRequest(error)
    }
}

impl History {
    /// Makes `conversations` conversations that started within the 13 months before `now_ms` (epoch milliseconds), a few
    /// of them still open. Takes about ten microseconds for each in a release build.
    #[must_use]
    pub fn generate(account: &Account, seed: u64, conversations: usize, now_ms: i64) -> Self {
        Self::copied(account, seed, conversations, 0, now_ms)
    }

    /// [`generate`](Self::generate), where closed conversations are copies of `distinct` ones with ids and times of their
    /// own. A million of them take some 200 MB, and rendering one takes a few microseconds, so that a large history can be
    /// read faster than clients do. 0: every conversation is made for itself.
    #[must_use]
    pub fn copied(account: &Account, seed: u64, conversations: usize, distinct: usize, now_ms: i64) -> Self {
        let index = Index::generate(Cast::of(account, seed), seed, conversations, distinct, now_ms);
        Self {
            account: account.id.clone(),
            index: RwLock::new(index),
            remembered: Remembered::default(),
            changed: AtomicBool::new(false),
        }
    }

    /// Something is not as it was made.
    fn mark_changed(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// As it was made: takes back every change, and forgets what messaging told.
    pub(crate) fn reset(&self) {
        if self.changed.swap(false, Ordering::Relaxed) {
            self.write().restore();
            self.remembered.clear();
        }
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

    /// Bytes of wire text that are kept.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.read().kept_bytes()
    }

    /// Answers one call. Who may make it is the server's to decide.
    ///
    /// ```
    /// use le_sim::account::Account;
    /// use le_sim::history::{History, HistoryCall, HistoryKind, HistoryKnobs, INTERNAL_BASE};
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
    ///     knobs: &HistoryKnobs::default(),
    /// });
    /// assert_eq!(answer.status, 200);
    /// ```
    #[must_use]
    pub fn answer(&self, call: HistoryCall<'_>) -> Answer {
        let (status, body) = match self.body(&call) {
            Ok(body) if body.is_empty() => (204, body),
            Ok(body) => (200, spelt(body, &call.knobs.dialect)),
            // The pages document no error body; `debugMessage` is what one public client reads from it.
            Err(Refused::BadRequest(BadRequest(message))) => {
                let body = serde_json::json!({"debugMessage": message}).to_string();
                (400, vec![Bytes::from(body)])
            }
            Err(Refused::TooDeep) => (500, vec![Bytes::from(search_engine_failure().to_string())]),
        };
        Answer {
            status,
            content_type: "application/json",
            body,
        }
    }

    /// The files that were exchanged in a conversation, newest first; `None`: there is no such conversation.
    pub(crate) fn files_of(&self, conversation: &str) -> Option<Vec<SharedFile>> {
        let index = self.read();
        let conversation = index.conversation(index.find(conversation)? as usize);
        let files = conversation
            .messages
            .iter()
            .rev()
            .filter_map(|message| match &message.content {
                message::Content::File { path, preview, .. } => Some(SharedFile {
                    path: path.clone(),
                    preview: preview.clone(),
                }),
                _ => None,
            });
        Some(files.collect())
    }

    fn body(&self, call: &HistoryCall<'_>) -> Result<AnswerBody, Refused> {
        let page = Page::read(call.query, call.knobs.above_limit)?;
        if page.is_deeper_than(call.knobs.deepest_record) {
            return Err(Refused::TooDeep);
        }
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
        if matches.count() == 0 && call.knobs.no_match == NoMatch::NoContent {
            return Ok(Vec::new());
        }
        if matches.count() == 0 && call.knobs.no_match == NoMatch::NoList {
            let metadata = page::metadata(call, &self.account, &page, 0);
            return Ok(vec![Bytes::from(format!("{{\"_metadata\":{metadata}}}"))]);
        }
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

/// The answer in the dialect that the knobs ask for.
fn spelt(body: AnswerBody, dialect: &RecordDialect) -> AnswerBody {
    if dialect.is_plain() {
        return body;
    }
    let whole = body.concat();
    vec![Bytes::from(dialect.rewrite(&whole).unwrap_or(whole))]
}

/// What a failure of the search engine is answered with. Only the sub-code is documented.
pub(crate) fn search_engine_failure() -> serde_json::Value {
    serde_json::json!({
        "debugMessage": format!("{SEARCH_ENGINE_FAILURE}: search engine failure"),
        "internalCode": SEARCH_ENGINE_FAILURE,
    })
}

#[cfg(test)]
mod tests;
