//! Files, forms, profiles, proactive conversations, visibility, presence.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    agent_of, bot, busy_skill,
    client::{self, ACCOUNT},
    peer::Peer,
    sim, sim_with, skill_with,
};

fn file_url(sim: &le_sim::Sim, url: &Value) -> String {
    let query = &url["queryParams"];
    format!(
        "http://{}{}?temp_url_sig={}&temp_url_expires={}",
        sim.plain(),
        url["relativePath"].as_str().unwrap(),
        query["temp_url_sig"].as_str().unwrap(),
        query["temp_url_expires"].as_str().unwrap(),
    )
}

#[tokio::test]
async fn a_file_goes_up_and_comes_down() {
    let sim = sim().await;
    let http = client::client(&sim);
    let mut consumer = Peer::consumer(&sim).await;
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    let picture = vec![7_u8; 48_213];
    let up = consumer
        .ok(
            "ms.GenerateURLForUploadFile",
            json!({ "fileSize": "48213", "fileType": "PNG" }),
        )
        .await;
    let down = json!({ "relativePath": up["relativePath"] });
    assert_eq!(
        agent.refused(".ams.ms.GenerateURLForDownloadFile", down.clone()).await,
        400
    );
    let url = file_url(&sim, &up);
    assert_eq!(
        http.get(&url).send().await.unwrap().status(),
        401,
        "the signature is for PUT"
    );
    assert_eq!(http.put(&url).body(vec![1]).send().await.unwrap().status(), 422);
    assert_eq!(http.put(&url).body(picture.clone()).send().await.unwrap().status(), 201);
    let down = agent.ok(".ams.ms.GenerateURLForDownloadFile", down).await;
    let url = file_url(&sim, &down);
    let answer = http.get(&url).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.bytes().await.unwrap(), picture);
    sim.clock().advance(Duration::from_secs(62));
    assert_eq!(http.get(&url).send().await.unwrap().status(), 401);
    for refused in [
        json!({ "fileSize": 5, "fileType": "EXE" }),
        json!({ "fileSize": 4 << 20, "fileType": "PNG" }),
        json!({ "fileSize": "many", "fileType": "PNG" }),
    ] {
        assert_eq!(consumer.refused("ms.GenerateURLForUploadFile", refused).await, 400);
    }
    sim.stop().await;
}

/// A consumer with an open conversation, which the bot has taken.
async fn taken(sim: &le_sim::Sim) -> (Peer, Peer, String) {
    let mut agent = Peer::ready_agent(sim, &bot(sim)).await;
    let mut consumer = Peer::consumer(sim).await;
    let id = consumer.start("-1", "Hello?").await;
    agent.accept().await;
    (agent, consumer, id)
}

#[tokio::test]
async fn secure_forms_have_one_time_tokens() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = taken(&sim).await;
    let invitation = json!({ "type": "ContentEvent", "contentType": "forms/secure-invitation",
        "message": { "formId": "41", "invitationId": "inv-1", "title": "Card details" } });
    agent.publish(&id, invitation).await;
    let wanted = json!({ "formId": "41", "dialogId": id, "invitationId": "inv-1" });
    let tokens = consumer.ok("ms.GenerateUploadToken", wanted).await;
    assert!(tokens["writeOtk"].is_string() && tokens["readOtk"].is_string());
    let wrong = json!({ "formId": "42", "dialogId": id, "invitationId": "inv-1" });
    assert_eq!(consumer.refused("ms.GenerateUploadToken", wrong).await, 400);
    let submission = json!({ "type": "ContentEvent", "contentType": "forms/secure-submission",
        "message": { "invitationId": "inv-1", "submissionId": "sub-5521" } });
    consumer.publish(&id, submission).await;
    let download = json!({ "downloadable": { "type": "SecureForm", "dialogId": id, "submissionId": "sub-5521",
        "invitationId": "inv-1" } });
    let token = agent.ok(".ams.ms.token.GenerateDownloadToken", download.clone()).await;
    assert_eq!(token["token"]["readOtk"].as_str().unwrap().len(), 32);
    assert_eq!(
        agent.refused(".ams.ms.token.GenerateDownloadToken", download).await,
        400
    );
    sim.stop().await;
}

