//! The conversations of the protocol sheet, section 8, frame by frame.

mod closing;
mod returning;
mod transfers;

use std::time::Duration;

use le_sim::Sim;
use serde_json::{Value, json};

use crate::{NOW, agent_of, busy_skill, client::ACCOUNT, peer::Peer, sim};

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
