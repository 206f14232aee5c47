//! The control API over HTTP. It is neither faulted nor logged nor counted.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, RawQuery, Request, State},
    response::Response,
    routing::{any, get, post},
};
use http::{StatusCode, header::CONTENT_TYPE};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    answer,
    behaviour::Behaviour,
    control::Control,
    driver,
    faults::{FaultPlan, FaultRule},
    history::HistoryChange,
    messaging, oauth,
    routing::read_body,
    world::World,
};

type Served = State<Arc<World>>;

/// The routes under `/_sim`.
pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/_sim", get(state))
        .route("/_sim/state", get(state))
        .route("/_sim/ready", get(ready))
        .route("/_sim/ca.pem", get(ca))
        .route("/_sim/users", get(users))
        .route(
            "/_sim/faults",
            get(faults).put(put_faults).post(add_fault).delete(clear_faults),
        )
        .route(
            "/_sim/behaviour",
            get(behaviour).put(put_behaviour).patch(patch_behaviour),
        )
        .route("/_sim/clock", get(clock))
        .route("/_sim/clock/advance", post(advance))
        .route("/_sim/sessions", get(sessions).delete(expire))
        .route("/_sim/sessions/expire", post(expire))
        .route("/_sim/counters", get(counters))
        .route("/_sim/requests", get(requests))
        .route("/_sim/history/changes", post(change_history))
        .route("/_sim/history/consumers/{consumer}/token", post(consumer_token))
        .route("/_sim/reset", post(reset))
        .merge(super::messaging_api::router())
        .merge(super::monitoring_api::router())
        .route("/_sim/{*elsewhere}", any(elsewhere))
}

async fn state(State(world): Served) -> Response {
    ok(&Control::new(world).state())
}

async fn ready(State(world): Served) -> Response {
    ok(&driver::ready_json(&world, None))
}

async fn ca(State(world): Served) -> Response {
    match &world.ca_pem {
        Some(pem) => answer::pem(pem.clone()),
        None => answer::text(
            StatusCode::NOT_FOUND,
            "this simulator was started without TLS and without a proxy\n",
        ),
    }
}

async fn users(State(world): Served, RawQuery(query): RawQuery) -> Response {
    let with_secrets =
        oauth::form_pairs(query.as_deref().unwrap_or("")).any(|pair| pair == ("passwords".into(), "true".into()));
    ok(&driver::users_json(&world, with_secrets))
}

async fn faults(State(world): Served) -> Response {
    let control = Control::new(world);
    ok(&json!({ "plan": control.faults(), "counts": control.fault_counts() }))
}

/// Takes a plan as JSON, or as TOML where the content type says so.
async fn put_faults(State(world): Served, request: Request) -> Response {
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let plan = if content_type.is_some_and(|value| value.contains("toml")) {
        let text = read_body(request).await;
        FaultPlan::from_toml(&String::from_utf8_lossy(&text)).map_err(|error| Box::new(bad(error.to_string())))
    } else {
        parsed::<FaultPlan>(request).await
    };
    match plan {
        Ok(plan) => done(Control::new(world).set_faults(plan).map_err(|error| error.to_string())),
        Err(refusal) => *refusal,
    }
}

async fn add_fault(State(world): Served, request: Request) -> Response {
    match parsed::<FaultRule>(request).await {
        Ok(rule) => done(Control::new(world).add_fault(rule).map_err(|error| error.to_string())),
        Err(refusal) => *refusal,
    }
}

async fn clear_faults(State(world): Served) -> Response {
    Control::new(world).clear_faults();
    done(Ok(()))
}

async fn behaviour(State(world): Served) -> Response {
    ok(world.behaviour().as_ref())
}

async fn put_behaviour(State(world): Served, request: Request) -> Response {
    match parsed::<Behaviour>(request).await {
        Ok(behaviour) => {
            world.set_behaviour(behaviour);
            ok(world.behaviour().as_ref())
        }
        Err(refusal) => *refusal,
    }
}

