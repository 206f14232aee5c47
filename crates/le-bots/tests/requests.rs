//! Every request as the protocol sheet writes it, in the dialects that have it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use le_bots::agent_state::{Availability, SetAgentState, SubscribeAgentStates};
use le_bots::change::{FieldChange, FieldChangeType, UpdateConversation};
use le_bots::conversation::{
    AgentRequestConversation, CloseReason, CsatStatus, RequestConversation, Role, Stage, SubscribeConversations,
    UnsubscribeConversations,
};
use le_bots::event::{AcceptStatus, ChatState, FileType, HostedFile, PublishEvent};
use le_bots::file::{DownloadUrl, UploadUrl};
use le_bots::history::{QueryMessages, SubscribeMessages};
use le_bots::metadata::{ActionReason, SurveyMark};
use le_bots::profile::{GetProfile, SetProfile};
use le_bots::request::{RawRequest, names, text_frame};
use le_bots::ring::{SubscribeRoutingTasks, UpdateRing, UpdateRoutingTasks};
use le_bots::secure_form::DownloadToken;
use le_bots::server_clock::{GetClock, KeepAlive};
use le_bots::ttr::TtrType;
use le_bots::{AgentIdentity, Dialect, Event, Request};
use le_core::wire::RawRecord;
use le_core::{AccountId, ErrorKind, Timestamp};
use serde_json::{Value, json};

const AGENT: &str = "70000001.9100000042";

fn me() -> AgentIdentity {
    AgentIdentity::new(AccountId::new("70000001").unwrap(), "9100000042")
}

fn frame<R: Request>(request: &R, dialect: Dialect) -> Result<(String, Value), ErrorKind> {
    let text = text_frame(request, dialect, "7", &[]).map_err(|e| e.kind())?;
    let mut value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&value["kind"], &value["id"]), (&json!("req"), &json!("7")));
    let name = value["type"].as_str().unwrap().to_owned();
    Ok((name, value["body"].take()))
}

/// The same body under the names of both sockets; an empty name is a dialect that does not have it.
fn check<R: Request>(request: &R, agent: &str, consumer: &str, body: Value) {
    for (dialect, name) in [(Dialect::Agent, agent), (Dialect::Public, consumer)] {
        let expected = if name.is_empty() {
            Err(ErrorKind::Validation)
        } else {
            Ok((name.to_owned(), body.clone()))
        };
        assert_eq!(frame(request, dialect), expected, "{dialect:?}");
    }
}

#[test]
fn clock_and_keep_alive() {
    check(&GetClock, ".GetClock", "GetClock", json!({}));
    check(&KeepAlive, "KeepAlive", "KeepAlive", Value::Null);
    assert_eq!(
        text_frame(&KeepAlive, Dialect::Agent, "1", &[]).unwrap(),
        r#"{"kind":"req","id":"1","type":"KeepAlive"}"#
    );
}

#[test]
fn agent_states_and_rings() {
    check(
        &SetAgentState::new(&me(), Availability::Online),
        ".ams.routing.SetAgentState",
        "",
        json!({"availability": "ONLINE", "channels": ["MESSAGING"], "agentUserId": AGENT}),
    );
    check(
        &SubscribeAgentStates::of(&me()),
        ".ams.routing.SubscribeAgentsState",
        "",
        json!({"brandId": "70000001", "agentId": AGENT}),
    );
    check(
        &SubscribeRoutingTasks::of(&me()),
        ".ams.routing.SubscribeRoutingTasks",
        "",
        json!({"channelType": "MESSAGING", "agentId": AGENT, "brandId": "70000001"}),
    );
    check(
        &UpdateRoutingTasks::of(&me(), "sub-2"),
        ".ams.routing.UpdateRoutingTaskSubscription",
        "",
        json!({"subscriptionId": "sub-2", "channelType": "MESSAGING", "agentId": AGENT, "brandId": "70000001"}),
    );
    check(
        &UpdateRing::accept("c_1_2"),
        ".ams.routing.UpdateRingState",
        "",
        json!({"ringId": "c_1_2", "ringState": "ACCEPTED"}),
    );
    let (_, body) = frame(&UpdateRing::reject("c_1_2"), Dialect::Agent).unwrap();
    assert_eq!(body["ringState"], "REJECTED");
}

