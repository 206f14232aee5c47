//! Faults within a page of records: one is repeated, broken, lost, shown in part, or those of some shards are missing.

use bytes::Bytes;
use serde_json::{Value, json, value::RawValue};

/// A record of a shape that no client can read.
pub(super) const BROKEN: &str = r#"{"info":[7],"messageRecords":"none","transcript":7}"#;

/// The lists of records that the data APIs answer, and where each says what it is about.
const LISTS: &[&str] = &[
    "conversationHistoryRecords",
    "interactionHistoryRecords",
    "conversationHistoryMetadataRecords",
    "messageEventRecords",
    "stateChanges",
];

/// What a record in part lacks.
const BULKY: &[&str] = &[
    "messageRecords",
    "messageStatuses",
    "messageScores",
    "transcript",
    "lineScores",
];

/// A page taken apart: its members in their order, and which one is the list.
struct Page {
    members: Vec<(String, Box<RawValue>)>,
    list: usize,
    records: Vec<Box<RawValue>>,
}

impl Page {
    fn of(page: &[u8]) -> Option<Self> {
        let members = members(page)?;
        let list = members.iter().position(|(name, _)| LISTS.contains(&name.as_str()))?;
        let records = serde_json::from_str(members[list].1.get()).ok()?;
        Some(Self { members, list, records })
    }

    fn text(&self, records: &[String]) -> Bytes {
        let members: Vec<String> = self
            .members
            .iter()
            .enumerate()
            .map(|(place, (name, value))| {
                if place == self.list {
                    format!("\"{name}\":[{}]", records.join(","))
                } else {
                    format!("\"{name}\":{}", value.get())
                }
            })
            .collect();
        Bytes::from(format!("{{{}}}", members.join(",")))
    }
}

/// The members of an object in their order.
fn members(text: &[u8]) -> Option<Vec<(String, Box<RawValue>)>> {
    struct Members;
    impl<'de> serde::de::Visitor<'de> for Members {
        type Value = Vec<(String, Box<RawValue>)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    serde::Deserializer::deserialize_map(&mut serde_json::Deserializer::from_slice(text), Members).ok()
}

/// Rewrites one record of a page; anything else keeps its text.
pub(super) fn changed(page: &Bytes, index: usize, change: impl Fn(&str) -> Vec<String>) -> Bytes {
    let Some(parts) = Page::of(page) else {
        return page.clone();
    };
    let records: Vec<String> = parts
        .records
        .iter()
        .enumerate()
        .flat_map(|(at, record)| {
            if at == index {
                change(record.get())
            } else {
                vec![record.get().to_owned()]
            }
        })
        .collect();
    parts.text(&records)
}

/// A record without what makes it long, marked as such.
pub(super) fn partial(record: &str) -> Vec<String> {
    let Ok(mut value) = serde_json::from_str::<Value>(record) else {
        return vec![record.to_owned()];
    };
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| !BULKY.contains(&name.as_str()));
    }
    if let Some(info) = value.get_mut("info").and_then(Value::as_object_mut) {
        info.insert("isPartial".to_owned(), Value::Bool(true));
    }
    vec![value.to_string()]
}

/// The page as it comes when `failed` of `total` shards do not answer.
pub(super) fn of_shards(page: &Bytes, failed: u32, total: u32) -> Bytes {
    let Some(mut parts) = Page::of(page) else {
        return page.clone();
    };
    for (name, value) in &mut parts.members {
        if !name.ends_with("etadata") {
            continue;
        }
        let Ok(mut metadata) = serde_json::from_str::<Value>(value.get()) else {
            continue;
        };
        if let Some(metadata) = metadata.as_object_mut() {
            let result = json!({ "partialResult": failed > 0, "failureShards": failed, "totalShards": total });
            metadata.insert("shardsStatusResult".to_owned(), result);
        }
        if let Ok(text) = serde_json::value::to_raw_value(&metadata) {
            *value = text;
        }
    }
    let answers = |place: &usize| *place as u32 % total.max(1) >= failed;
    let records: Vec<String> = (0..parts.records.len())
        .filter(answers)
        .map(|place| parts.records[place].get().to_owned())
        .collect();
    parts.text(&records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Bytes {
        Bytes::from_static(
            br#"{"_metadata":{"count":2},"conversationHistoryRecords":[{"info":{"a": 1}},{"info":{"b":2}}]}"#,
        )
    }

    fn value(text: &Bytes) -> Value {
        serde_json::from_slice(text).unwrap()
    }

    #[test]
    fn a_record_is_repeated_broken_or_lost_and_its_neighbours_keep_their_text() {
        let twice = value(&changed(&page(), 1, |record| vec![record.into(), record.into()]));
        assert_eq!(twice["conversationHistoryRecords"].as_array().unwrap().len(), 3);
        assert_eq!(twice["_metadata"]["count"], 2);
        let broken = changed(&page(), 0, |_| vec!["{}".into()]);
        assert_eq!(
            &broken[..],
            br#"{"_metadata":{"count":2},"conversationHistoryRecords":[{},{"info":{"b":2}}]}"#
        );
        let lost = value(&changed(&page(), 0, |_| Vec::new()));
        assert_eq!(lost["conversationHistoryRecords"], json!([{"info": {"b": 2}}]));
    }

    #[test]
    fn a_record_in_part_says_so() {
        let partial = partial(r#"{"info":{"isPartial":false},"messageRecords":[1],"transfers":[]}"#);
        assert_eq!(partial, [r#"{"info":{"isPartial":true},"transfers":[]}"#]);
    }

    #[test]
    fn records_of_failed_shards_are_missing_and_the_metadata_tells() {
        let page = Bytes::from_static(br#"{"_responseMetadata":{"count":4},"messageEventRecords":[0,1,2,3,4,5,6,7]}"#);
        let answer = value(&of_shards(&page, 1, 4));
        assert_eq!(answer["messageEventRecords"], json!([1, 2, 3, 5, 6, 7]));
        assert_eq!(
            answer["_responseMetadata"]["shardsStatusResult"],
            json!({"partialResult": true, "failureShards": 1, "totalShards": 4})
        );
    }

    #[test]
    fn what_is_not_a_page_stays() {
        let text = Bytes::from_static(b"<html>");
        assert_eq!(changed(&text, 0, |record| vec![record.into()]), text);
        assert_eq!(changed(&page(), 9, |_| vec![]).len(), page().len());
    }
}
