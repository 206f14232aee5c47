//! The history while it is read: changes move the update time and the order, and can all be taken back.

use super::*;
use crate::history::{HistoryChange, NoMatch};

const HOUR: i64 = 3_600_000;

fn updated_since(history: &History, since: i64) -> Vec<String> {
    let body = json!({
        "start": {"from": NOW - 80 * DAY, "to": NOW + DAY},
        "latestUpdateTime": {"from": since},
        "contentToRetrieve": [],
    });
    let answer = one(history, HistoryKind::Search, "limit=100&sort=start:asc", &body);
    ids(&answer)
}

fn ids(answer: &Value) -> Vec<String> {
    let records = answer["conversationHistoryRecords"].as_array().unwrap();
    let id = |record: &Value| record["info"]["conversationId"].as_str().unwrap().to_owned();
    records.iter().map(id).collect()
}

fn record(history: &History, id: &str) -> Value {
    let body = json!({"conversationId": id, "contentToRetrieve": ALL_PARTS});
    one(history, HistoryKind::Conversation, "v=2", &body)["conversationHistoryRecords"][0].clone()
}

#[test]
fn a_conversation_closes_and_gets_its_answer_after_it_was_exported() {
    let history = generate(300);
    let later = NOW + 5 * HOUR;
    assert!(updated_since(&history, NOW + HOUR).is_empty());
    let id = history.change(HistoryChange::Close, None, later).unwrap();
    assert_eq!(updated_since(&history, NOW + HOUR), [id.as_str()]);
    let closed = record(&history, &id);
    assert_eq!(closed["info"]["status"], "CLOSE");
    assert_eq!(closed["info"]["endTimeL"], later);

    let answered = history.change(HistoryChange::AnswerSurvey, Some(&id), later + HOUR);
    if answered.is_none() {
        // It had no agent yet: another one has.
        assert!(
            history
                .change(HistoryChange::AnswerSurvey, None, later + HOUR)
                .is_some()
        );
        return;
    }
    let answered = record(&history, &id);
    assert!(answered["info"]["csatRate"].is_i64());
    assert_eq!(answered["info"]["endTimeL"], later + HOUR, "the survey moves the end");
    assert_eq!(answered["info"]["conversationEndTimeL"], later);
    assert_eq!(updated_since(&history, later + HOUR / 2), [id.as_str()]);
}

#[test]
fn what_arrives_late_takes_its_place_and_what_goes_leaves_it() {
    let history = generate(300);
    let before = every_listed(&history, &json!([])).len();
    let page = |offset: usize| {
        let body = json!({"start": {"from": NOW - 80 * DAY, "to": NOW + HOUR}, "contentToRetrieve": []});
        ids(&one(
            &history,
            HistoryKind::Search,
            &format!("limit=5&offset={offset}&sort=start:desc"),
            &body,
        ))
    };
    let first = page(0);
    let arrived = history.change(HistoryChange::Arrive, None, NOW).unwrap();
    assert!(page(0).contains(&arrived), "it began two hours ago");
    assert_eq!(
        page(5)[0],
        first[4],
        "the page behind repeats what was on the one before"
    );
    assert_eq!(every_listed(&history, &json!([])).len(), before + 1);

    let gone = page(0)[1].clone();
    let next = page(5)[0].clone();
    assert_eq!(
        history.change(HistoryChange::Remove, Some(&gone), NOW),
        Some(gone.clone())
    );
    assert!(!page(5).contains(&next), "what was next is never on a page");
    assert!(record(&history, &gone).is_null());
    for record in every_listed(&history, &json!(["consumerParticipants"])) {
        let consumer = &record["consumerParticipants"][0]["participantId"];
        let body = json!({"consumer": consumer, "status": ["OPEN", "CLOSE"]});
        let of_consumer = one(&history, HistoryKind::Consumer, "limit=100", &body);
        let id = record["info"]["conversationId"].as_str().unwrap().to_owned();
        assert!(ids(&of_consumer).contains(&id), "places moved with the conversations");
    }
}

#[test]
fn personal_data_is_overwritten_and_nothing_tells_of_it() {
    let history = generate(100);
    let id = history.change(HistoryChange::Forget, None, NOW + HOUR).unwrap();
    let text = record(&history, &id).to_string();
    assert!(text.contains("** LP deleted data **"));
    assert!(updated_since(&history, NOW + HOUR / 2).is_empty());
}

#[test]
fn a_reset_takes_every_change_back() {
    let history = generate(100);
    let all = |history: &History| every_listed(history, &json!(ALL_PARTS));
    let before = all(&history);
    for change in [
        HistoryChange::Close,
        HistoryChange::Say,
        HistoryChange::Touch,
        HistoryChange::Start,
        HistoryChange::Arrive,
        HistoryChange::Remove,
    ] {
        assert!(history.change(change, None, NOW).is_some(), "{change:?}");
    }
    assert_ne!(all(&history), before);
    history.reset();
    assert_eq!(all(&history), before);
}

#[test]
fn the_search_engine_goes_so_deep_and_nothing_has_three_spellings() {
    let knobs = |no_match| HistoryKnobs {
        deepest_record: Some(200),
        no_match,
        ..HistoryKnobs::default()
    };
    let body = json!({"start": {"from": NOW - 80 * DAY, "to": NOW}});
    let search =
        |query: &str, body: &Value, no_match| call_with(&SHARED, HistoryKind::Search, query, body, &knobs(no_match));
    assert_eq!(search("limit=100&offset=100", &body, NoMatch::EmptyList).0, 200);
    let (status, answer) = search("limit=100&offset=101", &body, NoMatch::EmptyList);
    assert_eq!((status, &answer["internalCode"]), (500, &json!("0007")));

    let none = json!({"start": {"from": NOW - 80 * DAY, "to": NOW}, "keyword": "no one ever wrote this"});
    let (status, answer) = search("", &none, NoMatch::EmptyList);
    assert_eq!((status, &answer["conversationHistoryRecords"]), (200, &json!([])));
    let (status, answer) = search("", &none, NoMatch::NoList);
    assert_eq!((status, answer.get("conversationHistoryRecords")), (200, None));
    assert_eq!(answer["_metadata"]["count"], 0);
    assert_eq!(search("", &none, NoMatch::NoContent), (204, Value::Null));
}
