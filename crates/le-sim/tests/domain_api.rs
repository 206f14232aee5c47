//! The Domain API.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

mod client;

use client::{ACCOUNT, client};
use le_sim::{Sim, UnknownAnswer};
use serde_json::{Value, json};

async fn get(sim: &Sim, path: &str) -> (u16, Value) {
    let answer = client(sim).get(format!("{}{path}", sim.url())).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn every_spelling_finds_the_simulator_itself() {
    let sim = Sim::builder().conversations(1).start().await.unwrap();
    let one = json!({ "service": "msgHist", "account": ACCOUNT, "baseURI": sim.csds() });
    for path in [
        "/api/account/70011223/service/msgHist/baseURI.json?version=1.0",
        "/api/account/70011223/service/msgHist/baseURI?version=1.0",
        "/csdr/account/70011223/service/msgHist/baseURI.json?version=1.0",
        "//api//account/70011223/service/msgHist/baseURI.json/?version=1.0",
    ] {
        assert_eq!(get(&sim, path).await, (200, one.clone()), "{path}");
    }
    for path in [
        "/api/account/70011223/service/baseURI.json?version=1.0",
        "/api/account/70011223/service/baseURI?version=1.0",
        "/csdr/account/70011223/service/baseURI.json?version=1.0",
    ] {
        let (status, answer) = get(&sim, path).await;
        assert_eq!(status, 200);
        let list = answer["baseURIs"].as_array().unwrap();
        assert!(list.contains(&one), "{path}");
        assert!(list.iter().any(|entry| entry["service"] == "agentVep"));
        assert!(
            list.iter()
                .all(|entry| entry["account"] == ACCOUNT && entry["baseURI"] == sim.csds())
        );
    }
}

#[tokio::test]
async fn the_page_that_contradicts_the_clients_can_be_played() {
    let sim = Sim::builder().conversations(1).start().await.unwrap();
    sim.control()
        .adjust(|behaviour| behaviour.single_lookup_answers_list = true);
    let (status, answer) = get(&sim, "/api/account/70011223/service/msgHist/baseURI.json?version=1.0").await;
    assert_eq!(status, 200);
    assert!(answer["baseURIs"].as_array().unwrap().len() > 20);
}

#[tokio::test]
async fn what_is_not_there_is_answered_as_the_knobs_say() {
    let sim = Sim::builder().conversations(1).start().await.unwrap();
    let unknown_service = "/api/account/70011223/service/msghist/baseURI.json?version=1.0";
    let unknown_account = "/api/account/12345678/service/msgHist/baseURI.json?version=1.0";
    assert_eq!(get(&sim, unknown_service).await.0, 404, "service names mind the case");
    assert_eq!(get(&sim, unknown_account).await.0, 401);
    for (knob, status) in [
        (UnknownAnswer::NotFound, 404),
        (UnknownAnswer::BadRequest, 400),
        (UnknownAnswer::Unauthorized, 401),
        (UnknownAnswer::EmptyObject, 200),
    ] {
        sim.control().adjust(|behaviour| {
            behaviour.unknown_service = knob;
            behaviour.unknown_account = knob;
        });
        for path in [unknown_service, unknown_account] {
            let (got, answer) = get(&sim, path).await;
            assert_eq!(got, status);
            assert!(answer.get("baseURI").is_none());
        }
    }
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let sim = Sim::builder().conversations(1).start().await.unwrap();
    for path in [
        "/api/account/70011223/service/msgHist/baseURI.json",
        "/api/account/70011223/service/baseURI.json?version=9.9",
        "/api/account/700-11223/service/msgHist/baseURI.json?version=1.0",
        "/api/account/700112237001122370011/service/baseURI.json?version=1.0",
    ] {
        assert_eq!(get(&sim, path).await.0, 400, "{path}");
    }
    assert_eq!(get(&sim, "/api/account/70011223/nothing").await.0, 404);
    let url = format!("{}/api/account/70011223/service/baseURI.json?version=1.0", sim.url());
    assert_eq!(client(&sim).delete(url).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn each_port_answers_with_itself() {
    let sim = Sim::builder().conversations(1).tls(true).start().await.unwrap();
    let path = "/api/account/70011223/service/smt/baseURI.json?version=1.0";
    assert_eq!(get(&sim, path).await.1["baseURI"], sim.csds());
    let plain = client(&sim)
        .get(format!("http://{}{path}", sim.plain_csds()))
        .send()
        .await
        .unwrap();
    assert_eq!(plain.json::<Value>().await.unwrap()["baseURI"], sim.plain_csds());
    assert_ne!(sim.csds(), sim.plain_csds());
    let by_address = client(&sim)
        .get(format!("https://{}{path}", sim.addr()))
        .send()
        .await
        .unwrap();
    assert_eq!(
        by_address.json::<Value>().await.unwrap()["baseURI"],
        sim.addr().to_string()
    );
}

#[tokio::test]
async fn a_vendor_host_that_was_pointed_at_the_port_is_told_the_port() {
    let sim = Sim::builder().conversations(1).tls(true).start().await.unwrap();
    let pinned = client::builder(&sim)
        .resolve("api.liveperson.net", sim.addr())
        .build()
        .unwrap();
    let port = sim.addr().port();
    let url = format!("https://api.liveperson.net:{port}/api/account/70011223/service/smt/baseURI.json?version=1.0");
    let answer: Value = pinned.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["baseURI"], sim.csds());
}

#[tokio::test]
async fn a_malformed_account_is_no_simulator() {
    let error = Sim::builder().account("not-an-account").start().await.unwrap_err();
    assert!(error.to_string().contains("\"not-an-account\""), "{error}");
}
