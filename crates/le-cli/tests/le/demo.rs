//! `le demo`

use crate::stage::{assert_distinct, conversations, le, ran};

#[test]
fn end_to_end_with_every_fault_survived() {
    let home = tempfile::tempdir().unwrap();
    let run = ran(le(home.path()).args(["demo", "--conversations", "300", "--out", "all.jsonl", "--json"])).succeeds();
    assert_distinct(&conversations(&home.path().join("all.jsonl")), 350);
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
    // Fifty conversations more: those of the bot, through broken sockets, with nothing lost and nothing doubled.
    let talks = &json["messaging"];
    assert!(talks["sockets_broken"].as_u64().unwrap() > 50, "{talks}");
    assert!(talks["messages"].as_u64().unwrap() > 800, "{talks}");
    json["messaging"]["sockets_broken"] = "[sockets_broken]".into();
    json["messaging"]["messages"] = "[messages]".into();
    json["messaging"]["seconds"] = "[seconds]".into();
    json["lake"]["seconds"] = "[seconds]".into();
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
        .says("all 90 conversations are in the file, each exactly once")
        .says("400 times faster")
        .says("Next");
    let folder = std::fs::read_dir(&temporary).unwrap().next().unwrap().unwrap().path();
    assert!(run.out.contains(&folder.display().to_string()));
    assert_distinct(&conversations(&folder.join("conversations.jsonl")), 90);
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
    std::fs::write(home.path().join("history.sqlite"), "").unwrap();
    ran(le(home.path()).args(arguments).arg("--force"))
        .ends_with(11)
        .says("history.sqlite");
    std::fs::remove_file(home.path().join("history.sqlite")).unwrap();
    ran(le(home.path()).args(arguments).arg("--force")).succeeds();
    assert_distinct(&conversations(&home.path().join("mine.jsonl")), 70);
}
