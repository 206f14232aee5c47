//! Any JSON goes through a record and comes back unchanged.
#![allow(unreachable_pub, reason = "records are public; these are for the tests alone")]

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Flag, Float, Int, List, PageText, RawRecord, decode_records, split_records};

crate::record! {
    /// A part.
    pub struct Part {
        /// A number.
        number: Option<Int> = "n" [safe],
        /// A flag.
        flag: Option<Flag> = "f" [safe],
        /// A name.
        name: Option<String> = "name",
        /// Smaller parts.
        parts: List<Part> = "parts" | "part" [safe],
    }
}

crate::record! {
    /// A whole.
    pub struct Whole {
        /// A rate.
        rate: Option<Float> = "rate" | "r" | "csat" [safe],
        /// A part.
        part: Option<Part> = "p" [safe],
        /// Parts.
        parts: List<Part> = "parts" | "part" [safe],
        /// Words.
        words: List<String> = "words",
        /// A boxed part.
        boxed: Option<Box<Part>> = "boxed" [safe],
    }
}

/// Any JSON whose objects often have the members that the records know.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-2i64..3).prop_map(Value::from),
        (-2i64..3).prop_map(|n| Value::from(n.to_string())),
        (-2i64..3).prop_map(|n| Value::from(format!("{n}.0"))),
        prop_oneof![Just("true"), Just("FALSE"), Just("undefined"), Just("NA")].prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        4 => proptest::sample::select(vec!["n", "f", "name", "parts", "part", "rate", "r", "csat", "p", "words", "boxed"])
            .prop_map(str::to_owned),
        1 => ".{0,4}",
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            3 => prop::collection::vec((key.clone(), inner), 0..6).prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn any_object_comes_back_as_it_went_in(value in any_json().prop_filter("objects", Value::is_object)) {
        let text = value.to_string();
        let raw = RawRecord::new(text.clone()).unwrap();
        let record = raw.decode::<Whole>().unwrap();
        // The oracle reads the same text, so that both parse each fraction once.
        let expected: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(serde_json::to_value(&*record).unwrap(), expected.clone());
        let again = RawRecord::new(serde_json::to_string(&*record).unwrap()).unwrap();
        let copy = again.decode::<Whole>().unwrap();
        prop_assert_eq!(serde_json::to_value(&*copy).unwrap(), serde_json::from_str::<Value>(again.as_str()).unwrap());
        prop_assert_eq!(record.salvaged().is_empty(), serde_json::from_str::<Whole>(&text).is_ok());
    }

    #[test]
    fn a_page_of_anything_is_split_and_decoded_at_the_same_places(records in prop::collection::vec(any_json(), 0..6), pretty in any::<bool>()) {
        let page = json!({"a": {"records": [1]}, "records": records, "z": "\"]}"});
        let text = if pretty { serde_json::to_string_pretty(&page).unwrap() } else { page.to_string() };
        let bytes = Bytes::from(text);
        let split = split_records(&bytes, "records").unwrap();
        let typed = decode_records::<Whole>(&bytes, "records").unwrap();
        prop_assert_eq!(split.records.len(), records.len());
        prop_assert_eq!(typed.records.len(), records.len());
        prop_assert_eq!(split.member("z").unwrap().as_str(), "\"\\\"]}\"");
        for ((raw, typed), sent) in split.records.iter().zip(&typed.records).zip(&records) {
            match typed {
                Ok(record) => prop_assert_eq!(record.raw(), raw),
                Err(error) => {
                    prop_assert!(!sent.is_object());
                    prop_assert_eq!(error.raw(), raw);
                }
            }
            let mut line = Vec::new();
            raw.write_line(&mut line).unwrap();
            prop_assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
            prop_assert_eq!(serde_json::from_slice::<Value>(&line).unwrap(), raw.to_value().unwrap());
        }
    }

    #[test]
    fn cut_off_pages_are_refused(records in prop::collection::vec(any_json(), 1..4), cut in any::<prop::sample::Index>()) {
        let text = json!({"records": records}).to_string();
        let at = 1 + cut.index(text.len() - 1);
        let bytes = Bytes::copy_from_slice(&text.as_bytes()[..at]);
        prop_assert!(split_records(&bytes, "records").is_err());
        prop_assert!(decode_records::<Whole>(&bytes, "records").is_err());
    }
}

fn decode(json: &str) -> (Whole, Vec<String>) {
    let record = RawRecord::new(json).unwrap().decode::<Whole>().unwrap();
    let salvaged = record.salvaged().to_vec();
    (record.into_inner(), salvaged)
}

