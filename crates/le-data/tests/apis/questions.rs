//! What conversations and chats can be asked.

use le_core::wire::{RawRecord, Record, decode_records};
use le_core::{Timestamp, wire::Salvage};
use le_data::engagement_history::{Chat, ChatTimelineEvent};
use le_data::messaging_interactions::{
    Conversation, MessageContent, SdePayload, SdeType, Sender, TimelineEvent, UserTypeName,
};
use serde_json::{Value, json};

use super::stage::crafted;

fn first<T: Salvage>(path: &str, list: &str) -> Record<T> {
    let page = crafted(path).into();
    decode_records(&page, list).unwrap().records.remove(0).unwrap()
}

fn full() -> Record<Conversation> {
    first("messaging_interactions/full_page.json", "conversationHistoryRecords")
}

fn read<T: Salvage>(value: Value) -> Record<T> {
    RawRecord::new(value.to_string()).unwrap().decode().unwrap()
}

#[test]
fn everything_of_a_conversation_stands_in_one_timeline() {
    let record = full();
    let timeline = record.timeline();
    let names: Vec<&str> = timeline
        .iter()
        .map(|entry| match entry.event {
            TimelineEvent::DialogBegan(_) => "dialog",
            TimelineEvent::ConsumerJoined(_) => "consumer",
            TimelineEvent::Transferred(_) => "transfer",
            TimelineEvent::AgentJoined(_) => "agent",
            TimelineEvent::Interaction(_) => "interaction",
            TimelineEvent::Message(_) => "message",
            TimelineEvent::Status(_) => "status",
            TimelineEvent::Score(_) => "score",
            TimelineEvent::DialogEnded(_) => "end",
            _ => "else",
        })
        .collect();
    assert_eq!(
        names,
        [
            "dialog",
            "consumer",
            "message",
            "status",
            "score",
            "agent",
            "interaction",
            "message",
            "message",
            "transfer",
            "end"
        ]
    );
    assert!(timeline.is_sorted_by_key(|entry| entry.at));
}

#[test]
fn messages_come_in_order_also_where_times_are_missing_or_equal() {
    let message = |seq: i64, at: Value| json!({ "seq": seq, "timeL": at, "messageData": { "msg": { "text": "x" } } });
    let record: Record<Conversation> = read(json!({ "messageRecords": [
        message(9, json!(50)), message(3, json!(20)), message(4, Value::Null), message(2, json!(20)), message(1, json!(10)),
    ] }));
    let order: Vec<i64> = record
        .messages_in_order()
        .iter()
        .map(|message| message.seq.as_ref().unwrap().get())
        .collect();
    assert_eq!(order, [1, 2, 3, 4, 9]);
}

#[test]
fn people_come_once_and_messages_know_their_sender() {
    let record: Record<Conversation> = read(json!({
        "agentParticipants": [
            { "agentId": "7", "agentPid": "p-7", "userType": "2", "permission": "READER", "timeL": 30, "agentNickname": "undefined", "agentFullName": "Router" },
            { "agentId": "8", "userTypeName": "Human", "permission": "ASSIGNED_AGENT", "timeL": 20 },
            { "agentId": "7", "agentPid": "p-7", "permission": "ASSIGNED_AGENT", "timeL": 10 },
        ],
        "consumerParticipants": [{ "participantId": "c-1", "firstName": "Max", "lastName": "undefined", "email": "null", "token": "" }],
        "messageRecords": [{ "participantId": "p-7" }, { "participantId": "8" }, { "participantId": "c-1" }, { "participantId": "?" }],
    }));
    let agents = record.agents();
    assert_eq!(agents.len(), 2);
    assert_eq!(
        (agents[0].id.as_str(), agents[0].joined),
        ("7", Some(Timestamp::from_millis(10)))
    );
    assert_eq!(agents[0].permissions.len(), 2);
    assert!(agents[0].first.is_bot() && agents[1].first.kind() == Some(UserTypeName::Human));
    assert_eq!(agents[0].first.name(), Some("Router"));
    let senders: Vec<_> = record.messages.iter().map(|message| record.sender(message)).collect();
    assert!(matches!(senders[0], Some(Sender::Agent(agent)) if agent.is_bot()));
    assert!(matches!(senders[1], Some(Sender::Agent(_))));
    let Some(Sender::Consumer(consumer)) = senders[2] else {
        panic!()
    };
    assert_eq!(
        (
            consumer.first_name(),
            consumer.last_name(),
            consumer.email(),
            consumer.token()
        ),
        (Some("Max"), None, None, None)
    );
    assert_eq!(senders[3], None);
}

