//! What becomes of records, whole and odd.

use le_core::Timestamp;
use le_core::wire::RawRecord;
use le_export::Entry;
use le_export::tables::Layout;

use crate::support::{column, crafted, record, shown};

const TABLES: [&str; 7] = [
    "conversations",
    "messages",
    "participants",
    "transfers",
    "dialogs",
    "surveys",
    "sdes",
];

fn some(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

#[test]
fn a_full_record_in_all_tables() {
    let raw = crafted("full_page.json").remove(0);
    let entry = Entry::new("0a1b2c3d-1111-4222-8333-444455556666", None, raw);
    let mut text = String::new();
    for table in TABLES {
        for row in shown(&entry, table) {
            text.push_str(&format!("{table}\n"));
            for (name, value) in row.iter().filter(|(name, _)| *name != "raw") {
                text.push_str(&format!("  {name}: {value}\n"));
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_spelling_of_nothing_is_null_and_the_raw_text_keeps_it() {
    let json = r#"{"info":{"brandId":"undefined","latestSkillId":-1,"latestSkillName":"Unassigned","latestAgentId":"null",
        "endTimeL":-1,"endTime":"undefined","device":"NA","mcs":null,"language":"","alertedMCS":-1},
        "consumerParticipants":[{"participantId":"p","phone":"0","email":"null"}],
        "transfers":[{"assignedAgentId":"null","sourceSkillId":"-1"}]}"#;
    let entry = record(json);
    let names = |table| -> Vec<&str> { shown(&entry, table)[0].iter().map(|(name, _)| *name).collect() };
    assert_eq!(
        names("conversations"),
        [
            "conversation_id",
            "consumer_id",
            "alerted_mcs",
            "message_count",
            "transfer_count",
            "raw"
        ]
    );
    assert_eq!(
        names("participants"),
        ["conversation_id", "position", "kind", "participant_id"]
    );
    assert_eq!(names("transfers"), ["conversation_id", "position"]);
    assert_eq!(column(&entry, "conversations", "raw"), some(&[json]));
    assert_eq!(column(&entry, "conversations", "alerted_mcs"), some(&["-1"]));
}

#[test]
fn values_of_another_type_are_read_where_they_can_be() {
    let entry = record(
        r#"{"info":{"startTimeL":"1893488400120","duration":"34.0","csat":"4.5","firstConversation":"TRUE","latestSkillId":700100200,
            "mcs":{"odd":1},"isPartial":0,"latestAgentId":18446744073709551615,"status":"HALF_OPEN","wasStepUp":"perhaps"}}"#,
    );
    let value = |name| column(&entry, "conversations", name).remove(0);
    assert_eq!(value("start_time").as_deref(), Some("2030-01-01T09:00:00.120Z"));
    assert_eq!(value("duration_ms").as_deref(), Some("34"));
    assert_eq!(value("csat").as_deref(), Some("4.5"));
    assert_eq!(value("first_conversation").as_deref(), Some("true"));
    assert_eq!(value("skill_id").as_deref(), Some("700100200"));
    assert_eq!(value("agent_id").as_deref(), Some("18446744073709551615"));
    assert_eq!(
        value("status").as_deref(),
        Some("HALF_OPEN"),
        "unknown values stay verbatim"
    );
    assert_eq!(value("is_partial").as_deref(), Some("false"));
    assert_eq!(value("mcs"), None);
    assert_eq!(value("was_step_up"), None);
}

#[test]
fn the_twin_in_milliseconds_wins_wherever_it_stands() {
    for json in [
        r#"{"info":{"startTimeL":7,"startTime":"2030-01-01 09:00:00.120+0000"}}"#,
        r#"{"info":{"startTime":"2030-01-01 09:00:00.120+0000","startTimeL":7}}"#,
    ] {
        assert_eq!(
            column(&record(json), "conversations", "start_time"),
            some(&["1970-01-01T00:00:00.007Z"])
        );
    }
    let none = record(r#"{"info":{"endTime":"2030-01-01 09:00:00.120+0000","endTimeL":-1}}"#);
    assert_eq!(column(&none, "conversations", "end_time"), [None]);
    let text = record(r#"{"info":{"endTime":"2030-01-01T09:00:00.120+01:00"}}"#);
    assert_eq!(
        column(&text, "conversations", "end_time"),
        some(&["2030-01-01T08:00:00.120Z"])
    );
}

#[test]
fn the_start_of_the_entry_stands_in_where_the_record_has_none() {
    let raw = RawRecord::new("{}").unwrap();
    let entry = Entry::new("c-1", Some(Timestamp::from_millis(5)), raw);
    assert_eq!(
        column(&entry, "conversations", "start_time"),
        some(&["1970-01-01T00:00:00.005Z"])
    );
}

#[test]
fn a_survey_is_one_row_for_each_answer_and_one_where_there_is_none() {
    let entry = record(
        r#"{"conversationSurveys":[
              {"surveyData":[{"questionId":"q1","answer":"4"},{"questionId":"q2","answer":"x"}, null],"surveyId":"s","surveyStatus":"FILLED"},
              {"surveyId":"t","surveyStatus":"OFFERED"}],
            "latestAgentSurvey":{"submittedAnswers":[{"questionText":"Topic?","questionId":"1","answers":[{"answer":"a"},{"answer":"b","answerId":"2"}]}],
              "surveyId":"r","surveyStatus":"SUBMITTED"}}"#,
    );
    let rows: Vec<Vec<String>> = ["kind", "survey_id", "status", "question_id", "answer"]
        .map(|name| {
            column(&entry, "surveys", name)
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect()
        })
        .into();
    assert_eq!(rows[0], ["consumer", "consumer", "consumer", "agent", "agent"]);
    assert_eq!(rows[1], ["s", "s", "t", "r", "r"]);
    assert_eq!(rows[2], ["FILLED", "FILLED", "OFFERED", "SUBMITTED", "SUBMITTED"]);
    assert_eq!(rows[3], ["q1", "q2", "", "1", "1"]);
    assert_eq!(rows[4], ["4", "x", "", "a", "b"]);
}

#[test]
fn a_row_that_comes_twice_is_there_once_and_the_last_one_stays() {
    let entry = record(
        r#"{"messageRecords":[
              {"messageId":"m1","seq":0,"messageData":{"msg":{"text":"first"}}},
              {"messageId":"m2","seq":1},
              {"messageId":"m1","seq":0,"messageData":{"msg":{"text":"again"}}},
              {"type":"A"},{"type":"B"}],
            "sdes":{"events":[{"sdeType":"LEAD","serverTimeStamp":"7"},{"sdeType":"LEAD","serverTimeStamp":"7"},{"sdeType":"LEAD","serverTimeStamp":"7","lead":{}}]}}"#,
    );
    assert_eq!(
        column(&entry, "messages", "text"),
        [None, Some("again".to_owned()), None, None]
    );
    assert_eq!(column(&entry, "messages", "position"), some(&["0", "1", "2", "3"]));
    assert_eq!(column(&entry, "conversations", "message_count"), some(&["4"]));
    assert_eq!(
        column(&entry, "sdes", "position").len(),
        2,
        "events that differ are both kept"
    );
}

