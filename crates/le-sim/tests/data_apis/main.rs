//! The historical data APIs beside Messaging Interactions, over HTTP with a client of no kin.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

#[path = "../client/mod.rs"]
mod client;

mod activity;
mod bulk;
mod changes;
mod chats;
mod consumer;
mod files;
mod live;

use std::sync::atomic::{AtomicU64, Ordering};

use client::{ACCOUNT, Signature};
use le_sim::{Sim, SimClock};
use serde_json::Value;

/// 2030-03-14T15:09:26.535Z: no multiple of ten minutes.
const NOW: i64 = 1_899_731_366_535;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

async fn sim() -> Sim {
    Sim::builder()
        .conversations(300)
        .chats(200)
        .clock(SimClock::manual(NOW))
        .start()
        .await
        .unwrap()
}

fn url(sim: &Sim, path: &str) -> String {
    format!("{}{}", sim.url(), path.replace("{account}", ACCOUNT))
}

/// A request that an API key signs.
fn signed(sim: &Sim, key: usize, method: &str, url: &str) -> reqwest::RequestBuilder {
    static NONCE: AtomicU64 = AtomicU64::new(0);
    let nonce = format!("n{}", NONCE.fetch_add(1, Ordering::Relaxed));
    let header = Signature::of(sim, key, &nonce).header(method, url);
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    client::client(sim).request(method, url).header("authorization", header)
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn get(sim: &Sim, path: &str) -> (u16, Value) {
    answer(signed(sim, 0, "GET", &url(sim, path))).await
}

/// A token of the first application.
async fn application_token(sim: &Sim) -> String {
    let application = &sim.oauth_clients()[0];
    let form = format!(
        "client_id={}&client_secret={}&grant_type=client_credentials",
        application.client_id, application.client_secret
    );
    let request = client::client(sim)
        .post(url(sim, "/sentinel/api/v2/account/{account}/app/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let (status, token) = answer(request).await;
    assert_eq!((status, &token["token_type"]), (200, &Value::from("Bearer")));
    token["access_token"].as_str().unwrap().to_owned()
}
