//! Faults of pages, and a history that changes between them.

use le_sim::{FaultAction, FaultBody, FaultPlan, FaultRule, HistoryChange};
use serde_json::{Value, json};

use crate::*;

const PATH: &str = "/messaging_history/api/account/{account}/conversations/search";

async fn page(sim: &Sim, query: &str) -> (u16, Value) {
    let url = url(sim, &format!("{PATH}?{query}"));
    let body = json!({"start": {"from": NOW - 80 * DAY, "to": NOW + DAY}, "contentToRetrieve": ["messageRecords"]});
    answer(signed(sim, 0, "POST", &url).json(&body)).await
}

fn ids(page: &Value) -> Vec<String> {
    let records = page["conversationHistoryRecords"].as_array().unwrap();
    records
        .iter()
        .map(|record| record["info"]["conversationId"].to_string())
        .collect()
}

fn plan(sim: &Sim, rule: FaultRule) {
    sim.control()
        .set_faults(FaultPlan::new(0).with(rule.route("messaging_interactions.search")))
        .unwrap();
}

#[tokio::test]
async fn shards_fail_so_often_or_for_ever() {
    let sim = sim().await;
    let (_, whole) = page(&sim, "limit=8").await;
    plan(
        &sim,
        FaultRule::new(FaultAction::PartialShards { failed: 1, total: 4 }).first(2),
    );
    for _ in 0..2 {
        let (_, partial) = page(&sim, "limit=8").await;
        let shards = &partial["_metadata"]["shardsStatusResult"];
        assert_eq!(
            shards,
            &json!({"partialResult": true, "failureShards": 1, "totalShards": 4})
        );
        assert_eq!(ids(&partial).len(), 6);
        assert_eq!(partial["_metadata"]["count"], whole["_metadata"]["count"]);
    }
    assert_eq!(page(&sim, "limit=8").await.1, whole);
}

#[tokio::test]
async fn records_come_in_part_or_not_at_all() {
    let sim = sim().await;
    plan(&sim, FaultRule::new(FaultAction::PartialRecord { index: 1 }));
    let (_, partial) = page(&sim, "limit=4").await;
    let record = &partial["conversationHistoryRecords"][1];
    assert_eq!(
        (&record["info"]["isPartial"], record.get("messageRecords")),
        (&json!(true), None)
    );
    plan(&sim, FaultRule::new(FaultAction::LostRecord { index: 0 }));
    assert_eq!(ids(&page(&sim, "limit=4").await.1).len(), 3);
    plan(&sim, FaultRule::new(FaultAction::BrokenRecord { index: 0 }));
    assert_eq!(
        page(&sim, "limit=4").await.1["conversationHistoryRecords"][0]["info"],
        json!([7])
    );
}

#[tokio::test]
async fn the_search_engine_fails_in_a_burst_after_a_while() {
    let sim = sim().await;
    let toml = "[[rules]]\nroute = \"messaging_interactions.search\"\nafter = 1\nmax = 2\n\
                action = { kind = \"status\", status = 500, body = \"search_engine\" }";
    sim.control().set_faults(FaultPlan::from_toml(toml).unwrap()).unwrap();
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (status, answer) = page(&sim, "limit=1").await;
        seen.push((status, answer["internalCode"].as_str().unwrap_or("").to_owned()));
    }
    let (good, bad) = ((200, String::new()), (500, "0007".to_owned()));
    assert_eq!(seen, [good.clone(), bad.clone(), bad, good]);
    assert_ne!(FaultBody::SearchEngine, FaultBody::Json);
}

#[tokio::test]
async fn the_result_moves_between_two_pages() {
    let sim = sim().await;
    let expected = ids(&page(&sim, "limit=100&sort=start:desc").await.1);
    let change = |change| FaultAction::ChangeHistory { change, count: 2 };
    // Two conversations that began two hours ago arrive before the second page: it repeats two records of the first.
    plan(&sim, FaultRule::new(change(HistoryChange::Arrive)).nth(2));
    let first = ids(&page(&sim, "limit=10&sort=start:desc").await.1);
    let second = ids(&page(&sim, "limit=10&offset=10&sort=start:desc").await.1);
    assert_eq!(first, expected[..10]);
    assert_eq!(second[..2], expected[8..10]);
    sim.control().reset();
    // Two are gone: with ascending order two that were next are on no page.
    let ascending = ids(&page(&sim, "limit=100&sort=start:asc").await.1);
    plan(&sim, FaultRule::new(change(HistoryChange::Remove)).nth(2));
    let count = ids(&page(&sim, "limit=10&offset=0&sort=start:asc").await.1).len();
    assert_eq!(count, 10);
    let (_, rest) = page(&sim, "limit=100&offset=10&sort=start:asc").await;
    assert_eq!(
        ids(&rest).len() + 10,
        ascending
            .len()
            .min(rest["_metadata"]["count"].as_u64().unwrap() as usize)
    );
}

#[tokio::test]
async fn changes_over_http() {
    let sim = sim().await;
    let client = client::client(&sim);
    let change = |body: Value| client.post(format!("{}/_sim/history/changes", sim.url())).json(&body);
    let (status, closed) = answer(change(json!({"change": "close"}))).await;
    assert_eq!(status, 200, "{closed}");
    let again = json!({"change": "close", "conversationId": closed["conversationId"]});
    assert_eq!(answer(change(again)).await.0, 400);
    assert_eq!(answer(change(json!({"change": "explode"}))).await.0, 400);
    let knobs = client
        .patch(format!("{}/_sim/behaviour", sim.url()))
        .json(&json!({"history": {"deepest_record": 50}}));
    let (status, behaviour) = answer(knobs).await;
    assert_eq!((status, &behaviour["history"]["deepest_record"]), (200, &json!(50)));
    assert_eq!(behaviour["history"]["no_match"], "empty_list");
    assert_eq!(page(&sim, "limit=100").await.0, 500);
}