#[test]
fn a_bare_element_is_a_list_of_one_and_odd_elements_are_no_rows() {
    let entry = record(
        r#"{"dialogs":{"dialogId":"d"},"transfers":[null,7,{"by":5},"x"],"messageRecords":"none",
            "unAuthSdes":{"events":{"purchase":{"orderId":"o","total":"9.5"}}}}"#,
    );
    assert_eq!(column(&entry, "dialogs", "dialog_id"), some(&["d"]));
    assert_eq!(column(&entry, "transfers", "by"), some(&["5"]));
    assert!(shown(&entry, "messages").is_empty());
    assert_eq!(column(&entry, "sdes", "type"), some(&["PURCHASE"]));
    assert_eq!(column(&entry, "sdes", "authenticated"), some(&["false"]));
    assert_eq!(column(&entry, "sdes", "total"), some(&["9.5"]));
    assert_eq!(
        column(&entry, "sdes", "payload"),
        some(&[r#"{"purchase":{"orderId":"o","total":"9.5"}}"#])
    );
}

#[test]
fn contents_under_names_that_nobody_documents_are_found() {
    let entry = record(
        r#"{"messageRecords":[
              {"messageId":"1","messageData":{"whatever":{"externalFileLink":"https://files.example/a","fileType":"PDF","caption":"c"}}},
              {"messageId":"2","messageData":{"file":{"relativePath":"/a","fileType":"PNG","caption":"d"},"x":3}},
              {"messageId":"3","messageData":{"form":{"formId":5,"invitationId":"i"}}}]}"#,
    );
    assert_eq!(
        column(&entry, "messages", "link")[0].as_deref(),
        Some("https://files.example/a")
    );
    let types = column(&entry, "messages", "file_type");
    assert_eq!(types, [Some("PDF".to_owned()), Some("PNG".to_owned()), None]);
    assert_eq!(column(&entry, "messages", "caption")[1].as_deref(), Some("d"));
    assert_eq!(column(&entry, "messages", "form_id")[2].as_deref(), Some("5"));
}

#[test]
fn half_of_a_surrogate_pair_costs_one_sign_and_no_record() {
    let json = r#"{"info":{"brandId":"a"},"messageRecords":[{"messageData":{"msg":{"text":"x\ud83d y"}}}]}"#;
    let entry = record(json);
    assert!(Layout::conversations().rows(&entry).is_whole());
    assert_eq!(column(&entry, "messages", "text"), some(&["x\u{fffd} y"]));
    assert_eq!(column(&entry, "conversations", "raw"), some(&[json]));
}

#[test]
fn what_is_no_object_is_a_row_with_its_text() {
    for json in ["[]", "7", "\"x\"", "null"] {
        let entry = record(json);
        assert_eq!(column(&entry, "conversations", "raw"), some(&[json]));
        assert_eq!(column(&entry, "conversations", "conversation_id"), some(&["c-1"]));
    }
}

#[test]
fn records_of_other_apis_are_key_start_and_text() {
    let entry = Entry::new("k", Some(Timestamp::from_millis(5)), RawRecord::new("[1]").unwrap());
    let layout = Layout::records();
    let rows = layout.rows(&entry);
    let row: Vec<String> = rows.of(0).next().unwrap().iter().map(crate::support::value).collect();
    assert_eq!(row, ["k", "1970-01-01T00:00:00.005Z", "[1]"]);
    assert_eq!(rows.of(0).len(), 1);
}
