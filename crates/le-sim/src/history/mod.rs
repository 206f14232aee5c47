//! The brand's conversation history and the Messaging Interactions answers computed from it.

use bytes::Bytes;

use crate::account::Account;

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
    /// Scheme and host that the links of `_metadata` start with.
    pub base: &'a str,
}

/// The body of an answer: chunks to be written one after the other. Cloning a chunk copies no bytes.
pub type AnswerBody = Vec<Bytes>;

/// What goes back to the client.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: AnswerBody,
}

/// All conversations of an account.
#[derive(Debug)]
pub struct History {
    account: String,
    starts: Vec<i64>,
}

impl History {
    /// Makes `conversations` conversations that started within the 13 months before `now_ms`.
    #[must_use]
    pub fn generate(account: &Account, seed: u64, conversations: usize, now_ms: i64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut starts: Vec<i64> = (0..conversations)
            .map(|_| now_ms - random.i64(0..395 * 24 * 3_600_000))
            .collect();
        starts.sort_unstable();
        Self {
            account: account.id.clone(),
            starts,
        }
    }

    /// Answers one call.
    #[must_use]
    pub fn answer(&self, call: HistoryCall<'_>) -> Answer {
        let records: Vec<_> = self
            .starts
            .iter()
            .take(50)
            .map(|start| serde_json::json!({"info": {"brandId": self.account, "startTimeL": start}}))
            .collect();
        let body = serde_json::json!({
            "_metadata": {"count": self.starts.len(), "self": {"rel": "self", "href": call.base}},
            "conversationHistoryRecords": records,
        });
        Answer {
            status: 200,
            content_type: "application/json",
            body: vec![Bytes::from(body.to_string())],
        }
    }
}
