//! Answers in JSON. None says more than the caller may know.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// An answer that nobody may keep.
pub(super) fn json_answer(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    challenge: Option<&'static str>,
}

impl Refusal {
    pub(super) const fn new(status: StatusCode, error: &'static str) -> Self {
        Self {
            status,
            error,
            challenge: None,
        }
    }

    /// Says how to authenticate.
    pub(super) const fn challenging(mut self, challenge: Option<&'static str>) -> Self {
        self.challenge = challenge;
        self
    }

    pub(super) fn answer(self) -> Response {
        let mut response = json_answer(self.status, &json!({ "error": self.error }));
        if let Some(challenge) = self.challenge {
            let value = HeaderValue::from_static(challenge);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}
