//! Signals, pipes and devices: what the program does as a process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use le_sim::{FaultAction, FaultPlan, FaultRule};
use serde_json::Value;

use crate::stage::{Ran, Stage, assert_distinct, conversations, le, of, ran};

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([format!("-{name}"), child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

fn end(child: Child) -> Ran {
    of(child.wait_with_output().unwrap())
}

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

/// Starts `le sim` and reads its ready line.
fn simulator(home: &Path, arguments: &str) -> (Child, Value) {
    let mut child = le(home)
        .arg("sim")
        .args(arguments.split_ascii_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready = serde_json::from_str(&line).unwrap_or_else(|e| {
        let mut err = String::new();
        child.stderr.as_mut().unwrap().read_to_string(&mut err).unwrap();
        panic!("{e}: {line:?} {err}")
    });
    (child, ready)
}

#[test]
fn the_driver_contract_of_the_simulator() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(
        home.path().join("faults.toml"),
        "[[rules]]\nroute = \"login.login\"\nnth = 1\naction = { kind = \"status\", status = 403 }\n",
    )
    .unwrap();
    let arguments = "--listen 127.0.0.1:0 --tls --proxy 127.0.0.1:0 --ca-out ca.pem --account 70055 --seed 9 --conversations 25 --faults faults.toml";
    let (child, ready) = simulator(home.path(), arguments);
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["account"], "70055");
    for key in ["csds", "plain", "proxy", "ca"] {
        assert!(ready[key].is_string(), "{key}: {ready}");
    }
    for key in ["users", "apiKeys", "oauthClients", "skills"] {
        assert!(!ready[key].as_array().unwrap().is_empty(), "{key}");
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let user = ready["users"]
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["type"] == "Human")
        .unwrap();
    let client = |arguments: &[&str]| {
        let mut command = le(home.path());
        command
            .env("LE_ACCOUNT_ID", "70055")
            .env("LE_DOMAIN_HOST", text(&ready["csds"]))
            .env("LE_CA_FILE", text(&ready["ca"]))
            .env("LE_USERNAME", text(&user["loginName"]))
            .env("LE_PASSWORD", text(&user["password"]));
        ran(command.args(arguments))
    };
    client(&["login"]).ends_with(5);
    client(&["login"]).succeeds().says(user["userId"].as_str().unwrap());
    client(&["conversations", "export", "--last", "400d", "--out", "all.jsonl"]).succeeds();
    assert_distinct(&conversations(&home.path().join("all.jsonl")), 25);
    signal(&child, "TERM");
    let run = end(child).succeeds();
    assert_eq!(run.out, "", "one line only");
}

#[test]
fn the_simulator_stops_at_ctrl_c_and_names_what_it_cannot_do() {
    let home = tempfile::tempdir().unwrap();
    let (child, ready) = simulator(home.path(), "--conversations 1");
    assert!(ready["proxy"].is_null() && ready["ca"].is_null());
    let taken = ready["csds"].as_str().unwrap().replace("localhost", "127.0.0.1");
    ran(le(home.path()).args(["sim", "--listen", &taken]))
        .ends_with(3)
        .says("cannot listen");
    ran(le(home.path()).args(["sim", "--faults", "none.toml"]))
        .ends_with(3)
        .says("none.toml");
    ran(le(home.path()).args(["sim", "--account", "7-7"]))
        .ends_with(2)
        .says("malformed");
    ran(le(home.path()).args(["sim", "--proxy", "anywhere"])).ends_with(2);
    signal(&child, "INT");
    end(child).succeeds();
}

#[test]
fn the_demo_can_leave_its_simulator_running() {
    let home = tempfile::tempdir().unwrap();
    let mut child = le(home.path())
        .args(["demo", "--conversations", "20", "--out", "all.jsonl", "--keep"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut settings = std::collections::BTreeMap::new();
    for line in BufReader::new(child.stderr.as_mut().unwrap()).lines() {
        let line = line.unwrap();
        for pair in line.split_whitespace().filter_map(|word| word.split_once('=')) {
            settings.insert(pair.0.to_owned(), pair.1.to_owned());
        }
        if line.trim() == "le doctor" {
            break;
        }
    }
    ran(le(home.path()).envs(settings).arg("doctor"))
        .succeeds()
        .says("everything works");
    signal(&child, "INT");
    end(child).succeeds();
}
