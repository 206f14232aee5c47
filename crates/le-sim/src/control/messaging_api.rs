//! Messaging in the control API: `/_sim/messaging`.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, RawQuery, Request, State},
    response::Response,
    routing::{get, post},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::http_api::{done, ok, parsed};
use crate::{
    answer,
    messaging::{Driven, NewConsumer, drive, inspect},
    oauth,
    world::World,
};

type Served = State<Arc<World>>;

/// The routes under `/_sim/messaging`.
pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/_sim/messaging", get(state))
        .route("/_sim/messaging/conversations/{id}", get(conversation))
        .route("/_sim/messaging/consumers", post(open_consumer))
        .route("/_sim/messaging/consumers/{id}", axum::routing::delete(drop_consumer))
        .route("/_sim/messaging/consumers/{id}/inbox", get(inbox).delete(take_inbox))
        .route("/_sim/messaging/consumers/{id}/conversation", post(start))
        .route("/_sim/messaging/consumers/{id}/say", post(say))
        .route("/_sim/messaging/consumers/{id}/publish", post(publish))
        .route("/_sim/messaging/consumers/{id}/read", post(read))
        .route("/_sim/messaging/consumers/{id}/close", post(close))
        .route("/_sim/messaging/consumers/{id}/survey", post(survey))
        .route("/_sim/messaging/consumers/{id}/step_up", post(step_up))
        .route("/_sim/messaging/presence", post(presence))
        .route("/_sim/messaging/pushes", get(pushes))
        .route("/_sim/messaging/sockets", get(sockets))
        .route("/_sim/messaging/sockets/close", post(close_sockets))
}

async fn state(State(world): Served) -> Response {
    ok(&inspect::state(&world))
}

async fn conversation(State(world): Served, Path(id): Path<String>) -> Response {
    match inspect::conversation_with_events(&world, &id) {
        Some(shown) => ok(&shown),
        None => answer::json(StatusCode::NOT_FOUND, &json!({ "error": "no such conversation" })),
    }
}

async fn pushes(State(world): Served) -> Response {
    ok(&world.messaging.pushes.deliveries())
}

async fn open_consumer(State(world): Served, request: Request) -> Response {
    match parsed::<NewConsumer>(request).await {
        Ok(new) => driven(drive::open_consumer(&world, new), |consumer| json!(consumer)),
        Err(refusal) => *refusal,
    }
}

async fn drop_consumer(State(world): Served, Path(id): Path<String>) -> Response {
    driven(drive::drop_consumer(&world, &id), |()| json!({ "ok": true }))
}

async fn inbox(State(world): Served, Path(id): Path<String>) -> Response {
    driven(drive::inbox(&world, &id, false), |frames| json!({ "frames": frames }))
}

async fn take_inbox(State(world): Served, Path(id): Path<String>) -> Response {
    driven(drive::inbox(&world, &id, true), |frames| json!({ "frames": frames }))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Start {
    skill_id: Option<Value>,
    ttr: Option<String>,
    message: Option<String>,
}

/// Starts a conversation, with a first message if one is given.
async fn start(State(world): Served, Path(id): Path<String>, request: Request) -> Response {
    let wanted = match parsed::<Start>(request).await {
        Ok(wanted) => wanted,
        Err(refusal) => return *refusal,
    };
    let skill = wanted.skill_id.map(|skill| match skill {
        Value::String(text) => text,
        other => other.to_string(),
    });
    let started = drive::start(&world, &id, skill, wanted.ttr).and_then(|conversation| {
        let sequence = wanted
            .message
            .map(|text| drive::publish(&world, &id, None, &text_event(&text), None));
        Ok((conversation, sequence.transpose()?))
    });
    driven(
        started,
        |(conversation, sequence)| json!({ "conversationId": conversation, "sequence": sequence }),
    )
}

fn text_event(text: &str) -> Value {
    json!({ "type": "ContentEvent", "contentType": "text/plain", "message": text })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Say {
    text: String,
    dialog_id: Option<String>,
}

async fn say(State(world): Served, Path(id): Path<String>, request: Request) -> Response {
    match parsed::<Say>(request).await {
        Ok(say) => published(drive::publish(&world, &id, say.dialog_id, &text_event(&say.text), None)),
        Err(refusal) => *refusal,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Publish {
    event: Value,
    dialog_id: Option<String>,
    metadata: Option<Value>,
}

async fn publish(State(world): Served, Path(id): Path<String>, request: Request) -> Response {
    match parsed::<Publish>(request).await {
        Ok(it) => published(drive::publish(
            &world,
            &id,
            it.dialog_id,
            &it.event,
            it.metadata.as_ref(),
        )),
        Err(refusal) => *refusal,
    }
}

async fn read(State(world): Served, Path(id): Path<String>) -> Response {
    driven(drive::read_all(&world, &id), |sequences| json!({ "read": sequences }))
}

async fn close(State(world): Served, Path(id): Path<String>) -> Response {
    driven(drive::close(&world, &id), |()| json!({ "ok": true }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Survey {
    answer: Value,
}

async fn survey(State(world): Served, Path(id): Path<String>, request: Request) -> Response {
    match parsed::<Survey>(request).await {
        Ok(Survey { answer }) => {
            let text = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
            driven(drive::answer_survey(&world, &id, &text), |()| json!({ "ok": true }))
        }
        Err(refusal) => *refusal,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StepUp {
    consumer_id: String,
}

async fn step_up(State(world): Served, Path(id): Path<String>, request: Request) -> Response {
    match parsed::<StepUp>(request).await {
        Ok(StepUp { consumer_id }) => driven(
            drive::step_up(&world, &id, &consumer_id),
            |conversations| json!({ "conversations": conversations }),
        ),
        Err(refusal) => *refusal,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presence {
    agent: String,
    availability: String,
}

async fn presence(State(world): Served, request: Request) -> Response {
    match parsed::<Presence>(request).await {
        Ok(it) => driven(
            drive::set_presence(&world, &it.agent, &it.availability),
            |()| json!({ "ok": true }),
        ),
        Err(refusal) => *refusal,
    }
}

async fn sockets(State(world): Served) -> Response {
    ok(&json!({ "sockets": inspect::sockets(&world.messaging.hub()) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CloseSockets {
    code: u16,
    #[serde(default)]
    reason: String,
    user: Option<String>,
}

/// Closes all sockets or those of a user; `?user=` does, too.
async fn close_sockets(State(world): Served, RawQuery(query): RawQuery, request: Request) -> Response {
    let named = oauth::form_pairs(query.as_deref().unwrap_or("")).find(|(name, _)| name == "user");
    match parsed::<CloseSockets>(request).await {
        Ok(it) if !(1000..=4999).contains(&it.code) => done(Err("code must lie between 1000 and 4999".to_owned())),
        Ok(it) => {
            let user = it.user.or(named.map(|(_, user)| user));
            let closed = drive::close_sockets(&world, user.as_deref(), it.code, &it.reason);
            ok(&json!({ "closed": closed }))
        }
        Err(refusal) => *refusal,
    }
}

fn published(sequence: Driven<i64>) -> Response {
    driven(sequence, |sequence| json!({ "sequence": sequence }))
}

fn driven<T>(result: Driven<T>, shown: impl FnOnce(T) -> Value) -> Response {
    match result {
        Ok(value) => ok(&shown(value)),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::BAD_REQUEST);
            answer::json(status, &json!({ "error": refusal.text }))
        }
    }
}
