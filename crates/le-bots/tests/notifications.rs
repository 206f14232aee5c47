//! Notifications and answers of both sockets in one vocabulary, with everything that servers get wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use le_bots::conversation::{ChangeKind, Role, Subscribed};
use le_bots::event::{AcceptStatus, EventType, Published};
use le_bots::file::FileUrl;
use le_bots::identity::ParticipantId;
use le_bots::notification::ConversationsChanged;
use le_bots::participants::Participants;
use le_bots::profile::Profile;
use le_bots::request::{Acknowledged, Answer};
use le_bots::{AgentIdentity, DialogEvent, Envelope, News, Notification};
use le_core::wire::List;
use le_core::{AccountId, ErrorKind};
use proptest::prelude::*;
use serde_json::{Value, json};

const PID: &str = "5e0f1b7a-2c3d-5a41-8b9e-77aa10c0de01";

fn me() -> AgentIdentity {
    AgentIdentity::new(AccountId::new("70000001").unwrap(), "9100000042").with_pid(PID)
}

fn read(text: &str) -> News {
    Notification::from(Envelope::read(text).unwrap()).read().unwrap()
}

fn conversations(text: &str) -> ConversationsChanged {
    match read(text) {
        News::Conversations(changed) => changed.into_inner(),
        other => panic!("{other:?}"),
    }
}

/// The trees of section 4.1 of the sheet.
const AGENT_TREE: &str = r#"{"kind":"notification","type":".ams.aam.ExConversationChangeNotification","body":{"subscriptionId":"s3","sentTs":1760000006010,"changes":[{"type":"UPSERT","result":{"convId":"3f2a","effectiveTTR":1760000601500,"lastUpdateTime":1760000006000,"numberOfunreadMessages":{"b7c9":0,"70000001.9100000042":1},"conversationDetails":{"convId":"3f2a","skillId":"3300000011","brandId":"70000001","groupId":null,"participants":{"CONSUMER":["b7c9"],"ASSIGNED_AGENT":["70000001.9100000042"],"MANAGER":[],"READER":[],"CONTROLLER":["70000001.9100000001"]},"participantsPId":{"CONSUMER":["b7c9"],"ASSIGNED_AGENT":["5e0f1b7a-2c3d-5a41-8b9e-77aa10c0de01"]},"dialogs":[{"dialogId":"3f2a","participantsDetails":[{"id":"b7c9","role":"CONSUMER","state":"ACTIVE"},{"id":"70000001.9100000042","role":"ASSIGNED_AGENT","state":"ACTIVE"}],"dialogType":"MAIN","channelType":"MESSAGING","metaData":{},"state":"OPEN","creationTs":1760000001000,"metaDataLastUpdateTs":1760000006000},{"dialogId":"cb","dialogType":"OTHER","channelType":"COBROWSE","metaData":{"expires":1760000121.5},"state":"OPEN"}],"state":"OPEN","stage":"OPEN","startTs":1760000001000,"metaDataLastUpdateTs":1760000006000,"firstConversation":true,"csatRate":0,"ttr":{"ttrType":"NORMAL","value":600},"delay":{"type":"NIGHT","tillWhen":1760040000000},"manualETTR":1760003600000,"note":"","campaignInfo":{"campaignId":501,"engagementId":"502"},"context":{"type":"SharkContext","lang":"en-GB","visitorId":"Vz01","clientProperties":{"type":".ClientProperties","deviceFamily":"DESKTOP","features":["RICH_CONTENT"]}},"conversationHandlerDetails":{"accountId":"70000001","skillId":"3300000011"}},"lastContentEventNotification":{"sequence":0,"originatorId":"b7c9","originatorPId":"b7c9","originatorMetadata":{"id":"b7c9","role":"CONSUMER"},"serverTimestamp":1760000001500,"event":{"type":"ContentEvent","contentType":"text/plain","message":"Hello?"},"dialogId":"3f2a"}}}]}}"#;
const CONSUMER_TREE: &str = r#"{"kind":"notification","type":"cqm.ExConversationChangeNotification","body":{"subscriptionId":"s101","changes":[{"type":"UPSERT","result":{"convId":"3f2a","effectiveTTR":1760000601500,"conversationDetails":{"skillId":"3300000011","participants":[{"id":"b7c9","role":"CONSUMER"},{"id":"5e0f1b7a-2c3d-5a41-8b9e-77aa10c0de01","role":"ASSIGNED_AGENT"}],"dialogs":[{"dialogId":"3f2a","participantsDetails":[{"id":"b7c9","role":"CONSUMER","state":"ACTIVE"},{"id":"5e0f1b7a-2c3d-5a41-8b9e-77aa10c0de01","role":"ASSIGNED_AGENT"}],"dialogType":"MAIN","channelType":"MESSAGING","state":"OPEN"}],"brandId":"70000001","state":"OPEN","stage":"OPEN","startTs":1760000001000,"ttr":{"ttrType":"NORMAL","value":600}}}}]}}"#;

