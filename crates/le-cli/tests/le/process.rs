//! Signals, pipes and devices: what an export does as a process.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use le_sim::{FaultAction, FaultPlan, FaultRule};

use crate::stage::{Stage, assert_distinct, conversations, end, of, ran, signal};

/// Waits until a file has grown beyond `bytes`.
#[track_caller]
fn wait_for(file: &Path, bytes: u64) {
    let begun = Instant::now();
    while file.metadata().map_or(0, |found| found.len()) <= bytes {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{} does not grow",
            file.display()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A simulator whose history answers slowly, so that there is a middle to stop in.
fn slow(conversations: usize) -> Stage {
    let delay = FaultRule::new(FaultAction::Delay { ms: 100 }).route("messaging_interactions.search");
    Stage::with(conversations, |builder| builder.faults(FaultPlan::new(1).with(delay)))
}

#[test]
fn ctrl_c_in_the_middle_keeps_complete_lines_and_can_be_gone_on_from() {
    for name in ["INT", "TERM"] {
        let stage = slow(900);
        let arguments = [
            "conversations",
            "export",
            "--last",
            "400d",
            "--window",
            "20d",
            "--out",
            "all.jsonl",
        ];
        let child = stage
            .le()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for(&stage.file("all.jsonl"), 0);
        signal(&child, name);
        end(child).ends_with(130).says("interrupted after").says("--resume");
        let before = conversations(&stage.file("all.jsonl")).len();
        assert!(before > 0 && before < 900, "{before}");
        assert!(stage.control().sessions().is_empty(), "it logs out");
        stage.control().clear_faults();
        ran(stage.le().args(arguments).arg("--resume")).succeeds();
        assert_distinct(&conversations(&stage.file("all.jsonl")), 900);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let stage = Stage::new(600);
    let mut child = stage
        .le()
        .args(["conversations", "export", "--last", "400d"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.starts_with("{\"info\""));
    let run = end(child).succeeds();
    assert_eq!(run.err, "");
    // The same for what people read.
    let mut child = stage
        .le()
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(end(child).succeeds().err, "");
}

/// A limit on the size of files is a full disk that needs no privileges.
#[test]
fn a_file_that_can_grow_no_further_stays_whole_and_can_be_gone_on_from() {
    let stage = Stage::new(300);
    let arguments = ["conversations", "export", "--last", "400d", "--out", "all.jsonl"];
    let export = stage.le();
    let mut limited = std::process::Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\""])
        .arg(export.get_program())
        .args(arguments);
    limited.current_dir(stage.home.path()).env_clear();
    limited.envs(export.get_envs().filter_map(|(name, value)| Some((name, value?))));
    ran(&mut limited)
        .ends_with(11)
        .says("File too large")
        .says("complete records")
        .says("--resume");
    let before = conversations(&stage.file("all.jsonl")).len();
    assert!(before > 0 && before < 300, "{before}");
    ran(stage.le().args(arguments).arg("--resume")).succeeds();
    assert_distinct(&conversations(&stage.file("all.jsonl")), 300);
}

#[test]
fn a_full_disk_ends_with_11_and_says_so() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let stage = Stage::new(300);
    let full = || Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    stage
        .run("conversations export --last 400d --out /dev/full")
        .ends_with(11)
        .says("No space left")
        .says("free some space");
    let mut export = stage.le();
    export
        .args(["conversations", "export", "--last", "400d", "--json"])
        .stdout(full())
        .stderr(Stdio::piped());
    let run = of(export.output().unwrap()).ends_with(11);
    assert_eq!(run.error()["kind"], "io");
    let run = of(stage
        .le()
        .arg("domain")
        .stdout(full())
        .stderr(Stdio::piped())
        .output()
        .unwrap());
    run.ends_with(11).says("standard output");
}
