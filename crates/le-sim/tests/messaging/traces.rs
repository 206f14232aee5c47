//! The conversations of the protocol sheet, section 8, frame by frame.

use std::time::Duration;

use le_sim::{Sim, SurveyKnobs};
use serde_json::{Value, json};

use crate::{
    NOW, agent_of, bot, busy_skill,
    client::ACCOUNT,
    peer::{End, Peer},
    sim, sim_with, skill_with,
};

/// An agent who has accepted a consumer's conversation.
async fn engaged(sim: &Sim) -> (Peer, Peer, String) {
    let skill = busy_skill(sim);
    let mut agent = Peer::ready_agent(sim, &agent_of(sim, skill, 0)).await;
    let mut consumer = Peer::consumer(sim).await;
    let id = consumer.start(&skill.to_string(), "Hello?").await;
    assert_eq!(agent.accept().await, id);
    agent.change(|change| change["type"] == "UPSERT").await;
    (agent, consumer, id)
}

#[tokio::test]
async fn an_agent_connects_and_accepts_a_ringing_conversation() {
    let sim = sim().await;
    let skill = busy_skill(&sim);
    let user = agent_of(&sim, skill, 0);
    let mut agent = Peer::agent(&sim, &user).await;
    let body = json!({ "availability": "ONLINE", "channels": ["MESSAGING"], "agentUserId": agent.id });
    let answer = agent.request(".ams.routing.SetAgentState", body).await;
    assert_eq!(
        answer,
        json!({ "kind": "resp", "reqId": "1", "code": 202, "type": ".ReqBody$StringResp",
                "body": "Agent state updated successfully" })
    );
    let body = json!({ "stage": ["OPEN"], "agentIds": [agent.id] });
    let answer = agent.request(".ams.aam.SubscribeExConversations", body).await;
    assert_eq!(answer["type"], ".ams.aam.SubscribeExConversations$Response");
    let first = agent.frame().await;
    assert_eq!(first["type"], ".ams.aam.ExConversationChangeNotification");
    assert_eq!(first["body"]["subscriptionId"], answer["body"]["subscriptionId"]);
    assert_eq!(first["body"]["changes"], json!([]));
    let body = json!({ "channelType": "MESSAGING", "agentId": agent.id, "brandId": ACCOUNT });
    let answer = agent.request(".ams.routing.SubscribeRoutingTasks", body).await;
    assert_eq!(answer["type"], ".ams.GenericSubscribe$Response");
    let rings = answer["body"]["subscriptionId"].clone();
    let first = agent.frame().await;
    assert_eq!(
        first,
        json!({ "kind": "notification", "type": ".ams.routing.RoutingTaskNotification",
                "body": { "subscriptionId": rings, "changes": [] } })
    );

    let mut consumer = Peer::consumer(&sim).await;
    let id = consumer.start(&skill.to_string(), "Hello?").await;
    let task = agent.ring().await;
    let ring = format!("{id}_{ACCOUNT}_{NOW}");
    assert_eq!(
        task["ringsDetails"][0],
        json!({ "ringId": ring, "ringState": "WAITING", "ringExpiration": 72_000, "ringExpirationTs": NOW + 72_000,
                "weight": NOW + 600_000, "convId": id, "consumerId": consumer.id, "skillId": skill.to_string(),
                "brandId": ACCOUNT })
    );
    assert_eq!(task["taskCompleted"], false);
    let answer = agent
        .request(
            ".ams.routing.UpdateRingState",
            json!({ "ringId": ring, "ringState": "ACCEPTED" }),
        )
        .await;
    assert_eq!(answer["code"], 202);
    assert_eq!(answer["body"], "Ring state updated successfully");
    let done = agent.notification("RoutingTask").await;
    let done = &done["body"]["changes"][0]["result"];
    assert_eq!(done["taskCompleted"], true);
    assert_eq!(done["ringsDetails"][0]["ringState"], "ACCEPTED");
    assert_eq!(done["assignedAgentId"], agent.id);
    let change = agent.change(|_| true).await;
    let details = &change["result"]["conversationDetails"];
    assert_eq!(
        details["participants"],
        json!({ "CONSUMER": [consumer.id], "ASSIGNED_AGENT": [agent.id] })
    );
    assert_eq!(details["participantsPId"]["ASSIGNED_AGENT"], json!([user.user_pid]));
    assert_eq!((&details["state"], &details["stage"]), (&json!("OPEN"), &json!("OPEN")));
    assert_eq!(details["skillId"], skill.to_string());
    assert_eq!(details["dialogs"][0]["participantsDetails"][1]["state"], "ACTIVE");
    let seen = consumer
        .change(|change| change["result"]["conversationDetails"]["participants"][1].is_object())
        .await;
    assert_eq!(
        seen["result"]["conversationDetails"]["participants"][1],
        json!({ "id": user.user_pid, "role": "ASSIGNED_AGENT" })
    );
    let body = json!({ "dialogId": id, "newerThanSequence": 0, "maxQuantity": 200 });
    let answer = agent.request(".ams.ms.QueryMessages", body).await;
    assert_eq!(answer["type"], ".ams.ms.QueryMessages$Response");
    let event = &answer["body"][0];
    assert_eq!(
        (&event["sequence"], &event["originatorId"]),
        (&json!(0), &json!(consumer.id))
    );
    assert_eq!(event["originatorMetadata"]["role"], "CONSUMER");
    assert_eq!(event["event"]["message"], "Hello?");
    sim.stop().await;
}