#[test]
fn one_misfit_stays_raw_and_the_rest_is_typed() {
    let (whole, salvaged) =
        decode(r#"{"rate":{"x":1},"p":{"n":"undefined","name":"Ruth"},"parts":[{"n":1},{"n":[]},7],"words":"only"}"#);
    assert_eq!(salvaged, ["rate", "p.n", "parts[1].n", "parts[2]", "words"]);
    assert_eq!(whole.extra.get("rate"), Some(r#"{"x":1}"#));
    let part = whole.part.unwrap();
    assert_eq!(part.name.as_deref(), Some("Ruth"));
    assert_eq!(part.extra.get("n"), Some("\"undefined\""));
    assert_eq!(whole.parts.len(), 2);
    assert_eq!(*whole.words, ["only"]);
}

#[test]
fn both_aliases_may_be_there_and_the_first_value_wins() {
    for (json, rate) in [
        (r#"{"rate":1,"csat":2}"#, 1.0),
        (r#"{"csat":2,"rate":1}"#, 2.0),
        (r#"{"rate":null,"csat":2}"#, 2.0),
        (r#"{"csat":"2","r":{},"rate":null}"#, 2.0),
    ] {
        let (whole, salvaged) = decode(json);
        assert_eq!(whole.rate.as_ref().unwrap(), &rate, "{json}");
        assert!(salvaged.is_empty());
        assert_eq!(
            serde_json::to_value(&whole).unwrap(),
            serde_json::from_str::<Value>(json).unwrap()
        );
    }
}

#[test]
fn setting_a_field_replaces_what_extra_kept_under_its_name() {
    let (mut whole, _) = decode(r#"{"rate":null,"words":7}"#);
    whole.rate = Some(Float::from(3.5));
    whole.words = vec!["a".to_owned()].into();
    assert_eq!(
        serde_json::to_value(&whole).unwrap(),
        json!({"rate": 3.5, "words": ["a"]})
    );
}

#[test]
fn half_a_surrogate_pair_costs_one_field_only() {
    let json = r#"{"rate":2,"words":["cut \ud83d"],"p":{"name":"\ud83d","n":1}}"#;
    let (whole, salvaged) = decode(json);
    assert_eq!(salvaged, ["words[0]", "p.name"]);
    assert_eq!(whole.part.as_ref().unwrap().number, Some(Int::from(1)));
    let again = serde_json::to_string(&whole).unwrap();
    assert!(again.contains(r#"["cut \ud83d"]"#), "{again}");
}

#[test]
fn debug_shows_only_what_is_safe() {
    let (whole, _) = decode(r#"{"rate":2,"words":["Ruth"],"p":{"name":"Adler","n":1},"secret":"Ruth"}"#);
    assert_eq!(
        format!("{whole:?}"),
        "Whole { rate: 2.0, part: Part { number: 1, name: <redacted> }, words: <redacted>, extra: <1 more> }"
    );
}

#[test]
fn pages_that_are_no_pages() {
    for (text, reason) in [
        ("<html><body>Ruth</body></html>", "HTML"),
        ("[]", "a JSON object"),
        ("{\"records\": 7}", "a list of records"),
        ("{\"records\": []} x", "text after the end"),
        ("{\"records\": [{}", "`,` or `]`"),
        ("{\"records\": [{} {}]}", "`,` or `]`"),
        ("{records: []}", "name"),
    ] {
        let failure = split_records(&Bytes::from(text), "records").unwrap_err();
        assert!(failure.to_string().contains(reason), "{text}: {failure}");
        assert!(!failure.to_string().contains("Ruth"));
    }
    assert!(
        split_records(&Bytes::from_static(b"{\"a\xff\":1}"), "records")
            .unwrap_err()
            .to_string()
            .contains("UTF-8")
    );
    for text in ["", " \n", "{}", "{\"records\":null}", "{\"records\":[]}"] {
        assert!(split_records(&Bytes::from(text), "records").unwrap().records.is_empty());
    }
    assert_eq!(
        split_records(&Bytes::from("{\"records\":{\"n\":1}}"), "records")
            .unwrap()
            .records[0]
            .as_str(),
        "{\"n\":1}"
    );
}

#[test]
fn a_record_of_another_kind_is_an_error_in_its_place() {
    let page = Bytes::from(r#"{"records":[{"rate":1},"Ruth",{"rate":2}]}"#);
    let parts = decode_records::<Whole>(&page, "records").unwrap();
    let failure = parts.records[1].as_ref().unwrap_err();
    assert!(failure.to_string().contains("expected an object"), "{failure}");
    assert!(!failure.to_string().contains("Ruth"));
    assert_eq!(failure.raw().as_str(), "\"Ruth\"");
    assert_eq!(parts.records[2].as_ref().unwrap().rate, Some(Float::from(2.0)));
}

#[test]
fn the_head_is_read_without_the_list() {
    let page = PageText::new(&Bytes::from("{\"a\": 1, \"_metadata\":{\"count\":3},\"records\":[{},{")).unwrap();
    let head = page.head("records");
    assert_eq!(
        head.iter()
            .map(|(key, raw)| (key.as_str(), raw.as_str()))
            .collect::<Vec<_>>(),
        [("a", "1"), ("_metadata", "{\"count\":3}")]
    );
    assert!(
        PageText::new(&Bytes::from("{\"records\":[]}"))
            .unwrap()
            .head("records")
            .is_empty()
    );
    assert!(
        PageText::new(&Bytes::from("<html>"))
            .unwrap()
            .head("records")
            .is_empty()
    );
}
