//! Consumer Messaging History.

use std::time::Duration;

use le_sim::TokenPrefix;
use serde_json::{Value, json};

use crate::*;

const METADATA: &str = "/messaging_history/api/account/{account}/conversations/consumer/metadata/search";
const CONTENT: &str = "/messaging_history/api/account/{account}/conversations/conversation/content/search";

async fn ask(sim: &Sim, token: &str, path: &str, query: &str) -> (u16, Value) {
    let url = url(sim, &format!("{path}?source=test&{query}"));
    answer(client::client(sim).get(url).header("authorization", token)).await
}

/// Records of the consumer who wrote most often, as the brand sees them.
async fn busiest(sim: &Sim) -> (String, Vec<Value>) {
    let search = url(
        sim,
        "/messaging_history/api/account/{account}/conversations/search?limit=100&v=2",
    );
    let body = json!({"start": {"from": NOW - 80 * DAY, "to": NOW}});
    let (_, page) = answer(signed(sim, 0, "POST", &search).json(&body)).await;
    let records = page["conversationHistoryRecords"].as_array().unwrap();
    let consumer = |record: &Value| {
        record["consumerParticipants"][0]["participantId"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let closed = |record: &&Value| record["info"]["fullDialogStatus"] == "CLOSE";
    let busiest = records
        .iter()
        .filter(closed)
        .max_by_key(|record| {
            records
                .iter()
                .filter(closed)
                .filter(|one| consumer(one) == consumer(record))
                .count()
        })
        .unwrap();
    let by_consumer = url(
        sim,
        "/messaging_history/api/account/{account}/conversations/consumer/search?limit=100&v=2",
    );
    let body = json!({"consumer": consumer(busiest), "status": ["CLOSE"], "contentToRetrieve":
        ["messageRecords", "messageStatuses", "dialogs", "conversationSurveys"]});
    let (_, page) = answer(signed(sim, 0, "POST", &by_consumer).json(&body)).await;
    (
        consumer(busiest),
        page["conversationHistoryRecords"].as_array().unwrap().clone(),
    )
}

#[tokio::test]
async fn the_consumer_sees_what_the_brand_sees_but_for_what_is_internal() {
    let sim = sim().await;
    let (consumer, records) = busiest(&sim).await;
    let token = format!("Bearer {}", sim.control().history().consumer_token(&consumer));
    let (status, page) = ask(&sim, &token, METADATA, "state=close,archive&limit=100&sort=start:desc").await;
    assert_eq!(status, 200, "{page}");
    let list = page["conversationHistoryMetadataRecords"].as_array().unwrap();
    assert_eq!(list.len(), records.len());
    for record in &records {
        let info = &record["info"];
        let seen = list
            .iter()
            .find(|seen| seen["convId"] == info["conversationId"])
            .unwrap();
        assert_eq!(seen["startTs"], info["startTimeL"]);
        assert_eq!(seen["endTs"], info["endTimeL"]);
        assert_eq!(seen["csat"]["csatRate"], info["csatRate"]);
        assert_eq!(
            seen["dialogs"].as_array().unwrap().len(),
            record["dialogs"].as_array().unwrap().len()
        );

        let id = info["conversationId"].as_str().unwrap();
        let (_, content) = ask(&sim, &token, CONTENT, &format!("conversationId={id}")).await;
        let events = content["messageEventRecords"].as_array().unwrap();
        let said = events.iter().filter(|event| event["sequence"].is_i64()).count();
        if info["isPartial"] == false {
            let messages = record["messageRecords"].as_array().unwrap();
            let visible = messages.iter().filter(|message| message["audience"] == "ALL").count();
            assert_eq!(said, visible);
        }
        let own = events.iter().any(|event| event["originatorId"] == consumer.as_str());
        assert!(own || said == 0);
    }
}

#[tokio::test]
async fn tokens_states_and_ranges() {
    let sim = sim().await;
    let (consumer, records) = busiest(&sim).await;
    let bare = sim.control().history().consumer_token(&consumer);
    let stranger = sim.control().history().consumer_token("someone else");
    for token in [format!("Bearer {bare}"), format!("jwt {bare}"), bare.clone()] {
        assert_eq!(ask(&sim, &token, METADATA, "").await.0, 200);
    }
    sim.control()
        .adjust(|behaviour| behaviour.consumer_history.prefix = TokenPrefix::Jwt);
    assert_eq!(ask(&sim, &bare, METADATA, "").await.0, 401);
    sim.control()
        .adjust(|behaviour| behaviour.consumer_history.prefix = TokenPrefix::Any);
    assert_eq!(ask(&sim, "Bearer nothing", METADATA, "").await.0, 401);

    let id = records[0]["info"]["conversationId"].as_str().unwrap();
    assert_eq!(
        ask(&sim, &stranger, CONTENT, &format!("conversationId={id}")).await.0,
        404
    );
    assert_eq!(
        ask(&sim, &stranger, METADATA, "").await.1["conversationHistoryMetadataRecords"],
        json!([])
    );
    assert_eq!(ask(&sim, &bare, CONTENT, "").await.0, 400);
    assert_eq!(ask(&sim, &bare, METADATA, "state=open").await.0, 400);
    assert_eq!(ask(&sim, &bare, METADATA, "startFrom=1").await.0, 400);
    let start = records[0]["info"]["startTimeL"].as_i64().unwrap();
    let (_, one) = ask(&sim, &bare, METADATA, &format!("startFrom={start}&startTo={start}")).await;
    assert_eq!(one["_responseMetadata"]["count"], 1);

    let count = |page: Value| page["_responseMetadata"]["count"].as_u64().unwrap();
    let archived = count(ask(&sim, &bare, METADATA, "").await.1);
    sim.control()
        .adjust(|behaviour| behaviour.consumer_history.archived_ms = u64::MAX);
    assert_eq!(count(ask(&sim, &bare, METADATA, "state=archive").await.1), 0);
    assert!(count(ask(&sim, &bare, METADATA, "state=close").await.1) >= archived);

    let preflight = client::client(&sim)
        .request(reqwest::Method::OPTIONS, url(&sim, METADATA))
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    sim.clock().advance(Duration::from_secs(601));
    assert_eq!(ask(&sim, &bare, METADATA, "").await.0, 401);
}
