//! The Domain API: which host serves which service
//! (<https://developers.liveperson.com/domain-api.html>).

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    response::Response,
};
use http::StatusCode;
use serde::Serialize;
use serde_json::json;

use crate::{
    answer,
    arrival::Arrival,
    behaviour::UnknownAnswer,
    generated::services::{LISTED_ONLY_SERVICES, SERVICES},
    oauth,
    world::World,
};

/// The place of one service, as the wire has it.
#[derive(Debug, Serialize)]
pub(crate) struct BaseUri {
    service: &'static str,
    account: String,
    #[serde(rename = "baseURI")]
    base_uri: String,
}

/// All services of the account, as this client reaches them.
pub(crate) fn base_uris(world: &World, arrival: &Arrival) -> Vec<BaseUri> {
    SERVICES
        .iter()
        .chain(LISTED_ONLY_SERVICES)
        .map(|service| base_uri(world, arrival, service))
        .collect()
}

fn base_uri(world: &World, arrival: &Arrival, service: &'static str) -> BaseUri {
    BaseUri {
        service,
        account: world.account.id.clone(),
        base_uri: arrival.base_uri(world, service),
    }
}

/// Whether `id` follows the vendor's rule for account ids.
pub(crate) fn is_account_id(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The lookup of one service.
pub(crate) async fn one(
    State(world): State<Arc<World>>,
    Path((account, service)): Path<(String, String)>,
    Extension(arrival): Extension<Arrival>,
    RawQuery(query): RawQuery,
) -> Response {
    if let Some(refusal) = refusal(&world, &account, query.as_deref()) {
        return refusal;
    }
    let found = SERVICES
        .iter()
        .chain(LISTED_ONLY_SERVICES)
        .find(|name| **name == service);
    match found {
        None => unknown(
            world.behaviour().unknown_service,
            &format!("service {service:?} is not known, mind the case"),
        ),
        Some(_) if world.behaviour().single_lookup_answers_list => list(&world, &arrival),
        Some(service) => answer::json(StatusCode::OK, &base_uri(&world, &arrival, service)),
    }
}

/// The lookup of all services.
pub(crate) async fn all(
    State(world): State<Arc<World>>,
    Path(account): Path<String>,
    Extension(arrival): Extension<Arrival>,
    RawQuery(query): RawQuery,
) -> Response {
    refusal(&world, &account, query.as_deref()).unwrap_or_else(|| list(&world, &arrival))
}

fn list(world: &World, arrival: &Arrival) -> Response {
    answer::json(StatusCode::OK, &json!({ "baseURIs": base_uris(world, arrival) }))
}

fn refusal(world: &World, account: &str, query: Option<&str>) -> Option<Response> {
    if !is_account_id(account) {
        let message = "the account id must be 1 to 20 letters, digits or underscores";
        return Some(answer::json(StatusCode::BAD_REQUEST, &json!({ "message": message })));
    }
    let version = oauth::form_pairs(query.unwrap_or("")).find(|(name, _)| name == "version");
    match version.as_ref().map(|(_, value)| value.as_str()) {
        Some("1.0" | "1") => {}
        Some(other) => {
            let message = format!("version {other:?} is not served, use 1.0");
            return Some(answer::json(StatusCode::BAD_REQUEST, &json!({ "message": message })));
        }
        None => {
            let message = "the query parameter version is required, use version=1.0";
            return Some(answer::json(StatusCode::BAD_REQUEST, &json!({ "message": message })));
        }
    }
    (account != world.account.id).then(|| {
        unknown(
            world.behaviour().unknown_account,
            &format!("account {account:?} is not known"),
        )
    })
}

fn unknown(how: UnknownAnswer, message: &str) -> Response {
    let status = match how {
        UnknownAnswer::EmptyObject => return answer::json(StatusCode::OK, &json!({})),
        UnknownAnswer::NotFound => StatusCode::NOT_FOUND,
        UnknownAnswer::BadRequest => StatusCode::BAD_REQUEST,
        UnknownAnswer::Unauthorized => StatusCode::UNAUTHORIZED,
    };
    answer::json(status, &json!({ "message": message }))
}

#[cfg(test)]
mod tests {
    use super::is_account_id;

    #[test]
    fn account_ids_follow_the_rule() {
        for id in ["70011223", "a", "le_1", "ABCDEFGHIJ0123456789"] {
            assert!(is_account_id(id), "{id}");
        }
        for id in ["", "ABCDEFGHIJ01234567890", "a-b", "a b", "\u{e4}"] {
            assert!(!is_account_id(id), "{id}");
        }
    }
}