#[tokio::test]
async fn rings_expire_are_rejected_and_go_to_the_next_agent() {
    let sim = sim().await;
    let skill = busy_skill(&sim);
    let mut one = Peer::ready_agent(&sim, &agent_of(&sim, skill, 0)).await;
    let mut two = Peer::ready_agent(&sim, &agent_of(&sim, skill, 1)).await;
    let mut consumer = Peer::consumer(&sim).await;
    consumer.start(&skill.to_string(), "Anyone?").await;
    let first = one.ring().await;
    let messaging = sim.control().messaging();
    messaging.advance(Duration::from_millis(72_000));
    let over = one.notification("RoutingTask").await;
    assert_eq!(
        over["body"]["changes"][0]["result"]["ringsDetails"][0]["ringState"],
        "EXPIRED"
    );
    let second = two.ring().await;
    assert_ne!(first["ringsDetails"][0]["ringId"], second["ringsDetails"][0]["ringId"]);
    let reject = json!({ "ringId": second["ringsDetails"][0]["ringId"], "ringState": "REJECTED" });
    two.ok(".ams.routing.UpdateRingState", reject.clone()).await;
    let over = two.notification("RoutingTask").await;
    assert_eq!(
        over["body"]["changes"][0]["result"]["ringsDetails"][0]["ringState"],
        "REJECTED"
    );
    let third = one.ring().await;
    assert_eq!(two.refused(".ams.routing.UpdateRingState", reject).await, 400);
    // The consumer gives up: the ring is taken back.
    let close = json!({ "conversationId": third["conversationId"],
        "conversationField": { "field": "ConversationStateField", "conversationState": "CLOSE" } });
    consumer.ok("cm.UpdateConversationField", close).await;
    let over = one.notification("RoutingTask").await;
    assert_eq!(
        over["body"]["changes"][0]["result"]["ringsDetails"][0]["ringState"],
        "CANCELLED"
    );
    sim.stop().await;
}

