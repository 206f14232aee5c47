//! `le sim` as another program drives it, and the demo that leaves its simulator running.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::stage::{assert_distinct, conversations, end, le, ran, signal};

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
    for key in ["users", "apiKeys", "oauthClients", "skills", "appInstallations"] {
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
