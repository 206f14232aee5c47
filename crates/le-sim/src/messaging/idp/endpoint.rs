//! The IDP over HTTP.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
    routing::{MethodRouter, get, post},
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{IdpError, connectors};
use crate::{answer, routing::read_body, world::World};

type Served = State<Arc<World>>;

/// The handler of a route of the IDP.
pub(crate) fn endpoint(route: &str) -> Option<MethodRouter<Arc<World>>> {
    Some(match route {
        "idp.signup" => post(signup),
        "idp.authenticate" => post(authenticate),
        "idp.anonymous_authorize" => post(anonymous_authorize),
        "idp.app_authenticate" => post(app_authenticate),
        "connectors.all" => get(all_connectors),
        _ => return None,
    })
}

/// Legacy: a new anonymous consumer.
async fn signup(State(world): Served, Path(account): Path<String>) -> Response {
    let token =
        open_to_anonymous(&world, &account).map(|()| world.messaging.idp().signed_up(&account, world.clock.now_ms()));
    answered(token, "jwt")
}

/// Step 1 of an anonymous consumer: a new external token, or a longer life for a known one.
async fn anonymous_authorize(State(world): Served, Path(account): Path<String>, request: Request) -> Response {
    let body = json_body(request).await;
    let previous = body.get("id_token").and_then(Value::as_str);
    let behaviour = world.behaviour();
    let lives = i64::try_from(behaviour.messaging.anonymous_token_ms).unwrap_or(i64::MAX);
    let extension = i64::try_from(behaviour.messaging.anonymous_extension_ms).unwrap_or(i64::MAX);
    let token = open_to_anonymous(&world, &account).and_then(|()| {
        let now = world.clock.now_ms();
        world
            .messaging
            .idp()
            .external(&account, previous, now, lives, extension)
    });
    answered(token, "token")
}

/// Step 2, or the only one for a token of the brand.
async fn app_authenticate(
    State(world): Served,
    Path((account, _connector)): Path<(String, String)>,
    request: Request,
) -> Response {
    let body = json_body(request).await;
    let token = match body.get("id_token").and_then(Value::as_str) {
        None => Err(IdpError("9009")),
        Some(external) => own_account(&world, &account).and_then(|()| {
            let now = world.clock.now_ms();
            let mut idp = world.messaging.idp();
            let identity = idp.prove(&account, external, now)?;
            Ok(idp.grant(&account, identity, now))
        }),
    };
    answered(token, "token")
}

/// Legacy: a JWT or a code of the brand.
async fn authenticate(State(world): Served, Path(account): Path<String>, request: Request) -> Response {
    let body = json_body(request).await;
    let token = match body
        .get("authCode")
        .and_then(Value::as_str)
        .filter(|code| !code.is_empty())
    {
        None => Err(IdpError("9009")),
        Some(code) => own_account(&world, &account).and_then(|()| {
            let now = world.clock.now_ms();
            let mut idp = world.messaging.idp();
            let identity = if code.split('.').count() == 3 {
                idp.prove(&account, code, now)?
            } else {
                idp.by_code(&account, code, now)
            };
            Ok(idp.grant(&account, identity, now))
        }),
    };
    answered(token, "jwt")
}

/// The public list of connectors.
async fn all_connectors(State(world): Served, Path(account): Path<String>) -> Response {
    match own_account(&world, &account) {
        Ok(()) => answer::json(StatusCode::OK, &connectors::list(&account)),
        Err(_) => answer::text(StatusCode::NOT_FOUND, "no such account\n"),
    }
}

fn own_account(world: &World, account: &str) -> Result<(), IdpError> {
    if account == world.account.id {
        Ok(())
    } else {
        Err(IdpError("1024"))
    }
}

fn open_to_anonymous(world: &World, account: &str) -> Result<(), IdpError> {
    own_account(world, account)?;
    if world.behaviour().messaging.anonymous {
        Ok(())
    } else {
        Err(IdpError("2005"))
    }
}

fn answered(token: Result<String, IdpError>, member: &str) -> Response {
    match token {
        Ok(token) => answer::json(StatusCode::OK, &json!({ member: token })),
        // Permanent failures come with 500, too; the code tells which is which.
        Err(IdpError(code)) => answer::json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "internalErrorCode": code })),
    }
}

async fn json_body(request: Request) -> Value {
    serde_json::from_slice(&read_body(request).await).unwrap_or(Value::Null)
}
