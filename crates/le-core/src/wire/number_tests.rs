//! Numbers and flags in every form.

use super::*;

fn again<T: Serialize + for<'de> Deserialize<'de>>(json: &str) -> String {
    let value: T = serde_json::from_str(json).unwrap_or_else(|e| panic!("{json}: {e}"));
    serde_json::to_string(&value).unwrap()
}

#[test]
fn every_form_is_written_back_as_it_came() {
    for json in [
        "0",
        "-1",
        "34.0",
        "9223372036854775807",
        "\"0\"",
        "\"-1\"",
        "\"007\"",
        "\"+5\"",
        "\"34.0\"",
        "\"-0\"",
    ] {
        assert_eq!(again::<Int>(json), json);
    }
    for json in [
        "0",
        "-7",
        "12.5",
        "18446744073709551615",
        "\"31.5\"",
        "\"-0.0\"",
        "\"1e3\"",
    ] {
        assert_eq!(again::<Float>(json), json);
    }
    for json in ["true", "false", "0", "1", "\"true\"", "\"False\"", "\"0\""] {
        assert_eq!(again::<Flag>(json), json);
    }
}

#[test]
fn equality_is_by_value_and_the_size_stays_small() {
    let text: Int = serde_json::from_str("\"34.0\"").unwrap();
    assert_eq!(text, Int::from(34));
    let text: Float = serde_json::from_str("\"2\"").unwrap();
    assert_eq!(text, 2.0);
    let text: Flag = serde_json::from_str("\"TRUE\"").unwrap();
    assert_eq!(text, true);
    assert_eq!(size_of::<Option<Int>>(), 16);
    assert_eq!(size_of::<Option<Float>>(), 16);
    assert_eq!(size_of::<Option<Flag>>(), 16);
}

#[test]
fn what_is_not_a_number_is_refused_without_quoting_it() {
    for json in [
        "\"undefined\"",
        "\"\"",
        "1.5",
        "true",
        "null",
        "[]",
        "18446744073709551615",
        "\"1.5\"",
        "\"inf\"",
    ] {
        let failure = serde_json::from_str::<Int>(json).unwrap_err().to_string();
        assert!(!failure.contains("undefined"), "{failure}");
    }
    assert!(serde_json::from_str::<Float>("\"NaN\"").is_err());
    assert!(serde_json::from_str::<Flag>("2").is_err());
    assert!(serde_json::from_str::<Flag>("\"yes\"").is_err());
}
