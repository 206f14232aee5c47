//! Messaging Interactions: credential, privilege and parameters are checked here, the history answers
//! (<https://developers.liveperson.com/messaging-interactions-api-overview.html>).

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::{HeaderValue, StatusCode};

use crate::{
    access::{DataApi, Errors},
    account, answer,
    arrival::Arrival,
    history::{HistoryCall, HistoryKind, INTERNAL_BASE},
    messaging,
    routing::read_body,
    world::World,
};

const API: DataApi = DataApi {
    name: "messaging_interactions",
    privileges: &[account::CONVERSATION_HISTORY_PRIVILEGE],
    bearer: true,
    scope: Some("data.services.msghist"),
    key: true,
    errors: Errors::Debug,
};

/// MI-1, `.../conversations/search`.
pub(crate) async fn search(world: State<Arc<World>>, account: Path<String>, request: Request) -> Response {
    answered(world, account, request, HistoryKind::Search).await
}

/// MI-2, `.../conversations/conversation/search`.
pub(crate) async fn conversation(world: State<Arc<World>>, account: Path<String>, request: Request) -> Response {
    answered(world, account, request, HistoryKind::Conversation).await
}

/// MI-3, `.../conversations/consumer/search`.
pub(crate) async fn consumer(world: State<Arc<World>>, account: Path<String>, request: Request) -> Response {
    answered(world, account, request, HistoryKind::Consumer).await
}

async fn answered(
    State(world): State<Arc<World>>,
    Path(account): Path<String>,
    request: Request,
    kind: HistoryKind,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = read_body(Request::new(body)).await;
    let admitted = API
        .admit(&world, &parts, &account, &body)
        .and_then(|query| API.source(&world, &query, false).map(|()| query));
    match admitted {
        Err(refusal) => *refusal,
        Ok(query) => {
            let reachable = world.behaviour().reachable_links;
            let arrival = parts.extensions.get::<Arrival>().filter(|_| reachable);
            let base = arrival.map_or_else(|| INTERNAL_BASE.to_owned(), Arrival::origin);
            let call = HistoryCall {
                kind,
                query: &query,
                body: &body,
                now_ms: world.clock.now_ms(),
                base: &base,
                knobs: &world.behaviour().history,
            };
            messaging::publish_due(&world);
            let answer = world.history.answer(call);
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            answer::chunks(status, HeaderValue::from_static(answer.content_type), answer.body)
        }
    }
}
