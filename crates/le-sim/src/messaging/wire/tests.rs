//! Requests in all the forms that clients write them.

use serde_json::{Value, json};

use super::{Envelope, init, request};
use crate::messaging::engine::{Change, EventKind, ParticipantAction, Refusal, Request};

fn read(name: &str, body: &Value) -> Result<Request, Refusal> {
    let text =
        json!({ "kind": "req", "id": "1", "type": name, "body": body, "headers": null, "metadata": null }).to_string();
    let envelope = Envelope::read(&text).unwrap();
    request(&envelope, envelope.operation()?)
}

fn changes(field: &Value) -> Result<Vec<Change>, Refusal> {
    let body = json!({ "conversationId": "c", "conversationField": field });
    match read("cm.UpdateConversationField", &body)? {
        Request::UpdateConversation { changes, .. } => Ok(changes),
        other => panic!("{other:?}"),
    }
}

#[test]
fn ids_are_texts_or_numbers_and_have_a_length() {
    for (id, answered, fine) in [
        (json!("a-17"), "\"a-17\"", true),
        (json!(17), "\"17\"", true),
        (json!("\u{e9}\"\\"), "\"\u{e9}\\\"\\\\\"", true),
        (json!(null), "null", false),
        (json!(""), "\"\"", false),
        (json!("x".repeat(65)), "", false),
    ] {
        let text = json!({ "id": id, "type": "GetClock" }).to_string();
        let envelope = Envelope::read(&text).unwrap();
        assert_eq!(envelope.operation().is_ok(), fine, "{id}");
        if !answered.is_empty() {
            assert_eq!(envelope.id(), answered);
        }
    }
    assert!(Envelope::read("[]").is_none());
    assert!(Envelope::read("{\"kind\":").is_none());
    let response = json!({ "kind": "resp", "id": "1", "type": "GetClock" }).to_string();
    assert!(Envelope::read(&response).unwrap().operation().is_err());
}

#[test]
fn lists_may_be_single_elements() {
    let body = json!({ "stage": "OPEN", "convState": ["OPEN", "CLOSE"], "agentIds": [] });
    let Ok(Request::SubscribeConversations(filter)) = read("cqm.SubscribeExConversations", &body) else {
        panic!("not a subscription")
    };
    assert_eq!((filter.stages.len(), filter.states.len(), filter.agents), (1, 2, None));
    let single = json!({ "field": "Skill", "type": "UPDATE", "skill": 42 });
    assert_eq!(changes(&single).unwrap(), [Change::Skill("42".to_owned())]);
    assert_eq!(changes(&json!([single])).unwrap(), [Change::Skill("42".to_owned())]);
    let body =
        json!({ "dialogId": "d", "event": { "type": "AcceptStatusEvent", "status": "READ", "sequenceList": 4 } });
    let Ok(Request::Publish { draft, .. }) = read("ms.PublishEvent", &body) else {
        panic!("not an event")
    };
    assert!(matches!(draft.kind, EventKind::Accept { sequences, .. } if sequences == [4]));
}

#[test]
fn changes_are_read_or_refused_by_name() {
    let join = json!({ "field": "ParticipantsChange", "type": "ADD", "role": "MANAGER" });
    let expected = Change::Participant {
        action: ParticipantAction::Add,
        role: "MANAGER".to_owned(),
        user: None,
        dialog: None,
    };
    assert_eq!(changes(&join).unwrap(), [expected]);
    for wrong in [
        json!(null),
        json!([{}]),
        json!({ "field": "Mood" }),
        json!({ "field": "ParticipantsChange", "type": "EAT", "role": "AGENT" }),
        json!({ "field": "ConversationStateField", "conversationState": "OPEN" }),
        json!({ "field": "TTRField", "ttrType": "URGENT" }),
        json!({ "field": "TTRField", "ttrType": "URGENT", "value": "soon" }),
        json!({ "field": "DelayField", "type": "LUNCH", "tillWhen": 1 }),
        json!({ "field": "DialogChange", "type": "DELETE" }),
    ] {
        assert_eq!(changes(&wrong).unwrap_err().code, 400, "{wrong}");
    }
}

#[test]
fn events_are_checked_and_kept_as_they_are() {
    let strange = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": "hi", "new": [1.50, null] });
    let body = json!({ "dialogId": "d", "event": strange, "messageAudience": "AGENTS_AND_MANAGERS" });
    let Ok(Request::Publish { draft, .. }) = read(".ams.ms.PublishEvent", &body) else {
        panic!("not an event")
    };
    assert_eq!(serde_json::from_str::<Value>(draft.body.get()).unwrap(), strange);
    assert!(draft.private);
    for wrong in [
        json!({ "type": "ContentEvent", "message": "hi" }),
        json!({ "type": "ContentEvent", "contentType": "text/plain", "message": 5 }),
        json!({ "type": "RichContentEvent" }),
        json!({ "type": "AcceptStatusEvent", "status": "READ", "sequenceList": [] }),
        json!({ "type": "AcceptStatusEvent", "sequenceList": [1] }),
        json!({ "type": "ChatStateEvent", "chatState": "SINGING" }),
        json!({ "type": "Unknown" }),
        json!("text"),
    ] {
        let refused = read("ms.PublishEvent", &json!({ "dialogId": "d", "event": wrong })).unwrap_err();
        assert_eq!(refused.code, 400, "{wrong}");
        assert!(
            !refused.text.contains("hi"),
            "what somebody wrote stays out of errors: {}",
            refused.text
        );
    }
}

#[test]
fn profiles_are_asked_for_in_three_ways() {
    for (body, user) in [
        (json!({}), None),
        (json!("u"), Some("u")),
        (json!({ "userId": "u" }), Some("u")),
        (json!(null), None),
    ] {
        let Ok(Request::GetProfile { user: asked }) = read(".ams.userprofile.GetUserProfile", &body) else {
            panic!("{body}")
        };
        assert_eq!(asked.as_deref(), user, "{body}");
    }
}

#[test]
fn init_connection_has_its_headers_in_any_order() {
    let text = json!({ "kind": "req", "id": "1", "type": "InitConnection", "headers": [
        { "type": ".ams.headers.ConsumerAuthentication", "jwt": "a.b.c" }, 7, { "type": "other" },
        { "type": ".ams.headers.ClientProperties", "appId": "x" } ] })
    .to_string();
    let init = init(&Envelope::read(&text).unwrap());
    assert_eq!(init.jwt.as_deref(), Some("a.b.c"));
    assert!(init.properties.unwrap().get().contains("\"appId\""));
}
