//! `le doctor`, with each thing broken in turn.

use std::time::Duration;

use le_sim::TlsVersions;
use serde_json::Value;

use crate::stage::{Ran, Stage, le, ran};

/// The status of each check, in order.
fn statuses(run: &Ran) -> Vec<(String, String)> {
    let json = run.json();
    let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    json["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| (text(check, "check"), text(check, "status")))
        .collect()
}

fn failed(run: &Ran) -> Vec<String> {
    statuses(run)
        .into_iter()
        .filter(|(_, status)| status == "fail")
        .map(|(name, _)| name)
        .collect()
}

fn advice(run: &Ran, name: &str) -> String {
    let json = run.json();
    let check = json["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["check"] == name)
        .unwrap()
        .clone();
    check["advice"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_healthy_account() {
    let stage = Stage::new(30);
    stage.run("doctor").succeeds().says("everything works");
    let run = stage.run("doctor --json").succeeds();
    insta::assert_debug_snapshot!(statuses(&run));
    assert_eq!(run.json()["healthy"], true);
    assert!(stage.control().sessions().is_empty(), "it logs out");
}

#[test]
fn without_a_login_it_sends_no_credential() {
    let stage = Stage::new(1);
    stage.run("doctor --no-login").succeeds();
    assert_eq!(stage.control().requests_to("login.login"), 0);
}

#[test]
fn settings_that_are_missing_or_wrong() {
    let home = tempfile::tempdir().unwrap();
    // No account: there is nobody to ask for. The rest is still looked at.
    let run = ran(le(home.path()).args(["doctor", "--json", "--domain-host", "localhost:1"])).ends_with(3);
    assert_eq!(failed(&run), ["account", "credential", "connection"]);
    let stage = Stage::new(1);
    let run = ran(stage.le().args(["doctor", "--json", "--account", "7001-1223"])).ends_with(3);
    assert_eq!(failed(&run), ["account"]);
    let run = ran(stage.anonymous().args(["doctor", "--json"])).ends_with(3);
    assert_eq!(failed(&run), ["credential"]);
    let run = ran(stage.le().args(["doctor", "--json", "--ca-file", "missing.pem"])).ends_with(3);
    assert_eq!(failed(&run), ["certificates"]);
    assert!(advice(&run, "certificates").contains("--ca-file"));
}

#[test]
fn a_network_that_does_not_get_there() {
    let stage = Stage::new(1);
    let run = ran(stage
        .le()
        .args(["doctor", "--json", "--domain-host", "no-such-host.invalid"]))
    .ends_with(8);
    assert_eq!(failed(&run), ["name lookup"]);
    // A port that was free a moment ago and that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let run = ran(stage
        .le()
        .args(["doctor", "--json", "--domain-host", &format!("127.0.0.1:{port}")]))
    .ends_with(8);
    assert_eq!(failed(&run), ["connection"]);
}

#[test]
fn tls_that_cannot_be_trusted() {
    let stage = Stage::new(1);
    let run = ran(stage.le().env_remove("LE_CA_FILE").args(["doctor", "--json"])).ends_with(8);
    assert_eq!(failed(&run), ["TLS"]);
    assert!(advice(&run, "TLS").contains("--ca-file"));
    let old = Stage::with(1, |builder| builder.tls_versions(TlsVersions::Legacy11));
    let run = old.run("doctor --json").ends_with(8);
    assert_eq!(failed(&run), ["TLS"]);
    assert!(advice(&run, "TLS").contains("TLS 1.2"));
}

#[test]
fn a_clock_that_is_wrong() {
    let stage = Stage::new(1);
    stage.control().clock().advance(Duration::from_secs(90));
    let run = stage.run("doctor --json").succeeds();
    assert!(
        statuses(&run).contains(&("clock".to_owned(), "warn".to_owned())),
        "{run:?}"
    );
    stage.control().clock().advance(Duration::from_secs(3600));
    let run = stage.run("doctor --json").ends_with(3);
    assert_eq!(failed(&run), ["clock"]);
    assert!(advice(&run, "clock").contains("NTP"));
}

#[test]
fn an_account_that_is_not_known() {
    let stage = Stage::new(1);
    let run = ran(stage.le().args(["doctor", "--json", "--account", "999"])).ends_with(6);
    assert_eq!(failed(&run), ["services"]);
}

#[test]
fn credentials_that_are_refused() {
    let stage = Stage::new(1);
    let run = ran(stage.le().env("LE_PASSWORD", "wrong").args(["doctor", "--json"])).ends_with(4);
    assert_eq!(failed(&run), ["login"]);
    let with_key = |number: usize, secret: Option<&str>| {
        let key = &stage.sim().api_keys()[number];
        ran(stage
            .anonymous()
            .env("LE_APP_KEY", &key.app_key)
            .env("LE_APP_SECRET", secret.unwrap_or(&key.secret))
            .env("LE_ACCESS_TOKEN", &key.access_token)
            .env("LE_ACCESS_TOKEN_SECRET", &key.access_token_secret)
            .args(["doctor", "--json"]))
    };
    assert!(failed(&with_key(0, None).succeeds()).is_empty());
    let wrong = with_key(0, Some("wrong")).ends_with(4);
    assert_eq!(failed(&wrong), ["call"]);
    let unable = with_key(1, None);
    assert_eq!(failed(&unable), ["call"]);
    assert!([4, 5].contains(&unable.code), "{unable:?}");
}
