//! What a driver in another language relies on.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

mod client;

use std::{net::SocketAddr, path::PathBuf};

use client::{ACCOUNT, client, login};
use le_sim::{Sim, driver};
use serde_json::Value;

fn options() -> driver::Options {
    let mut options = driver::Options::default();
    options.conversations = 20;
    options
}

#[tokio::test]
async fn the_ready_line_is_one_line_with_everything_a_driver_needs() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options();
    options.tls = true;
    options.proxy = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    options.ca_out = Some(folder.path().join("ca.pem"));
    options.names = vec!["le.test".into()];
    let sim = driver::start(options).await.unwrap();
    let line = sim.ready_line();
    assert!(!line.contains('\n'));
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["csds"], sim.csds());
    assert_eq!(ready["plain"], sim.plain_csds());
    assert_eq!(ready["proxy"], sim.proxy().unwrap().to_string());
    assert_eq!(ready["account"], ACCOUNT);
    assert!(PathBuf::from(ready["ca"].as_str().unwrap()).is_absolute());
    let user = &ready["users"][0];
    for field in ["loginName", "password", "userId", "userPid", "type"] {
        assert!(user[field].is_string(), "{field} of {user}");
    }
    assert!(user["skills"].is_array());
    let key = &ready["apiKeys"][0];
    for field in ["appKey", "secret", "accessToken", "accessTokenSecret"] {
        assert!(key[field].is_string(), "{field} of {key}");
    }
    assert!(key["privileges"].is_array());
    assert!(ready["oauthClients"][0]["clientId"].is_string());
    assert!(ready["skills"][0]["id"].is_i64());
    let bot = ready["users"]
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["type"] == "Bot")
        .unwrap();
    assert!(bot["appKey"].is_string());
    login(&sim).await;
    let served = client(&sim)
        .get(format!("{}/_sim/ready", sim.url()))
        .send()
        .await
        .unwrap();
    assert_eq!(served.json::<Value>().await.unwrap()["users"], ready["users"]);
}

#[tokio::test]
async fn without_tls_and_proxy_the_line_says_so() {
    let sim = driver::start(options()).await.unwrap();
    let ready = sim.ready_json();
    assert_eq!(ready["csds"], ready["plain"]);
    assert!(ready["proxy"].is_null() && ready["ca"].is_null());
}

#[tokio::test]
async fn a_fault_file_is_read_and_a_bad_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faults.toml");
    std::fs::write(
        &path,
        "seed = 5\n[[rules]]\nevery = 4\naction = { kind = \"reset_before_body\" }\n",
    )
    .unwrap();
    let mut with_faults = options();
    with_faults.faults = Some(path.clone());
    let sim = driver::start(with_faults.clone()).await.unwrap();
    assert_eq!(
        (sim.control().faults().seed, sim.control().faults().rules.len()),
        (5, 1)
    );
    std::fs::write(&path, "[[rules]]\naction = { kind = \"statuss\" }\n").unwrap();
    let error = driver::start(with_faults.clone()).await.unwrap_err().to_string();
    assert!(error.contains("statuss") && error.contains("line 2"), "{error}");
    with_faults.faults = Some(folder.path().join("missing.toml"));
    let error = driver::start(with_faults).await.unwrap_err().to_string();
    assert!(
        error.contains("cannot read") && error.contains("missing.toml"),
        "{error}"
    );
}

#[tokio::test]
async fn the_same_seed_gives_the_same_users_and_another_seed_others() {
    let start = async |seed: u64| {
        let mut options = options();
        options.seed = seed;
        driver::start(options).await.unwrap().ready_json()
    };
    let (one, same, other) = (start(1).await, start(1).await, start(2).await);
    for field in ["users", "apiKeys", "oauthClients", "skills"] {
        assert_eq!(one[field], same[field], "{field}");
    }
    assert_ne!(one["apiKeys"], other["apiKeys"]);
    assert_ne!(one["oauthClients"], other["oauthClients"]);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let sim = Sim::builder().conversations(1).start().await.unwrap();
    let mut options = options();
    options.listen = sim.addr();
    let error = driver::start(options).await.unwrap_err().to_string();
    assert!(error.contains(&sim.addr().to_string()), "{error}");
}

#[tokio::test]
async fn stopping_closes_the_ports_and_dropping_does_too() {
    let sim = Sim::builder()
        .conversations(1)
        .tls(true)
        .proxy(true)
        .start()
        .await
        .unwrap();
    let (kept, address) = (client(&sim), sim.addr());
    let url = format!("{}/_sim/clock", sim.url());
    assert_eq!(kept.get(&url).send().await.unwrap().status(), 200);
    sim.stop().await;
    assert!(
        kept.get(&url).send().await.is_err(),
        "an idle connection ends with its server"
    );
    assert!(tokio::net::TcpStream::connect(address).await.is_err());

    let sim = Sim::builder().conversations(1).start().await.unwrap();
    let address = sim.addr();
    drop(sim);
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(address).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the port is still open");
}
