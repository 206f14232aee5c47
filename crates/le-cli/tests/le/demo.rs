//! `le demo`

use crate::stage::{assert_distinct, conversations, le, ran};

#[test]
fn end_to_end_with_every_fault_survived() {
    let home = tempfile::tempdir().unwrap();
    let run = ran(le(home.path()).args(["demo", "--conversations", "300", "--out", "all.jsonl", "--json"])).succeeds();
    assert_distinct(&conversations(&home.path().join("all.jsonl")), 300);
    let mut json = run.json();
    assert!(json["pauses_seconds"].as_f64().unwrap() >= 5.0 * 7.0, "{json}");
    assert!(json["refreshes"].as_u64().unwrap() >= 1, "{json}");
    assert!(json["attempts"].as_u64().unwrap() >= 29, "{json}");
    for volatile in [
        "attempts",
        "bytes",
        "pauses_seconds",
        "pull_seconds",
        "refreshes",
        "total_seconds",
    ] {
        assert!(json[volatile].is_number(), "{volatile}: {json}");
        json[volatile] = format!("[{volatile}]").into();
    }
    insta::assert_json_snapshot!(json);
}

#[test]
fn the_report_for_people_and_a_place_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let temporary = home.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let run = ran(le(home.path())
        .env("TMPDIR", &temporary)
        .args(["demo", "--conversations", "40", "--seed", "11"]))
    .succeeds();
    let run = run
        .says("all 40 conversations are in the file, each exactly once")
        .says("400 times faster")
        .says("Next");
    let folder = std::fs::read_dir(&temporary).unwrap().next().unwrap().unwrap().path();
    assert!(run.out.contains(&folder.display().to_string()));
    assert_distinct(&conversations(&folder.join("conversations.jsonl")), 40);
}

#[test]
fn a_file_that_is_there_is_kept_unless_told_otherwise() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("mine.jsonl"), "mine\n").unwrap();
    let arguments = ["demo", "--conversations", "20", "--out", "mine.jsonl"];
    ran(le(home.path()).args(arguments)).ends_with(11).says("--force");
    assert_eq!(
        std::fs::read_to_string(home.path().join("mine.jsonl")).unwrap(),
        "mine\n"
    );
    ran(le(home.path()).args(arguments).arg("--force")).succeeds();
    assert_distinct(&conversations(&home.path().join("mine.jsonl")), 20);
}
