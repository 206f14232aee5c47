mod code_flow;
mod pushes;
mod tokens;

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::request::Parts;
use http::{HeaderMap, Request, StatusCode};
use le_attributes::app_backend::{AppAuthentication, AppBackend};
use le_attributes::identity::{Consumer, JwkSet, KeyRing, SigningKey, TokenSigner, TokenVerifier};
use le_attributes::journey::Lead;
use le_core::testing::TestClock;
use le_core::{Error, ErrorKind, Result, Timestamp};
use serde_json::Value;
use tower::ServiceExt as _;

const ISSUER: &str = "https://id.example.org";

/// Knows people by the word in their bearer.
struct Door;

#[async_trait]
impl AppAuthentication for Door {
    async fn consumer(&self, request: &Parts) -> Result<Option<Consumer>> {
        let bearer = request
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        match bearer {
            Some("Bearer ingrid") => Ok(Some(Consumer::of("cu-7f31").given_name("Ingrid"))),
            Some("Bearer broken") => Ok(Some(Consumer::of("c").attributes(vec![Lead::default().into()]))),
            Some("Bearer outage") => Err(Error::new(ErrorKind::Server, "the session store is away")),
            _ => Ok(None),
        }
    }
}

fn start() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000)
}

fn backend(clock: &TestClock) -> AppBackend {
    let key = SigningKey::from_pem(&include_str!("../keys/first.pem").into()).unwrap();
    let signer = TokenSigner::new(ISSUER, KeyRing::new(key)).clock(Arc::new(clock.clone()));
    AppBackend::default().tokens(signer, Arc::new(Door))
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

async fn call(router: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router
        .clone()
        .oneshot(request.body(body.into()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    }
}

/// Checks a token of an answer with the keys that the router publishes.
async fn subject(router: &Router, clock: &TestClock, token: &Value) -> String {
    let keys = call(router, "GET", "/.well-known/jwks.json", &[], "").await;
    assert_eq!(keys.status, StatusCode::OK);
    let keys = JwkSet::read(&keys.body.to_string()).unwrap().public_keys().unwrap();
    let verifier = TokenVerifier::new(ISSUER, keys).clock(Arc::new(clock.clone()));
    let checked = verifier.verify(&token.as_str().unwrap().into()).unwrap();
    checked.claims.subject.unwrap()
}
