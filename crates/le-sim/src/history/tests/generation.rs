//! The history is reproducible, of realistic size, and has the values that surprise clients.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::{ACCOUNT, COMPLETE, NOW, SHARED, bytes, every_listed, generate, list};
use crate::account::Account;
use crate::history::{DAY, History, HistoryKind};

const BODY: &[u8] = br#"{"start":{"from":1780000000000,"to":1787000000000}}"#;

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let answer = |history: &History| bytes(history, HistoryKind::Search, "v=2&limit=100", BODY);
    let first = generate(300);
    assert_eq!(answer(&first), answer(&generate(300)));
    assert_eq!(
        answer(&first),
        answer(&first),
        "rendered and remembered text are the same"
    );
    let account = Account::generate(ACCOUNT, 7);
    assert_ne!(answer(&first), answer(&History::generate(&account, 8, 300, NOW)));
    assert_ne!(
        answer(&first),
        answer(&History::generate(&Account::generate("other", 7), 7, 300, NOW))
    );
}

#[test]
fn rendering_ahead_changes_nothing() {
    let (plain, rendered) = (generate(200), generate(200));
    rendered.render();
    for query in ["v=1&limit=100", "v=2&limit=100"] {
        let answer = |history: &History| bytes(history, HistoryKind::Search, query, BODY);
        assert_eq!(answer(&plain), answer(&rendered));
    }
}

#[test]
fn tiny_histories_work() {
    for count in 0..8 {
        let history = generate(count);
        assert_eq!(history.len(), count);
        assert_eq!(every_listed(&history, &Value::Null).len(), count);
    }
}

#[test]
fn every_conversation_is_in_the_retention_and_some_are_open() {
    assert_eq!(COMPLETE.len(), SHARED.len());
    let starts: Vec<i64> = COMPLETE
        .iter()
        .map(|record| record["info"]["startTimeL"].as_i64().unwrap())
        .collect();
    assert!(starts.iter().all(|start| (NOW - 395 * DAY..NOW).contains(start)));
    for month in 0..13 {
        let in_month = |start: &&i64| (NOW - (month + 1) * 30 * DAY..NOW - month * 30 * DAY).contains(*start);
        assert!(
            starts.iter().filter(in_month).count() > 100,
            "month {month} before now is nearly empty"
        );
    }
    let open = COMPLETE
        .iter()
        .filter(|record| record["info"]["status"] == "OPEN")
        .count();
    assert!((3..SHARED.len() / 20).contains(&open), "{open} open");
}

#[test]
fn records_have_the_size_of_real_ones() {
    let mut sizes: Vec<usize> = Vec::new();
    for (from, to) in super::windows() {
        let mut offset = 0;
        loop {
            let body = json!({"start": {"from": from, "to": to}}).to_string();
            let query = format!("v=2&sort=start:asc&limit=1&offset={offset}");
            let (_, answer) = bytes(&SHARED, HistoryKind::Search, &query, body.as_bytes());
            let text = std::str::from_utf8(&answer).unwrap();
            let (_, record) = text.split_once("\"conversationHistoryRecords\":[").unwrap();
            if record.len() < 10 {
                break;
            }
            sizes.push(record.len() - 2);
            offset += 5;
        }
    }
    sizes.sort_unstable();
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    assert!((6_600..7_800).contains(&mean), "mean {mean}");
    let in_range = sizes.iter().filter(|size| (3_000..=12_288).contains(*size)).count();
    assert!(
        in_range * 100 >= sizes.len() * 97,
        "{in_range} of {} are between 3 and 12 KB",
        sizes.len()
    );
    assert!(
        sizes[0] > 2_000 && sizes[sizes.len() - 1] < 18_000,
        "{} to {}",
        sizes[0],
        sizes[sizes.len() - 1]
    );
}

