//! The backend of the example widget.
//!
//! Whoever can open the page can forward what they like, under any conversation id. So the backend shows the page its own words,
//! and of what LivePerson says it tells only whether that agrees. Put the agents' sign-on in front of a real one.

mod confirmation;
mod framing;
mod rows;
mod suggestion;
mod widgets;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderValue, StatusCode, header};
use le_attributes::widget::ModelPath;
use serde_json::json;

pub(crate) use confirmation::Records;
pub(crate) use framing::Framing;

use widgets::{Forwarded, Widgets};

/// A page forwards a few changes at a time.
const LONGEST_BODY: usize = 256 * 1024;

const SCRIPT: &str = include_str!("../page/widget.js");
const STYLE: &str = include_str!("../page/widget.css");

/// What the page binds: leaves, as the SDK's page advises.
const BOUND: [ModelPath; 14] = [
    ModelPath::ChatInfoRtSessionId,
    ModelPath::ChatInfoIsMessaging,
    ModelPath::VisitorInfoVisitorName,
    ModelPath::VisitorInfoDevice,
    ModelPath::VisitorInfoChattingVisitorState,
    ModelPath::ChatTranscriptLines,
    ModelPath::SdeCustomerDetails,
    ModelPath::SdePersonalInfo,
    ModelPath::SdeShoppingCart,
    ModelPath::SdeViewedProducts,
    ModelPath::SdeError,
    ModelPath::SdeServiceActivity,
    ModelPath::ClaimsAndAuthTypeClaims,
    ModelPath::ClaimsAndAuthTypeAcr,
];

struct Service {
    framing: Framing,
    widgets: Widgets,
}

/// The page, its parts, and the place that it forwards to.
pub(crate) fn router(framing: Framing, records: Option<Arc<dyn Records>>) -> Router {
    let service = Service {
        framing,
        widgets: Widgets::new(records),
    };
    Router::new()
        .route("/", get(page))
        .route(
            "/widget.js",
            get(|| async { part("text/javascript; charset=utf-8", SCRIPT.to_owned()) }),
        )
        .route(
            "/widget.css",
            get(|| async { part("text/css; charset=utf-8", STYLE.to_owned()) }),
        )
        .route("/paths", get(paths))
        .route("/updates", post(updates))
        .with_state(Arc::new(service))
}

fn part(content_type: &'static str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // The address of a widget may hold personal data; it goes to nobody.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn page(State(service): State<Arc<Service>>) -> Response {
    let mut response = part("text/html; charset=utf-8", service.framing.page());
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, service.framing.policy());
    response
}

async fn paths() -> Response {
    let paths: Vec<String> = BOUND.iter().map(|path| path.as_str().to_owned()).collect();
    part("application/json", json!(paths).to_string())
}

async fn updates(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // A form of another site cannot send JSON without asking first.
    let is_json = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value == "application/json");
    let forwarded = match to_bytes(body, LONGEST_BODY).await {
        Ok(body) if is_json => Forwarded::read(&body),
        _ => None,
    };
    let Some(forwarded) = forwarded else {
        let mut response = part(
            "application/json",
            json!({ "error": "send {widget, updates} as JSON" }).to_string(),
        );
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    };
    let answer = service.widgets.take(forwarded).await;
    part("application/json", answer.to_string())
}
