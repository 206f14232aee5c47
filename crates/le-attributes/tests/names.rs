//! The catalogue as the judge: values made from it are read without loss, and go to the read names and back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use le_attributes::catalogue::{self, AttributeType, Field, FieldRule, FieldType, Record};
use le_attributes::read::Event;
use le_attributes::validate::{self, Route, Rule};
use le_attributes::{Sde, SdeType};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A value that keeps the rules of its field.
fn value(kind: &'static AttributeType, field: &'static Field) -> BoxedStrategy<Value> {
    match field.kind {
        FieldType::Text if field.rule == Some(FieldRule::Language) => Just(json!("nb-NO")).boxed(),
        FieldType::Text => ".{0,8}".prop_map(Value::from).boxed(),
        FieldType::Integer => match field.rule {
            Some(FieldRule::Day) => (1..29_i64).prop_map(Value::from).boxed(),
            Some(FieldRule::Month) => (1..13_i64).prop_map(Value::from).boxed(),
            Some(FieldRule::Year) => (1900..2100_i64).prop_map(Value::from).boxed(),
            _ => (0..i64::MAX).prop_map(Value::from).boxed(),
        },
        FieldType::Number | FieldType::Money => (-1_000_000..1_000_000_i64)
            .prop_map(|cents| json!(cents as f64 / 100.0))
            .boxed(),
        FieldType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        FieldType::Id => (1..1_000_000_i64).prop_map(Value::from).boxed(),
        FieldType::Choice(_) if field.wire == "type" => Just(json!(kind.wire)).boxed(),
        FieldType::Choice(texts) => prop::sample::select(texts).prop_map(Value::from).boxed(),
        FieldType::Code(numbers) => prop::sample::select(numbers)
            .prop_map(|(number, _)| json!(number))
            .boxed(),
        FieldType::Object(record) => object(kind, record).prop_map(Value::from).boxed(),
        FieldType::Objects(record) => prop::collection::vec(object(kind, record), 0..3)
            .prop_map(|objects| objects.into_iter().map(Value::from).collect())
            .boxed(),
        FieldType::Texts => prop::collection::vec(".{0,5}", 0..3).prop_map(Value::from).boxed(),
        _ => Just(json!({"any": [1, "x"]})).boxed(),
    }
}

/// An object with what it must have, some of what it may have, and a member that nobody knows.
fn object(kind: &'static AttributeType, record: &'static Record) -> BoxedStrategy<Map<String, Value>> {
    let fields: Vec<_> = record
        .fields
        .iter()
        .filter(|field| field.is_of(kind))
        .map(|field| {
            let there = if field.required {
                Just(true).boxed()
            } else {
                any::<bool>().boxed()
            };
            (Just(field.wire), there, value(kind, field))
        })
        .collect();
    (fields, any::<bool>())
        .prop_map(|(fields, odd)| {
            let members = fields.into_iter().filter(|(_, there, _)| *there);
            let mut object: Map<_, _> = members.map(|(name, _, value)| (name.to_owned(), value)).collect();
            if odd {
                object.insert("oddMember".to_owned(), json!({"deep": [null, 1]}));
            }
            object
        })
        .boxed()
}

/// An attribute of any type that keeps all rules.
fn attribute() -> impl Strategy<Value = (&'static AttributeType, Value)> {
    (0..catalogue::all().len()).prop_flat_map(|at| {
        let kind = &catalogue::all()[at];
        object(kind, kind.record).prop_map(move |mut fields| {
            if let Some(payload) = kind.payload {
                return (kind, json!({"type": kind.wire, payload: fields}));
            }
            fields.insert("type".to_owned(), kind.wire.into());
            (kind, fields.into())
        })
    })
}

fn read(json: &Value) -> Sde {
    Sde::read(&json.to_string()).unwrap()
}

/// Every name under which members of the payload are read, nested ones too.
fn read_names(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            into.push(name.clone());
            read_names(value, into);
        }),
        Value::Array(items) => items.iter().for_each(|item| read_names(item, into)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_keeps_the_rules_is_valid_and_written_back((kind, json) in attribute()) {
        let sde = read(&json);
        prop_assert!(!matches!(sde, Sde::Other(_)), "{}", kind.wire);
        let report = validate::report(std::slice::from_ref(&sde), Route::Report);
        prop_assert!(report.is_empty(), "{:?}", report);
        prop_assert_eq!(serde_json::to_value(&sde).unwrap(), json);
    }

    #[test]
    fn what_is_sent_comes_back_under_the_names_of_the_catalogue((kind, json) in attribute()) {
        let sde = read(&json);
        let Some(event) = Event::of(&sde) else {
            prop_assert!(kind.is_impression());
            return Ok(());
        };
        let names = kind.read.unwrap();
        prop_assert_eq!(event.sde_type.as_deref(), Some(names.sde_type));
        // Nothing of the payload is lost on the way there and back.
        prop_assert_eq!(serde_json::to_value(event.sent()).unwrap(), json!([json]));

        let written = serde_json::to_value(&event).unwrap();
        let mut payload = &written[names.name];
        if names.nested {
            payload = &payload[names.name];
        }
        let mut seen = Vec::new();
        read_names(payload, &mut seen);
        let mut known = vec!["oddMember", "deep"];
        known.extend(kind.fields().iter().filter_map(|at| at.field.read));
        prop_assert!(seen.iter().all(|name| known.contains(&name.as_str())), "{:?}", seen);
        // And it is read again as the same event.
        let again: Event = serde_json::from_value(written.clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(&again).unwrap(), written);
    }

    #[test]
    fn every_field_is_held_to_its_json_type((kind, json) in attribute(), wrong in prop::sample::select(vec![json!({"x": 1}), json!([[1]])])) {
        for field in kind.record.fields.iter().filter(|field| field.is_of(kind)) {
            if matches!(field.kind, FieldType::Json | FieldType::Object(_)) || field.wire == "type" {
                continue;
            }
            let mut json = json.clone();
            let target = match kind.payload {
                Some(payload) => &mut json[payload],
                None => &mut json,
            };
            target[field.wire] = wrong.clone();
            let report = validate::report(&[read(&json)], Route::Report);
            let path = kind.payload.map_or_else(|| field.wire.to_owned(), |payload| format!("{payload}.{}", field.wire));
            let named = report.iter().any(|one| one.path().starts_with(&path) && one.rule() == Rule::WrongType);
            // A list takes a bare object for a list of one.
            let bare = matches!(field.kind, FieldType::Objects(_)) && wrong.is_object();
            prop_assert!(named || bare, "{}: {:?}", path, report);
        }
    }
}

#[test]
fn every_type_that_is_read_has_its_key_in_the_events() {
    for name in SdeType::KNOWN {
        let kind = catalogue::find(name).unwrap();
        let key = kind.read.unwrap().name;
        let event: Event = serde_json::from_value(json!({key: {}})).unwrap();
        assert_eq!(event.attribute_type().map(|kind| kind.wire), Some(*name));
        assert!(event.extra.is_empty(), "{key}");
    }
    assert_eq!(catalogue::all().len(), 15);
}
