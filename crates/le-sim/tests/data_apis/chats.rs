//! Engagement History.

use std::collections::HashSet;

use le_sim::{Behaviour, DataLimit, NoMatch, RecordDialect, Scalars};
use serde_json::{Value, json};

use crate::*;

const PATH: &str = "/interaction_history/api/account/{account}/interactions/search";

async fn search(sim: &Sim, query: &str, body: &Value) -> (u16, Value) {
    let url = url(sim, &format!("{PATH}?{query}"));
    answer(signed(sim, 0, "POST", &url).json(body)).await
}

fn month() -> Value {
    json!({"start": {"from": NOW - 30 * DAY, "to": NOW}})
}

fn list(answer: &Value) -> &Vec<Value> {
    answer["interactionHistoryRecords"].as_array().unwrap()
}

/// Every chat, month by month.
async fn all(sim: &Sim) -> Vec<Value> {
    let mut chats = Vec::new();
    for month in 0..14 {
        let to = NOW - month * 30 * DAY;
        let body = json!({"start": {"from": to - 30 * DAY + 1, "to": to}});
        let (status, page) = search(sim, "limit=100&sort=start:asc", &body).await;
        assert_eq!(status, 200, "{page}");
        chats.extend(list(&page).clone());
    }
    let mut seen = HashSet::new();
    chats.retain(|chat| seen.insert(chat["info"]["engagementId"].to_string()));
    chats
}

#[tokio::test]
async fn every_chat_is_found_ended_and_of_people_of_the_account() {
    let sim = sim().await;
    let chats = all(&sim).await;
    assert!((190..=200).contains(&chats.len()), "{}", chats.len());
    let users: HashSet<&str> = sim.users().iter().map(|user| user.user_id.as_str()).collect();
    let skills: HashSet<i64> = sim.account().skills.iter().map(|skill| skill.id).chain([-1]).collect();
    let mut surveys = 0;
    for chat in &chats {
        let info = &chat["info"];
        assert_eq!(info["ended"], true);
        let time = |name: &str| info[name].as_i64().unwrap();
        assert!(time("chatRequestedTimeL") <= time("startTimeL") && time("startTimeL") <= time("endTimeL"));
        assert_eq!(time("duration"), (time("endTimeL") - time("startTimeL")) / 1_000);
        assert!(info["engagementId"].as_str().unwrap().starts_with(ACCOUNT));
        assert!(skills.contains(&info["skillId"].as_i64().unwrap()));
        let agent = info["agentId"].as_str().unwrap();
        assert!(users.contains(agent) || info["agentDeleted"] == true);
        let lines = chat["transcript"]["lines"].as_array().unwrap();
        let by_visitor = lines.iter().any(|line| line["source"] == "visitor");
        assert_eq!(by_visitor, info["isInteractive"] == true);
        surveys += chat["surveys"]["postChat"].as_array().map_or(0, Vec::len);
        assert_eq!(chat["surveys"]["postChat"].is_array(), info["isPostChatSurvey"] == true);
    }
    assert!(surveys > 10, "{surveys}");
}

#[tokio::test]
async fn filters_pages_and_order() {
    let sim = sim().await;
    let (_, whole) = search(&sim, "limit=100&sort=duration:desc,start:asc", &month()).await;
    let durations: Vec<i64> = list(&whole)
        .iter()
        .map(|chat| chat["info"]["duration"].as_i64().unwrap())
        .collect();
    assert!(durations.is_sorted_by(|one, other| one >= other), "{durations:?}");
    let count = whole["_metadata"]["count"].as_u64().unwrap();
    assert_eq!(count, durations.len() as u64);
    let (_, page) = search(&sim, "limit=3&offset=3&sort=duration:desc,start:asc", &month()).await;
    assert_eq!(list(&page)[..], list(&whole)[3..6]);
    assert!(page["_metadata"]["next"]["href"].as_str().unwrap().contains("offset=6"));

    for (key, value, pointer) in [
        (
            "skillIds",
            json!([list(&whole)[0]["info"]["skillId"].to_string()]),
            "/info/skillId",
        ),
        ("agentIds", json!([list(&whole)[0]["info"]["agentId"]]), "/info/agentId"),
    ] {
        let mut body = month();
        body[key] = value;
        let (status, found) = search(&sim, "limit=100", &body).await;
        assert_eq!(status, 200, "{found}");
        let wanted = list(&whole)[0].pointer(pointer).unwrap();
        let expected = list(&whole)
            .iter()
            .filter(|chat| chat.pointer(pointer) == Some(wanted))
            .count();
        assert_eq!(list(&found).len(), expected, "{key}");
        assert!(list(&found).iter().all(|chat| chat.pointer(pointer) == Some(wanted)));
    }
    let mut body = month();
    body["duration"] = json!({"from": 0, "to": durations[durations.len() / 2]});
    body["interactive"] = json!(true);
    let (_, found) = search(&sim, "limit=100", &body).await;
    assert!(!list(&found).is_empty() && list(&found).len() < durations.len());
    assert!(list(&found).iter().all(|chat| chat["info"]["isInteractive"] == true));
}

