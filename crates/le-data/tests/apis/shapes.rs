//! What crafted samples decode to, and that nothing of them is lost.

use le_core::wire::{RawRecord, Record, Salvage, decode_records};
use le_data::agent_activity::StatusChange;
use le_data::bulk_files::BulkDownload;
use le_data::consumer_history::{ConsumerConversation, EventRecord};
use le_data::data_access::{DataFileContent, DataLine, unwrap};
use le_data::engagement_history::Chat;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::stage::{crafted, crafted_json};

fn decoded<T: Salvage>(path: &str, list: &str) -> Vec<Record<T>> {
    let page = crafted(path).into();
    let records = decode_records(&page, list).unwrap().records;
    records.into_iter().filter_map(Result::ok).collect()
}

fn assert_nothing_is_lost<T: Serialize>(record: &Record<T>) {
    let written: Value = serde_json::from_str(&serde_json::to_string(&**record).unwrap()).unwrap();
    assert_eq!(written, record.raw().to_value().unwrap());
}

macro_rules! shape {
    ($name:ident: $type:ty = $path:literal, $list:literal) => {
        #[test]
        fn $name() {
            let records = decoded::<$type>($path, $list);
            assert!(!records.is_empty());
            records.iter().for_each(assert_nothing_is_lost);
            let shown: Vec<_> = records
                .iter()
                .map(|record| (record.salvaged(), &**record))
                .collect();
            insta::assert_debug_snapshot!(stringify!($name), shown);
        }
    };
}

shape!(a_chat: Chat = "engagement_history/full_page.json", "interactionHistoryRecords");
shape!(an_odd_chat: Chat = "engagement_history/quirks.json", "interactionHistoryRecords");
shape!(status_changes: StatusChange = "agent_activity/full_page.json", "stateChanges");
shape!(odd_status_changes: StatusChange = "agent_activity/quirks.json", "stateChanges");
shape!(a_consumers_conversation: ConsumerConversation = "consumer_history/metadata.json", "conversationHistoryMetadataRecords");
shape!(a_consumers_messages: EventRecord = "consumer_history/content.json", "messageEventRecords");
shape!(bulk_requests: BulkDownload = "bulk_files/list.json", "items");

const DATA_FILES: [&str; 5] = [
    "data_access/agent_activity.jsonl",
    "data_access/agent_activity_documented.json",
    "data_access/engagement.jsonl",
    "data_access/survey.jsonl",
    "data_access/web_session.jsonl",
];

fn lines(path: &str) -> Vec<DataLine> {
    DataFileContent::new(crafted(path))
        .lines()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn lines_of_files() {
    for path in DATA_FILES {
        for line in lines(path) {
            assert!(line.salvaged().is_empty(), "{path}: {:?}", line.salvaged());
            assert_eq!(
                line.unwrapped().to_value().unwrap(),
                unwrap(line.raw().to_value().unwrap())
            );
            let written = serde_json::to_value(&*line).unwrap();
            assert_eq!(written, line.unwrapped().to_value().unwrap(), "{path}");
        }
    }
    let shown: Vec<_> = DATA_FILES.iter().flat_map(|path| lines(path)).collect();
    insta::assert_debug_snapshot!("lines_of_files", shown);
}

#[test]
fn debug_tells_nothing_personal() {
    let chats = decoded::<Chat>("engagement_history/full_page.json", "interactionHistoryRecords");
    let odd = decoded::<Chat>("engagement_history/quirks.json", "interactionHistoryRecords");
    let changes = decoded::<StatusChange>("agent_activity/full_page.json", "stateChanges");
    let events = decoded::<EventRecord>("consumer_history/content.json", "messageEventRecords");
    let lines: Vec<_> = DATA_FILES.iter().flat_map(|path| lines(path)).collect();
    let printed = format!("{chats:?} {odd:?} {changes:?} {events:?} {lines:?}");
    for personal in [
        "\"Lea\"",
        "Tom",
        "Roy",
        "ruth",
        "tom@",
        "lea@",
        "198.51.100",
        "203.0.113",
        "Hello",
        "vis9",
        "shop.example",
        "E-9",
        "K-77",
        "\"Hi\"",
        "AAAA",
    ] {
        assert!(!printed.contains(personal), "prints {personal:?}");
    }
}

/// A change at a random place of a sample: the value there becomes something else.
fn changed(mut value: Value, at: &[prop::sample::Index], new: Value) -> Value {
    fn put(value: &mut Value, at: &[prop::sample::Index], new: Value) {
        let Some((index, deeper)) = at.split_first() else {
            *value = new;
            return;
        };
        match value {
            Value::Object(members) if !members.is_empty() => {
                let at = index.index(members.len());
                put(members.values_mut().nth(at).unwrap(), deeper, new);
            }
            Value::Array(items) if !items.is_empty() => {
                let at = index.index(items.len());
                put(&mut items[at], deeper, new);
            }
            _ => *value = new,
        }
    }
    put(&mut value, at, new);
    value
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::collection::vec(any::<i32>().prop_map(Value::from), 0..3).prop_map(Value::from),
        prop::collection::btree_map("[a-z]{0,5}", any::<i32>().prop_map(Value::from), 0..3)
            .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
    ]
}

fn keeps<T: Salvage + Serialize>(value: &Value) {
    // What is no object is no record, which is an error elsewhere.
    if let Ok(record) = RawRecord::new(value.to_string()).unwrap().decode::<T>() {
        assert_nothing_is_lost(&record);
    }
}

proptest! {
    #[test]
    fn whatever_is_changed_in_a_record_nothing_is_lost(
        which in 0_usize..7,
        index in any::<prop::sample::Index>(),
        changes in prop::collection::vec((prop::collection::vec(any::<prop::sample::Index>(), 1..7), any_value()), 1..4),
    ) {
        let (path, list) = [
            ("engagement_history/full_page.json", "interactionHistoryRecords"),
            ("engagement_history/quirks.json", "interactionHistoryRecords"),
            ("agent_activity/full_page.json", "stateChanges"),
            ("agent_activity/quirks.json", "stateChanges"),
            ("consumer_history/metadata.json", "conversationHistoryMetadataRecords"),
            ("consumer_history/content.json", "messageEventRecords"),
            ("bulk_files/list.json", "items"),
        ][which];
        let records = crafted_json(path)[list].clone();
        let mut value = records[index.index(records.as_array().unwrap().len())].clone();
        for (at, new) in changes {
            value = changed(value, &at, new);
        }
        match which {
            0 | 1 => keeps::<Chat>(&value),
            2 | 3 => keeps::<StatusChange>(&value),
            4 => keeps::<ConsumerConversation>(&value),
            5 => keeps::<EventRecord>(&value),
            _ => keeps::<BulkDownload>(&value),
        }
    }

    #[test]
    fn whatever_is_changed_in_a_line_nothing_is_lost(
        which in 0_usize..5,
        changes in prop::collection::vec((prop::collection::vec(any::<prop::sample::Index>(), 1..9), any_value()), 1..4),
    ) {
        let mut value = lines(DATA_FILES[which])[0].raw().to_value().unwrap();
        for (at, new) in changes {
            value = changed(value, &at, new);
        }
        if let Ok(line) = DataLine::read(RawRecord::new(value.to_string()).unwrap()) {
            prop_assert_eq!(line.raw().as_str(), value.to_string());
            let written: Value = serde_json::from_str(&serde_json::to_string(&*line).unwrap()).unwrap();
            prop_assert_eq!(written, line.unwrapped().to_value().unwrap());
        }
    }
}