#[tokio::test]
async fn profiles_are_set_and_read() {
    let sim = sim().await;
    let mut consumer = Peer::consumer(&sim).await;
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    let profile = json!({ "firstName": "Ingrid", "lastName": "Moe", "claims": { "iss": "forged" },
        "authenticatedData": { "lp_sdes": [{ "type": "personal", "personal": { "firstname": "Ingrid" } }] } });
    let answer = consumer.request("userprofile.SetUserProfile", profile).await;
    assert_eq!(answer["body"], "OK User Profile set successfully");
    for body in [json!(consumer.id), json!({ "userId": consumer.id })] {
        let answer = agent.request(".ams.userprofile.GetUserProfile", body).await;
        assert_eq!(answer["type"], ".ams.userprofile.GetUserProfile$Response");
        assert_eq!(answer["body"]["firstName"], "Ingrid");
        assert!(answer["body"].get("claims").is_none(), "claims are the brand's to make");
    }
    assert_eq!(
        agent.ok(".ams.userprofile.GetUserProfile", json!({})).await["userId"],
        agent.id
    );
    assert_eq!(
        agent.refused(".ams.userprofile.GetUserProfile", json!("nobody")).await,
        400
    );
    let other = Peer::consumer(&sim).await;
    assert_eq!(
        consumer
            .refused("userprofile.GetUserProfile", json!({ "userId": other.id }))
            .await,
        401
    );
    sim.stop().await;
}

#[tokio::test]
async fn an_agent_writes_first_to_a_former_consumer() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = taken(&sim).await;
    let wanted = json!({ "channelType": "MESSAGING", "consumerId": consumer.id,
        "conversationContext": { "type": "ProactiveContext", "originConversationId": id } });
    assert_eq!(
        agent.refused(".ams.cm.AgentRequestConversation", wanted.clone()).await,
        400
    );
    let close =
        json!({ "conversationId": id, "conversationField": { "field": "Stage", "conversationState": "CLOSE" } });
    consumer.ok("cm.UpdateConversationField", close).await;
    let made = agent.ok(".ams.cm.AgentRequestConversation", wanted.clone()).await;
    let made = made["conversationId"].as_str().unwrap().to_owned();
    agent.say(&made, "Your parcel is here").await;
    let change = consumer
        .change(|change| change["result"]["convId"] == made.as_str())
        .await;
    assert_eq!(
        change["result"]["conversationDetails"]["context"]["type"],
        "ProactiveContext"
    );
    assert_eq!(change["result"]["effectiveTTR"], -1);
    consumer
        .ok("ms.SubscribeMessagingEvents", json!({ "dialogId": made }))
        .await;
    assert_eq!(
        consumer.event(|event| event["dialogId"] == made.as_str()).await["sequence"],
        0
    );
    sim.control().adjust(|behaviour| behaviour.messaging.proactive = false);
    assert_eq!(agent.refused(".ams.cm.AgentRequestConversation", wanted).await, 401);
    sim.stop().await;
}

#[tokio::test]
async fn agents_see_their_own_and_managers_all() {
    let sim = sim().await;
    let skill = busy_skill(&sim);
    let mut agent = Peer::agent(&sim, &agent_of(&sim, skill, 0)).await;
    let mut manager = Peer::agent(&sim, &bot(&sim)).await;
    let mut consumer = Peer::consumer(&sim).await;
    let id = consumer.start(&skill.to_string(), "Hello?").await;
    for (peer, seen) in [(&mut agent, 0), (&mut manager, 1)] {
        peer.ok(".ams.aam.SubscribeExConversations", json!({ "stage": ["OPEN"] }))
            .await;
        let all = peer.notification("ExConversationChange").await;
        assert_eq!(all["body"]["changes"].as_array().unwrap().len(), seen);
    }
    let join = |role: &str| {
        json!({ "conversationId": id,
            "conversationField": [{ "field": "ParticipantsChange", "type": "ADD", "role": role }] })
    };
    assert_eq!(
        agent.refused(".ams.cm.UpdateConversationField", join("MANAGER")).await,
        400
    );
    let text =
        json!({ "dialogId": id, "event": { "type": "ContentEvent", "contentType": "text/plain", "message": "I" } });
    assert_eq!(manager.refused(".ams.ms.PublishEvent", text.clone()).await, 400);
    let close =
        json!({ "conversationId": id, "conversationField": [{ "field": "Stage", "conversationState": "CLOSE" }] });
    assert_eq!(agent.refused(".ams.cm.UpdateConversationField", close).await, 400);
    let answer = manager
        .request("ms.SubscribeMessagingEvents", json!({ "dialogId": id }))
        .await;
    assert_eq!(
        answer["type"], ".ams.GenericSubscribe$Response",
        "needless, as old clients do it"
    );
    manager.ok(".ams.cm.UpdateConversationField", join("MANAGER")).await;
    manager.ok(".ams.ms.PublishEvent", text).await;
    let seen = consumer.event(|event| event["sequence"] == 1).await;
    assert_eq!(seen["originatorMetadata"]["role"], "MANAGER");
    let leave = json!({ "conversationId": id, "conversationField": [
        { "field": "ParticipantsChange", "type": "REMOVE", "role": "MANAGER" }] });
    manager.ok(".ams.cm.UpdateConversationField", leave).await;
    let mut stranger = Peer::consumer(&sim).await;
    assert_eq!(
        stranger
            .refused("ms.SubscribeMessagingEvents", json!({ "dialogId": id }))
            .await,
        400
    );
    let close =
        json!({ "conversationId": id, "conversationField": { "field": "Stage", "conversationState": "CLOSE" } });
    assert_eq!(stranger.refused("cm.UpdateConversationField", close).await, 400);
    sim.stop().await;
}

