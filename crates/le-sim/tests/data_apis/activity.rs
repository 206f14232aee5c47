//! Agent Activity: the past agrees with the generated history, the present with logins and messaging.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::*;

const PATH: &str = "/api/v2/account/{account}/status-changes";

fn at(ms: i64) -> String {
    let seconds = ms / 1_000;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days since 1970 to a date, for the few years that are asked for.
    let (mut year, mut day) = (1970, days);
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    while day >= 365 + i64::from(leap(year)) {
        day -= 365 + i64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!(
        "{year}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        month + 1,
        day + 1,
        ms % 1_000
    )
}

async fn changes(sim: &Sim, query: &str) -> Vec<Value> {
    let (status, answer) = get(sim, &format!("{PATH}?v=2&source=test&{query}")).await;
    assert_eq!(status, 200, "{answer}");
    answer["stateChanges"].as_array().unwrap().clone()
}

fn range(from: i64, to: i64) -> String {
    format!("from={}&to={}", at(from), at(to))
}

#[tokio::test]
async fn who_spoke_in_a_chat_was_logged_in() {
    let sim = sim().await;
    let body = json!({"start": {"from": NOW - 30 * DAY, "to": NOW}});
    let url = url(
        &sim,
        "/interaction_history/api/account/{account}/interactions/search?limit=100",
    );
    let (_, chats) = answer(signed(&sim, 0, "POST", &url).json(&body)).await;
    let changes = changes(&sim, &format!("limit=5000&{}", range(NOW - 31 * DAY, NOW))).await;
    let mut by_agent: HashMap<String, Vec<(String, i64)>> = HashMap::new();
    for change in &changes {
        let agent = change["agentId"].to_string();
        let kind = change["statusType"].as_i64().unwrap();
        by_agent
            .entry(agent)
            .or_default()
            .push((change["time"].as_str().unwrap().to_owned(), kind));
    }
    let mut looked_at = 0;
    for chat in chats["interactionHistoryRecords"].as_array().unwrap() {
        let lines = chat["transcript"]["lines"].as_array().unwrap();
        for line in lines.iter().filter(|line| line["source"] == "agent") {
            let agent = line["agentId"].to_string();
            let Some(events) = by_agent.get(&agent) else {
                // Bots and former agents have no sessions.
                let known = sim.users().iter().find(|user| user.user_id == agent);
                assert!(known.is_none_or(|user| user.user_type != le_sim::account::UserType::Human));
                continue;
            };
            let said = at(line["timeL"].as_i64().unwrap());
            let before = events.iter().rfind(|(time, kind)| *time <= said && *kind != 1);
            assert_eq!(
                before.map(|(_, kind)| *kind),
                Some(3),
                "{agent} said something at {said}"
            );
            looked_at += 1;
        }
    }
    assert!(looked_at > 20, "{looked_at}");
}

#[tokio::test]
async fn sessions_are_numbered_as_documented() {
    let sim = sim().await;
    let changes = changes(&sim, &format!("limit=5000&{}", range(NOW - 30 * DAY, NOW))).await;
    let mut logins = 0;
    for pair in changes.windows(2) {
        let (one, next) = (&pair[0], &pair[1]);
        if one["statusType"] == 3 {
            logins += 1;
            assert_eq!((&one["sequenceNumber"], &one["sessionId"]), (&json!(-1), &json!(-1)));
            assert_eq!(one["statusSubType"], 0);
            assert!(one["prevStatusChangeTime"].is_null());
            assert_eq!((&next["sequenceNumber"], &next["sessionId"]), (&json!(1), &json!(-1)));
            assert!(next["prevStatusChangeTime"].is_null());
        }
        if one["agentId"] == next["agentId"] && next["sequenceNumber"].as_i64() > Some(2) {
            assert!(next["sessionId"].as_i64() > Some(0));
            assert_eq!(next["statusType"] == 4, next["prevStatusChangeTime"].is_null());
        }
    }
    assert!(logins > 20, "{logins}");
    let reasons: Vec<&Value> = changes.iter().map(|change| &change["statusReasonText"]).collect();
    assert!(reasons.contains(&&json!("Lunch")) && reasons.contains(&&Value::Null));
}

#[tokio::test]
async fn the_present_is_what_agents_really_do() {
    let sim = sim().await;
    sim.clock().advance(Duration::from_secs(2 * 3_600));
    let from = sim.clock().now_ms();
    let user = &sim.users()[1];
    let tree: Value = client::try_login(&sim, &client::password_body(user))
        .await
        .json()
        .await
        .unwrap();
    sim.clock().advance(Duration::from_secs(60));
    sim.control()
        .messaging()
        .set_presence(&user.login_name, "AWAY")
        .unwrap();
    sim.clock().advance(Duration::from_secs(60));
    assert!(sim.control().expire_bearer(tree["bearer"].as_str().unwrap()));
    let query = format!("{}&agentId={}", range(from, sim.clock().now_ms()), user.user_id);
    let changes = changes(&sim, &query).await;
    let shown: Vec<(i64, i64, &str)> = changes
        .iter()
        .map(|change| {
            let number = |name: &str| change[name].as_i64().unwrap();
            (
                number("statusType"),
                number("statusSubType"),
                change["time"].as_str().unwrap(),
            )
        })
        .collect();
    let (login, away, logout) = (at(from), at(from + 60_000), at(from + 120_000));
    assert_eq!(shown.len(), 4, "{shown:?}");
    assert_eq!((shown[0].0, shown[1].1, shown[2].1, shown[3].0), (3, 1, 4, 4));
    assert_eq!(
        (shown[0].2, shown[2].2, shown[3].2),
        (login.as_str(), away.as_str(), logout.as_str())
    );
    assert_eq!(changes[2]["prevStatusChangeTime"], login.as_str());
}

#[tokio::test]
async fn pages_and_people() {
    let sim = sim().await;
    let whole = changes(&sim, &format!("limit=5000&{}", range(NOW - 20 * DAY, NOW))).await;
    let (_, page) = get(
        &sim,
        &format!("{PATH}?v=2&source=t&limit=7&offset=7&{}", range(NOW - 20 * DAY, NOW)),
    )
    .await;
    assert_eq!(page["stateChanges"].as_array().unwrap()[..], whole[7..14]);
    let rels: Vec<&str> = page["_metadata"]["references"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["rel"].as_str().unwrap())
        .collect();
    assert_eq!(rels, ["self", "first", "last", "next", "previous"]);
    let first = &whole[0];
    for (parameter, member) in [
        ("agentId", "agentId"),
        ("empId", "employeeId"),
        ("groupId", "agentGroupId"),
    ] {
        let value = first[member].to_string();
        let query = format!(
            "limit=5000&{parameter}={}&{}",
            value.trim_matches('"'),
            range(NOW - 20 * DAY, NOW)
        );
        let found = changes(&sim, &query).await;
        let expected: Vec<&Value> = whole.iter().filter(|change| change[member] == first[member]).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{parameter}");
    }
    let (_, old) = get(
        &sim,
        &format!("{PATH}?source=t&limit=100&{}", range(NOW - 20 * DAY, NOW)),
    )
    .await;
    let agents = old["agentsInfo"].as_array().unwrap();
    let grouped: usize = agents
        .iter()
        .map(|agent| agent["statusChangeHistory"].as_array().unwrap().len())
        .sum();
    assert_eq!(grouped, whole.len());
}

#[tokio::test]
async fn what_makes_no_sense_has_its_cause() {
    let sim = sim().await;
    for (query, cause) in [
        (format!("source=t&from={}", at(NOW)), "both or none"),
        (
            format!("source=t&{}", range(NOW - 32 * DAY, NOW)),
            "longer than one month",
        ),
        (
            format!("source=t&{}", range(NOW - 400 * DAY, NOW - 399 * DAY)),
            "395 days ago",
        ),
        (format!("source=t&{}", range(NOW, NOW - DAY)), "is after to"),
        ("source=t&from=yesterday&to=today".to_owned(), "RFC 3339"),
        ("source=t&v=2&limit=5001".to_owned(), "too large"),
        ("source=t&agentId=1&groupId=2".to_owned(), "only one"),
        ("v=2".to_owned(), "source is required"),
    ] {
        let (status, answer) = get(&sim, &format!("{PATH}?{query}")).await;
        assert_eq!(status, 400, "{query}: {answer}");
        assert!(answer["causes"][0].as_str().unwrap().contains(cause), "{answer}");
    }
    let unprivileged = signed(&sim, 1, "GET", &url(&sim, &format!("{PATH}?source=t")));
    assert_eq!(answer(unprivileged).await.0, 403);
    let bearer = client::login(&sim).await["bearer"].as_str().unwrap().to_owned();
    let by_bearer = client::client(&sim).get(url(&sim, PATH)).bearer_auth(bearer);
    let (status, refusal) = answer(by_bearer).await;
    assert_eq!((status, refusal["reason"].is_string()), (401, true));
}
