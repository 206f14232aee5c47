//! `le conversations export`

use le_sim::{FaultAction, FaultPlan, FaultRule};

use crate::stage::{Stage, assert_distinct, conversations, ids, ran};

const SEARCH: &str = "messaging_interactions.search";

fn fault(action: FaultAction, nth: u64) -> FaultPlan {
    FaultPlan::new(1).with(FaultRule::new(action).route(SEARCH).nth(nth))
}

#[test]
fn every_conversation_as_received_to_a_file() {
    let stage = Stage::new(250);
    let run = stage
        .run("conversations export --last 400d --out all.jsonl")
        .succeeds()
        .says("250 conversations");
    assert!(run.out.is_empty(), "{run:?}");
    assert_distinct(&conversations(&stage.file("all.jsonl")), 250);
    stage
        .run("conversations export --last 400d --out all.jsonl")
        .ends_with(11)
        .says("--force");
    stage
        .run("conversations export --last 400d --out all.jsonl --force --max 7 --quiet")
        .succeeds();
    assert_distinct(&conversations(&stage.file("all.jsonl")), 7);
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::new(5);
    stage.run("conversations export --last 400d --out all.jsonl").succeeds();
    let mode = stage.file("all.jsonl").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn to_the_standard_output_nothing_but_conversations_goes() {
    let stage = Stage::new(120);
    for arguments in [
        "conversations export --last 400d",
        "conversations export --last 400d --out - --json",
    ] {
        assert_distinct(&ids(&stage.run(arguments).succeeds().out), 120);
    }
}

#[test]
fn the_summary_for_machines() {
    let stage = Stage::new(40);
    let mut json = stage
        .run("conversations export --last 400d --window 60d --out all.jsonl --json")
        .succeeds()
        .json();
    assert!(json["seconds"].as_f64().unwrap() > 0.0);
    assert!(json["bytes"].as_u64().unwrap() > 40_000);
    for volatile in ["seconds", "bytes", "from", "to", "file"] {
        json[volatile] = format!("[{volatile}]").into();
    }
    insta::assert_json_snapshot!(json, @r#"
    {
      "already_in_file": 0,
      "bytes": "[bytes]",
      "conversations": 40,
      "file": "[file]",
      "format": "jsonl",
      "from": "[from]",
      "pages": 7,
      "seconds": "[seconds]",
      "to": "[to]"
    }
    "#);
}

#[test]
fn filters_reach_the_service() {
    let stage = Stage::new(150);
    let closed = ids(&stage
        .run("conversations export --last 400d --status close --content none")
        .succeeds()
        .out)
    .len();
    let open = ids(&stage
        .run("conversations export --last 400d --status open")
        .succeeds()
        .out)
    .len();
    assert!(open > 0 && closed > open);
    assert_eq!(open + closed, 150);
    let skill = stage.sim().account().skills[0].id;
    let one = ids(&stage
        .run(&format!("conversations export --last 400d --skill {skill}"))
        .succeeds()
        .out)
    .len();
    assert!(one > 0 && one < 150, "{one}");
    // A filter that the service does not take is the user's to correct.
    stage
        .run("conversations export --last 1d --page-size 101")
        .ends_with(2)
        .says("1 to 100");
}

#[test]
fn a_refusal_on_the_way_keeps_what_came_before_and_can_be_gone_on_from() {
    let stage = Stage::with(400, |builder| builder.faults(fault(FaultAction::status(403), 5)));
    let run = stage
        .run("conversations export --last 400d --window 30d --out all.jsonl")
        .ends_with(5);
    run.says("the export ended after").says("--resume");
    let before = conversations(&stage.file("all.jsonl")).len();
    assert!(before > 0 && before < 400, "{before}");
    let run = stage
        .run("conversations export --last 400d --window 30d --out all.jsonl --resume")
        .succeeds();
    run.says("in the file already");
    assert_distinct(&conversations(&stage.file("all.jsonl")), 400);
}

#[test]
fn half_a_line_of_a_program_that_was_killed_is_cut_off_when_going_on() {
    let stage = Stage::new(200);
    stage.run("conversations export --last 400d --out all.jsonl").succeeds();
    let text = std::fs::read_to_string(stage.file("all.jsonl")).unwrap();
    std::fs::write(stage.file("all.jsonl"), &text.as_bytes()[..text.len() / 2]).unwrap();
    stage
        .run("conversations export --last 400d --out all.jsonl --resume")
        .succeeds();
    assert_eq!(conversations(&stage.file("all.jsonl")), ids(&text));
}

#[test]
fn going_on_needs_a_file_of_this_program() {
    let stage = Stage::new(3);
    stage
        .run("conversations export --last 400d --resume")
        .ends_with(2)
        .says("--out");
    std::fs::write(stage.file("notes.txt"), "milk\n").unwrap();
    stage
        .run("conversations export --last 400d --resume --out notes.txt")
        .ends_with(10)
        .says("line 1");
    assert_eq!(std::fs::read_to_string(stage.file("notes.txt")).unwrap(), "milk\n");
    // Where there is no file yet, the same command begins it.
    stage
        .run("conversations export --last 400d --resume --out new.jsonl")
        .succeeds();
    assert_distinct(&conversations(&stage.file("new.jsonl")), 3);
}

#[test]
fn kinds_of_failures_have_their_codes() {
    for (action, code) in [
        (FaultAction::status(400), 2),
        (FaultAction::status(403), 5),
        (FaultAction::status(404), 6),
        (FaultAction::status(501), 9),
        (FaultAction::MalformedJson, 10),
        (FaultAction::EmptyBody, 9),
    ] {
        let stage = Stage::with(3, |builder| builder.faults(fault(action.clone(), 1)));
        let run = stage.run("conversations export --last 1d --window 2d --json");
        assert_eq!(run.code, code, "{action:?}: {run:?}");
        assert_eq!(run.error()["exit_code"], code, "{action:?}");
    }
}

#[test]
fn a_session_that_the_server_ends_is_renewed() {
    let stage = Stage::with(60, |builder| builder.faults(fault(FaultAction::ExpireSession, 1)));
    assert_distinct(
        &ids(&stage
            .run("conversations export --last 400d --window 60d")
            .succeeds()
            .out),
        60,
    );
    assert_eq!(stage.control().logins_of(&stage.user().login_name), 2);
}

#[test]
fn an_api_key_needs_no_login() {
    let stage = Stage::new(20);
    let key = &stage.sim().api_keys()[0];
    let run = ran(stage
        .anonymous()
        .env("LE_APP_KEY", &key.app_key)
        .env("LE_APP_SECRET", &key.secret)
        .env("LE_ACCESS_TOKEN", &key.access_token)
        .env("LE_ACCESS_TOKEN_SECRET", &key.access_token_secret)
        .args(["conversations", "export", "--last", "400d"]));
    assert_distinct(&ids(&run.succeeds().out), 20);
    assert_eq!(stage.control().requests_to("login.login"), 0);
}

#[test]
fn a_service_that_stays_throttled_ends_with_7_after_the_retries() {
    let rule = FaultRule::new(FaultAction::retry_after(429, 1)).route(SEARCH);
    let stage = Stage::with(3, |builder| builder.faults(FaultPlan::new(1).with(rule)));
    let run = stage.run("conversations export --last 1d --json").ends_with(7);
    assert_eq!(run.error()["attempts"], 4);
}
