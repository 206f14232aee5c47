//! External Engagement: links for callers of a phone line.

use std::time::Duration;

use crate::*;

async fn create(sim: &Sim, body: &Value) -> (u16, Value) {
    let url = account_url(sim, "/external/engagement?v=1.0");
    answer(signed(sim, 0, "POST", &url).json(body)).await
}

#[tokio::test]
async fn a_link_opens_once_and_for_a_time() {
    let sim = sim().await;
    let body = json!({ "appType": "IVR", "consumerSections": ["Billing"], "externalWaitTimeSeconds": 600,
        "engagementAttributes": [{ "type": "ctmrinfo", "info": { "ctype": "gold" } }] });
    let (status, made) = create(&sim, &body).await;
    assert_eq!((status, &made["status"]), (200, &json!("Available")), "{made}");
    let details = &made["engagementDetails"];
    assert_eq!(
        (&details["validForSeconds"], &details["queueSize"]),
        (&json!(900), &json!(0))
    );
    let open = |details: &Value| client::client(&sim).get(details["urlToChat"].as_str().unwrap()).send();
    let first = open(details).await.unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(first.headers()["cache-control"], "no-store");
    assert!(first.text().await.unwrap().contains("Chat instead of waiting"));
    assert_eq!(open(details).await.unwrap().status(), 410);
    let (_, other) = create(&sim, &body).await;
    sim.clock().advance(Duration::from_secs(900));
    assert_eq!(
        open(&other["engagementDetails"]).await.unwrap().status(),
        410,
        "its time is over"
    );
    let forged = format!("{}x", details["urlToChat"].as_str().unwrap());
    assert_eq!(client::client(&sim).get(forged).send().await.unwrap().status(), 404);
    assert_eq!(sim.control().monitoring().funnel()[0].offered, 2);
}

#[tokio::test]
async fn those_who_wait_are_counted() {
    let sim = sim().await;
    let campaigns = sim.control().monitoring().campaigns();
    let line = campaigns.iter().find(|campaign| campaign.name == "Phone line").unwrap();
    let skill = line.engagements[0].skill.unwrap();
    let messaging = sim.control().messaging();
    for _ in 0..3 {
        let consumer = messaging
            .open_consumer(le_sim::NewConsumer::default())
            .unwrap()
            .consumer_id;
        messaging.start_conversation(&consumer, Some(skill)).unwrap();
    }
    let (_, made) = create(&sim, &json!({ "appType": "IVR" })).await;
    let details = &made["engagementDetails"];
    assert_eq!(
        (&details["queueSize"], &details["expectedWaitTimeSeconds"]),
        (&json!(3), &json!(360))
    );
    sim.control()
        .adjust(|behaviour| behaviour.monitoring.availability_needs_agents = true);
    assert_eq!(
        create(&sim, &json!({ "appType": "IVR" })).await.1,
        json!({ "status": "Not Available" })
    );
    sim.control().monitoring().set_campaigns(Vec::new()).unwrap();
    assert_eq!(
        create(&sim, &json!({ "appType": "IVR" })).await.1["status"],
        "Not Available"
    );
}

#[tokio::test]
async fn refusals_have_text_for_time_and_code() {
    let sim = sim().await;
    let (status, refusal) = create(&sim, &json!({ "appType": "WEB" })).await;
    assert_eq!((status, &refusal["internalCode"]), (400, &json!("5")));
    assert_eq!(refusal["time"], "2030-03-14T15:09:26.535+00:00");
    assert_eq!(create(&sim, &json!({})).await.1["message"], "appType is required");
    let url = account_url(&sim, "/external/engagement?v=3");
    let (status, refusal) = answer(signed(&sim, 0, "POST", &url).json(&json!({}))).await;
    assert_eq!((status, &refusal["internalCode"]), (400, &json!("33")));
    let url = account_url(&sim, "/external/engagement?v=1.0");
    let (status, refusal) = post(&sim, url.clone(), &json!({ "appType": "IVR" })).await;
    assert_eq!((status, &refusal["internalCode"]), (401, &json!("10")));
    let without = signed(&sim, 1, "POST", &url).json(&json!({ "appType": "IVR" }));
    assert_eq!(answer(without).await.0, 401);
    let elsewhere = url.replace(ACCOUNT, "999");
    let (status, refusal) = answer(signed(&sim, 0, "POST", &elsewhere).json(&json!({}))).await;
    assert_eq!((status, &refusal["internalCode"]), (404, &json!("6")));
}
