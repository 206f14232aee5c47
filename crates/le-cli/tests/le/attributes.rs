//! `le attributes`

use std::io::Write as _;
use std::process::Stdio;

use crate::stage::{Ran, end, le, ran};

/// Runs `le attributes` with these words; a file `a.json` with this text is there, and the same text is the standard input.
fn run(words: &str, text: &str) -> Ran {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("a.json"), text).unwrap();
    let mut command = le(home.path());
    command.arg("attributes").args(words.split_whitespace());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    end(child)
}

#[test]
fn the_types_are_listed_and_one_is_described() {
    let all = run("types", "").succeeds();
    assert_eq!(all.out.lines().count(), 16, "{all:?}");
    let service = all.out.lines().find(|line| line.starts_with("service")).unwrap();
    assert!(service.contains("append") && service.contains("replace"), "{service}");
    insta::assert_snapshot!(run("types purchase", "").succeeds().out);
    let cart = run("types cart --json", "").succeeds().json();
    assert_eq!(cart["repeat"]["messaging"], "replace");
    let total = &cart["fields"][0];
    assert_eq!((&total["path"], &total["required"]), (&"total".into(), &true.into()));
    assert_eq!(run("types --json", "").succeeds().json().as_array().unwrap().len(), 15);
}

#[test]
fn an_unknown_type_ends_with_6_and_says_what_was_meant() {
    run("types basket", "").ends_with(6).says("le attributes types");
    run("types CustomerInfo", "")
        .ends_with(6)
        .says("did you mean `ctmrinfo`?");
    run("types shoppingCart", "").ends_with(6).says("did you mean `cart`?");
}

#[test]
fn what_keeps_the_rules_is_valid_in_every_form() {
    let (one, other) = (
        r#"{"type":"cart","total":1,"numItems":1}"#,
        r#"{"type":"lead","lead":{}}"#,
    );
    for text in [
        one.to_owned(),
        format!("[{one},{other}]"),
        format!("{one}\n{other}\n"),
        format!("[{one}]\n[{other}]"),
    ] {
        run("validate a.json", &text).succeeds().says("keep all rules");
        run("validate -", &text).succeeds();
        let json = run("validate - --json", &text).succeeds().json();
        assert_eq!(json["valid"], true);
    }
}

#[test]
fn every_violation_is_listed_with_its_place_and_without_its_value() {
    let text = "{\"type\":\"cart\",\"total\":1}\n\n[{\"type\":\"personal\",\"personal\":{\"gender\":\"Ruth Adler\",\"language\":\"Ruth\"}}, 7]\n";
    let told = run("validate a.json", text).ends_with(2);
    assert!(!told.out.contains("Ruth"), "{told:?}");
    insta::assert_snapshot!(told.out);
    let json = run("validate a.json --json", text).ends_with(2).json();
    insta::assert_json_snapshot!(json);
}

#[test]
fn what_no_page_names_is_told_with_what_was_meant_and_is_wrong_only_where_strict() {
    let text = r#"[{"type":"customerInfo"},{"type":"cart","total":1,"numItems":1,"curency":"Ruth"}]"#;
    let told = run("validate a.json", text).succeeds();
    assert_eq!(
        told.out,
        "unknown: line 1, attributes[0]: no type is called `customerInfo`; did you mean `ctmrinfo`?\n\
         unknown: line 1, attributes[1]: `cart` has no member `curency`; did you mean `currency`?\n\
         valid: 2 attribute(s) keep all rules\n"
    );
    run("validate a.json --strict", text).ends_with(2);
    let json = run("validate a.json --strict --json", text).ends_with(2).json();
    assert_eq!(
        (&json["valid"], &json["unknown"][1]["meant"]),
        (&true.into(), &"currency".into())
    );
    run("validate a.json --strict", r#"{"type":"cart","total":1,"numItems":1}"#).succeeds();
}

#[test]
fn the_route_decides_what_is_taken() {
    let store = r#"{"type":"ctmrinfo","info":{"storeNumber":"12"}}"#;
    run("validate a.json", store).succeeds();
    run("validate a.json --route signed-token", store)
        .ends_with(2)
        .says("`info.storeNumber` is not allowed");
    let search = r#"{"type":"searchInfo","keywords":["x"]}"#;
    run("validate a.json --route mobile-report", search)
        .ends_with(2)
        .says("`searchInfo` cannot be sent");
    run("validate a.json --route teleport", search)
        .ends_with(2)
        .says("teleport");
}

#[test]
fn what_is_no_json_ends_with_10_and_no_file_with_11() {
    run("validate a.json", "{\"type\":\"Ruth\"")
        .ends_with(10)
        .says("line 1, column");
    run("validate a.json", "").ends_with(10).says("no attribute");
    let error = run("validate a.json --json", "[}").ends_with(10).error();
    assert_eq!(error["kind"], "data");
    let home = tempfile::tempdir().unwrap();
    ran(le(home.path()).args(["attributes", "validate", "none.json"]))
        .ends_with(11)
        .says("none.json");
}
