//! Sockets and tokens that end.

use std::time::Duration;

use serde_json::json;

use super::engaged;
use crate::{
    agent_of, busy_skill,
    peer::{End, Peer},
    sim,
};

#[tokio::test]
async fn a_drop_and_the_catch_up() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let user = agent_of(&sim, busy_skill(&sim), 0);
    let control = sim.control().messaging();
    assert_eq!(control.close_sockets(Some(&agent.id), 1006, ""), 1);
    assert_eq!(agent.end().await, End::Dropped);
    consumer.say(&id, "Are you there?").await;
    let token = agent.token.clone();
    let mut agent = Peer::agent_with(&sim, &user, &token, "2.1").await;
    agent.set_state("ONLINE").await;
    agent
        .ok(
            ".ams.aam.SubscribeExConversations",
            json!({ "stage": ["OPEN"], "agentIds": [agent.id] }),
        )
        .await;
    let all = agent.notification("ExConversationChange").await;
    assert_eq!(all["body"]["changes"][0]["result"]["convId"], id);
    let missed = agent
        .ok(
            ".ams.ms.QueryMessages",
            json!({ "dialogId": id, "newerThanSequence": 1 }),
        )
        .await;
    assert_eq!(missed[0]["event"]["message"], "Are you there?");

    let token = consumer.token.clone();
    drop(consumer);
    let gone = agent.event(|event| event["event"]["chatState"] == "BACKGROUND").await;
    assert_eq!(gone["originatorMetadata"]["role"], "CONSUMER");
    agent.say(&id, "I am").await;
    let mut consumer = Peer::consumer_with(&sim, &token).await;
    agent.event(|event| event["event"]["chatState"] == "ACTIVE").await;
    consumer
        .ok("ms.SubscribeMessagingEvents", json!({ "dialogId": id, "fromSeq": 2 }))
        .await;
    let missed = consumer.event(|_| true).await;
    assert_eq!(missed["event"]["message"], "I am");
    sim.stop().await;
}

#[tokio::test]
async fn tokens_end() {
    let sim = sim().await;
    let (mut agent, mut consumer, _) = engaged(&sim).await;
    sim.control().expire_sessions();
    assert_eq!(agent.end().await, End::Closed(4401));
    let refused =
        tokio_tungstenite::connect_async(crate::peer::socket_url(&sim, &format!("brand/{}?v=2.1", agent.token))).await;
    assert!(refused.unwrap_err().to_string().contains("401"));
    // The token of the legacy sign-up lives for thirteen years.
    sim.control()
        .messaging()
        .advance(Duration::from_secs(14 * 365 * 86_400));
    assert_eq!(consumer.end().await, End::Closed(4407));
    let mut late = Peer::unauthenticated(&sim).await;
    assert_eq!(late.init(&consumer.token).await["code"], 401);
    assert_eq!(late.end().await, End::Closed(4407));
    let mut nobody = Peer::unauthenticated(&sim).await;
    assert_eq!(nobody.init("nonsense").await["code"], 401);
    assert_eq!(nobody.end().await, End::Closed(4401));
    sim.stop().await;
}
