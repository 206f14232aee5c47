//! What agents and consumers do in one line each, as it goes over the wire.

use std::future::IntoFuture;

use crate::peer::{Peer, quiet, soon};
use le_bots::agent_state::Availability;
use le_bots::change::FieldChange;
use le_bots::connection::Call;
use le_bots::conversation::{Conversation, Role, Stage, SubscribeConversations};
use le_bots::event::FileType;
use le_bots::metadata::ActionReason;
use le_bots::profile::SetProfile;
use le_bots::ttr::TtrType;
use le_bots::{AgentConnection, AgentIdentity, Connection, ConsumerConnection, Dialect, Request};
use le_core::AccountId;
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role as Side;

const ME: &str = "70000001.9100000042";
const OTHER: &str = "70000001.9100000077";

async fn connected(dialect: Dialect) -> (Connection, le_bots::Events, Peer) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let (connection, events) = Connection::over(ours, dialect, quiet()).await;
    let socket = WebSocketStream::from_raw_socket(theirs, Side::Server, None).await;
    (connection, events, Peer { socket })
}

fn account() -> AccountId {
    AccountId::new("70000001").unwrap()
}

/// Sends the call and gives what went over the wire; answers with this body.
async fn sent<R: Request + 'static>(peer: &mut Peer, call: Call<R>, answer: Value) -> (String, Value) {
    let script = async {
        let (id, frame) = peer.request().await;
        peer.answer(&id, 200, answer).await;
        frame
    };
    let (done, mut frame) = soon(async { tokio::join!(call.into_future(), script) }).await;
    assert!(done.is_ok());
    let name = frame["type"].as_str().unwrap().to_owned();
    (name, frame["body"].take())
}

