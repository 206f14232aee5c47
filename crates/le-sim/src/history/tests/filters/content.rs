//! What was said, where, how long it took, what the page told.

use serde_json::{Value, json};

use super::super::{NOW, list, whole};
use super::{answers, check, found, has_word, in_window, words};
use crate::history::{DAY, HOUR, MINUTE};

#[test]
fn by_words_of_messages_and_summaries() {
    let texts = |record: &Value| -> Vec<Value> {
        let messages = list(record, "messageRecords")
            .iter()
            .map(|message| &message["messageData"]);
        messages
            .flat_map(|data| [&data["msg"]["text"], &data["link"]["caption"], &data["file"]["caption"]])
            .filter(|text| text.is_string())
            .cloned()
            .collect()
    };
    check(json!({"keyword": "parcel"}), |record| {
        texts(record).iter().any(|text| has_word(text, "parcel"))
    });
    check(json!({"keyword": "Order PARCEL"}), |record| {
        texts(record)
            .iter()
            .any(|text| has_word(text, "parcel") && has_word(text, "order"))
    });
    check(json!({"keyword": "\"late parcel\""}), |record| {
        texts(record)
            .iter()
            .any(|text| text.as_str().unwrap().to_lowercase().contains("late parcel"))
    });
    check(json!({"keyword": "łódź"}), |record| {
        texts(record).iter().any(|text| has_word(text, "łódź"))
    });
    check(json!({"keyword": "\"注文番号\""}), |record| {
        texts(record)
            .iter()
            .any(|text| text.as_str().unwrap().contains("注文番号"))
    });
    check(json!({"summary": "order"}), |record| {
        has_word(&record["summary"]["text"], "order")
    });
    check(json!({"summary": "\"about order\""}), |record| {
        record["summary"]["text"]
            .as_str()
            .is_some_and(|text| text.contains("about order"))
    });
}

#[test]
fn by_length_and_scores() {
    check(json!({"duration": {"from": 60, "to": 600}}), |record| {
        (60..=600).contains(&(whole(&record["info"]["duration"]) / 1_000))
    });
    check(json!({"duration": {"to": "300"}}), |record| {
        whole(&record["info"]["duration"]) / 1_000 <= 300
    });
    check(json!({"mcs": {"from": 40, "to": 55}}), |record| {
        record["info"]["mcs"]
            .as_i64()
            .is_some_and(|mcs| (40..=55).contains(&mcs))
    });
    check(json!({"mcs": {"from": 60}}), |record| {
        record["info"]["mcs"].as_i64().is_some_and(|mcs| mcs >= 60)
    });
    check(json!({"alertedMcsValues": ["-1", 1]}), |record| {
        matches!(record["info"]["alertedMCS"].as_i64(), Some(-1 | 1))
    });
    check(json!({"csat": {"from": 4, "to": 5}}), |record| {
        matches!(record["info"]["csatRate"].as_i64(), Some(4 | 5))
    });
    check(json!({"nps": {"from": 0, "to": 8}}), |record| {
        answers(record).any(|answer| {
            answer["questionType"] == "nps"
                && answer["isValidAnswer"] == true
                && answer["answer"]
                    .as_str()
                    .unwrap()
                    .parse::<i64>()
                    .is_ok_and(|nps| nps <= 8)
        })
    });
}

#[test]
fn by_channel_and_content() {
    let source = |names: &'static [&'static str]| {
        move |record: &Value| names.iter().any(|name| record["info"]["source"] == *name)
    };
    check(json!({"source": ["APP", "SMS"]}), source(&["APP", "SMS"]));
    check(json!({"source": ["WhatsApp Business"]}), source(&["WHATSAPP"]));
    check(
        json!({"source": ["Apple Business Chat"]}),
        source(&["Apple Business Chat"]),
    );
    check(json!({"source": ["WEB"]}), source(&["SHARK"]));
    check(json!({"device": ["TABLET", "NA"]}), |record| {
        record["info"]["device"] == "TABLET" || record["info"]["device"] == "NA"
    });
    for kind in [
        "TEXT_HTML",
        "LINK",
        "HOSTED_FILE",
        "RICH_CONTENT",
        "SECURE_FORM_INVITATION",
    ] {
        check(json!({"messageContentTypes": [kind]}), |record| {
            list(record, "messageRecords")
                .iter()
                .any(|message| message["type"] == kind)
        });
    }
    for state in ["IN_QUEUE", "ACTIVE"] {
        check(json!({"latestConversationQueueState": state}), |record| {
            record["info"]["latestQueueState"] == state
        });
    }
    check(json!({"conversationsWithStepUpOnly": true}), |record| {
        record["info"]["wasStepUp"] == true
    });
}

#[test]
fn by_engagement_attributes() {
    // Found two hours after they came, whether authenticated or not.
    fn texts(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Array(entries) => entries.iter().for_each(|entry| texts(entry, out)),
            Value::Object(members) => members
                .iter()
                .filter(|(key, _)| !key.ends_with("TimeStamp") && *key != "sdeType")
                .for_each(|(_, member)| texts(member, out)),
            _ => {}
        }
    }
    let holds = |record: &Value, key: &str, word: &str| {
        let events = list(&record["sdes"], "events")
            .iter()
            .chain(list(&record["unAuthSdes"], "events"));
        events.filter(|event| event.get(key).is_some()).any(|event| {
            let time = &event["serverTimeStamp"];
            let time = time.as_i64().unwrap_or_else(|| time.as_str().unwrap().parse().unwrap());
            let mut found = Vec::new();
            texts(&event[key], &mut found);
            time <= NOW - 2 * HOUR + MINUTE && found.iter().any(|text| words(text).iter().any(|found| found == word))
        })
    };
    check(json!({"sdeSearch": {"customerInfo": "gold"}}), |record| {
        holds(record, "customerInfo", "gold")
    });
    check(
        json!({"sdeSearch": {"customerInfo": "\"platinum vip\"", "visitorError": "declined"}}),
        |record| holds(record, "customerInfo", "platinum") || holds(record, "visitorError", "declined"),
    );
    check(
        json!({"sdeSearch": {"cartStatus": "outdoor", "personalInfo": null}}),
        |record| holds(record, "cartStatus", "outdoor"),
    );
    check(json!({"sdeSearch": {"userUpdate": "emma"}}), |record| {
        record["consumerParticipants"][0]["firstName"] == "Emma"
    });
    let long = in_window()
        .flat_map(|record| list(&record["sdes"], "events"))
        .filter_map(|event| event["customerInfo"]["customerInfo"]["customerId"].as_str())
        .find(|id| id.len() == 6)
        .unwrap();
    let search = json!({"sdeSearch": {"customerInfo": long}});
    assert!(
        found(&search).is_empty(),
        "numbers of more than three digits are not found"
    );
}

#[test]
fn by_response_time() {
    let due = |record: &Value| whole(&record["responseTime"]["latestEffectiveResponseDueTime"]);
    check(json!({"responseTime": {"from": 0}}), |record| due(record) > 0);
    let middle = NOW - DAY;
    check(json!({"responseTime": {"from": middle}}), |record| {
        due(record) >= middle
    });
    check(json!({"responseTime": {"to": middle}}), |record| {
        due(record) != -1 && due(record) <= middle
    });
}
