//! From skill to skill, to agents, and back to the queue.

use std::time::Duration;

use serde_json::json;

use super::engaged;
use crate::{agent_of, bot, busy_skill, client::ACCOUNT, peer::Peer, sim, skill_with};

#[tokio::test]
async fn a_transfer_to_another_skill() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let target = skill_with(&sim, &[busy_skill(&sim)]);
    let user = (0..)
        .map(|place| agent_of(&sim, target, place))
        .find(|user| !agent.id.ends_with(&user.user_id))
        .unwrap();
    let mut other = Peer::ready_agent(&sim, &user).await;
    let mut manager = Peer::agent(&sim, &bot(&sim)).await;
    manager
        .ok(".ams.aam.SubscribeExConversations", json!({ "stage": ["OPEN"] }))
        .await;
    let all = manager.notification("ExConversationChange").await;
    assert_eq!(all["body"]["changes"][0]["result"]["convId"], id);
    agent.set_state("AWAY").await;
    consumer.settled().await;
    let remove =
        json!({ "field": "ParticipantsChange", "type": "REMOVE", "role": "ASSIGNED_AGENT", "userId": agent.id });
    let skill = json!({ "field": "Skill", "type": "UPDATE", "skill": target.to_string() });
    let alone = json!({ "conversationId": id, "conversationField": [skill] });
    assert_eq!(agent.refused(".ams.cm.UpdateConversationField", alone).await, 400);
    let both = json!({ "conversationId": id, "conversationField": [remove, skill] });
    let metadata = json!([{ "type": "ActionReason", "reason": "escalated_by_bot", "reasonId": "7" }]);
    let answer = agent
        .request_with(".ams.cm.UpdateConversationField", both.clone(), metadata)
        .await;
    assert_eq!(answer["body"], "OK Agent removed successfully");
    let change = agent.change(|change| change["type"] == "DELETE").await;
    assert_eq!(change["result"]["conversationDetails"]["skillId"], target.to_string());
    let change = manager.change(|_| true).await;
    assert_eq!(change["type"], "UPSERT");
    let change = consumer.change(|_| true).await;
    let details = &change["result"]["conversationDetails"];
    assert_eq!(details["skillId"], target.to_string());
    assert_eq!(details["participants"].as_array().unwrap().len(), 1);
    assert_eq!(other.accept().await, id);
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["participants"][1].is_object())
        .await;
    assert_eq!(
        change["result"]["conversationDetails"]["participants"][1]["id"],
        user.user_pid
    );
    assert_eq!(agent.refused(".ams.cm.UpdateConversationField", both).await, 400);
    sim.stop().await;
}

#[tokio::test]
async fn back_to_the_queue_and_a_removal_of_nobody() {
    let sim = sim().await;
    let (mut agent, _consumer, id) = engaged(&sim).await;
    let remove = json!({ "conversationId": id, "conversationField": [
        { "field": "ParticipantsChange", "type": "REMOVE", "role": "ASSIGNED_AGENT", "userId": agent.id }] });
    agent.ok(".ams.cm.UpdateConversationField", remove.clone()).await;
    assert_eq!(agent.refused(".ams.cm.UpdateConversationField", remove).await, 400);
    assert_eq!(agent.accept().await, id);
    sim.stop().await;
}

#[tokio::test]
async fn a_transfer_to_an_agent() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let skill = busy_skill(&sim);
    let user = agent_of(&sim, skill, 1);
    let old_id = format!("{ACCOUNT}.{}", user.user_id);
    let mut manager = Peer::agent(&sim, &bot(&sim)).await;
    manager
        .ok(".ams.aam.SubscribeExConversations", json!({ "stage": ["OPEN"] }))
        .await;
    manager.notification("ExConversationChange").await;
    let bearer = crate::peer::bearer(&sim, &sim.users()[0]).await;
    let mut blind = Peer::agent_with(&sim, &sim.users()[0], &bearer, "2").await;
    blind
        .ok(".ams.aam.SubscribeExConversations", json!({ "stage": ["OPEN"] }))
        .await;
    blind.notification("ExConversationChange").await;
    let fields = json!([
        { "field": "ParticipantsChange", "type": "REMOVE", "role": "ASSIGNED_AGENT", "userId": agent.id },
        { "field": "ParticipantsChange", "type": "SUGGEST", "role": "ASSIGNED_AGENT", "userId": old_id },
        { "field": "Skill", "type": "UPDATE", "skill": skill.to_string() },
    ]);
    agent
        .ok(
            ".ams.cm.UpdateConversationField",
            json!({ "conversationId": id, "conversationField": fields }),
        )
        .await;
    let change = manager.change(|_| true).await;
    let details = &change["result"]["conversationDetails"];
    let suggested = json!({ "id": old_id, "role": "ASSIGNED_AGENT", "state": "SUGGESTED" });
    assert!(
        details["dialogs"][0]["participantsDetails"]
            .as_array()
            .unwrap()
            .contains(&suggested)
    );
    assert!(details["participants"].get("ASSIGNED_AGENT").is_none());
    assert!(details["participantsPId"].get("ASSIGNED_AGENT").is_none());
    let change = blind.change(|_| true).await;
    assert!(!change.to_string().contains("SUGGESTED"));
    assert!(
        change["result"]["conversationDetails"]["dialogs"][0]["participantsDetails"][0]
            .get("state")
            .is_none()
    );
    // The first agent is online and has the skill, but only the suggested one is rung.
    let mut other = Peer::ready_agent(&sim, &user).await;
    assert_eq!(other.accept().await, id);
    let active = json!({ "id": user.user_pid, "role": "ASSIGNED_AGENT", "state": "ACTIVE" });
    consumer
        .change(|change| {
            let details = &change["result"]["conversationDetails"]["dialogs"][0]["participantsDetails"];
            details.as_array().unwrap().contains(&active)
        })
        .await;
    assert!(
        agent
            .settled()
            .await
            .iter()
            .all(|frame| !frame.to_string().contains("WAITING"))
    );
    sim.stop().await;
}

#[tokio::test]
async fn a_suggested_agent_who_does_not_come_is_given_up() {
    let sim = sim().await;
    let (mut agent, _consumer, id) = engaged(&sim).await;
    let user = agent_of(&sim, busy_skill(&sim), 1);
    let fields = json!([
        { "field": "ParticipantsChange", "type": "REMOVE", "role": "ASSIGNED_AGENT", "userId": agent.id },
        { "field": "ParticipantsChange", "type": "SUGGEST", "role": "ASSIGNED_AGENT",
          "userId": format!("{ACCOUNT}.{}", user.user_id) },
    ]);
    agent
        .ok(
            ".ams.cm.UpdateConversationField",
            json!({ "conversationId": id, "conversationField": fields }),
        )
        .await;
    sim.control().messaging().advance(Duration::from_secs(120));
    assert_eq!(agent.accept().await, id);
    sim.stop().await;
}
