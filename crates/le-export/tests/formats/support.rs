//! Parts in a folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use le_core::Timestamp;
use le_core::wire::{RawRecord, split_records};
use le_export::Entry;
use le_export::formats::{Format, PartSink};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A conversation with so many messages, and text that is hard to write.
pub(crate) fn record(number: usize, messages: usize) -> Entry {
    let texts = (0..messages).map(|at| {
        json!({"messageId": format!("m{number}-{at}"), "seq": at, "timeL": 1_700_000_000_000_u64 + at as u64,
               "messageData": {"msg": {"text": format!("=1+1, \"é\"\r\n{at}\t;")}}})
    });
    let json = json!({
        "info": {"conversationId": format!("c-{number}"), "startTimeL": 1_700_000_000_000_u64, "csatRate": 4.5, "latestSkillName": "=skill"},
        "messageRecords": texts.collect::<Vec<_>>(),
        "transfers": [{"by": "a", "timeL": 5, "targetSkillId": number}],
    });
    let start = Some(Timestamp::from_millis(1_700_000_000_000));
    Entry::new(format!("c-{number}"), start, RawRecord::new(json.to_string()).unwrap())
}

pub(crate) fn crafted() -> Vec<Entry> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/crafted/messaging_interactions");
    let mut entries = Vec::new();
    for name in [
        "full_page.json",
        "quirks.json",
        "misfits.json",
        "half_surrogate.json",
        "sdes_v1.json",
    ] {
        let page = std::fs::read(folder.join(name)).unwrap();
        for raw in split_records(&page.into(), "conversationHistoryRecords")
            .unwrap()
            .records
        {
            entries.push(Entry::new(format!("{name}-{}", entries.len()), None, raw));
        }
    }
    entries
}

/// Conversations of any shape that is JSON.
pub(crate) fn generated() -> impl Strategy<Value = Vec<Entry>> {
    let scalar = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::Null),
        (-1e6_f64..1e6).prop_map(Value::from),
    ];
    let member = prop::sample::select(vec![
        "startTimeL",
        "latestSkillId",
        "status",
        "csatRate",
        "isPartial",
        "odd",
    ]);
    let info = prop::collection::btree_map(member, scalar.clone(), 0..6);
    let message = (scalar.clone(), scalar.clone(), scalar)
        .prop_map(|(id, text, at)| json!({"messageId": id, "messageData": {"msg": {"text": text}}, "timeL": at}));
    let record = (info, prop::collection::vec(message, 0..5))
        .prop_map(|(info, messages)| json!({"info": info, "messageRecords": messages}));
    prop::collection::vec(record, 0..6).prop_map(|records| {
        let entry = |(at, record): (usize, Value)| {
            Entry::new(format!("k{at}"), None, RawRecord::new(record.to_string()).unwrap())
        };
        records.into_iter().enumerate().map(entry).collect()
    })
}

pub(crate) fn path(folder: &Path, format: &dyn Format, table: &str) -> PathBuf {
    folder.join(format!("{table}.{}", format.extension()))
}

pub(crate) fn sinks(folder: &Path, format: &dyn Format) -> Vec<PartSink> {
    let sink = |table: &&str| Box::new(File::create(path(folder, format, table)).unwrap()) as PartSink;
    format.tables().iter().map(sink).collect()
}

/// Writes a part of each table.
pub(crate) fn write(folder: &Path, format: &dyn Format, entries: &[Entry]) -> BTreeMap<String, u64> {
    let mut encoder = format.encoder(sinks(folder, format)).unwrap();
    for page in entries.chunks(3) {
        assert!(encoder.write(page).unwrap().is_empty());
    }
    encoder.finish().unwrap()
}

/// Copies the parts of one folder into another, without some records and with others added.
pub(crate) fn merge(
    from: &Path,
    to: &Path,
    format: &dyn Format,
    gone: &[&str],
    new: &[Entry],
) -> BTreeMap<String, u64> {
    let mut encoder = format.encoder(sinks(to, format)).unwrap();
    for (at, table) in format.tables().iter().enumerate() {
        let part = File::open(path(from, format, table)).unwrap();
        encoder.copy(at, part, &|key| gone.contains(&key)).unwrap();
    }
    assert!(encoder.write(new).unwrap().is_empty());
    encoder.finish().unwrap()
}

pub(crate) fn keys(folder: &Path, format: &dyn Format) -> Vec<(String, Option<i64>)> {
    let part = File::open(path(folder, format, format.tables()[0])).unwrap();
    let mut keys = Vec::new();
    let each = &mut |key: &str, start: Option<Timestamp>| {
        keys.push((key.to_owned(), start.map(Timestamp::as_millis)));
        true
    };
    format.keys(part, each).unwrap();
    keys
}
