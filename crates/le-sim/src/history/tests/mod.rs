mod changes;
mod consistency;
mod errors;
mod filters;
mod generation;
mod paging;
mod shape;
mod stencils;

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{DAY, History, HistoryCall, HistoryKind, HistoryKnobs, INTERNAL_BASE};
use crate::account::Account;

/// An instant that is no multiple of ten minutes.
const NOW: i64 = 1_788_000_123_456;

const ACCOUNT: &str = "70011223";

/// Every part there is.
const ALL_PARTS: [&str; 24] = [
    "campaign",
    "messageRecords",
    "agentParticipants",
    "agentParticipantsLeave",
    "agentParticipantsActive",
    "consumerParticipants",
    "transfers",
    "interactions",
    "messageScores",
    "messageStatuses",
    "conversationSurveys",
    "coBrowseSessions",
    "summary",
    "sdes",
    "unAuthSdes",
    "monitoring",
    "responseTime",
    "dialogs",
    "skillChanges",
    "intents",
    "uniqueIntents",
    "latestAgentSurvey",
    "previouslySubmittedAgentSurveys",
    "pageView",
];

static SHARED: LazyLock<History> = LazyLock::new(|| generate(3_000));

/// Every record, complete, as the lookup by id gives it.
static COMPLETE: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let ids = every_listed(&SHARED, &json!([]))
        .into_iter()
        .map(|record| record["info"]["conversationId"].clone());
    ids.map(|id| {
        let body = json!({"conversationId": id, "contentToRetrieve": ALL_PARTS});
        one(&SHARED, HistoryKind::Conversation, "v=2", &body)["conversationHistoryRecords"][0].clone()
    })
    .collect()
});

fn generate(count: usize) -> History {
    History::generate(&Account::generate(ACCOUNT, 7), 7, count, NOW)
}

/// The bytes of an answer and its status.
fn bytes(history: &History, kind: HistoryKind, query: &str, body: &[u8]) -> (u16, Vec<u8>) {
    bytes_with(history, kind, query, body, &HistoryKnobs::default())
}

fn call_with(history: &History, kind: HistoryKind, query: &str, body: &Value, knobs: &HistoryKnobs) -> (u16, Value) {
    let (status, bytes) = bytes_with(history, kind, query, body.to_string().as_bytes(), knobs);
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn bytes_with(history: &History, kind: HistoryKind, query: &str, body: &[u8], knobs: &HistoryKnobs) -> (u16, Vec<u8>) {
    let query: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let answer = history.answer(HistoryCall {
        kind,
        query: &query,
        body,
        now_ms: NOW,
        base: INTERNAL_BASE,
        knobs,
    });
    assert_eq!(answer.content_type, "application/json");
    (answer.status, answer.body.concat())
}

fn call(history: &History, kind: HistoryKind, query: &str, body: &Value) -> (u16, Value) {
    let (status, bytes) = bytes(history, kind, query, body.to_string().as_bytes());
    let answer = serde_json::from_slice(&bytes).expect("an answer is always JSON");
    (status, answer)
}

/// The answer to a call that must succeed.
fn one(history: &History, kind: HistoryKind, query: &str, body: &Value) -> Value {
    let (status, answer) = call(history, kind, query, body);
    assert_eq!(status, 200, "{answer}");
    answer
}

/// All records of a search, page by page.
fn pages(history: &History, query: &str, body: &Value) -> Vec<Value> {
    let mut records = Vec::new();
    loop {
        let query = format!("{query}&limit=100&offset={}", records.len());
        let mut answer = one(history, HistoryKind::Search, &query, body);
        let Value::Array(page) = answer["conversationHistoryRecords"].take() else {
            panic!("no list")
        };
        records.extend(page);
        if answer["_metadata"]["next"].is_null() {
            assert_eq!(answer["_metadata"]["count"], records.len());
            return records;
        }
    }
}

/// The whole retention, in windows that touch at ten-minute marks without sharing one.
fn windows() -> Vec<(i64, i64)> {
    let past = NOW - NOW % (10 * 60_000) + 10 * 60_000;
    (0..6)
        .map(|number| (past - (number + 1) * 80 * DAY, past - number * 80 * DAY - 600_000))
        .collect()
}

/// All conversations; bounds are inclusive and widened, so windows a step apart may share one instant in a million.
fn every_listed(history: &History, content: &Value) -> Vec<Value> {
    let mut records: Vec<Value> = Vec::new();
    for (from, to) in windows() {
        let body = json!({"start": {"from": from, "to": to + 599_000}, "contentToRetrieve": content});
        records.extend(pages(history, "v=2&sort=start:asc", &body));
    }
    records.sort_by_key(|record| (record["info"]["startTimeL"].as_i64(), id(record).to_owned()));
    records.dedup_by(|one, other| id(one) == id(other));
    records
}

fn id(record: &Value) -> &str {
    record["info"]["conversationId"].as_str().expect("an id")
}

fn list<'a>(record: &'a Value, part: &str) -> &'a [Value] {
    record[part].as_array().map_or(&[], Vec::as_slice)
}

fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("not a whole number: {value}"))
}
