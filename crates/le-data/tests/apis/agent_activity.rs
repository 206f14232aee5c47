//! Agent Activity.

use std::collections::HashSet;

use futures_util::TryStreamExt as _;
use le_core::{ErrorKind, Timestamp};
use le_data::agent_activity::{AgentStatusSubType, AgentStatusType, head};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::stage::{DAY, START, Seen, Stage, crafted_json, range};

const HOUR: i64 = 3_600_000;

fn change(number: i64) -> Value {
    let time = Timestamp::from_millis(START + number * HOUR).to_string();
    json!({ "agentId": 9, "time": time, "sessionId": -1, "sequenceNumber": number % 24, "statusType": 1, "statusSubType": 2 })
}

/// One change an hour, and the links that this API sends in place of a count.
fn serve(_: usize, seen: &Seen) -> ResponseTemplate {
    let at = |name: &str| seen.query(name).unwrap().parse::<Timestamp>().unwrap().as_millis();
    let (from, to) = (at("from"), at("to"));
    let found: Vec<Value> = (0..24 * 90)
        .filter(|number| (from..=to).contains(&(START + number * HOUR)))
        .map(change)
        .collect();
    let (offset, limit) = (seen.number("offset").unwrap(), seen.number("limit").unwrap());
    let page: Vec<&Value> = found.iter().skip(offset).take(limit).collect();
    let mut references = vec![json!({ "rel": "self", "href": "http://x.invalid/" })];
    if offset + page.len() < found.len() {
        references.push(json!({ "rel": "next", "href": "http://x.invalid/next" }));
    }
    ResponseTemplate::new(200).set_body_json(json!({ "_metadata": { "references": references }, "stateChanges": page }))
}

#[tokio::test]
async fn all_changes_come_over_pages_and_windows() {
    let stage = Stage::start(serve).await;
    let search = stage.data.agent_activity().status_changes(range(2)).limit(10);
    let records: Vec<_> = search.raw_stream().try_collect().await.unwrap();
    assert_eq!(records.len(), 48);
    let seen = stage.seen();
    assert_eq!(seen.len(), 5);
    assert_eq!(seen[0].path, "/api/v2/account/le1000/status-changes");
    assert_eq!((seen[0].method.as_str(), seen[0].query("v")), ("GET", Some("2")));
    assert_eq!(seen[0].query("from"), Some("2030-01-01T00:00:00.000Z"));

    let stage = Stage::start(serve).await;
    let all = stage.data.agent_activity().status_changes(range(90)).export();
    let records: Vec<_> = all.try_collect().await.unwrap();
    let keys: HashSet<String> = records.iter().map(|raw| head(raw).key.unwrap().into_owned()).collect();
    assert_eq!((records.len(), keys.len()), (24 * 90, 24 * 90));
    assert_eq!(head(&records[5]).start, Some(Timestamp::from_millis(START + 5 * HOUR)));
}

#[tokio::test]
async fn a_page_has_its_time_frame_and_typed_changes() {
    let stage = Stage::json(crafted_json("agent_activity/full_page.json")).await;
    let search = stage.data.agent_activity().status_changes(range(1)).agent(900_800_700);
    let page = search.await.unwrap();
    let frame = page.timeframe().unwrap();
    assert_eq!(
        (frame.from(), frame.to()),
        (Some(range(1).from()), Some(Timestamp::from_millis(START + DAY)))
    );
    assert!(page.metadata.has_next());
    let [login, away] = &page.records[..] else { panic!() };
    assert_eq!(
        (login.status_type(), login.status()),
        (Some(AgentStatusType::Login), None)
    );
    assert_eq!(login.reason(), None);
    assert_eq!(away.status(), Some(AgentStatusSubType::Away));
    assert_eq!(away.reason(), Some((6, Some("Lunch"))));
    assert_eq!(away.previous_at(), login.at());
    assert_eq!(stage.seen()[0].query("agentId"), Some("900800700"));
    assert_eq!(stage.seen()[0].query("limit"), Some("1000"));
}

#[tokio::test]
async fn version_1_is_given_as_json() {
    let stage = Stage::json(json!({ "agentsInfo": [{ "agentId": 9, "statusChangeHistory": [] }] })).await;
    let search = stage.data.agent_activity().status_changes(range(1));
    let raw = search.version_1().await.unwrap();
    assert_eq!(raw.to_value().unwrap()["agentsInfo"][0]["agentId"], 9);
    assert_eq!(
        (stage.seen()[0].query("v"), stage.seen()[0].query("limit")),
        (Some("1"), Some("100"))
    );
}

#[tokio::test]
async fn settings_that_break_a_rule_are_refused_before_anything_is_sent() {
    let stage = Stage::json(json!({})).await;
    let activity = stage.data.agent_activity();
    let search = || activity.status_changes(range(1));
    for (search, rule) in [
        (activity.status_changes(range(40)), "one month"),
        (search().limit(5001), "1 to 5000"),
        (search().agent(1).employee("2"), "exclude each other"),
        (search().group(1).agent(1), "exclude each other"),
        (search().employee(" "), "empty"),
    ] {
        let error = search.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert!(error.to_string().contains(rule), "{error}");
    }
    assert!(search().limit(500).version_1().await.is_err());
    assert!(stage.seen().is_empty());
}

#[tokio::test]
async fn the_causes_of_a_refusal_are_there() {
    let stage = Stage::start(|_, _| {
        ResponseTemplate::new(400).set_body_json(json!({ "causes": ["limit: too large"], "message": "bad request" }))
    })
    .await;
    let error = stage.data.agent_activity().status_changes(range(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(String::from_utf8_lossy(error.body().unwrap()).contains("limit: too large"));
}