#[tokio::test]
async fn presence_and_capacity_decide_who_is_rung() {
    let sim = sim_with(|rules| rules.capacity = 1).await;
    let skill = busy_skill(&sim);
    let user = agent_of(&sim, skill, 0);
    let mut agent = Peer::ready_agent(&sim, &user).await;
    let mut watcher = Peer::agent(&sim, &bot(&sim)).await;
    let watch = json!({ "brandId": ACCOUNT, "agentId": agent.id, "agentAvailability": "" });
    watcher.ok(".ams.routing.SubscribeAgentsState", watch).await;
    let state = |frame: Value| frame["body"]["changes"][0]["result"]["availability"].clone();
    assert_eq!(state(watcher.notification("AgentState").await), "ONLINE");
    agent.set_state("AWAY").await;
    assert_eq!(state(watcher.notification("AgentState").await), "AWAY");
    let mut one = Peer::consumer(&sim).await;
    one.start(&skill.to_string(), "First").await;
    assert!(
        agent
            .settled()
            .await
            .iter()
            .all(|frame| !frame.to_string().contains("WAITING"))
    );
    agent.set_state("ONLINE").await;
    assert_eq!(state(watcher.notification("AgentState").await), "ONLINE");
    let first = agent.accept().await;
    let mut two = Peer::consumer(&sim).await;
    let second = two.start(&skill.to_string(), "Second").await;
    assert!(
        agent
            .settled()
            .await
            .iter()
            .all(|frame| !frame.to_string().contains("WAITING"))
    );
    let close = json!({ "conversationId": first,
        "conversationField": [{ "field": "ConversationStateField", "conversationState": "CLOSE" }] });
    agent.ok(".ams.cm.UpdateConversationField", close).await;
    assert_eq!(agent.accept().await, second);
    assert_eq!(
        agent
            .refused(".ams.routing.SetAgentState", json!({ "availability": "ASLEEP" }))
            .await,
        400
    );
    drop(agent);
    assert_eq!(state(watcher.notification("AgentState").await), "OFFLINE");
    sim.stop().await;
}

#[tokio::test]
async fn agents_of_other_skills_are_not_rung_and_everyone_is_for_none() {
    let sim = sim().await;
    let skill = busy_skill(&sim);
    let other = skill_with(&sim, &[skill]);
    let user = (0..)
        .map(|place| agent_of(&sim, other, place))
        .find(|user| !user.skills.contains(&skill))
        .unwrap();
    let mut agent = Peer::ready_agent(&sim, &user).await;
    let mut consumer = Peer::consumer(&sim).await;
    consumer.start(&skill.to_string(), "Hello?").await;
    assert!(
        agent
            .settled()
            .await
            .iter()
            .all(|frame| !frame.to_string().contains("WAITING"))
    );
    let mut second = Peer::consumer(&sim).await;
    let id = second.start("-1", "Hello?").await;
    assert_eq!(agent.accept().await, id);
    sim.stop().await;
}

#[tokio::test]
async fn a_subscription_ends_when_it_is_taken_back() {
    let sim = sim().await;
    let mut consumer = Peer::consumer(&sim).await;
    let subscription = consumer
        .ok("cqm.SubscribeExConversations", json!({ "stage": ["OPEN"] }))
        .await;
    consumer.notification("ExConversationChange").await;
    let id = json!({ "subscriptionId": subscription["subscriptionId"] });
    consumer.ok("cqm.UnsubscribeExConversations", id.clone()).await;
    assert_eq!(consumer.refused("cqm.UnsubscribeExConversations", id).await, 400);
    consumer.start("-1", "Hello").await;
    let own = subscription["subscriptionId"].as_str().unwrap();
    assert!(
        consumer
            .settled()
            .await
            .iter()
            .all(|frame| frame["body"]["subscriptionId"] != own)
    );
    sim.stop().await;
}

