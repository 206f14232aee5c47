//! Engagement History.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use le_core::{ErrorKind, TimeRange, Timestamp};
use le_data::engagement_history::{AlertedMcs, ChatChannel, ChatSearchArea, ChatSort, ChatSortField, Direction, head};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::stage::{DAY, START, Seen, Stage, crafted_json, range};

fn chat(number: usize) -> Value {
    json!({ "info": { "engagementId": format!("le1000{number:08}"), "startTimeL": START + number as i64 * 4 * 3_600_000 } })
}

/// Serves `count` chats, four hours apart, as the service does.
fn serve(count: usize) -> impl Fn(usize, &Seen) -> ResponseTemplate + Send + Sync {
    move |_, seen| {
        let bound = |name: &str| seen.body["start"][name].as_i64().unwrap();
        let (from, to) = (bound("from").div_euclid(600_000) * 600_000, bound("to"));
        let found: Vec<Value> = (0..count)
            .map(chat)
            .filter(|chat| (from..=to).contains(&chat["info"]["startTimeL"].as_i64().unwrap()))
            .collect();
        let (offset, limit) = (seen.number("offset").unwrap(), seen.number("limit").unwrap());
        let page: Vec<&Value> = found.iter().skip(offset).take(limit).collect();
        let body = json!({ "_metadata": { "count": found.len() }, "interactionHistoryRecords": page });
        ResponseTemplate::new(200).set_body_json(body)
    }
}

#[tokio::test]
async fn every_filter_has_its_key_and_form() {
    let stage = Stage::json(crafted_json("engagement_history/full_page.json")).await;
    let page = stage
        .data
        .chats()
        .search(range(1))
        .keyword("refund", [ChatSearchArea::ChatLine, "ea.personalInfo".into()])
        .interactive_only()
        .skill(14)
        .skills(["15"])
        .agents(["77"])
        .agent_groups([5])
        .duration(Duration::from_secs(60), Duration::from_secs(600))
        .visitor("vis9")
        .channel(ChatChannel::Web)
        .alerted_mcs([AlertedMcs::Negative])
        .chat_mcs(10..=60)
        .interactive_co_browse(true)
        .co_browse_duration(Duration::ZERO, Duration::from_secs(9))
        .with_rich_content()
        .sort([
            ChatSort::new(ChatSortField::Start, Direction::Ascending),
            ChatSort::new("duration", Direction::Descending),
        ])
        .extra_body("later", 1)
        .limit(50)
        .await
        .unwrap();
    assert_eq!((page.len(), page.total()), (1, Some(1)));
    let seen = &stage.seen()[0];
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.path, "/interaction_history/api/account/le1000/interactions/search");
    for (name, value) in [
        ("sort", "start:asc,duration:desc"),
        ("limit", "50"),
        ("offset", "0"),
        ("source", "le_test"),
    ] {
        assert_eq!(seen.query(name), Some(value));
    }
    assert_eq!(seen.query("v"), None);
    insta::assert_json_snapshot!("chat_filters", seen.body);
}

#[tokio::test]
async fn settings_that_break_a_rule_are_refused_before_anything_is_sent() {
    let stage = Stage::json(json!({})).await;
    let chats = stage.data.chats();
    let search = || chats.search(range(1));
    for (search, rule) in [
        (chats.search(range(32)), "one month"),
        (search().limit(0), "1 to 100"),
        (search().limit(101), "1 to 100"),
        (search().windows(Duration::from_secs(29 * 86_400)), "28 days"),
        (search().windows(Duration::from_secs(60)), "10 minutes"),
        (search().chat_mcs(10..=101), "0 to 100"),
        (
            search().duration(Duration::from_secs(9), Duration::ZERO),
            "before it begins",
        ),
        (search().keyword("x", Vec::<ChatSearchArea>::new()), "at least one"),
        (search().keyword("\"a b\" \"c d\"", ["chatLine"]), "one"),
        (search().sort([]), "no field"),
        (search().visitor(" "), "empty"),
        (search().channel("voice"), "whole number"),
        (search().skills(Vec::<i64>::new()), "no value"),
        (search().with_source("a name that is too long"), "20"),
        (search().extra_body("engagementId", 1), "argument"),
    ] {
        let error = search.clone().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
        assert!(error.to_string().contains(rule), "{error}");
        let streamed = search.raw_stream().try_collect::<Vec<_>>().await.unwrap_err();
        assert_eq!(streamed.kind(), ErrorKind::Validation);
    }
    let sorted = search()
        .sort([ChatSort::new(ChatSortField::End, Direction::Ascending)])
        .windows(Duration::from_secs(86_400));
    assert!(sorted.stream().try_collect::<Vec<_>>().await.is_err());
    assert!(chats.by_id("").await.is_err());
    assert!(stage.seen().is_empty());
}

#[tokio::test]
async fn all_chats_of_half_a_year_come_once_each_window_within_the_rule() {
    let stage = Stage::start(serve(180 * 6)).await;
    let search = stage
        .data
        .chats()
        .search(range(180))
        .windows(Duration::from_secs(28 * 86_400));
    let records: Vec<_> = search.clone().raw_stream().try_collect().await.unwrap();
    let keys: Vec<String> = records.iter().map(|raw| head(raw).key.unwrap().into_owned()).collect();
    let expected: Vec<String> = (0..180 * 6).map(|number| format!("le1000{number:08}")).collect();
    assert_eq!(keys, expected);
    for seen in stage.seen() {
        let start = &seen.body["start"];
        assert!(start["to"].as_i64().unwrap() - start["from"].as_i64().unwrap() <= 28 * DAY);
    }
    let typed: Vec<_> = stage
        .data
        .chats()
        .search(range(3))
        .stream()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(typed.len(), 3 * 6);
    assert_eq!(typed[7].raw().to_value().unwrap(), chat(7));
    assert_eq!(stage.data.chats().search(range(1)).count().await.unwrap(), 6);
}

#[tokio::test]
async fn a_chat_is_found_by_a_search_for_its_id() {
    let stage = Stage::json(crafted_json("engagement_history/full_page.json")).await;
    let chat = stage.data.chats().by_id("le10004301122334").await.unwrap();
    assert_eq!(chat.id().unwrap().as_str(), "le10004301122334");
    let range = TimeRange::last(Duration::from_secs(86_400), Timestamp::from_millis(START));
    stage
        .data
        .chats()
        .by_id("le10004301122334")
        .within(range)
        .get_raw()
        .await
        .unwrap();
    let seen = stage.seen();
    let now = START + 40 * DAY;
    assert_eq!(seen[0].body["engagementId"], "le10004301122334");
    assert_eq!(seen[0].body["start"], json!({ "from": now - 28 * DAY, "to": now }));
    assert_eq!(seen[1].body["start"], json!({ "from": START - DAY, "to": START }));

    let stage = Stage::json(json!({ "_metadata": { "count": 0 }, "interactionHistoryRecords": [] })).await;
    let error = stage.data.chats().by_id("le10009").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