#[tokio::test]
async fn agents() {
    let (connection, _events, mut peer) = connected(Dialect::Agent).await;
    let agent = AgentConnection::new(connection, AgentIdentity::new(account(), "9100000042"));
    let peer = &mut peer;
    macro_rules! check {
        ($call:expr, $name:literal, $body:tt, $answer:tt) => {
            assert_eq!(
                sent(peer, $call, json!($answer)).await,
                ($name.to_owned(), json!($body))
            );
        };
    }
    let text = "OK";
    check!(agent.clock(), ".GetClock", {}, {"currentTime": 1});
    check!(agent.set_state(Availability::Away), ".ams.routing.SetAgentState",
        {"availability": "AWAY", "channels": ["MESSAGING"], "agentUserId": ME}, text);
    check!(agent.subscribe_states(), ".ams.routing.SubscribeAgentsState", {"brandId": "70000001", "agentId": ME}, {"subscriptionId": "s"});
    check!(agent.subscribe_rings(), ".ams.routing.SubscribeRoutingTasks",
        {"channelType": "MESSAGING", "agentId": ME, "brandId": "70000001"}, {"subscriptionId": "s"});
    check!(agent.subscribe_own_conversations(), ".ams.aam.SubscribeExConversations", {"stage": ["OPEN"], "agentIds": [ME]}, {"subscriptionId": "s"});
    check!(agent.unsubscribe_conversations("s"), ".ams.aam.UnsubscribeExConversations", {"subscriptionId": "s"}, text);
    check!(agent.accept("r"), ".ams.routing.UpdateRingState", {"ringId": "r", "ringState": "ACCEPTED"}, text);
    check!(agent.reject("r"), ".ams.routing.UpdateRingState", {"ringId": "r", "ringState": "REJECTED"}, text);
    check!(agent.join("c", Role::Manager), ".ams.cm.UpdateConversationField",
        {"conversationId": "c", "conversationField": [{"field": "ParticipantsChange", "type": "ADD", "role": "MANAGER", "userId": ME}]}, text);
    check!(agent.update("c", [FieldChange::join(Role::Agent).of_user(OTHER).in_dialog("q")]), ".ams.cm.UpdateConversationField",
        {"conversationId": "c", "conversationField": [{"field": "ParticipantsChange", "type": "ADD", "role": "AGENT", "userId": OTHER, "dialogId": "q"}]}, text);
    check!(agent.leave("c", Role::Reader), ".ams.cm.UpdateConversationField",
        {"conversationId": "c", "conversationField": [{"field": "ParticipantsChange", "type": "REMOVE", "role": "READER", "userId": ME}]}, text);
    check!(agent.back_to_queue("c"), ".ams.cm.UpdateConversationField",
        {"conversationId": "c", "conversationField": [{"field": "ParticipantsChange", "type": "REMOVE", "role": "ASSIGNED_AGENT", "userId": ME}]}, text);
    check!(agent.messages("d", 3), ".ams.ms.QueryMessages", {"dialogId": "d", "newerThanSequence": 3, "maxQuantity": 200}, []);
    check!(agent.publish_private("d", "VIP"), ".ams.ms.PublishEvent",
        {"dialogId": "d", "event": {"type": "ContentEvent", "contentType": "text/plain", "message": "VIP"}, "messageAudience": "AGENTS_AND_MANAGERS"}, {"sequence": 1});
    check!(agent.mark_read("d", [1, 2]), ".ams.ms.PublishEvent",
        {"dialogId": "d", "event": {"type": "AcceptStatusEvent", "status": "READ", "sequenceList": [1, 2]}}, {"sequence": 3});
    check!(agent.typing("d", true), ".ams.ms.PublishEvent", {"dialogId": "d", "event": {"type": "ChatStateEvent", "chatState": "COMPOSING"}}, {"sequence": 0});
    check!(agent.typing("d", false), ".ams.ms.PublishEvent", {"dialogId": "d", "event": {"type": "ChatStateEvent", "chatState": "ACTIVE"}}, {"sequence": 0});
    check!(agent.set_ttr("c", TtrType::Custom, 90), ".ams.cm.UpdateConversationField",
        {"conversationId": "c", "conversationField": [{"field": "TTRField", "ttrType": "CUSTOM", "value": 90}]}, text);
    check!(agent.profile("b7"), ".ams.userprofile.GetUserProfile", "b7", {"userId": "b7"});
    check!(agent.own_profile(), ".ams.userprofile.GetUserProfile", {}, {"userId": ME});
    check!(agent.upload_url(9, FileType::Gif), ".ams.ms.GenerateURLForUploadFile", {"fileSize": "9", "fileType": "GIF"}, {"relativePath": "/x"});
    check!(agent.download_url("/x"), ".ams.ms.GenerateURLForDownloadFile", {"relativePath": "/x"}, {"relativePath": "/x"});
    check!(agent.close_conversation("c"), ".ams.cm.UpdateConversationField",
        {"conversationId": "c", "conversationField": [{"field": "ConversationStateField", "conversationState": "CLOSE"}]}, text);
    check!(agent.close_dialog("c", "q", "Completed"), ".ams.cm.UpdateConversationField",
        {"conversationId": "c", "conversationField": [{"field": "DialogChange", "type": "UPDATE", "dialog": {"dialogId": "q", "state": "CLOSE", "closedBy": "AGENT", "closedCause": "Completed"}}]}, text);
    check!(agent.request_conversation("b7", "11"), ".ams.cm.AgentRequestConversation",
        {"consumerId": "b7", "channelType": "MESSAGING", "conversationContext": {"type": "ProactiveContext", "originConversationId": "11"}}, {"conversationId": "9c"});
}

/// A conversation that this agent has.
fn assigned(agent: Option<&str>) -> Conversation {
    let agents: Vec<_> = agent.into_iter().collect();
    serde_json::from_value(json!({"convId": "c", "conversationDetails": {"participants": {"ASSIGNED_AGENT": agents}}}))
        .unwrap()
}

