//! Messaging through the control API, as a test in any language uses it.

use reqwest::Method;
use serde_json::{Value, json};

use le_sim::{NewConsumer, Sim, SurveyKnobs};

use crate::{
    agent_of, bot, busy_skill, client,
    peer::{End, Peer},
    sim, sim_with,
};

async fn call(sim: &Sim, method: Method, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}/_sim/{path}", sim.url());
    let mut request = client::client(sim).request(method, url);
    if !body.is_null() {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn post(sim: &Sim, path: &str, body: Value) -> Value {
    let (status, answer) = call(sim, Method::POST, path, body).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

#[tokio::test]
async fn a_consumer_is_driven_over_http() {
    let sim = sim_with(|rules| rules.survey = Some(SurveyKnobs::default())).await;
    let skill = busy_skill(&sim);
    let mut agent = Peer::ready_agent(&sim, &agent_of(&sim, skill, 0)).await;
    let consumer = post(
        &sim,
        "messaging/consumers",
        json!({ "profile": { "firstName": "Ingrid" } }),
    )
    .await;
    let base = format!("messaging/consumers/{}", consumer["consumerId"].as_str().unwrap());
    let opening = json!({ "skillId": skill, "message": "Hello?" });
    let started = post(&sim, &format!("{base}/conversation"), opening).await;
    assert_eq!(started["sequence"], 0);
    let id = agent.accept().await;
    assert_eq!(started["conversationId"], id.as_str());
    agent.say(&id, "How can I help?").await;
    assert_eq!(post(&sim, &format!("{base}/read"), json!({})).await["read"], json!([1]));
    assert_eq!(
        agent.event(|event| event["sequence"] == 2).await["event"]["status"],
        "READ"
    );
    assert_eq!(
        post(&sim, &format!("{base}/say"), json!({ "text": "Thanks" })).await["sequence"],
        3
    );
    let typing = json!({ "event": { "type": "ChatStateEvent", "chatState": "COMPOSING" } });
    assert_eq!(post(&sim, &format!("{base}/publish"), typing).await["sequence"], 0);
    let (status, refused) = call(&sim, Method::POST, &format!("{base}/publish"), json!({ "event": {} })).await;
    assert_eq!(status, 400, "{refused}");

    let up = post(&sim, &format!("{base}/step_up"), json!({ "consumerId": "crm-1" })).await;
    assert_eq!(up["conversations"], 1);
    let change = agent
        .change(|change| change["result"]["conversationDetails"]["participants"]["CONSUMER"] == json!(["crm-1"]))
        .await;
    assert_eq!(change["type"], "UPSERT");
    assert_eq!(
        post(&sim, "messaging/consumers", json!({ "consumerId": "crm-1" })).await["consumerId"],
        "crm-1"
    );
    let base = "messaging/consumers/crm-1".to_owned();
    post(&sim, &format!("{base}/close"), json!({})).await;
    post(&sim, &format!("{base}/survey"), json!({ "answer": 5 })).await;
    post(&sim, &format!("{base}/survey"), json!({ "answer": "10" })).await;
    let (_, shown) = call(&sim, Method::GET, &format!("messaging/conversations/{id}"), Value::Null).await;
    assert_eq!(
        (&shown["stage"], &shown["closeReason"]),
        (&json!("CLOSE"), &json!("CONSUMER"))
    );
    assert_eq!(shown["dialogs"][1]["dialogType"], "POST_SURVEY");
    let (_, inbox) = call(&sim, Method::DELETE, &format!("{base}/inbox"), Value::Null).await;
    let frames = inbox["frames"].as_array().unwrap();
    assert!(
        frames
            .iter()
            .any(|frame| frame.to_string().contains("Thank you for your answers"))
    );
    assert!(
        frames
            .iter()
            .all(|frame| !frame["type"].as_str().unwrap().starts_with(".ams"))
    );
    let (_, inbox) = call(&sim, Method::GET, &format!("{base}/inbox"), Value::Null).await;
    assert_eq!(inbox["frames"], json!([]));
    assert_eq!(call(&sim, Method::DELETE, &base, Value::Null).await.0, 200);
    assert_eq!(call(&sim, Method::DELETE, &base, Value::Null).await.0, 404);
    sim.stop().await;
}

#[tokio::test]
async fn state_presence_clock_and_sockets() {
    let sim = sim().await;
    let user = bot(&sim);
    let mut agent = Peer::ready_agent(&sim, &user).await;
    let (_, state) = call(&sim, Method::GET, "messaging", Value::Null).await;
    assert_eq!(state["agents"][0]["loginName"], user.login_name.as_str());
    assert_eq!(state["sockets"][0]["subscriptions"], 2);
    assert!(!state.to_string().contains(&agent.token));
    post(
        &sim,
        "messaging/presence",
        json!({ "agent": user.login_name, "availability": "AWAY" }),
    )
    .await;
    let consumer = sim.control().messaging().open_consumer(NewConsumer::default()).unwrap();
    sim.control()
        .messaging()
        .start_conversation(&consumer.consumer_id, None)
        .unwrap();
    let (_, state) = call(&sim, Method::GET, "messaging", Value::Null).await;
    assert_eq!(state["waiting"][0]["ring"], Value::Null);
    post(
        &sim,
        "messaging/presence",
        json!({ "agent": agent.id, "availability": "ONLINE" }),
    )
    .await;
    let ring = agent.ring().await;
    post(&sim, "clock/advance", json!({ "ms": 72_000 })).await;
    let again = agent.ring().await;
    assert_ne!(ring["ringsDetails"][0]["ringId"], again["ringsDetails"][0]["ringId"]);
    let closed = post(
        &sim,
        "messaging/sockets/close",
        json!({ "code": 4407, "user": agent.id }),
    )
    .await;
    assert_eq!(closed["closed"], 1);
    assert_eq!(agent.end().await, End::Closed(4407));
    let (status, _) = call(&sim, Method::POST, "messaging/sockets/close", json!({ "code": 99 })).await;
    assert_eq!(status, 400);
    let patch = json!({ "messaging": { "capacity": 3, "dialect": { "legacy_rings": true } } });
    call(&sim, Method::PATCH, "behaviour", patch).await;
    let (_, knobs) = call(
        &sim,
        Method::PATCH,
        "behaviour",
        json!({ "messaging": { "survey": {} } }),
    )
    .await;
    assert_eq!(
        (&knobs["messaging"]["capacity"], &knobs["messaging"]["ring_ms"]),
        (&json!(3), &json!(72_000))
    );
    assert_eq!(knobs["messaging"]["dialect"]["legacy_rings"], true);
    assert_eq!(knobs["messaging"]["survey"]["built_in_bot"], true);
    post(&sim, "reset", json!({})).await;
    let (_, state) = call(&sim, Method::GET, "messaging", Value::Null).await;
    assert_eq!(state["conversations"], json!([]));
    sim.stop().await;
}