#[test]
fn scores_of_surveys_are_found_in_every_spelling() {
    let record = full();
    assert_eq!((record.csat(), record.nps(), record.fcr()), (Some(4.0), None, None));
    let answer =
        |kind: &str, answer: &str, seq: i64| json!({ "questionType": kind, "answer": answer, "answerSeq": seq });
    let record: Record<Conversation> = read(json!({ "conversationSurveys": [
        { "surveyId": 1, "surveyData": [
            answer("csat", "5", 1),
            { "questionType": "csat", "answer": "9", "answerSeq": 3, "isValidAnswer": false },
            { "questionType": "csat", "answer": "8", "answerSeq": 4, "answerId": "InvalidAnswer" },
            answer("csat", "3", 2), answer("NPS", "10", 0), answer("fcr", "Yes", 0), answer("custom", "so so", 0),
        ] },
    ] }));
    assert_eq!(
        (record.csat(), record.nps(), record.fcr()),
        (Some(3.0), Some(10.0), Some(true))
    );
    assert_eq!(record.survey_answers().count(), 7);
    for (text, expected) in [
        ("no", Some(false)),
        ("0", Some(false)),
        ("1", Some(true)),
        ("perhaps", None),
        ("undefined", None),
    ] {
        let record: Record<Conversation> =
            read(json!({ "conversationSurveys": [{ "surveyData": [answer("fcr", text, 0)] }] }));
        assert_eq!(record.fcr(), expected, "{text}");
    }
}

#[test]
fn attributes_are_found_by_type_whatever_form_they_have() {
    let record = full();
    let customer = record.latest_sde(SdeType::CustomerInfo).unwrap();
    let Some(SdePayload::CustomerInfo(fields)) = customer.payload() else {
        panic!()
    };
    assert_eq!(fields.customer_id.as_deref(), Some("K-77"));
    assert_eq!(record.sdes_of(SdeType::CartStatus).count(), 1);
    assert_eq!(record.sdes_of("LEAD").count(), 0);

    let chat: Record<Chat> = first("engagement_history/quirks.json", "interactionHistoryRecords");
    let sdes = chat.sdes.as_ref().unwrap();
    let viewed = sdes.of_type(SdeType::ViewedProduct).next().unwrap();
    assert_eq!(viewed.sde_type, None, "told by its payload");
    let error = sdes.of_type(SdeType::VisitorError).next().unwrap();
    let Some(SdePayload::VisitorError(error)) = error.payload() else {
        panic!()
    };
    assert_eq!(error.code.as_ref().unwrap().as_str(), "7");
    let person = sdes.of_type(SdeType::PersonalInfo).next().unwrap();
    let Some(SdePayload::PersonalInfo(person)) = person.payload() else {
        panic!()
    };
    assert_eq!(
        (person.name.as_deref(), person.contacts[0].email()),
        (Some("Lea"), Some("lea@shop.example"))
    );
    assert_eq!(person.contacts[0].phone(), None);
    assert_eq!(sdes.of_type(SdeType::Purchase).count(), 1, "the same event came twice");
    assert_eq!((sdes.events.len(), sdes.distinct().count()), (6, 5));
}