#[tokio::test]
async fn one_chat_is_found_by_its_id_and_is_whole() {
    let sim = sim().await;
    let chats = all(&sim).await;
    let mut ids: Vec<&Value> = chats
        .iter()
        .map(|chat| &chat["info"]["engagementId"])
        .step_by(40)
        .collect();
    ids.extend(
        chats
            .iter()
            .find(|chat| chat["info"]["isPartial"] == true)
            .map(|chat| &chat["info"]["engagementId"]),
    );
    for id in ids {
        // The page says that times do not count here, and that start is required.
        let body = json!({"start": {"from": NOW - DAY, "to": NOW}, "engagementId": id});
        let (_, found) = search(&sim, "", &body).await;
        assert_eq!(list(&found).len(), 1);
        assert_eq!(&list(&found)[0]["info"]["engagementId"], id);
        assert_eq!(list(&found)[0]["info"]["isPartial"], false);
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_rule() {
    let sim = sim().await;
    let with = |key: &str, value: Value| {
        let mut body = month();
        body[key] = value;
        body
    };
    for (body, rule) in [
        (json!({}), "start: is required"),
        (
            json!({"start": {"from": NOW - 32 * DAY, "to": NOW}}),
            "longer than one month",
        ),
        (json!({"start": {"from": NOW, "to": NOW - 1}}), "is after to"),
        (with("interactive", json!(false)), "only true is supported"),
        (with("duration", json!({"from": 3})), "both mandatory"),
        (with("lineContentTypes", json!(["TEXT"])), "RICH_CONTENT"),
        (
            with("keyword_search_area", json!({"types": ["somewhere"]})),
            "is not known",
        ),
    ] {
        let (status, answer) = search(&sim, "", &body).await;
        assert_eq!(status, 400, "{body}");
        assert!(answer["debugMessage"].as_str().unwrap().contains(rule), "{answer}");
    }
    let (status, answer) = search(&sim, "sort=colour:asc", &month()).await;
    assert_eq!(
        (status, answer["debugMessage"].as_str().unwrap().starts_with("sort:")),
        (400, true)
    );
    assert_eq!(search(&sim, "limit=101", &month()).await.0, 400);
}

#[tokio::test]
async fn each_kind_of_credential_is_taken_if_it_may() {
    let sim = sim().await;
    let address = url(&sim, PATH);
    let bearer = client::login(&sim).await["bearer"].as_str().unwrap().to_owned();
    let token = application_token(&sim).await;
    for token in [bearer, token] {
        let request = client::client(&sim).post(&address).bearer_auth(token).json(&month());
        assert_eq!(answer(request).await.0, 200);
    }
    assert_eq!(answer(signed(&sim, 1, "POST", &address).json(&month())).await.0, 403);
    assert_eq!(answer(client::client(&sim).post(&address).json(&month())).await.0, 401);
    let unknown = client::client(&sim)
        .post(&address)
        .bearer_auth("no such token")
        .json(&month());
    assert_eq!(answer(unknown).await.0, 401);
    // The token of an application lives for an hour.
    let token = application_token(&sim).await;
    sim.clock().advance(std::time::Duration::from_secs(3_601));
    let late = client::client(&sim).post(&address).bearer_auth(token).json(&month());
    assert_eq!(answer(late).await.0, 401);
}

#[tokio::test]
async fn knobs_change_what_they_name() {
    let sim = sim().await;
    let control = sim.control();
    let adjust = |change: fn(&mut Behaviour)| {
        control.adjust(|behaviour| *behaviour = Behaviour::default());
        control.adjust(change);
    };
    adjust(|behaviour| behaviour.chats.enriched_ms = u64::MAX);
    let (_, page) = search(&sim, "", &month()).await;
    assert!(list(&page).iter().all(|chat| chat["info"]["chatDataEnriched"] == false));
    assert!(list(&page).iter().all(|chat| chat["sdes"]["events"] == json!([])));

    adjust(|behaviour| behaviour.history.no_match = NoMatch::NoContent);
    let nothing = json!({"start": {"from": NOW, "to": NOW}});
    assert_eq!(search(&sim, "", &nothing).await, (204, Value::Null));

    adjust(|behaviour| behaviour.history.deepest_record = Some(10));
    assert_eq!(search(&sim, "limit=10&offset=1", &month()).await.0, 500);

    adjust(|behaviour| {
        let mut dialect = RecordDialect::default();
        dialect.scalars = Scalars::Text;
        dialect.table_names = true;
        behaviour.history.dialect = dialect;
    });
    let (_, page) = search(&sim, "", &month()).await;
    let info = &list(&page)[0]["info"];
    assert!(info["duration"].is_string() && info["agentName"].is_string(), "{info}");
    assert!(page["_metadata"]["count"].is_u64());

    adjust(|behaviour| {
        behaviour.history.rate_limit = Some(DataLimit {
            requests: 2,
            per_ms: 1_000,
            retry_after_s: Some(3),
        });
    });
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(search(&sim, "", &month()).await.0);
    }
    assert_eq!(statuses, [200, 200, 429]);
    let refused = signed(&sim, 0, "POST", &url(&sim, PATH))
        .json(&month())
        .send()
        .await
        .unwrap();
    assert_eq!(refused.headers()["retry-after"], "3");
    sim.clock().advance(std::time::Duration::from_secs(2));
    assert_eq!(search(&sim, "", &month()).await.0, 200);
}

#[tokio::test]
async fn attributes_are_text_and_rich_lines_are_objects() {
    let sim = sim().await;
    let chats = all(&sim).await;
    fn no_numbers(value: &Value) -> bool {
        match value {
            Value::Number(_) => false,
            Value::Array(values) => values.iter().all(no_numbers),
            Value::Object(members) => members
                .iter()
                .all(|(name, value)| name == "isAuthenticated" || no_numbers(value)),
            _ => true,
        }
    }
    assert!(chats.iter().all(|chat| no_numbers(&chat["sdes"])));
    let lines = chats
        .iter()
        .flat_map(|chat| chat["transcript"]["lines"].as_array().unwrap());
    let rich: Vec<&Value> = lines.filter(|line| line["textType"] == "rich-content").collect();
    assert!(!rich.is_empty());
    assert!(
        rich.iter()
            .all(|line| line["json"].is_object() && line.get("text").is_none())
    );
}