/// Changes the knobs that are named and leaves the others.
async fn patch_behaviour(State(world): Served, request: Request) -> Response {
    let changes = match parsed::<serde_json::Map<String, Value>>(request).await {
        Ok(changes) => changes,
        Err(refusal) => return *refusal,
    };
    let mut merged = serde_json::to_value(world.behaviour().as_ref()).unwrap_or_default();
    if let Some(members) = merged.as_object_mut() {
        for (name, change) in changes {
            // There are knobs within knobs; the states of users are replaced as they are.
            match members.get_mut(&name) {
                Some(known) if name != "users" && known.is_object() => merge(known, change),
                _ => {
                    members.insert(name, change);
                }
            }
        }
    }
    match serde_json::from_value::<Behaviour>(merged) {
        Ok(behaviour) => {
            world.set_behaviour(behaviour);
            ok(world.behaviour().as_ref())
        }
        Err(error) => bad(error.to_string()),
    }
}

/// Changes the members that are named and leaves the others, at any depth.
fn merge(known: &mut Value, change: Value) {
    match (known, change) {
        (Value::Object(known), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(known.entry(name).or_insert(Value::Null), change);
            }
        }
        (known, change) => *known = change,
    }
}

async fn clock(State(world): Served) -> Response {
    ok(&json!({ "nowMs": world.clock.now_ms(), "manual": world.clock.is_manual() }))
}

async fn advance(state: Served, request: Request) -> Response {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Advance {
        ms: u64,
    }
    match parsed::<Advance>(request).await {
        Ok(Advance { ms }) => {
            state.0.clock.advance(Duration::from_millis(ms));
            messaging::beat(&state.0);
            clock(state).await
        }
        Err(refusal) => *refusal,
    }
}

async fn sessions(State(world): Served) -> Response {
    let control = Control::new(world);
    ok(&json!({ "sessions": control.sessions(), "logins": control.logins() }))
}

/// Ends all sessions, or those of the user named by `loginName` in the query.
async fn expire(State(world): Served, RawQuery(query): RawQuery) -> Response {
    let name = oauth::form_pairs(query.as_deref().unwrap_or("")).find(|(name, _)| name == "loginName");
    let control = Control::new(world);
    let expired = name.map_or_else(
        || control.expire_sessions(),
        |(_, name)| control.expire_sessions_of(&name),
    );
    ok(&json!({ "expired": expired }))
}

async fn counters(State(world): Served) -> Response {
    ok(&Control::new(world).counters())
}

async fn requests(State(world): Served) -> Response {
    ok(&Control::new(world).requests())
}

/// A token for a consumer of the history.
async fn consumer_token(State(world): Served, Path(consumer): Path<String>) -> Response {
    ok(&json!({ "token": Control::new(world).history().consumer_token(&consumer) }))
}

/// Lets something happen to the history, to the conversation that is named or to one that fits.
async fn change_history(State(world): Served, request: Request) -> Response {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Change {
        change: HistoryChange,
        conversation_id: Option<String>,
    }
    let Change {
        change,
        conversation_id,
    } = match parsed::<Change>(request).await {
        Ok(change) => change,
        Err(refusal) => return *refusal,
    };
    let history = Control::new(world).history();
    let changed = match conversation_id {
        Some(id) => history.change_of(&id, change).then_some(id),
        None => history.change(change),
    };
    match changed {
        Some(id) => ok(&json!({ "conversationId": id })),
        None => bad("there is no such conversation, or the change does not fit it".to_owned()),
    }
}

async fn reset(State(world): Served) -> Response {
    world.reset();
    done(Ok(()))
}

/// Keeps a misspelt control request from being taken, and faulted, as one of the vendor's.
async fn elsewhere() -> Response {
    answer::text(
        StatusCode::NOT_FOUND,
        "the control API has no such path; the README of le-sim lists them\n",
    )
}

pub(super) async fn parsed<T: DeserializeOwned>(request: Request) -> Result<T, Box<Response>> {
    serde_json::from_slice(&read_body(request).await).map_err(|error| Box::new(bad(error.to_string())))
}

pub(super) fn ok<T: serde::Serialize>(value: &T) -> Response {
    answer::json(StatusCode::OK, value)
}

pub(super) fn done(result: Result<(), String>) -> Response {
    result.map_or_else(bad, |()| ok(&json!({ "ok": true })))
}

pub(super) fn bad(message: String) -> Response {
    answer::json(StatusCode::BAD_REQUEST, &json!({ "error": message }))
}
