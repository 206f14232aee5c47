//! `le conversations get`

use crate::stage::{Stage, conversations, ids};

#[test]
fn as_text_or_as_received() {
    let stage = Stage::new(30);
    stage.run("conversations export --last 400d --out all.jsonl").succeeds();
    let known = conversations(&stage.file("all.jsonl"));
    let text = stage.run(&format!("conversations get {}", known[3])).succeeds().out;
    assert!(text.starts_with("{\n  \"info\": {\n"), "{text}");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["info"]["conversationId"],
        known[3].as_str()
    );
    let lines = stage
        .run(&format!("conversations get --json {} {}", known[3], known[7]))
        .succeeds()
        .out;
    assert_eq!(ids(&lines), [known[3].clone(), known[7].clone()]);
}

#[test]
fn one_that_is_missing_does_not_hide_the_others() {
    let stage = Stage::new(30);
    stage.run("conversations export --last 400d --out all.jsonl").succeeds();
    let known = conversations(&stage.file("all.jsonl"));
    let run = stage
        .run(&format!("conversations get nowhere {} --json", known[0]))
        .ends_with(6);
    assert_eq!(ids(&run.out), known[..1]);
    assert_eq!(run.error()["kind"], "not_found");
}
