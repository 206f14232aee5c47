//! Which parts a record shows, and how versions and special wishes change them.

use serde_json::{Value, json};

use super::{ALL_PARTS, COMPLETE, HistoryKnobs, NOW, SHARED, bytes, id, list, one, pages};
use crate::history::{DAY, HistoryKind};

const DEFAULT: [&str; 13] = [
    "info",
    "messageRecords",
    "agentParticipants",
    "agentParticipantsLeave",
    "agentParticipantsActive",
    "consumerParticipants",
    "transfers",
    "interactions",
    "messageScores",
    "messageStatuses",
    "conversationSurveys",
    "coBrowseSessions",
    "sdes",
];

fn body(content: Value) -> Value {
    json!({"start": {"from": NOW - 40 * DAY, "to": NOW}, "contentToRetrieve": content})
}

fn keys(record: &Value) -> Vec<&str> {
    record.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn absent_content_means_the_default_set() {
    for version in ["v=1", "v=2"] {
        let (default, named) = (
            body(json!(null)),
            body(json!([DEFAULT.as_slice(), &["campaign", "summary", "SDEs"]].concat())),
        );
        let records = pages(&SHARED, version, &default);
        for record in &records {
            assert!(
                DEFAULT.iter().all(|part| record.get(part).is_some()),
                "{:?}",
                keys(record)
            );
            assert!(
                keys(record)
                    .iter()
                    .all(|key| DEFAULT.contains(key) || ["campaign", "summary"].contains(key))
            );
        }
        assert_eq!(records, pages(&SHARED, version, &named));
        assert!(
            records
                .iter()
                .any(|record| record.get("campaign").is_some() && record.get("summary").is_some())
        );
    }
}

#[test]
fn only_the_wanted_parts_come_and_info_always() {
    let whole = pages(&SHARED, "v=2", &body(json!(ALL_PARTS)));
    for wanted in [
        &[][..],
        &["nothing known"],
        &["sdes"],
        &["summary", "campaign"],
        &["dialogs"],
        &["sdes", "unAuthSdes"],
    ] {
        let some = pages(&SHARED, "v=2", &body(json!(wanted)));
        for (some, whole) in some.iter().zip(&whole) {
            let mut expected = serde_json::Map::new();
            for key in keys(whole)
                .into_iter()
                .filter(|key| *key == "info" || wanted.contains(key))
            {
                expected.insert(key.to_owned(), whole[key].clone());
            }
            assert_eq!(*some, Value::Object(expected));
        }
    }
    for part in ALL_PARTS {
        let some = pages(&SHARED, "v=2", &body(json!(part)));
        assert!(
            some.iter()
                .all(|record| keys(record).iter().all(|key| *key == "info" || *key == part)),
            "{part}"
        );
        assert!(some.iter().any(|record| record.get(part).is_some()), "{part}");
    }
}

#[test]
fn a_record_is_the_same_text_on_any_page() {
    let default = json!({"start": {"from": NOW - 80 * DAY, "to": NOW}}).to_string();
    let text = |query: &str| {
        let (_, answer) = bytes(&SHARED, HistoryKind::Search, query, default.as_bytes());
        let text = String::from_utf8(answer).unwrap();
        let (_, records) = text.split_once("\"conversationHistoryRecords\":[").unwrap();
        records.strip_suffix("]}").unwrap().to_owned()
    };
    for version in ["v=1", "v=2"] {
        let singles: Vec<String> = (0..5)
            .map(|offset| text(&format!("{version}&limit=1&offset={offset}")))
            .collect();
        assert_eq!(text(&format!("{version}&limit=5")), singles.join(","));
    }
}

#[test]
fn version_1_has_text_scalars_and_authenticated_attributes_only() {
    fn scalars(value: &Value, visit: &mut dyn FnMut(&Value)) {
        match value {
            Value::Array(entries) => entries.iter().for_each(|entry| scalars(entry, visit)),
            Value::Object(members) => members.values().for_each(|member| scalars(member, visit)),
            scalar => visit(scalar),
        }
    }
    let wanted = body(json!(["sdes", "unAuthSdes"]));
    let (first, second) = (pages(&SHARED, "v=1", &wanted), pages(&SHARED, "v=2", &wanted));
    let mut native = 0;
    for (first, second) in first.iter().zip(&second) {
        assert!(first.get("unAuthSdes").is_none());
        scalars(&first["sdes"], &mut |scalar| {
            assert!(scalar.is_string() || scalar.is_null(), "{scalar}")
        });
        scalars(&second["sdes"], &mut |scalar| native += usize::from(scalar.is_number()));
        let kinds = |record: &Value| -> Vec<Value> {
            list(&record["sdes"], "events")
                .iter()
                .map(|event| event["sdeType"].clone())
                .collect()
        };
        assert_eq!(kinds(first), kinds(second));
        for event in list(&second["unAuthSdes"], "events") {
            assert_eq!(event["isAuthenticated"], false);
        }
    }
    assert!(native > 100);
    assert!(
        second
            .iter()
            .any(|record| !list(&record["unAuthSdes"], "events").is_empty())
    );
}

#[test]
fn lists_show_the_last_event_of_a_kind_and_the_lookup_all() {
    let mut shortened = 0;
    for record in pages(&SHARED, "v=2", &body(json!(["sdes"]))) {
        let complete = COMPLETE.iter().find(|other| id(other) == id(&record)).unwrap();
        let all = list(&complete["sdes"], "events");
        let last: Vec<&Value> = all
            .iter()
            .enumerate()
            .filter(|(place, event)| {
                !all[place + 1..]
                    .iter()
                    .any(|later| later["sdeType"] == event["sdeType"])
            })
            .map(|(_, event)| event)
            .collect();
        let shown: Vec<&Value> = list(&record["sdes"], "events").iter().collect();
        assert_eq!(shown, last);
        shortened += usize::from(shown.len() < all.len());
    }
    assert!(shortened > 0);
}

#[test]
fn capping_chooses_how_many_events_come() {
    let count = |capping: &str| -> usize {
        let mut body = body(json!(["sdes"]));
        body["cappingConfiguration"] = json!(capping);
        let kind = |event: &&Value| event["sdeType"] == "CUSTOMER_INFO";
        let records = pages(&SHARED, "v=2", &body);
        records
            .iter()
            .map(|record| list(&record["sdes"], "events").iter().filter(kind).count())
            .sum()
    };
    let usual = count("");
    assert_eq!(count("CustomerInfoEvent:0:desc"), 0);
    assert_eq!(count("CustomerInfoEventEnriched:1:asc,PersonalInfoEvent:1:asc"), usual);
    assert!(count("CustomerInfoEvent:9:desc") > usual);
    assert_eq!(count("NoSuchEvent:x:y,,:"), usual);
}

#[test]
fn the_selected_intent_may_come_alone() {
    let with = |only: bool| {
        let mut body = body(json!(["intents"]));
        body["selectedIntentOnly"] = json!(only);
        pages(&SHARED, "v=2", &body)
            .into_iter()
            .flat_map(|record| list(&record, "intents").to_vec())
            .collect::<Vec<_>>()
    };
    assert!(
        with(false)
            .iter()
            .all(|intent| intent.get("allClassifications").is_some())
    );
    let only = with(true);
    assert!(!only.is_empty() && only.iter().all(|intent| intent.get("allClassifications").is_none()));
}

#[test]
fn previews_come_with_the_lookup_only() {
    let previews = |record: &Value| {
        list(record, "messageRecords")
            .iter()
            .filter(|message| message["messageData"]["file"].get("preview").is_some())
            .count()
    };
    assert_eq!(
        pages(&SHARED, "v=2", &body(json!(null)))
            .iter()
            .map(previews)
            .sum::<usize>(),
        0
    );
    assert!(COMPLETE.iter().map(previews).sum::<usize>() > 0);
}

#[test]
fn an_open_conversation_lasts_until_the_call() {
    let open = COMPLETE
        .iter()
        .find(|record| record["info"]["status"] == "OPEN")
        .unwrap();
    let query = [];
    let body = json!({"consumer": open["consumerParticipants"][0]["participantId"], "status": ["OPEN"]}).to_string();
    let duration = |now_ms: i64| {
        let call = crate::history::HistoryCall {
            kind: HistoryKind::Consumer,
            query: &query,
            body: body.as_bytes(),
            now_ms,
            base: "",
            knobs: &HistoryKnobs::default(),
        };
        let answer: Value = serde_json::from_slice(&SHARED.answer(call).body.concat()).unwrap();
        answer["conversationHistoryRecords"][0]["info"]["duration"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(duration(NOW + 60_000) - duration(NOW), 60_000);
    assert_eq!(
        one(
            &SHARED,
            HistoryKind::Conversation,
            "",
            &json!({"conversationId": id(open)})
        )["_metadata"]["count"],
        1
    );
}
