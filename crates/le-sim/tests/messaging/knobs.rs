//! Contradictions between the vendor's sources, each as a knob.

use le_sim::DialectKnobs;
use serde_json::{Value, json};

use crate::{agent_of, busy_skill, peer::Peer, sim_with};

/// An agent with a conversation, in a dialect of its own.
async fn engaged(change: impl FnOnce(&mut DialectKnobs)) -> (le_sim::Sim, Peer, Peer, String, Value) {
    let sim = sim_with(|rules| change(&mut rules.dialect)).await;
    let skill = busy_skill(&sim);
    let mut agent = Peer::agent(&sim, &agent_of(&sim, skill, 0)).await;
    agent.set_state("ONLINE").await;
    let subscription = json!({ "stage": ["OPEN"], "agentIds": [agent.id] });
    agent.ok(".ams.aam.SubscribeExConversations", subscription).await;
    agent
        .ok(".ams.routing.SubscribeRoutingTasks", json!({ "agentId": agent.id }))
        .await;
    let mut consumer = Peer::unauthenticated(&sim).await;
    let token = crate::peer::signed_up(&sim).await;
    consumer.init(&token).await;
    consumer.ok("cqm.SubscribeExConversations", json!({})).await;
    let opening = json!({ "skillId": skill.to_string(), "campaignInfo": { "campaignId": "501", "engagementId": 502 } });
    let id = consumer.ok("cm.ConsumerRequestConversation", opening).await;
    let id = id["conversationId"].as_str().unwrap().to_owned();
    consumer
        .ok("ms.SubscribeMessagingEvents", json!({ "dialogId": id }))
        .await;
    consumer.say(&id, "Hello?").await;
    let ring = format!("{id}_{}_{}", crate::client::ACCOUNT, crate::NOW);
    let answer = json!({ "ringId": ring, "ringState": "ACCEPTED" });
    agent.ok(".ams.routing.UpdateRingState", answer).await;
    let change = loop {
        let frame = agent.notification("ExConversationChange").await;
        let changes = &frame["body"]["changes"];
        let change = if changes.is_array() {
            changes[0].clone()
        } else {
            changes.clone()
        };
        if change.is_object() {
            break change;
        }
    };
    (sim, agent, consumer, id, change)
}

#[tokio::test]
async fn single_elements_stand_bare() {
    let (sim, _agent, _, _, change) = engaged(|knobs| knobs.single_element_bare = true).await;
    let details = &change["result"]["conversationDetails"];
    assert!(details["dialogs"].is_object(), "{details}");
    assert!(details["participants"]["CONSUMER"].is_string());
    assert!(details["dialogs"]["participantsDetails"].is_array(), "two stay a list");
    sim.stop().await;
}

#[tokio::test]
async fn members_that_some_servers_leave_out() {
    let (sim, _agent, mut consumer, id, change) = engaged(|knobs| {
        knobs.no_last_content_event = true;
        knobs.missing_pid = true;
        knobs.no_unread_counts = true;
        knobs.no_sent_ts = true;
        knobs.no_conversation_id = true;
    })
    .await;
    let result = &change["result"];
    assert!(result.get("lastContentEventNotification").is_none());
    assert!(result.get("numberOfunreadMessages").is_none());
    let details = &result["conversationDetails"];
    assert!(details["participants"]["ASSIGNED_AGENT"].is_array());
    assert!(details["participantsPId"].get("ASSIGNED_AGENT").is_none());
    consumer.say(&id, "More").await;
    let event = consumer.event(|event| event["sequence"] == 1).await;
    assert!(event.get("conversationId").is_none());
    assert!(
        consumer.notification("ExConversationChange").await["body"]
            .get("sentTs")
            .is_none()
    );
    sim.stop().await;
}

#[tokio::test]
async fn other_ids_and_numbers() {
    let (sim, agent, mut consumer, id, change) = engaged(|knobs| {
        knobs.pids_everywhere = true;
        knobs.numeric_campaign = true;
        knobs.null_metadata = true;
        knobs.consumer_participants_map = true;
    })
    .await;
    let details = &change["result"]["conversationDetails"];
    assert_eq!(details["participants"]["ASSIGNED_AGENT"], json!([agent.pid]));
    assert_eq!(
        details["campaignInfo"],
        json!({ "campaignId": 501, "engagementId": 502 })
    );
    let change = consumer
        .change(|change| change["result"]["conversationDetails"]["participantsPId"]["ASSIGNED_AGENT"].is_array())
        .await;
    assert!(change["result"]["conversationDetails"].get("participants").is_none());
    consumer.say(&id, "More").await;
    let event = consumer.event(|event| event["sequence"] == 1).await;
    assert_eq!(event.get("metadata"), Some(&Value::Null));
    sim.stop().await;
}

