//! Answers in the shapes of the vendor's services.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, WWW_AUTHENTICATE},
};
use serde::Serialize;
use serde_json::json;

use crate::{body::Chunks, history::RecordDialect, oauth::Problem};

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// An answer whose body lies in pieces.
pub(crate) fn chunks(status: StatusCode, content_type: HeaderValue, body: Vec<Bytes>) -> Response {
    let mut response = Response::new(Body::new(Chunks::new(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// A JSON answer.
pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    // Values made here have string keys only, which is all that serialisation can stumble over.
    chunks(
        status,
        JSON,
        vec![Bytes::from(serde_json::to_vec(value).unwrap_or_default())],
    )
}

/// Records of a data API, in the dialect that the knobs ask for.
pub(crate) fn records(value: &serde_json::Value, dialect: &RecordDialect) -> Response {
    let plain = serde_json::to_vec(value).unwrap_or_default();
    let text = if dialect.is_plain() {
        plain
    } else {
        dialect.rewrite(&plain).unwrap_or(plain)
    };
    chunks(StatusCode::OK, JSON, vec![Bytes::from(text)])
}

/// Plain text, for whoever reads a refusal in a terminal.
pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Response {
    chunks(status, TEXT, vec![Bytes::from(text.into())])
}

/// A PEM file.
pub(crate) fn pem(pem: String) -> Response {
    chunks(
        StatusCode::OK,
        HeaderValue::from_static("application/x-pem-file"),
        vec![Bytes::from(pem)],
    )
}

/// A status with nothing else.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A page for a browser.
pub(crate) fn page(title: &str, text: &str) -> Response {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (title, text) = (escape(title), escape(text));
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body><p>{text}</p></body>\n</html>\n"
    );
    chunks(StatusCode::OK, HTML, vec![Bytes::from(page)])
}

/// What a gateway in front of a service answers.
pub(crate) fn html(status: StatusCode) -> Response {
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Error"));
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    chunks(status, HTML, vec![Bytes::from(page)])
}

/// A refusal of a data API. Its body is not documented; a public client reads `debugMessage`.
pub(crate) fn data_error(status: StatusCode, message: impl Into<String>) -> Response {
    json(status, &json!({ "debugMessage": message.into() }))
}

/// A refused OAuth 1.0a signature: form-encoded text, whatever the client accepts.
pub(crate) fn oauth_problem(problem: &Problem) -> Response {
    let mut response = chunks(StatusCode::UNAUTHORIZED, FORM, vec![Bytes::from(problem.body())]);
    response
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("OAuth realm=\"LivePerson\""));
    response
}