#[test]
fn missing_values_come_in_every_spelling() {
    let any = |test: &dyn Fn(&Value) -> bool| COMPLETE.iter().any(test);
    assert!(any(
        &|record| record["info"]["endTime"] == "undefined" && record["info"]["endTimeL"] == -1
    ));
    assert!(any(&|record| record["info"]["device"] == "undefined"));
    assert!(any(&|record| record["info"]["device"] == "NA"));
    assert!(any(&|record| record["info"].get("device").is_none()));
    assert!(any(&|record| record["info"]["deviceModel"] == "null"));
    assert!(any(&|record| record["info"]["browserVersion"] == ""));
    assert!(any(&|record| record["info"].get("csatRate") == Some(&Value::Null)));
    assert!(any(&|record| record["info"].get("mcs").is_none()));
    assert!(any(
        &|record| record["info"]["latestSkillId"] == -1 && record["info"]["latestSkillName"] == "Unassigned"
    ));
    assert!(any(&|record| record["info"]["latestAgentGroupId"] == -1));
    assert!(any(&|record| record["info"]["latestAgentNickname"].is_null()));
    assert!(any(&|record| record["info"]["agentDeleted"] == true));
    assert!(any(&|record| record["info"]["closeReasonDescription"] == ""));
    assert!(any(&|record| record["info"]["isPartial"] == false));
    assert!(any(&|record| record.get("campaign").is_none()));
    assert!(any(
        &|record| record["campaign"]["lobId"] == -1 && record["campaign"]["lobName"] == "NA"
    ));
    assert!(any(&|record| list(record, "transfers")
        .iter()
        .any(|transfer| transfer["assignedAgentId"] == "null")));
    assert!(any(&|record| list(record, "transfers")
        .iter()
        .any(|transfer| transfer["sourceSkillId"] == -1)));
    let consumer = |test: &dyn Fn(&Value) -> bool| any(&|record| test(&record["consumerParticipants"][0]));
    assert!(consumer(
        &|consumer| consumer["phone"] == "0" && consumer["email"] == "undefined"
    ));
    assert!(consumer(&|consumer| consumer["phone"]
        .as_str()
        .is_some_and(|phone| phone.starts_with("+1555"))));
    assert!(any(&|record| list(record, "messageRecords")
        .iter()
        .any(|message| message["dialogId"] == "undefined")));
    let surveyed = |id: &str| {
        any(&|record| {
            let answers = list(record, "conversationSurveys")
                .iter()
                .flat_map(|survey| list(survey, "surveyData"));
            answers.clone().any(|answer| answer["answerId"] == id)
        })
    };
    assert!(surveyed("InvalidAnswer"));
    let large = |id: i64| id > i64::from(i32::MAX);
    assert!(any(&|record| record["info"]["latestSkillId"]
        .as_i64()
        .is_some_and(large)));
}

#[test]
fn lists_shorten_partial_records_and_the_lookup_completes_them() {
    let listed = every_listed(&SHARED, &Value::Null);
    let partial: Vec<&Value> = listed
        .iter()
        .filter(|record| record["info"]["isPartial"] == true)
        .collect();
    assert!(!partial.is_empty());
    for record in partial {
        let complete = COMPLETE
            .iter()
            .find(|other| super::id(other) == super::id(record))
            .unwrap();
        assert_eq!(complete["info"]["isPartial"], false);
        let ids = |record| {
            list(record, "messageRecords")
                .iter()
                .map(|message| message["messageId"].clone())
        };
        let (some, all): (Vec<Value>, Vec<Value>) = (ids(record).collect(), ids(complete).collect());
        assert_eq!(some.len(), all.len().div_ceil(2));
        assert_eq!(some, all[..some.len()]);
    }
}

#[test]
fn texts_differ_and_hold_every_kind_of_character() {
    let texts: Vec<&str> = COMPLETE
        .iter()
        .flat_map(|record| list(record, "messageRecords"))
        .filter_map(|message| message["messageData"]["msg"]["text"].as_str())
        .collect();
    let questions = ["(1-5)", "(0-10)", "solved?", "better?"];
    let own: Vec<&&str> = texts
        .iter()
        .filter(|text| text.len() > 9 && !questions.iter().any(|end| text.contains(end)))
        .collect();
    let distinct: BTreeSet<&&str> = own.iter().copied().collect();
    assert!(
        distinct.len() * 2 > own.len(),
        "{} of {} texts are distinct",
        distinct.len(),
        own.len()
    );
    for sign in [
        '"', '\\', '\n', '\t', '\u{2028}', 'é', 'ß', 'ñ', 'ł', '荷', '👋', 'أ', '\u{200d}', '𠮷',
    ] {
        assert!(texts.iter().any(|text| text.contains(sign)), "no {sign:?}");
    }
    assert!(
        !texts
            .iter()
            .any(|text| text.contains("{order}") || text.contains("{name}")),
        "an unfilled slot"
    );
    let mut kinds: HashMap<&str, usize> = HashMap::new();
    for message in COMPLETE.iter().flat_map(|record| list(record, "messageRecords")) {
        *kinds.entry(message["type"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}

#[test]
fn addresses_are_reserved_ones() {
    for record in COMPLETE.iter() {
        let text = record.to_string();
        for address in text.split("https://").skip(1) {
            let host = address.split(['/', '"', '?', '\\', ':']).next().unwrap();
            assert!(host.ends_with(".example") || host == "example.org", "{host}");
        }
        if let Some(address) = record["info"]["ipAddress"].as_str() {
            assert!(address.starts_with("203.0.113."), "{address}");
        }
        let email = record["consumerParticipants"][0]["email"].as_str().unwrap();
        assert!(email == "undefined" || email.ends_with("@example.org"), "{email}");
    }
}
