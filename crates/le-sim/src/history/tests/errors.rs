//! Calls that make no sense are refused, calls that are merely odd are not.

use serde_json::json;

use super::{DAY, NOW, SHARED, bytes, call, one};
use crate::history::HistoryKind;

fn refused(kind: HistoryKind, query: &str, body: &str, names: &str) {
    let (status, answer) = bytes(&SHARED, kind, query, body.as_bytes());
    let answer = String::from_utf8(answer).unwrap();
    assert_eq!(status, 400, "{query} {body}: {answer}");
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let message = answer["debugMessage"].as_str().unwrap();
    assert!(message.contains(names), "{message:?} does not name {names:?}");
}

#[test]
fn bodies_that_are_no_objects_are_refused() {
    for body in [
        "",
        "{",
        "[]",
        "\"text\"",
        "{\"start\":{\"from\":1,\"to\":2}",
        "<html>",
        "{}garbage",
    ] {
        refused(HistoryKind::Search, "v=2", body, "body");
    }
}

#[test]
fn start_is_required_and_at_most_three_months_long() {
    for body in ["{}", "{\"start\":null}", "{\"status\":[\"OPEN\"]}"] {
        refused(HistoryKind::Search, "", body, "start");
    }
    let span = |key: &str, days: i64| {
        let mut body = json!({"start": {"from": NOW - DAY, "to": NOW}});
        body[key] = json!({"from": NOW - days * DAY, "to": NOW});
        body
    };
    for key in ["start", "end", "fullDialogEndTime"] {
        refused(HistoryKind::Search, "", &span(key, 93).to_string(), key);
        one(&SHARED, HistoryKind::Search, "", &span(key, 92));
    }
    refused(
        HistoryKind::Search,
        "",
        &json!({"start": {"from": 1, "to": -1}}).to_string(),
        "three months",
    );
    refused(
        HistoryKind::Search,
        "",
        &json!({"start": {"to": NOW}}).to_string(),
        "start.from",
    );
    refused(
        HistoryKind::Search,
        "",
        &json!({"start": {"from": NOW, "to": NOW - 1}}).to_string(),
        "after",
    );
    refused(
        HistoryKind::Search,
        "",
        r#"{"start":{"from":"soon","to":1}}"#,
        "start.from",
    );
    refused(HistoryKind::Search, "", r#"{"start":"today"}"#, "start");
}

#[test]
fn query_parameters_are_checked() {
    let body = json!({"start": {"from": NOW - DAY, "to": NOW}}).to_string();
    for (query, names) in [
        ("sort=start", "sort"),
        ("sort=start:up", "sort"),
        ("sort=middle:asc", "sort"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("offset=-1", "offset"),
        ("offset=1.5", "offset"),
        ("v=3", "v"),
    ] {
        refused(HistoryKind::Search, query, &body, names);
        refused(HistoryKind::Consumer, query, r#"{"consumer":"x"}"#, names);
    }
    for query in ["rollover=true&NC=true&__d=1", "limit=100", "v=1", "v=2", "sort=end:des"] {
        assert_eq!(
            bytes(&SHARED, HistoryKind::Search, query, body.as_bytes()).0,
            200,
            "{query}"
        );
    }
}

#[test]
fn lookups_need_their_key() {
    refused(HistoryKind::Conversation, "", "{}", "conversationId");
    refused(
        HistoryKind::Conversation,
        "",
        r#"{"conversationId":null}"#,
        "conversationId",
    );
    refused(HistoryKind::Consumer, "", "{}", "consumer");
    refused(HistoryKind::Consumer, "", r#"{"consumer":{}}"#, "consumer");
}

#[test]
fn values_of_the_wrong_kind_are_named() {
    for (key, value) in [
        ("skillIds", json!(["many"])),
        ("skillIds", json!([{}])),
        ("status", json!({"OPEN": true})),
        ("mcs", json!([1, 2])),
        ("duration", json!({"from": "long"})),
        ("sdeSearch", json!("gold")),
        ("responseTime", json!({})),
        ("invalidFreeTextAnswer", json!("YES")),
        ("surveyBotConversations", json!("YES")),
        ("conversationsWithStepUpOnly", json!("perhaps")),
        ("contentToRetrieve", json!([{}])),
        ("latestUpdateTime", json!([1])),
    ] {
        let mut body = json!({"start": {"from": NOW - DAY, "to": NOW}});
        body[key] = value;
        refused(HistoryKind::Search, "", &body.to_string(), key);
    }
}

#[test]
fn absent_null_empty_and_unknown_members_restrict_nothing() {
    let plain = json!({"start": {"from": NOW - 30 * DAY, "to": NOW}});
    let count = |body| call(&SHARED, HistoryKind::Search, "limit=1", &body).1["_metadata"]["count"].clone();
    let all = count(plain.clone());
    for (key, value) in [
        ("end", json!(null)),
        ("status", json!(null)),
        ("skillIds", json!([])),
        ("agentIds", json!([])),
        ("keyword", json!("")),
        ("summary", json!(null)),
        ("sdeSearch", json!({})),
        ("contentToRetrive", json!(["info"])),
        ("somethingNew", json!({"deep": [1]})),
        ("conversationsWithStepUpOnly", json!(false)),
        ("agentSurveySearch", json!({})),
    ] {
        let mut body = plain.clone();
        body[key] = value;
        assert_eq!(count(body), all, "{key}");
    }
}