#[tokio::test]
async fn a_consumer_starts_a_conversation() {
    let sim = sim().await;
    let mut consumer = Peer::unauthenticated(&sim).await;
    let token = crate::peer::signed_up(&sim).await;
    let answer = consumer.init(&token).await;
    assert_eq!(
        answer,
        json!({ "kind": "resp", "reqId": "1", "code": 200, "type": "StringResponse",
                "body": "Connection initialized successfully" })
    );
    let all = json!({ "stage": ["OPEN", "CLOSE"], "convState": ["OPEN", "CLOSE"] });
    let answer = consumer.request("cqm.SubscribeExConversations", all).await;
    assert_eq!(answer["type"], "cqm.SubscribeExConversationsResponse");
    let first = consumer.frame().await;
    assert_eq!(first["type"], "cqm.ExConversationChangeNotification");
    assert_eq!(first["body"]["changes"], json!([]));
    let body = json!({ "channelType": "MESSAGING", "skillId": "-1", "ttrDefName": "NORMAL",
        "campaignInfo": { "campaignId": "501", "engagementId": "502" },
        "conversationContext": { "type": "SharkContext", "lang": "en-GB", "visitorId": "Vz01" } });
    let answer = consumer.request("cm.ConsumerRequestConversation", body).await;
    assert_eq!(answer["type"], "cm.RequestConversationResponse");
    let id = answer["body"]["conversationId"].clone();
    let change = consumer.change(|_| true).await;
    assert_eq!(change["result"]["effectiveTTR"], NOW + 600_000);
    let details = &change["result"]["conversationDetails"];
    assert_eq!(
        details["participants"],
        json!([{ "id": consumer.id, "role": "CONSUMER" }])
    );
    assert_eq!(details["dialogs"][0]["dialogId"], id);
    assert_eq!(details["firstConversation"], true);
    assert_eq!(details["context"]["visitorId"], "Vz01");
    assert_eq!(details["context"]["clientProperties"]["type"], ".ClientProperties");
    assert_eq!(details["campaignInfo"]["campaignId"], "501");
    assert!(details.get("note").is_none() && change["result"].get("lastUpdateTime").is_none());
    let body = json!({ "dialogId": id, "conversationId": id, "fromSeq": 0 });
    let answer = consumer.request("ms.SubscribeMessagingEvents", body).await;
    assert_eq!(answer["type"], "GenericSubscribeResponse");
    let replay = consumer.notification("MessagingEventNotification").await;
    assert_eq!(replay["body"]["changes"], json!([]));
    let event = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": "Hello?" });
    let body = json!({ "dialogId": id, "conversationId": id, "event": event });
    let answer = consumer.request("ms.PublishEvent", body).await;
    assert_eq!(answer["type"], "ms.PublishEventResponse");
    assert_eq!(answer["body"], json!({ "sequence": 0 }));
    let own = consumer.event(|_| true).await;
    assert_eq!((&own["sequence"], &own["event"]), (&json!(0), &event));
    assert_eq!(own["originatorMetadata"]["role"], "CONSUMER");
    let again = json!({ "channelType": "MESSAGING" });
    assert_eq!(consumer.refused("cm.ConsumerRequestConversation", again).await, 400);
    sim.stop().await;
}

#[tokio::test]
async fn text_typing_accept_and_read() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let typing = json!({ "type": "ChatStateEvent", "chatState": "COMPOSING" });
    assert_eq!(agent.publish(&id, typing.clone()).await, 0);
    let seen = consumer.event(|event| event["event"] == typing).await;
    assert!(seen.get("sequence").is_none() && seen.get("serverTimestamp").is_none());
    assert_eq!(seen["originatorId"], agent.pid);
    let read = json!({ "type": "AcceptStatusEvent", "status": "READ", "sequenceList": [0] });
    assert_eq!(agent.publish(&id, read.clone()).await, 1);
    let seen = consumer.event(|event| event["event"] == read).await;
    assert_eq!(seen["sequence"], 1);
    assert_eq!(agent.say(&id, "How can I help?").await, 2);
    let own = agent.event(|event| event["sequence"] == 2).await;
    assert_eq!(
        (&own["originatorId"], &own["originatorPId"]),
        (&json!(agent.id), &json!(agent.pid))
    );
    assert_eq!(own["messageAudience"], "ALL");
    let seen = consumer.event(|event| event["sequence"] == 2).await;
    assert_eq!(seen["originatorId"], agent.pid);
    assert!(seen.get("originatorPId").is_none());
    for (sequence, status) in [(3, "ACCEPT"), (4, "READ")] {
        let receipt = json!({ "type": "AcceptStatusEvent", "status": status, "sequenceList": [2] });
        assert_eq!(consumer.publish(&id, receipt).await, sequence);
        let seen = agent.event(|event| event["sequence"] == sequence).await;
        assert_eq!(seen["event"]["status"], status);
    }
    let change = agent
        .change(|change| {
            change["result"]["numberOfunreadMessages"][&consumer.id] == 0 && change["result"]["effectiveTTR"] == -1
        })
        .await;
    assert_eq!(change["result"]["lastContentEventNotification"]["sequence"], 2);
    let unknown =
        json!({ "dialogId": id, "event": { "type": "AcceptStatusEvent", "status": "READ", "sequenceList": [99] } });
    assert_eq!(agent.refused(".ams.ms.PublishEvent", unknown).await, 400);
    sim.stop().await;
}