#[test]
fn a_conversation_reads_alike_on_both_sockets() {
    for text in [AGENT_TREE, CONSUMER_TREE] {
        let changed = conversations(text);
        let change = &changed.changes[0];
        let conversation = change.conversation.as_ref().unwrap();
        assert_eq!(change.kind, Some(ChangeKind::Upsert));
        assert_eq!(conversation.id().unwrap().as_str(), "3f2a");
        assert!(conversation.is_open() && conversation.is_assigned_to(&me()));
        assert_eq!(conversation.dialogs().count(), 1, "co-browsing is left out");
        assert!(conversation.main_dialog().unwrap().is_open());
        let participants = conversation.details.as_ref().unwrap().participants.as_ref().unwrap();
        let consumers: Vec<_> = participants
            .with_role(&Role::Consumer)
            .map(ParticipantId::as_str)
            .collect();
        assert_eq!(consumers, ["b7c9"]);
        assert!(participants.has(&Role::AssignedAgent, &me()));
        let written = serde_json::to_value(&changed).unwrap();
        let came: Value = serde_json::from_str(text).unwrap();
        assert_eq!(written, came["body"], "nothing is lost");
    }
    let agent = conversations(AGENT_TREE);
    let conversation = agent.changes[0].conversation.as_ref().unwrap();
    assert_eq!(conversation.unread(me().old_id()), Some(1));
    assert!(!format!("{agent:?}").contains("Hello"), "texts are personal");
}

#[test]
fn a_missing_pid_entry_and_a_missing_map_drop_nothing() {
    let came: Value = serde_json::from_str(AGENT_TREE).unwrap();
    for (remove, ours) in [("participantsPId", true), ("participants", true), ("dialogs", true)] {
        let mut tree = came.clone();
        let details = tree["body"]["changes"][0]["result"]["conversationDetails"]
            .as_object_mut()
            .unwrap();
        details.remove(remove).unwrap();
        let changed = conversations(&tree.to_string());
        let conversation = changed.changes[0].conversation.as_ref().unwrap();
        assert_eq!(conversation.is_assigned_to(&me()), ours, "without {remove}");
    }
}

#[test]
fn a_proposed_agent_does_not_have_the_conversation() {
    let text = CONSUMER_TREE.replace(
        r#""role":"ASSIGNED_AGENT"}]"#,
        r#""role":"ASSIGNED_AGENT","state":"SUGGESTED"}]"#,
    );
    assert_ne!(text, CONSUMER_TREE);
    let changed = conversations(&text);
    assert!(!changed.changes[0].conversation.as_ref().unwrap().is_assigned_to(&me()));
}

#[test]
fn single_elements_stand_for_arrays_everywhere() {
    let text = r#"{"kind":"notification","type":"cqm.ExConversationChangeNotification","body":{"changes":{"type":"UPSERT","result":{"convId":"c","conversationDetails":{"participants":{"id":"a","role":"CONSUMER"},"dialogs":{"dialogId":"c","dialogType":"MAIN","participantsDetails":{"id":"a","role":"CONSUMER"}}}}}}}"#;
    let changed = conversations(text);
    let conversation = changed.changes[0].conversation.as_ref().unwrap();
    assert_eq!(conversation.main_dialog().unwrap().participants.len(), 1);
    let details = conversation.details.as_ref().unwrap();
    assert_eq!(details.participants.as_ref().unwrap().iter().count(), 1);
    let came: Value = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_value(&changed).unwrap(), came["body"]);

    // A bare id in a role map, a role of another shape, and one that is null.
    let odd = r#"{"CONSUMER":"a","READER":7,"X":{"y":1},"MANAGER":null}"#;
    let record = le_core::wire::RawRecord::new(odd)
        .unwrap()
        .decode::<Participants>()
        .unwrap();
    assert_eq!(record.iter().count(), 2);
    assert_eq!(
        serde_json::to_value(&*record).unwrap(),
        serde_json::from_str::<Value>(odd).unwrap()
    );
}

