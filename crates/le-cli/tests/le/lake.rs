//! `le export` and `le query`

use serde_json::Value;

use crate::stage::{Ran, Stage, ran};

fn ask(stage: &Stage, sql: &str) -> Ran {
    ran(stage.anonymous().args(["query", sql, "--format", "csv"]))
}

/// The conversations of the last sixty days, as the service counts them.
fn recent(stage: &Stage) -> u64 {
    let run = stage.run("conversations export --last 60d --out recent.jsonl --force --json");
    run.succeeds().json()["conversations"].as_u64().unwrap()
}

#[test]
fn into_a_file_that_answers_questions() {
    let stage = Stage::new(200);
    let expected = recent(&stage);
    let summary = stage.run("export run --last 60d --json").succeeds().json();
    assert_eq!(summary["outcome"], "finished");
    assert_eq!(summary["records"], expected);
    let run = ask(
        &stage,
        "SELECT count(*) AS n, count(DISTINCT conversation_id) AS ids FROM conversations",
    )
    .succeeds();
    assert_eq!(run.out, format!("n,ids\r\n{expected},{expected}\r\n"));
    let joined = "SELECT count(*) > 0 AS some FROM messages JOIN conversations USING (conversation_id)";
    assert_eq!(ask(&stage, joined).succeeds().out, "some\r\n1\r\n");
    ask(&stage, "DELETE FROM conversations").ends_with(2);
    ask(&stage, "SELECT colour FROM conversations")
        .ends_with(2)
        .says("conversation_id");
    ran(stage.anonymous().args(["query", "SELECT 1", "--in", "nowhere.sqlite"])).ends_with(11);
}

#[test]
fn a_dataset_is_resumed_verified_and_forgets() {
    let stage = Stage::new(200);
    let expected = recent(&stage);
    let run = stage.run("export run --into lake --format jsonl --last 60d --summary summary.json");
    run.succeeds().says(&format!("{expected} conversations"));
    let summary: Value = serde_json::from_slice(&std::fs::read(stage.file("summary.json")).unwrap()).unwrap();
    assert_eq!(summary["records"], expected);
    stage
        .run("export verify --into lake --format jsonl --keys")
        .succeeds()
        .says("as the service");
    // What is done is not read again, but for the time that has passed since.
    let again = stage
        .run("export run --into lake --format jsonl --last 60d --json")
        .succeeds()
        .json();
    assert!(again["windows"]["skipped"].as_u64().unwrap() >= 59, "{again}");
    stage
        .run("export run --into lake --format jsonl --since-last")
        .succeeds();
    let line = std::fs::read_to_string(stage.file("recent.jsonl")).unwrap();
    let first: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    let id = first["info"]["conversationId"].as_str().unwrap();
    stage
        .run(&format!("export forget --into lake --format jsonl {id}"))
        .succeeds();
    stage
        .run(&format!("export forget --into lake --format jsonl {id}"))
        .ends_with(6)
        .says("not there");
    stage
        .run("export verify --into lake --format jsonl --keys --json")
        .ends_with(10);
    stage
        .run(&format!("export forget --into lake --format jsonl --reread {id}"))
        .succeeds();
    stage.run("export verify --into lake --format jsonl --keys").succeeds();
    stage.run("export compact --into lake --format jsonl").succeeds();
    stage.run("export verify --into elsewhere --format jsonl").ends_with(6);
}

#[cfg(feature = "parquet")]
#[test]
fn tables_of_their_own_are_kept_in_step_whether_they_are_named_again_or_not() {
    let stage = Stage::new(200);
    recent(&stage);
    stage.run("export run --into lake --flat-tables --last 60d").succeeds();
    assert!(stage.file("lake/messages").is_dir());
    stage.run("export run --into lake --since-last").succeeds();
    stage.run("export verify --into lake --keys").succeeds();
    stage.run("export run --into lists --last 60d").succeeds();
    assert!(!stage.file("lists/messages").exists());
    stage
        .run("export run --into lists --flat-tables --last 60d")
        .ends_with(2);
    let line = std::fs::read_to_string(stage.file("recent.jsonl")).unwrap();
    let first: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    let id = first["info"]["conversationId"].as_str().unwrap();
    let mentions = || {
        let days = std::fs::read_dir(stage.file("lake/messages")).unwrap();
        let parts = days.flat_map(|day| std::fs::read_dir(day.unwrap().path()).unwrap());
        let mut texts = parts.map(|part| std::fs::read(part.unwrap().path()).unwrap());
        texts.any(|text| text.windows(id.len()).any(|at| at == id.as_bytes()))
    };
    assert!(mentions());
    stage.run(&format!("export forget --into lake {id}")).succeeds();
    assert!(!mentions());
}

#[test]
fn windows_of_a_plan_can_be_run_one_by_one() {
    let stage = Stage::new(200);
    let arguments = "--into lake --format csv --last 5d";
    let plan = stage.run(&format!("export plan {arguments}")).succeeds();
    let windows: Vec<&str> = plan.out.lines().collect();
    assert!((5..=6).contains(&windows.len()), "{windows:?}");
    for window in &windows {
        stage
            .run(&format!("export run {arguments} --window {window}"))
            .succeeds();
    }
    assert!(stage.file("lake/conversations").is_dir());
    stage
        .run("export run --into lake --format csv --window tomorrow")
        .ends_with(2)
        .says("a plan prints them");
}

#[test]
fn messages_for_singer_targets() {
    let stage = Stage::new(200);
    let expected = recent(&stage);
    let run = stage.run("export run --format singer --last 60d --json").succeeds();
    let messages: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |kind: &str| messages.iter().filter(|message| message["type"] == kind).count() as u64;
    assert_eq!(of("RECORD"), expected);
    assert_eq!(of("SCHEMA"), 1);
    assert!(of("STATE") > 0);
    let told = stage.run("export run --format singer --last 60d").succeeds().err;
    assert!(told.contains(" to the standard output in "), "{told}");
}

#[test]
fn what_cannot_be_is_said_before_anything_is_sent() {
    let stage = Stage::new(1);
    stage
        .run("export run --into lake --from 2026-02-01 --to 2026-01-01")
        .ends_with(2);
    stage
        .run("export run --into lake --source chats --last 5d --skill 1")
        .ends_with(2)
        .says("conversations only");
    stage
        .run("export run --into lake --format jsonl --compression snappy --last 5d")
        .ends_with(2);
}