#[tokio::test]
async fn private_messages_stay_with_agents() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let body = json!({ "dialogId": id, "messageAudience": "AGENTS_AND_MANAGERS",
        "event": { "type": "ContentEvent", "contentType": "text/plain", "message": "VIP" } });
    assert_eq!(agent.ok(".ams.ms.PublishEvent", body.clone()).await["sequence"], 1);
    let own = agent.event(|event| event["sequence"] == 1).await;
    assert_eq!(own["messageAudience"], "AGENTS_AND_MANAGERS");
    assert_eq!(agent.say(&id, "Good day").await, 2);
    consumer.event(|event| event["sequence"] == 2).await;
    assert!(
        consumer
            .settled()
            .await
            .iter()
            .all(|frame| !frame.to_string().contains("VIP"))
    );
    let replay = json!({ "dialogId": id, "fromSeq": 0 });
    consumer.ok("ms.SubscribeMessagingEvents", replay).await;
    let replay = consumer.notification("MessagingEventNotification").await;
    let sequences: Vec<_> = replay["body"]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["sequence"].clone())
        .collect();
    assert_eq!(sequences, [json!(0), json!(2)]);
    assert_eq!(consumer.refused("ms.PublishEvent", body).await, 400);
    sim.stop().await;
}

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

#[tokio::test]
async fn the_response_time_changes() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let field = json!({ "field": "TTRField", "ttrType": "URGENT", "value": 300 });
    let answer = consumer
        .request(
            "cm.UpdateConversationField",
            json!({ "conversationId": id, "conversationField": field }),
        )
        .await;
    assert_eq!(
        (&answer["type"], &answer["body"]),
        (&json!("StringResponse"), &json!("OK"))
    );
    for peer in [&mut agent, &mut consumer] {
        let change = peer
            .change(|change| change["result"]["conversationDetails"]["ttr"]["ttrType"] == "URGENT")
            .await;
        assert_eq!(change["result"]["conversationDetails"]["ttr"]["value"], 300);
        assert_eq!(change["result"]["effectiveTTR"], NOW + 300_000);
    }
    let due = |change: &Value| change["result"]["effectiveTTR"].clone();
    for (field, expected) in [
        (
            json!({ "field": "DelayField", "type": "NIGHT", "tillWhen": NOW + 1_000_000 }),
            NOW + 1_300_000,
        ),
        (json!({ "field": "ManualETTR", "time": NOW + 77 }), NOW + 77),
        (json!({ "field": "ManualETTR", "time": null }), NOW + 1_300_000),
    ] {
        agent
            .ok(
                ".ams.cm.UpdateConversationField",
                json!({ "conversationId": id, "conversationField": [field] }),
            )
            .await;
        let change = agent.change(|_| true).await;
        assert_eq!(due(&change), expected);
    }
    sim.stop().await;
}

