//! Messaging Interactions: credential, privilege and parameters are checked here, the history answers
//! (<https://developers.liveperson.com/messaging-interactions-api-overview.html>).

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, request::Parts};

use crate::{
    answer,
    arrival::Arrival,
    authorize::{self, Caller},
    history::{HistoryCall, HistoryKind, INTERNAL_BASE},
    messaging, oauth,
    routing::read_body,
    world::World,
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
    match checked(&world, &parts, &account, &body) {
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
            };
            messaging::publish_due(&world);
            let answer = world.history.answer(call);
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            answer::chunks(status, HeaderValue::from_static(answer.content_type), answer.body)
        }
    }
}

/// The query of a call that may be answered.
fn checked(world: &World, parts: &Parts, account: &str, body: &Bytes) -> Result<Vec<(String, String)>, Box<Response>> {
    let caller = authorize::caller(world, parts, body)?;
    if account != world.account.id {
        let message = "the credential does not belong to this account";
        return Err(Box::new(answer::data_error(StatusCode::UNAUTHORIZED, message)));
    }
    if let Caller::Key(key) = caller
        && !key.reads_conversation_history()
    {
        let message = "the API key lacks the privilege Data > Conversation History / Messaging Interactions";
        return Err(Box::new(answer::data_error(StatusCode::FORBIDDEN, message)));
    }
    let query: Vec<(String, String)> = oauth::form_pairs(parts.uri.query().unwrap_or("")).collect();
    if world.behaviour().source_required && !query.iter().any(|(name, value)| name == "source" && !value.is_empty()) {
        let message = "the query parameter source is required";
        return Err(Box::new(answer::data_error(StatusCode::BAD_REQUEST, message)));
    }
    Ok(query)
}
