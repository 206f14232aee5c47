//! Copies are whole conversations: what the list shows is what rendering the conversation gives.

use std::collections::HashSet;

use super::*;
use crate::history::{content::Content, render};

fn copied() -> History {
    History::copied(&Account::generate(ACCOUNT, 7), 7, 600, 5, NOW)
}

#[test]
fn the_text_of_a_copy_is_the_text_of_its_conversation() {
    let history = copied();
    let index = history.read();
    let view = render::View {
        account: ACCOUNT,
        now: NOW,
        complete: false,
        selected_intent_only: false,
        capping: Vec::new(),
    };
    let mut scratch = Vec::new();
    for place in 0..index.entries.len() {
        let conversation = index.conversation(place);
        let default = render::default_sheet(&conversation, &view, &mut scratch);
        let request = render::request_sheet(&conversation, &view, &mut scratch);
        index.sheets(place, &view, true, &mut scratch, |sheet, extras| {
            let extras = extras.expect("extras were asked for");
            assert_eq!(
                String::from_utf8_lossy(sheet.text()),
                String::from_utf8_lossy(default.text())
            );
            assert_eq!(
                String::from_utf8_lossy(extras.text()),
                String::from_utf8_lossy(request.text())
            );
            let mut record = Vec::new();
            sheet.record(Some(extras), Content::DEFAULT, true, true, &mut record);
            serde_json::from_slice::<Value>(&record.concat()).expect("a record is JSON");
        });
        let entry = &index.entries[place];
        assert_eq!(
            (entry.start, entry.end, entry.full_end, entry.updated),
            (
                conversation.start,
                conversation.end(),
                conversation.full_end,
                conversation.updated
            )
        );
        assert!(conversation.updated <= NOW);
    }
    assert_eq!(index.kept_bytes(), 0, "nothing is kept of copies");
}

#[test]
fn copies_share_their_story_and_nothing_that_names_them() {
    let history = copied();
    let records = every_listed(&history, &json!(["messageRecords", "dialogs"]));
    let ids: HashSet<&str> = records
        .iter()
        .filter_map(|record| record["info"]["conversationId"].as_str())
        .collect();
    assert_eq!(ids.len(), 600);
    let messages: Vec<&str> = records
        .iter()
        .flat_map(|record| record["messageRecords"].as_array().into_iter().flatten())
        .filter_map(|message| message["messageId"].as_str())
        .collect();
    assert_eq!(messages.iter().collect::<HashSet<_>>().len(), messages.len());
    let texts: HashSet<String> = records
        .iter()
        .filter(|record| record["info"]["status"] == "CLOSE")
        .map(|record| record["messageRecords"][0]["messageData"].to_string())
        .collect();
    assert!(texts.len() <= 5, "{}", texts.len());
}

#[test]
fn a_copy_is_found_by_id_and_by_consumer() {
    let history = copied();
    for record in every_listed(&history, &json!([])).iter().step_by(50) {
        let id = &record["info"]["conversationId"];
        let body = json!({"conversationId": id, "contentToRetrieve": ["consumerParticipants"]});
        let found = one(&history, HistoryKind::Conversation, "v=2", &body);
        let found = &found["conversationHistoryRecords"][0];
        assert_eq!(&found["info"]["conversationId"], id);
        assert_eq!(found["info"]["startTimeL"], record["info"]["startTimeL"]);
        let consumer = &found["consumerParticipants"][0]["participantId"];
        let body = json!({"consumer": consumer, "status": ["OPEN", "CLOSE"], "contentToRetrieve": []});
        let all = one(&history, HistoryKind::Consumer, "v=2&limit=100", &body);
        assert!(all["_metadata"]["count"].as_u64() > Some(0));
    }
}
