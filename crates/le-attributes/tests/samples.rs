//! The samples of `fixtures/crafted/attributes`: what each becomes, and that each is written back as it came.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::PathBuf;

use le_attributes::read::Event;
use le_attributes::validate::{self, Route};
use le_attributes::{Sde, catalogue};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/crafted/attributes")
}

/// The elements of one file.
fn sample(name: &str) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

/// The files of one family, in order.
fn names(of_read_family: bool) -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("read_") == of_read_family)
        .collect();
    names.sort();
    names
}

/// What a sent attribute becomes: which fields are set, what is wrong, and how it is read back.
fn told(sent: &Value) -> Value {
    let sde = Sde::read(&sent.to_string()).unwrap();
    let wrong: Vec<_> = validate::report(std::slice::from_ref(&sde), Route::Report)
        .into_iter()
        .map(|one| {
            format!(
                "{} ({}): {} [{}]",
                one.path(),
                one.rule().as_str(),
                one.message(),
                one.found()
            )
        })
        .collect();
    let fields: Vec<_> = format!("{sde:#?}").lines().map(str::to_owned).collect();
    json!({"sent": sent, "fields": fields, "wrong": wrong, "read": Event::of(&sde)})
}

#[test]
fn sent_samples_are_read_checked_and_turned() {
    for name in names(false) {
        let told: Vec<_> = sample(&name).iter().map(told).collect();
        insta::assert_json_snapshot!(name.trim_end_matches(".json"), told);
    }
}

#[test]
fn there_is_a_sample_of_each_type_that_keeps_all_rules() {
    for kind in catalogue::all() {
        let file = if kind.is_impression() { "impressions" } else { kind.wire };
        let valid = sample(&format!("{file}.json")).into_iter().any(|sent| {
            let sde = Sde::read(&sent.to_string()).unwrap();
            sde.type_name().as_deref() == Some(kind.wire) && validate::attributes(&[sde], Route::Report).is_ok()
        });
        assert!(valid, "{}", kind.wire);
    }
}

#[test]
fn read_samples_are_turned_to_what_is_sent() {
    for name in names(true) {
        let told: Vec<_> = sample(&name)
            .iter()
            .map(|read| {
                let event: Event = serde_json::from_value(read.clone()).unwrap_or_else(|_| salvaged(read));
                let wire = event.attribute_type().map(|kind| kind.wire);
                json!({"read": read, "type": wire, "stamp": format!("{:?}", event.stamp()), "sent": event.sent()})
            })
            .collect();
        insta::assert_json_snapshot!(name.trim_end_matches(".json"), told);
    }
}

/// The lenient reading, which every page of records gets.
fn salvaged(read: &Value) -> Event {
    let raw = le_core::wire::RawRecord::new(read.to_string()).unwrap();
    raw.decode::<Event>().unwrap().into_inner()
}

#[test]
fn every_sample_is_written_back_as_it_came() {
    for name in names(false) {
        for sent in sample(&name) {
            let sde = Sde::read(&sent.to_string()).unwrap();
            assert_eq!(serde_json::to_value(&sde).unwrap(), sent, "{name}");
        }
    }
    for name in names(true) {
        for read in sample(&name) {
            assert_eq!(serde_json::to_value(salvaged(&read)).unwrap(), read, "{name}");
        }
    }
}