#[tokio::test]
async fn rich_content_and_a_button_press() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let card = json!({ "type": "RichContentEvent", "content": { "type": "vertical", "elements": [
        { "type": "button", "title": "Buy", "click": { "metadata": [{ "type": "ExternalId", "id": "buy-kettle" }],
          "actions": [{ "type": "publishText", "text": "Yes please" }] } }] } });
    let metadata = json!([{ "type": "ExternalId", "id": "card-9" }]);
    let body = json!({ "dialogId": id, "event": card });
    let answer = agent.request_with(".ams.ms.PublishEvent", body, metadata.clone()).await;
    assert_eq!(answer["body"]["sequence"], 1);
    let seen = consumer.event(|event| event["sequence"] == 1).await;
    assert_eq!((&seen["event"], &seen["metadata"]), (&card, &metadata));
    let pressed = json!([{ "type": "ExternalId", "id": "buy-kettle" }]);
    for (sequence, event) in [
        (
            2,
            json!({ "type": "AcceptStatusEvent", "status": "ACTION", "sequenceList": [1] }),
        ),
        (
            3,
            json!({ "type": "ContentEvent", "contentType": "text/plain", "message": "Yes please" }),
        ),
    ] {
        let body = json!({ "dialogId": id, "conversationId": id, "event": event });
        let answer = consumer.request_with("ms.PublishEvent", body, pressed.clone()).await;
        assert_eq!(answer["body"]["sequence"], sequence);
        let seen = agent.event(|event| event["sequence"] == sequence).await;
        assert_eq!((&seen["event"], &seen["metadata"]), (&event, &pressed));
    }
    sim.stop().await;
}

#[tokio::test]
async fn a_full_close_by_the_agent() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let close = json!({ "conversationId": id,
        "conversationField": [{ "field": "ConversationStateField", "conversationState": "CLOSE" }] });
    agent.ok(".ams.cm.UpdateConversationField", close).await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["state"] == "CLOSE")
        .await;
    let details = &change["result"]["conversationDetails"];
    assert_eq!(
        (&details["stage"], &details["closeReason"]),
        (&json!("CLOSE"), &json!("AGENT"))
    );
    assert_eq!(
        (&details["endTs"], &details["dialogs"][0]["closedBy"]),
        (&json!(NOW), &json!("AGENT"))
    );
    assert_eq!(change["result"]["effectiveTTR"], -1);
    let change = agent.change(|change| change["type"] == "DELETE").await;
    assert_eq!(change["result"]["conversationDetails"]["state"], "CLOSE");
    let late =
        json!({ "dialogId": id, "event": { "type": "ContentEvent", "contentType": "text/plain", "message": "?" } });
    assert_eq!(agent.refused(".ams.ms.PublishEvent", late.clone()).await, 400);
    assert_eq!(consumer.refused("ms.PublishEvent", late).await, 400);
    let csat = json!({ "conversationId": id, "conversationField": { "field": "CSATRate", "csatRate": 5,
        "csatResolutionConfirmation": true, "status": "FILLED" } });
    consumer.ok("cm.UpdateConversationField", csat).await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["csat"].is_object())
        .await;
    assert_eq!(change["result"]["conversationDetails"]["csat"]["csatRate"], 5);
    // A second conversation is possible now, and not the first one.
    let second = consumer.start("-1", "Again").await;
    let change = consumer
        .change(|change| change["result"]["convId"] == second.as_str())
        .await;
    assert_eq!(change["result"]["conversationDetails"]["firstConversation"], false);
    sim.stop().await;
}

fn close_main(id: &str) -> Value {
    json!({ "conversationId": id, "conversationField": { "field": "DialogChange", "type": "UPDATE",
        "dialog": { "dialogId": id, "state": "CLOSE", "closedCause": "Closed by consumer" } } })
}