#[test]
fn events_read_alike_on_both_sockets() {
    let event = r#"{"sequence":5,"originatorId":"5e0f1b7a-2c3d-5a41-8b9e-77aa10c0de01","originatorMetadata":{"id":"5e0f1b7a-2c3d-5a41-8b9e-77aa10c0de01","role":"ASSIGNED_AGENT"},"serverTimestamp":1760000019000,"event":{"type":"AcceptStatusEvent","status":"READ","sequenceList":[1]},"dialogId":"d","metadata":null}"#;
    let agent = format!(r#"{{"kind":"notification","type":".ams.ms.OnlineEventDistribution","body":{event}}}"#);
    let old = agent.replace(".ams.ms.", "ms.");
    let consumer =
        format!(r#"{{"kind":"notification","type":"ms.MessagingEventNotification","body":{{"changes":[{event}]}}}}"#);
    for text in [agent, old, consumer] {
        let News::Events(events) = read(&text) else {
            panic!("{text}")
        };
        let [one] = events.events.as_slice() else {
            panic!("{text}")
        };
        assert!(one.is_by(&me()));
        assert_eq!(
            one.key().map(|(dialog, sequence)| (dialog.as_str(), sequence)),
            Some(("d", 5))
        );
        assert_eq!(
            one.conversation().unwrap().as_str(),
            "d",
            "the main dialog's id is the conversation's"
        );
        let event = one.event.as_ref().unwrap();
        assert_eq!(
            (event.status.as_ref(), event.receipts().collect::<Vec<_>>()),
            (Some(&AcceptStatus::Read), vec![1])
        );
    }
}

#[test]
fn chat_states_have_no_sequence_even_where_the_answer_says_0() {
    let text = r#"{"kind":"notification","type":"ms.MessagingEventNotification","body":{"changes":[{"sequence":0,"dialogId":"d","event":{"type":"ChatStateEvent","chatState":"BACKGROUND"}}]}}"#;
    let News::Events(events) = read(text) else { panic!() };
    assert_eq!(events.events[0].key(), None);
}

#[test]
fn unknown_events_fields_and_values_are_kept() {
    let body = json!({"changes": [{"sequence": 1, "dialogId": "d", "later": [1], "event": {"type": "PollEvent", "options": ["a"], "message": {"a": 1}}}], "sentTs": "soon"});
    let text = json!({"kind": "notification", "type": "ms.MessagingEventNotification", "body": body}).to_string();
    let News::Events(events) = read(&text) else { panic!() };
    let event = events.events[0].event.as_ref().unwrap();
    assert_eq!(event.kind, Some(EventType::Other("PollEvent".to_owned())));
    assert_eq!((event.as_text(), event.as_rich(), event.as_file()), (None, None, None));
    assert_eq!(serde_json::to_value(&events).unwrap(), body);
    for name in [
        "x.New",
        ".ams.routing.RingUpdated",
        ".ams.cm.ConversationChangeNotification",
    ] {
        let text = format!(r#"{{"kind":"notification","type":"{name}","body":[1]}}"#);
        assert!(matches!(read(&text), News::Other(_)), "{name}");
    }
}

#[test]
fn contents_of_every_kind() {
    let event = |json: Value| {
        serde_json::from_value::<DialogEvent>(json!({"event": json}))
            .unwrap()
            .event
            .unwrap()
    };
    let text = event(json!({"type": "ContentEvent", "contentType": "text/plain", "message": "Hi"}));
    assert_eq!(text.as_text(), Some("Hi"));
    for content_type in ["hosted/file", "HostedFile"] {
        let file = event(
            json!({"type": "ContentEvent", "contentType": content_type, "message": {"caption": "x", "relativePath": "/p", "fileType": "WEBP"}}),
        );
        assert_eq!(file.as_file().unwrap().relative_path.as_deref(), Some("/p"));
    }
    for member in ["content", "message"] {
        let card = event(json!({"type": "RichContentEvent", member: {"type": "vertical"}}));
        assert_eq!(
            card.as_rich().unwrap().as_str(),
            r#"{"type":"vertical"}"#,
            "under `{member}`"
        );
    }
}

#[test]
fn routing_tasks_and_agent_states() {
    let ring = r#"{"kind":"notification","type":"routing.routingTaskNotification","body":{"subscriptionId":"s","changes":[{"type":"UPSERT","result":{"routingTaskId":"c","taskCompleted":false,"conversationId":"c","ringsDetails":[{"ringId":"r","ringState":"WAITING"},{"ringId":"q","ringState":"AUTO_ACCEPT"}]}}]}}"#;
    let News::RoutingTasks(tasks) = read(ring) else {
        panic!()
    };
    let task = tasks.changes[0].task.as_ref().unwrap();
    let waiting: Vec<_> = task.waiting().map(|ring| ring.ring_id.as_deref()).collect();
    assert_eq!(waiting, [Some("r")]);
    let state = r#"{"kind":"notification","type":".ams.routing.AgentStateNotification","body":{"changes":[{"type":"UPSERT","result":{"agentUserId":"1.2","channels":["MESSAGING"],"availability":"OCCUPIED","description":""}}]}}"#;
    let News::AgentStates(states) = read(state) else {
        panic!()
    };
    assert!(
        states.changes[0]
            .state
            .as_ref()
            .unwrap()
            .availability
            .as_ref()
            .unwrap()
            .takes_transfers()
    );
}

#[test]
fn a_body_of_another_kind_is_an_error_with_the_name() {
    for body in ["", r#","body":7"#, r#","body":"x""#] {
        let text = format!(r#"{{"kind":"notification","type":"ms.MessagingEventNotification"{body}}}"#);
        let error = Notification::from(Envelope::read(&text).unwrap()).read().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("ms.MessagingEventNotification"), "{error}");
    }
}

fn answer<T: Answer>(body: &str) -> T {
    let text = format!(r#"{{"kind":"resp","reqId":"1","code":200,"type":"whatever"{body}}}"#);
    T::read(Envelope::read(&text).unwrap()).unwrap()
}

#[test]
fn answers_whatever_their_names() {
    assert_eq!(answer::<Acknowledged>("").text, None);
    assert_eq!(answer::<Acknowledged>(r#","body":{}"#).text, None);
    assert_eq!(answer::<Acknowledged>(r#","body":"OK""#).text.as_deref(), Some("OK"));
    let subscribed: Subscribed = answer(r#","body":{"subscriptionId":"s"}"#);
    assert_eq!(subscribed.subscription_id.unwrap().as_str(), "s");
    let published: Published = answer(r#","body":{"sequence":"4"}"#);
    assert_eq!(published.sequence.unwrap(), 4);
    for body in [r#"[{"sequence":0,"dialogId":"d"}]"#, r#"{"sequence":0,"dialogId":"d"}"#] {
        let events: List<DialogEvent> = answer(&format!(r#","body":{body}"#));
        assert_eq!(events.len(), 1, "{body}");
    }
    let profile: Profile = answer(
        r#","body":{"userId":"b7","privateData":{"email":"a@b.example"},"claims":{"lp_sdes":{"type":"ctmrinfo"}}}"#,
    );
    assert_eq!(profile.claims.as_ref().unwrap().attributes.len(), 1);
    assert!(!format!("{profile:?}").contains("a@b"));
    let url: FileUrl = answer(r#","body":{"relativePath":"/v1/x","queryParams":{"temp_url_sig":"9a"}}"#);
    assert_eq!(url.path_and_query().unwrap().expose(), "/v1/x?temp_url_sig=9a");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec!["OPEN", "CONSUMER", "ContentEvent", "7", ""]).prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "id",
        "role",
        "state",
        "type",
        "changes",
        "result",
        "dialogs",
        "participants",
        "x",
    ]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..4)
                .prop_map(|m| m.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_reads_as_it_was_written(text in any::<String>(), escaped in any::<bool>()) {
        use le_bots::event::Message;
        let written = match escaped {
            // As a server may write it that escapes all that it can.
            true => format!("\"{}\"", text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<String>()),
            false => serde_json::to_string(&text).unwrap(),
        };
        let read: Message = serde_json::from_str(&format!(" {written} ")).unwrap();
        prop_assert_eq!(read, Message::Text(text));
    }
    /// A known tree with any value in any place is read, and written back as it came.
    #[test]
    fn damaged_trees_lose_nothing(odd in any_json(), at in 0..400_usize, consumer in any::<bool>()) {
        let mut tree: Value = serde_json::from_str(if consumer { CONSUMER_TREE } else { AGENT_TREE }).unwrap();
        let mut left = at;
        put(&mut tree["body"], &odd, &mut left);
        let envelope = Envelope::read(&tree.to_string()).unwrap();
        if let Ok(News::Conversations(changed)) = Notification::from(envelope).read() {
            prop_assert_eq!(serde_json::to_value(&*changed).unwrap(), tree["body"].clone());
            for change in &changed.changes {
                if let Some(conversation) = &change.conversation {
                    let _ = (conversation.is_open(), conversation.is_assigned_to(&me()), conversation.unread(me().old_id()));
                }
            }
        }
    }
}

/// Puts `odd` in the place number `left`, counted depth first.
fn put(value: &mut Value, odd: &Value, left: &mut usize) {
    if *left == 0 {
        *value = odd.clone();
    }
    *left = left.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| put(item, odd, left)),
        Value::Object(members) => members.values_mut().for_each(|member| put(member, odd, left)),
        _ => {}
    }
}
