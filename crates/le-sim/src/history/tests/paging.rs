//! Order, pages and the links between them; the lookups by id and by consumer.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::{COMPLETE, HistoryKnobs, NOW, SHARED, call, call_with, id, list, one, pages, whole};
use crate::history::{AboveLimit, DAY, HistoryKind};

fn recent() -> Value {
    json!({"start": {"from": NOW - 60 * DAY, "to": NOW}, "contentToRetrieve": []})
}

fn expected() -> HashSet<&'static str> {
    // 60 days before NOW, widened to the ten-minute mark before it.
    let from = (NOW - 60 * DAY) / 600_000 * 600_000;
    COMPLETE
        .iter()
        .filter(|record| whole(&record["info"]["startTimeL"]) >= from)
        .map(id)
        .collect()
}

#[test]
fn pages_cover_the_result_once() {
    for query in [
        "v=2",
        "sort=start:asc",
        "sort=start:desc",
        "sort=start:des",
        "sort=end:asc",
        "sort=end:desc",
    ] {
        let records = pages(&SHARED, query, &recent());
        let ids: HashSet<&str> = records.iter().map(id).collect();
        assert_eq!(ids.len(), records.len(), "{query}");
        assert_eq!(ids, expected(), "{query}");
    }
}

#[test]
fn records_come_in_the_wanted_order() {
    let values = |query: &str, key: &str| -> Vec<i64> {
        pages(&SHARED, query, &recent())
            .iter()
            .map(|record| whole(&record["info"][key]))
            .collect()
    };
    assert!(values("sort=start:asc", "startTimeL").is_sorted());
    assert!(values("sort=start:desc", "startTimeL").iter().rev().is_sorted());
    assert!(
        values("v=2", "startTimeL").iter().rev().is_sorted(),
        "the newest first by default"
    );
    for (query, ascending) in [("sort=end:asc", true), ("sort=end:desc", false)] {
        let ends = values(query, "endTimeL");
        let closed = ends.iter().position(|end| *end == -1).unwrap_or(ends.len());
        assert!(
            closed < ends.len() && ends[closed..].iter().all(|end| *end == -1),
            "open ones are last"
        );
        let closed = &ends[..closed];
        assert!(if ascending {
            closed.is_sorted()
        } else {
            closed.iter().rev().is_sorted()
        });
    }
}

#[test]
fn links_say_where_the_page_lies() {
    let count = expected().len();
    let meta = |query: &str| one(&SHARED, HistoryKind::Search, query, &recent())["_metadata"].clone();
    let offset = |link: &Value| -> Option<usize> {
        let (_, rest) = link["href"].as_str()?.split_once("offset=")?;
        rest.split('&').next()?.parse().ok()
    };
    let first = meta("limit=100&offset=0&v=2&source=a%20b");
    assert_eq!(first["count"], count);
    assert_eq!(first["shardsStatusResult"]["partialResult"], false);
    assert_eq!(
        (offset(&first["self"]), offset(&first["next"]), offset(&first["prev"])),
        (Some(0), Some(100), None)
    );
    let last_page = (count - 1) / 100 * 100;
    assert_eq!(offset(&first["last"]), Some(last_page));
    let href = first["next"]["href"].as_str().unwrap();
    assert!(
        href.starts_with("http://") && href.contains("/messaging_history/api/account/70011223/conversations/search?")
    );
    assert!(href.contains("v=2") && href.contains("limit=100"), "{href}");
    assert_eq!(first["next"]["rel"], "next");
    let last = meta(&format!("limit=100&offset={last_page}"));
    assert!(last["next"].is_null());
    assert_eq!(offset(&last["prev"]), Some(last_page - 100));
    let past = one(&SHARED, HistoryKind::Search, "offset=1000000", &recent());
    assert_eq!(past["_metadata"]["count"], count);
    assert_eq!(past["conversationHistoryRecords"], json!([]));
    let default = one(&SHARED, HistoryKind::Search, "v=1", &recent());
    assert_eq!(list(&default, "conversationHistoryRecords").len(), 50);
}

#[test]
fn a_limit_above_100_is_refused_or_clamped() {
    let (status, answer) = call(&SHARED, HistoryKind::Search, "limit=101", &recent());
    assert_eq!(status, 400, "{answer}");
    let clamping = HistoryKnobs {
        above_limit: AboveLimit::Clamp,
        ..HistoryKnobs::default()
    };
    let (_, answer) = call_with(&SHARED, HistoryKind::Search, "limit=1000", &recent(), &clamping);
    assert_eq!(list(&answer, "conversationHistoryRecords").len(), 100);
}

#[test]
fn a_consumer_has_all_of_its_conversations() {
    let mut by_consumer: HashMap<&str, Vec<&Value>> = HashMap::new();
    for record in COMPLETE.iter() {
        by_consumer
            .entry(record["consumerParticipants"][0]["participantId"].as_str().unwrap())
            .or_default()
            .push(record);
    }
    let (consumer, records) = by_consumer.iter().max_by_key(|(_, records)| records.len()).unwrap();
    assert!(records.len() > 5);
    let found = |query: &str, status: Value| -> Vec<String> {
        let body = json!({"consumer": consumer, "status": status, "contentToRetrieve": ["summary"]});
        let answer = one(&SHARED, HistoryKind::Consumer, query, &body);
        list(&answer, "conversationHistoryRecords")
            .iter()
            .map(|record| id(record).to_owned())
            .collect()
    };
    let all: Vec<&str> = records.iter().map(|record| id(record)).collect();
    for status in [json!(null), json!(["OPEN", "CLOSE"]), json!([])] {
        assert_eq!(found("limit=100&sort=start:asc", status), all);
    }
    let open = records
        .iter()
        .filter(|record| record["info"]["status"] == "OPEN")
        .count();
    assert_eq!(found("limit=100", json!(["OPEN"])).len(), open);
    assert_eq!(found("limit=100", json!(["CLOSE"])).len(), all.len() - open);
    assert_eq!(found("limit=2&offset=1&sort=start:asc", json!(null)), all[1..3]);
    let nobody = one(&SHARED, HistoryKind::Consumer, "", &json!({"consumer": "nobody"}));
    assert_eq!(
        (&nobody["_metadata"]["count"], &nobody["conversationHistoryRecords"]),
        (&json!(0), &json!([]))
    );
}

#[test]
fn a_conversation_is_found_by_id_in_every_spelling_of_the_key() {
    let id = id(&COMPLETE[17]);
    for body in [
        json!({"conversationId": id}),
        json!({"conversationID": id, "contentToRetrieve": null}),
        json!({"conversationIds": [id]}),
        json!({"conversationId": id.to_uppercase()}),
    ] {
        let answer = one(&SHARED, HistoryKind::Conversation, "v=2", &body);
        assert_eq!(answer["_metadata"]["count"], 1);
        assert_eq!(answer["conversationHistoryRecords"][0]["info"]["conversationId"], *id);
    }
    for unknown in ["0a1b2c3d-1111-4222-8333-444455556666", "no uuid", ""] {
        let answer = one(
            &SHARED,
            HistoryKind::Conversation,
            "",
            &json!({"conversationId": unknown}),
        );
        assert_eq!(answer["conversationHistoryRecords"], json!([]));
        assert_eq!(answer["_metadata"]["count"], 0);
    }
}