#[tokio::test]
async fn closing_the_main_dialog_without_a_survey_closes_all() {
    let sim = sim().await;
    let (_agent, mut consumer, id) = engaged(&sim).await;
    consumer.ok("cm.UpdateConversationField", close_main(&id)).await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["state"] == "CLOSE")
        .await;
    let details = &change["result"]["conversationDetails"];
    assert_eq!(
        (&details["stage"], &details["closeReason"]),
        (&json!("CLOSE"), &json!("CONSUMER"))
    );
    assert_eq!(details["dialogs"][0]["closedCause"], "Closed by consumer");
    assert_eq!(
        consumer.refused("cm.UpdateConversationField", close_main(&id)).await,
        400
    );
    sim.stop().await;
}

fn with_survey(built_in_bot: bool) -> SurveyKnobs {
    let mut survey = SurveyKnobs::default();
    survey.built_in_bot = built_in_bot;
    survey
}

#[tokio::test]
async fn a_survey_bot_asks_after_the_conversation() {
    let sim = sim_with(|rules| rules.survey = Some(with_survey(false))).await;
    let mut bot = Peer::agent(&sim, &bot(&sim)).await;
    bot.ok(".ams.aam.SubscribeExConversations", json!({ "stage": ["OPEN"] }))
        .await;
    bot.notification("ExConversationChange").await;
    let (agent, mut consumer, id) = engaged(&sim).await;
    consumer.ok("cm.UpdateConversationField", close_main(&id)).await;
    let closed = |change: &Value| change["result"]["conversationDetails"]["state"] == "CLOSE";
    let change = consumer.change(closed).await;
    let details = &change["result"]["conversationDetails"];
    assert_eq!(
        (&details["stage"], &details["closeReason"]),
        (&json!("OPEN"), &json!("CONSUMER"))
    );
    let survey = details["dialogs"][1].clone();
    assert_eq!(
        (&survey["dialogType"], &survey["state"]),
        (&json!("POST_SURVEY"), &json!("OPEN"))
    );
    assert_eq!(survey["metaData"]["appInstallId"], "inst-1");
    let dialog = survey["dialogId"].as_str().unwrap().to_owned();
    assert_eq!(dialog.len(), 22);
    let change = bot.change(closed).await;
    let reader = json!({ "id": agent.id, "role": "READER", "state": "ACTIVE" });
    let people = &change["result"]["conversationDetails"]["dialogs"][1]["participantsDetails"];
    assert!(people.as_array().unwrap().contains(&reader), "{people}");

    let own = bot.id.clone();
    let update = |field: Value| json!({ "conversationId": id, "conversationField": [field] });
    let join =
        json!({ "field": "ParticipantsChange", "type": "ADD", "role": "AGENT", "dialogId": dialog, "userId": own });
    bot.ok(".ams.cm.UpdateConversationField", update(join)).await;
    let note = json!({ "field": "DialogChange", "type": "UPDATE", "dialog": { "dialogId": dialog } });
    let metadata = json!([{ "type": "Survey", "id": "sv1", "revision": "1", "provider": "External" }]);
    bot.request_with(".ams.cm.UpdateConversationField", update(note), metadata)
        .await;
    let question = json!([{ "type": "Question", "id": "q1", "surveyId": "sv1", "provider": "External" }]);
    let text = |text: &str| {
        json!({ "dialogId": dialog, "conversationId": id,
            "event": { "type": "ContentEvent", "contentType": "text/plain", "message": text } })
    };
    let answer = bot
        .request_with(".ams.ms.PublishEvent", text("1 to 5?"), question.clone())
        .await;
    assert_eq!(answer["body"]["sequence"], 0, "{answer}");
    let subscribe = json!({ "dialogId": dialog, "conversationId": id, "fromSeq": 0 });
    consumer.ok("ms.SubscribeMessagingEvents", subscribe).await;
    let replay = consumer.event(|event| event["dialogId"] == dialog.as_str()).await;
    assert_eq!((&replay["sequence"], &replay["metadata"]), (&json!(0), &question));
    let given = json!([{ "type": "Answer", "id": "a2", "questionId": "q1", "provider": "External" }]);
    let action = json!({ "dialogId": dialog, "conversationId": id,
        "event": { "type": "AcceptStatusEvent", "status": "ACTION", "sequenceList": [0] } });
    assert_eq!(
        consumer.request_with("ms.PublishEvent", action, given.clone()).await["body"]["sequence"],
        1
    );
    assert_eq!(
        consumer.request_with("ms.PublishEvent", text("5"), given).await["body"]["sequence"],
        2
    );
    bot.event(|event| event["sequence"] == 2 && event["dialogId"] == dialog.as_str())
        .await;
    let end = json!({ "field": "DialogChange", "type": "UPDATE",
        "dialog": { "dialogId": dialog, "state": "CLOSE", "closedBy": "AGENT", "closedCause": "Completed" } });
    bot.ok(".ams.cm.UpdateConversationField", update(end)).await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["stage"] == "CLOSE")
        .await;
    let survey = &change["result"]["conversationDetails"]["dialogs"][1];
    assert_eq!(
        (&survey["closedBy"], &survey["closedCause"]),
        (&json!("AGENT"), &json!("Completed"))
    );
    assert!(change["result"]["conversationDetails"]["endTs"].is_i64());
    the_history_has_the_answer(&sim, &id, &dialog).await;
    sim.stop().await;
}