#[test]
fn contents_are_parsed_by_kind() {
    let record = full();
    let contents: Vec<_> = record
        .messages
        .iter()
        .map(|message| message.content().unwrap())
        .collect();
    assert!(matches!(contents[0], MessageContent::Text("Where is my parcel?")));
    assert!(matches!(&contents[1], MessageContent::Rich(value) if value["type"] == "vertical"));
    assert!(matches!(contents[2], MessageContent::File(file) if file.file_type.as_deref() == Some("PNG")));
    assert_eq!(record.messages[1].quick_replies().unwrap()["type"], "quickReplies");
    let card = json!({ "type": "vertical", "elements": [
        { "type": "text", "text": "Boots", "style": { "text": "no" } },
        { "type": "button", "title": "Buy", "click": { "actions": [{ "type": "publishText", "text": "buy boots" }] } },
    ] });
    let message: Record<Conversation> = read(json!({ "messageRecords": [{ "messageData": {
        "msg": { "text": "Look:" }, "richContent": { "content": card.to_string() }, "quickReplies": { "content": "not json" } } }] }));
    assert_eq!(message.messages[0].plain_text().as_deref(), Some("Look:\nBoots\nBuy"));
}

#[test]
fn keys_tell_records_apart() {
    let record = full();
    let dialog = "0a1b2c3d-1111-4222-8333-444455556666";
    assert_eq!(record.key().as_deref(), Some(dialog));
    let message = format!("ms::dialog:{dialog}::msg:0");
    assert_eq!(record.messages[0].key(), Some(message.clone()));
    assert_eq!(record.message_scores[0].key(), Some(message.clone()));
    assert_eq!(
        record.message_statuses[0].key(),
        Some(format!("{message}|900800700|ACCEPT|2030-01-01T09:00:01.300Z"))
    );
    assert_eq!(
        record.agent_participants[0].key(),
        Some(format!("{dialog}|900800700|2030-01-01T09:00:30.000Z|ASSIGNED_AGENT"))
    );
    assert_eq!(
        record.transfers[0].key(),
        Some(format!("{dialog}|2030-01-01T09:10:00.000Z|900800701|700100200"))
    );
    assert_eq!(record.interactions[0].key(), Some(format!("{dialog}|1")));
    assert_eq!(record.dialogs[0].key().as_deref(), Some(dialog));
    let (survey, answer) = record.survey_answers().next().unwrap();
    assert_eq!(answer.key(survey).as_deref(), Some("8801|q1|a4|4"));
    let event = &record.sdes.as_ref().unwrap().events[0];
    assert_eq!(event.key().as_deref(), Some("CUSTOMER_INFO|1893488400200"));
    let old: Record<Conversation> = read(json!({ "messageRecords": [{ "seq": "3", "dialogId": "d" }, {}] }));
    assert_eq!(
        (old.messages[0].key().as_deref(), old.messages[1].key()),
        (Some("d|3"), None)
    );
}

#[test]
fn a_chat_has_its_lines_in_order_with_scores_and_people() {
    let chat: Record<Chat> = first("engagement_history/quirks.json", "interactionHistoryRecords");
    let info = chat.info.as_ref().unwrap();
    assert_eq!((info.skill(), info.visitor_name(), info.end()), (None, None, None));
    assert_eq!(
        (info.was_interactive(), info.length().unwrap().as_secs()),
        (Some(true), 61)
    );
    assert_eq!(info.start_reason().unwrap().as_str(), "1");
    assert!(info.end_reason().unwrap().is_known() && info.channel().unwrap().is_known());
    assert!(chat.is_partial() && chat.is_still_enriched());
    let lines = chat.lines_in_order();
    assert_eq!(
        lines
            .iter()
            .map(|line| line.line_seq.as_ref().unwrap().as_str())
            .collect::<Vec<_>>(),
        ["0", "1", "2"]
    );
    assert_eq!((lines[1].agent(), lines[2].agent().unwrap().as_str()), (None, "77"));
    assert_eq!(lines[2].structured().unwrap()["elements"][0]["text"], "Pick one");
    assert_eq!(lines[2].predefined_content(), Some((31, true)));
    assert!(
        matches!(chat.timeline().last().unwrap().event, ChatTimelineEvent::SurveyAnswer(answer) if answer.answer() == Some("5"))
    );

    let chat: Record<Chat> = first("engagement_history/full_page.json", "interactionHistoryRecords");
    assert_eq!(chat.score(&chat.lines()[0]).unwrap().mcs.as_ref().unwrap(), &0);
    assert!(matches!(chat.timeline()[0].event, ChatTimelineEvent::SurveyAnswer(_)));
}
