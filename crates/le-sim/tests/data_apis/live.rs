//! Live conversations in the history: engagement attributes and update times.

use std::time::Duration;

use le_sim::NewConsumer;
use serde_json::{Value, json};

use crate::*;

async fn records(sim: &Sim, updated_since: i64) -> Vec<Value> {
    let url = url(sim, "/messaging_history/api/account/{account}/conversations/search?v=2");
    let body = json!({"start": {"from": NOW - DAY, "to": NOW + 30 * DAY}, "latestUpdateTime": {"from": updated_since}});
    let (status, page) = answer(signed(sim, 0, "POST", &url).json(&body)).await;
    assert_eq!(status, 200, "{page}");
    page["conversationHistoryRecords"].as_array().unwrap().clone()
}

#[tokio::test]
async fn attributes_that_are_vouched_for_reach_the_record() {
    let sim = sim().await;
    let profile = json!({"firstName": "Ines", "claims": {"lp_sdes": [
        {"type": "ctmrinfo", "info": {"ctype": "gold", "balance": 12.5, "customerId": "c-1"}},
        {"type": "personal", "personal": {"firstname": "Ines", "age": {"age": 41, "year": 1983}}}]}});
    let messaging = sim.control().messaging();
    let mut consumer = NewConsumer::default();
    consumer.profile = profile.as_object().unwrap().clone();
    let consumer = messaging.open_consumer(consumer).unwrap().consumer_id;
    let id = messaging.start_conversation(&consumer, None).unwrap();
    messaging.say(&consumer, "Hello").unwrap();
    sim.clock().advance(Duration::from_secs(120));
    let records = records(&sim, NOW).await;
    let record = records
        .iter()
        .find(|record| record["info"]["conversationId"] == id.as_str())
        .unwrap();
    let events = record["sdes"]["events"].as_array().unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[0]["sdeType"], "CUSTOMER_INFO");
    let info = &events[0]["customerInfo"]["customerInfo"];
    assert_eq!(
        info,
        &json!({"customerType": "gold", "balance": 12.5, "customerId": "c-1"})
    );
    assert_eq!(
        events[1]["personalInfo"]["personalInfo"]["customerAge"]["customerAgeInYears"],
        41
    );
}

#[tokio::test]
async fn every_change_moves_the_update_time() {
    let sim = sim().await;
    let messaging = sim.control().messaging();
    let consumer = messaging.open_consumer(NewConsumer::default()).unwrap().consumer_id;
    let id = messaging.start_conversation(&consumer, None).unwrap();
    messaging.say(&consumer, "Hello").unwrap();
    let hour = Duration::from_secs(3_600);
    sim.clock().advance(hour);
    let has = |records: &[Value]| {
        records
            .iter()
            .any(|record| record["info"]["conversationId"] == id.as_str())
    };
    assert!(has(&records(&sim, NOW).await));
    assert!(!has(&records(&sim, NOW + 40 * 60_000).await), "nothing happened since");
    messaging.say(&consumer, "Still there?").unwrap();
    sim.clock().advance(hour);
    assert!(has(&records(&sim, NOW + 40 * 60_000).await));
    messaging.close(&consumer).unwrap();
    sim.clock().advance(hour);
    let updated = records(&sim, NOW + 110 * 60_000).await;
    let closed = updated
        .iter()
        .find(|record| record["info"]["conversationId"] == id.as_str())
        .unwrap();
    assert_eq!(closed["info"]["status"], "CLOSE");
}