/// What the consumer answered to the bot reaches the record, a while later.
async fn the_history_has_the_answer(sim: &Sim, conversation: &str, dialog: &str) {
    sim.clock().advance(std::time::Duration::from_secs(90));
    let tree = crate::client::login(sim).await;
    let url = format!(
        "{}/messaging_history/api/account/{}/conversations/conversation/search?v=2",
        sim.url(),
        crate::client::ACCOUNT
    );
    let answer = crate::client::client(sim)
        .post(url)
        .bearer_auth(tree["bearer"].as_str().unwrap())
        .json(&json!({ "conversationId": conversation, "contentToRetrieve": ["conversationSurveys", "dialogs"] }))
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    let survey = &answer["conversationHistoryRecords"][0]["conversationSurveys"][0];
    assert_eq!(
        (&survey["surveyStatus"], &survey["surveyId"], &survey["dialogId"]),
        (&json!("FILLED"), &json!("sv1"), &json!(dialog))
    );
    let given = &survey["surveyData"][0];
    assert_eq!(
        (&given["question"], &given["answer"], &given["questionId"]),
        (&json!("1 to 5?"), &json!("5"), &json!("q1"))
    );
    assert_eq!(given["isValidAnswer"], true);
}

#[tokio::test]
async fn the_built_in_survey_asks_and_ends() {
    let sim = sim_with(|rules| rules.survey = Some(with_survey(true))).await;
    let (_agent, mut consumer, id) = engaged(&sim).await;
    consumer.ok("cm.UpdateConversationField", close_main(&id)).await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["dialogs"][1].is_object())
        .await;
    let dialog = change["result"]["conversationDetails"]["dialogs"][1]["dialogId"]
        .as_str()
        .unwrap()
        .to_owned();
    consumer
        .ok("ms.SubscribeMessagingEvents", json!({ "dialogId": dialog }))
        .await;
    let question = consumer.event(|event| event["dialogId"] == dialog.as_str()).await;
    assert_eq!(
        question["event"]["quickReplies"]["replies"].as_array().unwrap().len(),
        5
    );
    consumer.say(&dialog, "dunno").await;
    consumer
        .event(|event| {
            event["event"]["message"]
                .as_str()
                .is_some_and(|text| text.starts_with("Please"))
        })
        .await;
    consumer.say(&dialog, "4").await;
    consumer
        .event(|event| {
            event["event"]["quickReplies"]["replies"]
                .as_array()
                .is_some_and(|all| all.len() == 11)
        })
        .await;
    consumer.say(&dialog, "9").await;
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["stage"] == "CLOSE")
        .await;
    assert_eq!(
        change["result"]["conversationDetails"]["dialogs"][1]["closedCause"],
        "Completed"
    );
    sim.stop().await;
}

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
