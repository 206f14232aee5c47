//! Engagement History: credential and privilege are checked here, the chats answer
//! (<https://developers.liveperson.com/engagement-history-api-methods.html>).

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::StatusCode;

use crate::{
    access::{DataApi, Errors},
    account, answer,
    arrival::Arrival,
    history::{ChatCall, INTERNAL_BASE},
    routing::read_body,
    world::World,
};

const API: DataApi = DataApi {
    name: "engagement_history",
    privileges: &[account::CONVERSATION_HISTORY_PRIVILEGE, "Engagement History"],
    bearer: true,
    scope: Some("data.services.enghist"),
    key: true,
    errors: Errors::Debug,
};

/// `.../interactions/search`.
pub(crate) async fn search(State(world): State<Arc<World>>, Path(account): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = read_body(Request::new(body)).await;
    let admitted = API
        .admit(&world, &parts, &account, &body)
        .and_then(|query| API.source(&world, &query, false).map(|()| query));
    let query = match admitted {
        Ok(query) => query,
        Err(refusal) => return *refusal,
    };
    let behaviour = world.behaviour();
    let arrival = parts.extensions.get::<Arrival>();
    let base = arrival
        .filter(|_| behaviour.reachable_links)
        .map_or_else(|| INTERNAL_BASE.to_owned(), Arrival::origin);
    let (status, answer) = world.chats.answer(ChatCall {
        query: &query,
        body: &body,
        now_ms: world.clock.now_ms(),
        base: &base,
        history: &behaviour.history,
        chats: &behaviour.chats,
    });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match answer {
        None => answer::empty(status),
        Some(body) if status.is_success() => answer::records(&body, &behaviour.history.dialect),
        Some(body) => answer::json(status, &body),
    }
}
