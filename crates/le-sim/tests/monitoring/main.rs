//! The visitor-side services over HTTP, with a client of no kin.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

#[path = "../client/mod.rs"]
mod client;

mod apps;
mod attributes;
mod campaigns;
mod codes;
mod control;
mod conversations;
mod external;
mod sessions;
mod visits;

use std::sync::atomic::{AtomicU64, Ordering};

use client::{ACCOUNT, Signature};
use le_sim::{Sim, SimBuilder, SimClock};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

/// 2030-03-14T15:09:26.535Z.
const NOW: i64 = 1_899_731_366_535;
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

fn builder() -> SimBuilder {
    Sim::builder().conversations(0).clock(SimClock::manual(NOW))
}

async fn sim() -> Sim {
    builder().start().await.unwrap()
}

fn account_url(sim: &Sim, path: &str) -> String {
    format!("{}/api/account/{ACCOUNT}{path}", sim.url())
}

/// A URL of the Monitoring API.
fn app_url(sim: &Sim, call: &str, query: &str) -> String {
    account_url(sim, &format!("/app/{}/{call}?{query}", sim.app_installation_id()))
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn post(sim: &Sim, url: String, body: &Value) -> (u16, Value) {
    answer(client::client(sim).post(url).json(body)).await
}

async fn put(sim: &Sim, url: String, body: &Value) -> (u16, Value) {
    answer(client::client(sim).put(url).json(body)).await
}

/// A request that an API key signs.
fn signed(sim: &Sim, key: usize, method: &str, url: &str) -> RequestBuilder {
    static NONCE: AtomicU64 = AtomicU64::new(0);
    let nonce = format!("m{}", NONCE.fetch_add(1, Ordering::Relaxed));
    let header = Signature::of(sim, key, &nonce).header(method, url);
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    client::client(sim).request(method, url).header("authorization", header)
}

/// A visitor as a client keeps one.
struct Visitor<'a> {
    sim: &'a Sim,
    vid: String,
    sid: String,
}

impl<'a> Visitor<'a> {
    /// Opens a session and returns what it was answered.
    async fn open(sim: &'a Sim, body: &Value) -> (Self, Value) {
        let (status, answer) = post(sim, app_url(sim, "engagement", "v=1.1&obh=true"), body).await;
        assert_eq!(status, 201, "{answer}");
        let id = |name: &str| answer[name].as_str().unwrap().to_owned();
        let visitor = Self {
            sim,
            vid: id("visitorId"),
            sid: id("sessionId"),
        };
        (visitor, answer)
    }

    fn query(&self) -> String {
        format!("v=1.1&vid={}&sid={}&obh=true", self.vid, self.sid)
    }

    async fn engagement(&self, body: &Value) -> (u16, Value) {
        post(self.sim, app_url(self.sim, "engagement", &self.query()), body).await
    }

    async fn report(&self, body: &Value) -> (u16, Value) {
        put(self.sim, app_url(self.sim, "report", &self.query()), body).await
    }

    /// Reports attributes, which has to succeed.
    async fn tell(&self, attributes: Value) {
        let (status, answer) = self.report(&json!({ "engagementAttributes": attributes })).await;
        assert_eq!(status, 200, "{answer}");
    }

    fn visit_url(&self, path: &str) -> String {
        let visitor = &self.vid;
        account_url(
            self.sim,
            &format!("/monitoring/visitors/{visitor}/visits/current/{path}"),
        )
    }

    async fn state(&self) -> Value {
        let url = format!("{}?v=1&sid={}&filter=agent", self.visit_url("state"), self.sid);
        let (status, state) = answer(signed(self.sim, 0, "GET", &url)).await;
        assert_eq!(status, 200, "{state}");
        state["appSessions"][0].clone()
    }
}

fn cart(total: f64) -> Value {
    json!({ "type": "cart", "total": total, "numItems": 2, "currency": "EUR" })
}

fn impression(kind: &str, offer: &Value) -> Value {
    json!({
        "type": kind, "campaign": offer["campaignId"], "engId": offer["engagementId"],
        "revision": offer["engagementRevision"],
        "eContext": [{ "type": "engagementContext", "id": offer["contextId"] }],
    })
}
