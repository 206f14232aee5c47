//! What crafted samples decode to, and that nothing of them is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::PathBuf;

use bytes::Bytes;
use le_core::Timestamp;
use le_core::wire::{RawRecord, Record, decode_records};
use le_data::messaging_interactions::{Conversation, MessageContentType, SdeType};
use proptest::prelude::*;
use serde_json::Value;

fn sample(name: &str) -> Bytes {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/crafted/messaging_interactions")
        .join(name);
    std::fs::read(&path)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .into()
}

fn decoded(name: &str) -> Vec<Result<Record<Conversation>, le_core::wire::RecordError>> {
    decode_records(&sample(name), "conversationHistoryRecords")
        .unwrap()
        .records
}

fn first(name: &str) -> Record<Conversation> {
    decoded(name).remove(0).unwrap()
}

fn assert_nothing_is_lost(record: &Record<Conversation>) {
    let written = serde_json::to_string(&**record).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(written, record.raw().to_value().unwrap());
}

#[test]
fn a_full_record() {
    let record = first("full_page.json");
    assert!(record.salvaged().is_empty());
    assert!(record.extra.is_empty());
    assert_nothing_is_lost(&record);
    insta::assert_debug_snapshot!(*record);

    let info = record.info.as_ref().unwrap();
    assert_eq!(info.start(), Some(Timestamp::from_millis(1_893_488_400_120)));
    assert_eq!(info.length().unwrap().as_millis(), 2_400_380);
    assert_eq!(record.messages[0].text(), Some("Where is my parcel?"));
    assert_eq!(
        record.messages[1]
            .data
            .as_ref()
            .unwrap()
            .rich_content
            .as_ref()
            .unwrap()
            .to_value()
            .unwrap()["type"],
        "vertical"
    );
    assert_eq!(
        record.messages[1]
            .context_data
            .as_ref()
            .unwrap()
            .raw_entries()
            .unwrap()
            .len(),
        1
    );
    assert!(record.transfers[0].assigned_agent().is_none());
    assert!(record.consumer_participants[0].phone_number().is_none());
}

#[test]
fn contradictions_of_the_vendor_pages_are_read_without_salvage_where_they_are_known() {
    let record = first("quirks.json");
    assert_eq!(
        record.salvaged(),
        [
            "info.features",
            "agentParticipants[0].userType",
            "coBrowseSessions.coBrowseSessionsList"
        ]
    );
    assert_nothing_is_lost(&record);
    insta::assert_debug_snapshot!(*record);

    let info = record.info.as_ref().unwrap();
    assert_eq!(info.end(), None);
    assert!(info.latest_skill().is_none());
    assert_eq!(info.latest_agent().unwrap().as_i64(), Some(900_800_700));
    assert_eq!(info.csat_rate.as_ref().unwrap(), &4.5);
    assert_eq!(info.features[0], "PHOTOSHARING");
    assert!(record.is_partial());
    assert_eq!(
        record.messages[0].r#type,
        Some(MessageContentType::Other("NEW_KIND".to_owned()))
    );
    assert_eq!(record.messages[0].at(), Some(Timestamp::from_millis(1_893_488_460_000)));
    let link = record.messages[0].data.as_ref().unwrap().link().unwrap();
    assert_eq!(link.external_file_link.as_deref(), Some("https://files.example/a.pdf"));
    let form = record.messages[1].data.as_ref().unwrap().secure_form().unwrap();
    assert_eq!(form.form_id.as_deref(), Some("f1"));
    let notes = record.summary.as_ref().unwrap().notes().unwrap();
    assert_eq!(notes[0].note_content.as_deref(), Some("Parcel found."));
    assert_eq!(record.skill_changes.as_ref().unwrap().to_value().unwrap()[0]["to"], 2);
}

#[test]
fn engagement_attributes_of_version_1() {
    let record = first("sdes_v1.json");
    assert!(record.salvaged().is_empty());
    assert_nothing_is_lost(&record);
    insta::assert_debug_snapshot!(*record);

    let events = &record.sdes.as_ref().unwrap().events;
    let customer = events[0]
        .customer_info
        .as_ref()
        .unwrap()
        .customer_info
        .as_ref()
        .unwrap();
    assert_eq!(customer.balance.as_ref().unwrap(), &12.5);
    assert_eq!(
        customer.registration_date.as_ref().unwrap().year.as_ref().unwrap(),
        &2028
    );
    let person = events[1]
        .personal_info
        .as_ref()
        .unwrap()
        .personal_info
        .as_ref()
        .unwrap();
    assert_eq!(person.age().unwrap().years.unwrap(), 34);
    assert_eq!(events[2].sde_type, None);
    assert_eq!(events[7].sde_type, Some(SdeType::Other("USER_UPDATE".to_owned())));
    assert_eq!(
        events[7].extra.get("userUpdate").map(str::len),
        Some("{\n              \"imei\": \"x\"\n            }".len())
    );
}

#[test]
fn misfits_cost_their_field_only() {
    let mut records = decoded("misfits.json");
    let error = records.remove(1).unwrap_err();
    assert_eq!(error.raw().as_str(), "\"not a conversation\"");
    assert!(!error.to_string().contains("not a conversation"));
    let last = records.remove(1).unwrap();
    assert_eq!(last.id().unwrap().as_str(), "0a1b2c3d-1111-4222-8333-44445555666a");

    let record = records.remove(0).unwrap();
    assert_nothing_is_lost(&record);
    insta::assert_debug_snapshot!((record.salvaged(), &*record));
}

#[test]
fn half_a_surrogate_pair_costs_its_text_only() {
    let record = first("half_surrogate.json");
    assert_eq!(record.salvaged(), ["messageRecords[0].messageData.msg.text"]);
    assert_eq!(record.messages[0].seq.as_ref().unwrap(), &0);
    assert_eq!(record.messages[0].text(), None);
    let mut line = Vec::new();
    record.raw().write_line(&mut line).unwrap();
    assert!(
        String::from_utf8(line)
            .unwrap()
            .contains("cut in the middle of \\ud83d")
    );
}

#[test]
fn debug_tells_nothing_personal() {
    for name in ["full_page.json", "quirks.json", "sdes_v1.json", "misfits.json"] {
        let printed = format!("{:?}", decoded(name));
        for personal in [
            "Ruth",
            "Adler",
            "ruth@",
            "Max",
            "max@",
            "parcel?",
            "203.0.113",
            "Paris",
            "K-77",
            "shop.example",
            "Parcel found",
            "not a",
        ] {
            assert!(!printed.contains(personal), "{name} prints {personal:?}");
        }
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
                let member = members.values_mut().nth(at).unwrap();
                put(member, deeper, new);
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
        prop::collection::btree_map(".{0,5}", any::<i32>().prop_map(Value::from), 0..3)
            .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
    ]
}

proptest! {
    #[test]
    fn whatever_is_changed_in_a_record_nothing_is_lost(
        name in prop_oneof![Just("full_page.json"), Just("quirks.json"), Just("sdes_v1.json"), Just("misfits.json")],
        changes in prop::collection::vec((prop::collection::vec(any::<prop::sample::Index>(), 1..7), any_value()), 1..4),
    ) {
        let mut value = first(name).raw().to_value().unwrap();
        for (at, new) in changes {
            value = changed(value, &at, new);
        }
        prop_assume!(value.is_object());
        let text = value.to_string();
        let record = RawRecord::new(text.clone()).unwrap().decode::<Conversation>().unwrap();
        prop_assert_eq!(serde_json::to_value(&*record).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    }
}