#[tokio::test]
async fn responses_come_last_and_rings_twice() {
    let (sim, mut agent, _consumer, id, _) = engaged(|knobs| {
        knobs.response_after_notification = true;
        knobs.legacy_rings = true;
    })
    .await;
    let ring = agent.notification("RingUpdated").await;
    assert_eq!(ring["body"]["convId"], id.as_str());
    agent.settled().await;
    let event = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": "x" });
    let request = agent
        .ask(".ams.ms.PublishEvent", json!({ "dialogId": id, "event": event }))
        .await;
    assert_eq!(agent.frame().await["kind"], "notification");
    assert_eq!(agent.frame().await["kind"], "notification");
    assert_eq!(agent.frame().await["reqId"], request.as_str());
    sim.stop().await;
}

#[tokio::test]
async fn bounds_and_answer_types_differ() {
    let (sim, mut agent, mut consumer, id, _) = engaged(|knobs| {
        knobs.exclusive_lower_bound = true;
        knobs.dotted_subscribe_answer = true;
        knobs.short_url_answer = true;
        knobs.dotted_clock_for_consumers = true;
    })
    .await;
    consumer.say(&id, "one").await;
    let query = json!({ "dialogId": id, "newerThanSequence": 0, "olderThanSequence": 9 });
    let events = agent.ok(".ams.ms.QueryMessages", query).await;
    assert_eq!(
        (events.as_array().unwrap().len(), &events[0]["sequence"]),
        (1, &json!(1))
    );
    let answer = consumer
        .request("ms.SubscribeMessagingEvents", json!({ "dialogId": id }))
        .await;
    assert_eq!(answer["type"], ".ams.GenericSubscribeResponse");
    let upload = json!({ "fileSize": 5, "fileType": "PNG" });
    let answer = consumer.request("ms.GenerateURLForUploadFile", upload).await;
    assert_eq!(answer["type"], "ms.GenerateURLResponse");
    assert_eq!(consumer.request(".GetClock", json!({})).await["code"], 200);
    sim.stop().await;
}

#[tokio::test]
async fn rings_can_be_accepted_by_the_account() {
    let sim = sim_with(|rules| rules.auto_accept = true).await;
    let skill = busy_skill(&sim);
    let mut agent = Peer::ready_agent(&sim, &agent_of(&sim, skill, 0)).await;
    let mut consumer = Peer::consumer(&sim).await;
    consumer.start(&skill.to_string(), "Hello?").await;
    let ring = agent.notification("RoutingTask").await;
    let task = &ring["body"]["changes"][0]["result"];
    assert_eq!(task["ringsDetails"][0]["ringState"], "AUTO_ACCEPT");
    assert_eq!(task["taskCompleted"], true);
    let change = agent.change(|_| true).await;
    assert_eq!(
        change["result"]["conversationDetails"]["participants"]["ASSIGNED_AGENT"],
        json!([agent.id])
    );
    sim.stop().await;
}

#[tokio::test]
async fn messages_have_a_longest_length_where_one_is_set() {
    let sim = sim_with(|rules| {
        rules.longest_message = Some(5);
        rules.open_conversations_per_consumer = None;
    })
    .await;
    let mut consumer = Peer::consumer(&sim).await;
    let id = consumer.start("-1", "Hello").await;
    let event = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": "Hello!" });
    assert_eq!(
        consumer
            .refused("ms.PublishEvent", json!({ "dialogId": id, "event": event }))
            .await,
        400
    );
    let second = consumer.start("-1", "Again").await;
    assert_ne!(id, second);
    sim.stop().await;
}

#[tokio::test]
async fn events_go_astray_and_sequences_span_dialogs() {
    let sim = sim_with(|rules| {
        rules.dialect.stray_events = true;
        rules.dialect.sequence_per_conversation = true;
        rules.survey = Some(le_sim::SurveyKnobs::default());
    })
    .await;
    let mut stranger = Peer::agent(&sim, &crate::bot(&sim)).await;
    let mut consumer = Peer::consumer(&sim).await;
    let skill = busy_skill(&sim).to_string();
    let id = consumer.start(&skill, "Hello?").await;
    assert_eq!(stranger.event(|_| true).await["conversationId"], id.as_str());
    let close = json!({ "field": "DialogChange", "type": "UPDATE", "dialog": { "dialogId": id, "state": "CLOSE" } });
    let body = json!({ "conversationId": id, "conversationField": close });
    consumer.ok("cm.UpdateConversationField", body).await;
    let question = stranger.event(|event| event["dialogId"] != id.as_str()).await;
    assert_eq!(question["sequence"], 1, "the main dialog had 0");
    sim.stop().await;
}