#[test]
fn subscriptions() {
    let (agent, consumer) = (".ams.aam.SubscribeExConversations", "cqm.SubscribeExConversations");
    check(
        &SubscribeConversations::open_of(&me()),
        agent,
        consumer,
        json!({"stage": ["OPEN"], "agentIds": [AGENT]}),
    );
    let mut both =
        SubscribeConversations::in_stages([Stage::Open, Stage::Close]).changed_since(Timestamp::from_millis(0));
    both.extra.insert("skillId", "12").unwrap();
    check(
        &both,
        agent,
        consumer,
        json!({"stage": ["OPEN", "CLOSE"], "minLastUpdatedTime": 0, "skillId": "12"}),
    );
    check(
        &UnsubscribeConversations::new("s"),
        ".ams.aam.UnsubscribeExConversations",
        "cqm.UnsubscribeExConversations",
        json!({"subscriptionId": "s"}),
    );
    check(
        &SubscribeMessages::from("c", "d", 0),
        "",
        "ms.SubscribeMessagingEvents",
        json!({"dialogId": "d", "conversationId": "c", "fromSeq": 0}),
    );
    check(
        &QueryMessages::from("d", 0),
        ".ams.ms.QueryMessages",
        "",
        json!({"dialogId": "d", "newerThanSequence": 0, "maxQuantity": 200}),
    );
}

#[test]
fn events() {
    let publish = |event: Event, body: Value| {
        let request = PublishEvent::new("d", event);
        check(
            &request,
            ".ams.ms.PublishEvent",
            "ms.PublishEvent",
            json!({"dialogId": "d", "event": body}),
        );
    };
    publish(
        Event::text("Grüße"),
        json!({"type": "ContentEvent", "contentType": "text/plain", "message": "Grüße"}),
    );
    publish(
        Event::file(&HostedFile::new("/v1/x.PNG", FileType::Png).with_caption("Invoice")).unwrap(),
        json!({"type": "ContentEvent", "contentType": "hosted/file",
            "message": {"caption": "Invoice", "relativePath": "/v1/x.PNG", "fileType": "PNG"}}),
    );
    let card = json!({"type": "vertical", "elements": [{"type": "text", "text": "Blue kettle"}]});
    let replies = json!({"type": "quickReplies", "itemsPerRow": 3, "replies": []});
    publish(
        Event::rich(&card).unwrap().with_quick_replies(&replies).unwrap(),
        json!({"type": "RichContentEvent", "content": card, "quickReplies": replies}),
    );
    publish(
        Event::receipt(AcceptStatus::Read, [3, 4]),
        json!({"type": "AcceptStatusEvent", "status": "READ", "sequenceList": [3, 4]}),
    );
    publish(
        Event::chat_state(ChatState::Composing),
        json!({"type": "ChatStateEvent", "chatState": "COMPOSING"}),
    );

    let private = PublishEvent::new("d", Event::text("VIP"))
        .in_conversation("c")
        .private();
    let (_, body) = frame(&private, Dialect::Agent).unwrap();
    assert_eq!(
        body["messageAudience"], "AGENTS_AND_MANAGERS",
        "it stands beside the event"
    );
    assert_eq!(body["conversationId"], "c");
}

#[test]
fn conversations_are_requested() {
    check(
        &RequestConversation::for_skill("3300000011"),
        "",
        "cm.ConsumerRequestConversation",
        json!({"channelType": "MESSAGING", "skillId": "3300000011"}),
    );
    check(
        &AgentRequestConversation::after("b7", "11aa"),
        ".ams.cm.AgentRequestConversation",
        "",
        json!({"consumerId": "b7", "channelType": "MESSAGING",
            "conversationContext": {"type": "ProactiveContext", "originConversationId": "11aa"}}),
    );
}

#[test]
fn conversations_are_changed() {
    let fields = [
        (
            FieldChange::join(Role::Manager).of_user(AGENT),
            json!({"field": "ParticipantsChange", "type": "ADD", "role": "MANAGER", "userId": AGENT}),
        ),
        (
            FieldChange::leave(Role::AssignedAgent).of_user(AGENT),
            json!({"field": "ParticipantsChange", "type": "REMOVE", "role": "ASSIGNED_AGENT", "userId": AGENT}),
        ),
        (
            FieldChange::suggest("70000001.9100000077"),
            json!({"field": "ParticipantsChange", "type": "SUGGEST", "role": "ASSIGNED_AGENT", "userId": "70000001.9100000077"}),
        ),
        (
            FieldChange::join(Role::Agent).in_dialog("q1W2"),
            json!({"field": "ParticipantsChange", "type": "ADD", "role": "AGENT", "dialogId": "q1W2"}),
        ),
        (
            FieldChange::skill("3300000022"),
            json!({"field": "Skill", "type": "UPDATE", "skill": "3300000022"}),
        ),
        (
            FieldChange::close_conversation(),
            json!({"field": "ConversationStateField", "conversationState": "CLOSE"}),
        ),
        (
            FieldChange::close_dialog("d", CloseReason::Agent, "Completed"),
            json!({"field": "DialogChange", "type": "UPDATE", "dialog": {"dialogId": "d", "state": "CLOSE", "closedBy": "AGENT", "closedCause": "Completed"}}),
        ),
        (
            FieldChange::annotate_dialog("q1"),
            json!({"field": "DialogChange", "type": "UPDATE", "dialog": {"dialogId": "q1"}}),
        ),
        (
            FieldChange::ttr(TtrType::Urgent, 300),
            json!({"field": "TTRField", "ttrType": "URGENT", "value": 300}),
        ),
        (
            FieldChange::due(Some(Timestamp::from_millis(1_760_003_600_000))),
            json!({"field": "ManualETTR", "time": 1_760_003_600_000_i64}),
        ),
        (FieldChange::due(None), json!({"field": "ManualETTR", "time": null})),
        (
            FieldChange::delay(FieldChangeType::Night, Timestamp::from_millis(5)),
            json!({"field": "DelayField", "type": "NIGHT", "tillWhen": 5}),
        ),
        (
            FieldChange::csat(4, true, CsatStatus::Filled),
            json!({"field": "CSATRate", "csatRate": 4, "csatResolutionConfirmation": true, "status": "FILLED"}),
        ),
        (FieldChange::note("[]"), json!({"field": "Note", "note": "[]"})),
    ];
    let (changes, written): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    check(
        &UpdateConversation::new("c", changes),
        ".ams.cm.UpdateConversationField",
        "cm.UpdateConversationField",
        json!({"conversationId": "c", "conversationField": written}),
    );
}