#[tokio::test]
async fn a_live_conversation_appears_in_the_history() {
    let sim = sim().await;
    let skill = busy_skill(&sim);
    let user = agent_of(&sim, skill, 0);
    let mut agent = Peer::ready_agent(&sim, &user).await;
    let mut consumer = Peer::consumer(&sim).await;
    let profile = json!({ "firstName": "Ingrid", "lastName": "Moe" });
    consumer.ok("userprofile.SetUserProfile", profile).await;
    let id = consumer.start(&skill.to_string(), "Where is my parcel?").await;
    sim.clock().advance(Duration::from_secs(5));
    agent.accept().await;
    sim.clock().advance(Duration::from_secs(5));
    agent.say(&id, "On its way").await;
    let read = json!({ "type": "AcceptStatusEvent", "status": "READ", "sequenceList": [1] });
    consumer.publish(&id, read).await;
    let bearer = crate::peer::bearer(&sim, &sim.users()[0]).await;
    let search = async |sim: &le_sim::Sim| -> Value {
        let now = sim.clock().now_ms();
        let body = json!({ "start": { "from": now - 3_600_000, "to": now } });
        let url = client::search_url(sim, "v=2");
        let answer = client::client(sim)
            .post(url)
            .bearer_auth(&bearer)
            .json(&body)
            .send()
            .await
            .unwrap();
        answer.json().await.unwrap()
    };
    assert_eq!(search(&sim).await["_metadata"]["count"], 0);
    sim.clock().advance(Duration::from_secs(51));
    let found = search(&sim).await;
    assert_eq!(found["_metadata"]["count"], 1, "{found}");
    let record = &found["conversationHistoryRecords"][0];
    assert_eq!(
        (&record["info"]["conversationId"], &record["info"]["status"]),
        (&json!(id), &json!("OPEN"))
    );
    assert_eq!(record["info"]["latestAgentId"], user.user_id.as_str());
    assert_eq!(record["info"]["latestSkillId"], skill);
    assert_eq!(record["messageRecords"].as_array().unwrap().len(), 2);
    assert_eq!(record["messageRecords"][1]["messageData"]["msg"]["text"], "On its way");
    assert_eq!(record["consumerParticipants"][0]["firstName"], "Ingrid");
    assert_eq!(record["messageStatuses"][0]["messageDeliveryStatus"], "READ");
    let close = json!({ "conversationId": id,
        "conversationField": [{ "field": "ConversationStateField", "conversationState": "CLOSE" }] });
    agent.ok(".ams.cm.UpdateConversationField", close).await;
    let closed = sim.clock().now_ms();
    assert_eq!(
        search(&sim).await["conversationHistoryRecords"][0]["info"]["status"],
        "OPEN"
    );
    sim.clock().advance(Duration::from_secs(60));
    let record = &search(&sim).await["conversationHistoryRecords"][0];
    assert_eq!(record["info"]["status"], "CLOSE");
    assert_eq!(
        (&record["info"]["endTimeL"], &record["info"]["closeReason"]),
        (&json!(closed), &json!("AGENT"))
    );
    assert_eq!(record["info"]["duration"], closed - crate::NOW);
    sim.stop().await;
}

#[tokio::test]
async fn subscriptions_are_changed() {
    let sim = sim().await;
    let mut agent = Peer::agent(&sim, &bot(&sim)).await;
    let mut consumer = Peer::consumer(&sim).await;
    let id = consumer.start("-1", "Hello?").await;
    let closed = agent
        .ok(".ams.aam.SubscribeExConversations", json!({ "stage": ["CLOSE"] }))
        .await;
    let first = agent.notification("ExConversationChange").await;
    assert_eq!(first["body"]["changes"], json!([]));
    let change = json!({ "subscriptionId": closed["subscriptionId"], "stage": ["OPEN"] });
    agent.ok(".ams.aam.UpdateExConversationSubscription", change).await;
    let first = agent.notification("ExConversationChange").await;
    assert_eq!(first["body"]["subscriptionId"], closed["subscriptionId"]);
    assert_eq!(first["body"]["changes"][0]["result"]["convId"], id.as_str());
    agent.set_state("ONLINE").await;
    let rings = agent
        .ok(
            ".ams.routing.SubscribeRoutingTasks",
            json!({ "agentId": agent.id, "skillId": "42" }),
        )
        .await;
    let first = agent.notification("RoutingTask").await;
    assert_eq!(first["body"]["changes"], json!([]), "the ring is of another skill");
    let change = json!({ "subscriptionId": rings["subscriptionId"], "agentId": agent.id, "brandId": ACCOUNT });
    agent.ok(".ams.routing.UpdateRoutingTaskSubscription", change).await;
    assert_eq!(agent.accept().await, id);
    sim.stop().await;
}
