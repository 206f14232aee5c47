//! Each filter against an oracle that reads the same from the parsed records, in its own words.

mod content;
mod routing;
mod surveys;

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{COMPLETE, NOW, SHARED, bytes, id, list, pages, whole};
use crate::history::{DAY, HistoryKind, MINUTE};

const STEP: i64 = 10 * MINUTE;

/// The window of all filter tests: 90 days before now.
fn start() -> Value {
    json!({"from": NOW - 90 * DAY, "to": NOW})
}

fn in_window() -> impl Iterator<Item = &'static Value> {
    let from = (NOW - 90 * DAY) / STEP * STEP;
    COMPLETE
        .iter()
        .filter(move |record| whole(&record["info"]["startTimeL"]) >= from)
}

/// What a search with these members of the body finds.
fn found(filter: &Value) -> HashSet<String> {
    let mut body = json!({"start": start(), "contentToRetrieve": []});
    for (key, value) in filter.as_object().unwrap() {
        body[key] = value.clone();
    }
    pages(&SHARED, "v=2&sort=start:asc", &body)
        .iter()
        .map(|record| id(record).to_owned())
        .collect()
}

/// The search finds what the oracle says, which is something and not everything.
fn check(filter: Value, oracle: impl Fn(&Value) -> bool) {
    let expected: HashSet<String> = in_window()
        .filter(|record| oracle(record))
        .map(|record| id(record).to_owned())
        .collect();
    assert!(!expected.is_empty(), "{filter}: nothing to find");
    assert!(expected.len() < in_window().count(), "{filter}: everything matches");
    let found = found(&filter);
    let missing: Vec<_> = expected.difference(&found).take(3).collect();
    let extra: Vec<_> = found.difference(&expected).take(3).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{filter}: missing {missing:?}, extra {extra:?}"
    );
}

/// The value of a member of `info` that occurs often in the window.
fn common(key: &str) -> Value {
    let mut values: Vec<(usize, &Value)> = Vec::new();
    for record in in_window() {
        let value = &record["info"][key];
        match values.iter_mut().find(|(_, known)| *known == value) {
            Some((count, _)) => *count += 1,
            None => values.push((1, value)),
        }
    }
    values.into_iter().max_by_key(|(count, _)| *count).unwrap().1.clone()
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .map(str::to_owned)
        .collect()
}

fn has_word(text: &Value, word: &str) -> bool {
    text.as_str()
        .is_some_and(|text| words(text).iter().any(|found| found == word))
}

fn answers(record: &Value) -> impl Iterator<Item = &Value> {
    list(record, "conversationSurveys")
        .iter()
        .flat_map(|survey| list(survey, "surveyData"))
}

#[test]
fn filters_are_combined() {
    check(
        json!({"status": ["CLOSE"], "source": ["SHARK"], "mcs": {"from": 50, "to": 100}, "device": ["DESKTOP"]}),
        |record| {
            let info = &record["info"];
            info["status"] == "CLOSE"
                && info["source"] == "SHARK"
                && info["device"] == "DESKTOP"
                && info["mcs"].as_i64().is_some_and(|mcs| mcs >= 50)
        },
    );
}

#[test]
fn a_remembered_result_is_the_computed_one() {
    let body = json!({"start": start(), "keyword": "order", "sdeSearch": {"customerInfo": "gold"}}).to_string();
    let ask = |history| bytes(history, HistoryKind::Search, "v=2&limit=10", body.as_bytes());
    let first = ask(&SHARED);
    for number in 0..20 {
        let other = json!({"start": start(), "keyword": format!("word{number}")}).to_string();
        bytes(&SHARED, HistoryKind::Search, "v=2", other.as_bytes());
        assert_eq!(ask(&SHARED), first);
    }
    let longer = [body.as_bytes(), &[b' '; 20_000]].concat();
    assert_eq!(bytes(&SHARED, HistoryKind::Search, "v=2&limit=10", &longer), first);
}