#[test]
fn files_profiles_and_forms() {
    check(
        &UploadUrl::new(48_213, FileType::Png),
        ".ams.ms.GenerateURLForUploadFile",
        "ms.GenerateURLForUploadFile",
        json!({"fileSize": "48213", "fileType": "PNG"}),
    );
    check(
        &DownloadUrl::new("/v1/x.PNG"),
        ".ams.ms.GenerateURLForDownloadFile",
        "ms.GenerateURLForDownloadFile",
        json!({"relativePath": "/v1/x.PNG"}),
    );
    let of = |request: &GetProfile, dialect| frame(request, dialect).unwrap().1;
    assert_eq!(of(&GetProfile::of("b7"), Dialect::Agent), json!("b7"));
    assert_eq!(of(&GetProfile::of("b7"), Dialect::Public), json!({"userId": "b7"}));
    assert_eq!(of(&GetProfile::own(), Dialect::Agent), json!({}));
    let mut profile = SetProfile::default();
    profile.first_name = Some("Ingrid".to_owned());
    check(
        &profile,
        "",
        "userprofile.SetUserProfile",
        json!({"firstName": "Ingrid"}),
    );
    assert!(!format!("{profile:?}").contains("Ingrid"));
    check(
        &DownloadToken::new("d", "i", "s"),
        ".ams.ms.token.GenerateDownloadToken",
        "",
        json!({"downloadable": {"type": "SecureForm", "dialogId": "d", "submissionId": "s", "invitationId": "i"}}),
    );
}

#[test]
fn metadata_and_requests_that_nobody_knows() {
    let mut reason = ActionReason::new("escalated_by_bot").unwrap();
    reason.reason_id = Some("7".to_owned());
    let raw = RawRecord::new(serde_json::to_string(&reason).unwrap()).unwrap();
    let request = UpdateConversation::new("c", [FieldChange::skill("2")]);
    let text = text_frame(&request, Dialect::Agent, "9", &[raw]).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        value["metadata"],
        json!([{"type": "ActionReason", "reason": "escalated_by_bot", "reasonId": "7"}])
    );
    assert!(
        ActionReason::new("x".repeat(65))
            .unwrap_err()
            .to_string()
            .contains("65 characters")
    );
    assert_eq!(
        serde_json::to_value(SurveyMark::question("q1", "sv1", ["a1".to_owned()])).unwrap(),
        json!({"type": "Question", "id": "q1", "provider": "External", "surveyId": "sv1", "replies": ["a1"]})
    );

    let own = RawRequest::new("x.New").with_body(&json!({"a": 1})).unwrap();
    check(&own, "x.New", "x.New", json!({"a": 1}));
}

#[test]
fn every_request_of_the_catalogue_has_a_type() {
    let typed = [
        "messaging.init_connection",
        GetClock.operation(),
        KeepAlive.operation(),
        SubscribeConversations::default().operation(),
        UnsubscribeConversations::default().operation(),
        QueryMessages::default().operation(),
        SubscribeMessages::default().operation(),
        PublishEvent::default().operation(),
        RequestConversation::default().operation(),
        AgentRequestConversation::default().operation(),
        UpdateConversation::default().operation(),
        UploadUrl::default().operation(),
        DownloadUrl::default().operation(),
        DownloadToken::default().operation(),
        SubscribeRoutingTasks::default().operation(),
        UpdateRoutingTasks::default().operation(),
        UpdateRing::default().operation(),
        SetAgentState::default().operation(),
        SubscribeAgentStates::default().operation(),
        GetProfile::own().operation(),
        SetProfile::default().operation(),
    ];
    let listed: Vec<_> = names::REQUESTS.iter().map(|name| name.id).collect();
    assert_eq!(typed.as_slice(), listed);
}
