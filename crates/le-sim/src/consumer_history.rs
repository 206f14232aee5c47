//! Consumer Messaging History: the consumer's token is checked here, the history answers.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION},
};
use serde_json::Value;

use crate::{
    answer,
    arrival::Arrival,
    history::{ConsumerCall, INTERNAL_BASE, TokenPrefix},
    messaging, oauth,
    world::World,
};

type Served = State<Arc<World>>;

/// `.../conversations/consumer/metadata/search`
pub(crate) async fn metadata(world: Served, account: Path<String>, request: Request) -> Response {
    answered(world, account, &request, |world, call| {
        world.history.consumer_metadata(call)
    })
}

/// `.../conversations/conversation/content/search`
pub(crate) async fn content(world: Served, account: Path<String>, request: Request) -> Response {
    answered(world, account, &request, |world, call| {
        world.history.consumer_content(call)
    })
}

/// What browsers ask before they ask.
pub(crate) async fn preflight() -> Response {
    let mut answer = for_browsers(answer::empty(StatusCode::NO_CONTENT));
    let headers = answer.headers_mut();
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Authorization, Content-Type"),
    );
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, OPTIONS"),
    );
    answer
}

fn answered(
    State(world): Served,
    Path(account): Path<String>,
    request: &Request,
    ask: impl FnOnce(&World, ConsumerCall<'_>) -> (u16, Option<Value>),
) -> Response {
    let behaviour = world.behaviour();
    let now_ms = world.clock.now_ms();
    let identity = token(request.headers(), behaviour.consumer_history.prefix)
        .and_then(|token| messaging::consumer_of_token(&world, token));
    let Some(consumer) = identity.filter(|_| account == world.account.id) else {
        let message = "the consumer's token is missing, unknown, or its time is over";
        return for_browsers(answer::data_error(StatusCode::UNAUTHORIZED, message));
    };
    let query: Vec<(String, String)> = oauth::form_pairs(request.uri().query().unwrap_or("")).collect();
    let has_source = query.iter().any(|(name, value)| name == "source" && !value.is_empty());
    if behaviour.source_required && !has_source {
        let message = "the query parameter source is required";
        return for_browsers(answer::data_error(StatusCode::BAD_REQUEST, message));
    }
    let arrival = request
        .extensions()
        .get::<Arrival>()
        .filter(|_| behaviour.reachable_links);
    let base = arrival.map_or_else(|| INTERNAL_BASE.to_owned(), Arrival::origin);
    messaging::publish_due(&world);
    let call = ConsumerCall {
        consumer: &consumer,
        query: &query,
        now_ms,
        base: &base,
        history: &behaviour.history,
        knobs: &behaviour.consumer_history,
    };
    let (status, body) = ask(&world, call);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for_browsers(match body {
        None => answer::empty(status),
        Some(body) if status.is_success() => answer::records(&body, &behaviour.history.dialect),
        Some(body) => answer::json(status, &body),
    })
}

/// Pages of the brand call this API from any origin.
fn for_browsers(mut answer: Response) -> Response {
    answer
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

fn token(headers: &HeaderMap, prefix: TokenPrefix) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, token) = match value.split_once(' ') {
        Some((scheme, token)) => (scheme, token.trim()),
        None => ("", value),
    };
    let taken = match prefix {
        TokenPrefix::Any => ["", "bearer", "jwt"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known)),
        TokenPrefix::Bearer => scheme.eq_ignore_ascii_case("bearer"),
        TokenPrefix::Jwt => scheme.eq_ignore_ascii_case("jwt"),
        TokenPrefix::Bare => scheme.is_empty(),
    };
    taken.then_some(token)
}