#[tokio::test]
async fn a_transfer_removes_whoever_has_the_conversation_in_the_same_request() {
    let (connection, _events, mut peer) = connected(Dialect::Agent).await;
    let agent = AgentConnection::new(connection, AgentIdentity::new(account(), "9100000042"));
    let remove =
        |who: &str| json!({"field": "ParticipantsChange", "type": "REMOVE", "role": "ASSIGNED_AGENT", "userId": who});
    let skill = json!({"field": "Skill", "type": "UPDATE", "skill": "3300000022"});
    for (who, fields) in [
        (Some(ME), json!([remove(ME), skill])),
        (Some(OTHER), json!([remove(OTHER), skill])),
        // Removing somebody where nobody is would fail the request.
        (None, json!([skill])),
    ] {
        let call = agent.transfer_to_skill(&assigned(who), "3300000022");
        let call = call.metadata(&ActionReason::new("escalated_by_bot").unwrap());
        let (_, body) = sent(&mut peer, call, json!("OK")).await;
        assert_eq!(body, json!({"conversationId": "c", "conversationField": fields}));
    }
    let call = agent.transfer_to_agent(&assigned(Some(ME)), OTHER, "3300000022");
    let (_, body) = sent(&mut peer, call, json!("OK")).await;
    let suggest = json!({"field": "ParticipantsChange", "type": "SUGGEST", "role": "ASSIGNED_AGENT", "userId": OTHER});
    assert_eq!(
        body["conversationField"],
        json!([remove(ME), suggest, skill]),
        "in the documented order"
    );
}

#[tokio::test]
async fn consumers() {
    let (connection, _events, mut peer) = connected(Dialect::Public).await;
    let consumer = ConsumerConnection::new(connection, account());
    let peer = &mut peer;
    macro_rules! check {
        ($call:expr, $name:literal, $body:tt, $answer:tt) => {
            assert_eq!(
                sent(peer, $call, json!($answer)).await,
                ($name.to_owned(), json!($body))
            );
        };
    }
    let text = "OK";
    check!(consumer.clock(), "GetClock", {}, {"currentTime": 1});
    check!(consumer.subscribe_conversations(SubscribeConversations::in_stages([Stage::Open])), "cqm.SubscribeExConversations", {"stage": ["OPEN"]}, {"subscriptionId": "s"});
    check!(consumer.request_conversation("-1"), "cm.ConsumerRequestConversation",
        {"brandId": "70000001", "channelType": "MESSAGING", "skillId": "-1"}, {"conversationId": "c"});
    check!(consumer.subscribe_messages("c", "q", 0), "ms.SubscribeMessagingEvents", {"dialogId": "q", "conversationId": "c", "fromSeq": 0}, {});
    check!(consumer.publish_text("d", "Hi").with(|publish| publish.in_conversation("c")), "ms.PublishEvent",
        {"dialogId": "d", "conversationId": "c", "event": {"type": "ContentEvent", "contentType": "text/plain", "message": "Hi"}}, {"sequence": 0});
    check!(consumer.mark_delivered("d", [0]), "ms.PublishEvent",
        {"dialogId": "d", "event": {"type": "AcceptStatusEvent", "status": "ACCEPT", "sequenceList": [0]}}, {"sequence": 1});
    check!(consumer.use_element("c", "d", 5, &json!({"type": "ExternalId", "id": "buy"})), "ms.PublishEvent",
        {"dialogId": "d", "conversationId": "c", "event": {"type": "AcceptStatusEvent", "status": "ACTION", "sequenceList": [5]}}, {"sequence": 6});
    check!(consumer.set_ttr("c", TtrType::Urgent, 300), "cm.UpdateConversationField",
        {"conversationId": "c", "conversationField": [{"field": "TTRField", "ttrType": "URGENT", "value": 300}]}, text);
    check!(consumer.close_dialog("c", "c", "Done"), "cm.UpdateConversationField",
        {"conversationId": "c", "conversationField": [{"field": "DialogChange", "type": "UPDATE", "dialog": {"dialogId": "c", "state": "CLOSE", "closedBy": "CONSUMER", "closedCause": "Done"}}]}, text);
    check!(consumer.rate("c", 5, true), "cm.UpdateConversationField",
        {"conversationId": "c", "conversationField": [{"field": "CSATRate", "csatRate": 5, "csatResolutionConfirmation": true, "status": "FILLED"}]}, text);
    let mut profile = SetProfile::default();
    profile.first_name = Some("Ingrid".to_owned());
    check!(consumer.set_profile(profile), "userprofile.SetUserProfile", {"firstName": "Ingrid"}, text);
    check!(consumer.upload_url(9, FileType::Gif), "ms.GenerateURLForUploadFile", {"fileSize": "9", "fileType": "GIF"}, {"relativePath": "/x"});
    check!(consumer.profile("b7"), "userprofile.GetUserProfile", {"userId": "b7"}, {"userId": "b7"});
}
