//! The Login Service: login of users and applications, refresh, logout
//! (<https://developers.liveperson.com/login-service-api-overview.html>).

mod credential;
mod refusal;
mod success;

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, RawQuery, Request, State},
    response::Response,
};
use http::{
    HeaderMap, StatusCode,
    header::{COOKIE, SET_COOKIE},
};
use serde_json::Value;

use crate::{
    answer,
    arrival::Arrival,
    authorize, oauth,
    routing::read_body,
    sessions::{Session, ends_at},
    world::World,
};

pub(crate) use refusal::Refusal;

/// The name of the session cookie.
const COOKIE_NAME: &str = "Session_id";

/// `POST /api/account/{accountId}/login`.
pub(crate) async fn login(
    State(world): State<Arc<World>>,
    Path(account): Path<String>,
    Extension(arrival): Extension<Arrival>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let body = read_body(request).await;
    match credential::accepted(&world, &account, query.as_deref().unwrap_or(""), &body) {
        Ok(accepted) => {
            let behaviour = world.behaviour();
            let session = world.sessions().open(
                &accepted.user.login_name,
                accepted.application,
                world.clock.now_ms(),
                behaviour.session_ttl_ms,
            );
            if behaviour.messaging.one_session_per_user {
                let evicted = &accepted.user.login_name;
                world.sessions().evict_from_messaging(evicted, &session.bearer);
                world.messaging.check_credentials(&world);
            }
            let mut answer = success::answer(&world, &behaviour, &arrival, accepted.user, &session);
            set_cookie(&world, &arrival, &session, &mut answer);
            answer
        }
        Err(refusal) => refusal.answer(&world),
    }
}

/// `POST /api/account/{accountId}/refresh`: prolongs the session, the bearer stays.
pub(crate) async fn refresh(
    State(world): State<Arc<World>>,
    Path(account): Path<String>,
    Extension(arrival): Extension<Arrival>,
    request: Request,
) -> Response {
    let (session_id, csrf) = match held(&world, &account, request).await {
        Ok(held) => held,
        Err(refusal) => return refusal.answer(&world),
    };
    let now_ms = world.clock.now_ms();
    let ttl_ms = world.behaviour().session_ttl_ms;
    let refreshed = world.sessions().of_cookie(&session_id, &csrf, now_ms).map(|session| {
        session.expires_ms = ends_at(now_ms, ttl_ms);
        session.refreshes += 1;
        session.clone()
    });
    match refreshed {
        Some(session) => {
            let mut answer = answer::empty(StatusCode::OK);
            set_cookie(&world, &arrival, &session, &mut answer);
            answer
        }
        None => Refusal::csrf_mismatch().answer(&world),
    }
}

/// `POST /api/account/{accountId}/logout`: ends the session.
pub(crate) async fn logout(State(world): State<Arc<World>>, Path(account): Path<String>, request: Request) -> Response {
    let (session_id, csrf) = match held(&world, &account, request).await {
        Ok(held) => held,
        Err(refusal) => return refusal.answer(&world),
    };
    let now_ms = world.clock.now_ms();
    let mut sessions = world.sessions();
    let ended = sessions.of_cookie(&session_id, &csrf, now_ms).is_some() && sessions.end_cookie(&session_id);
    drop(sessions);
    world.messaging.check_credentials(&world);
    if ended {
        answer::empty(StatusCode::OK)
    } else {
        Refusal::csrf_mismatch().answer(&world)
    }
}

/// The session id and the csrf that a refresh or logout carries.
async fn held(world: &World, account: &str, request: Request) -> Result<(String, String), Refusal> {
    let session_id = session_cookie(request.headers());
    let body = read_body(request).await;
    if account != world.account.id {
        return Err(Refusal::unknown_account());
    }
    let body: Value = serde_json::from_slice(&body).map_err(|_| Refusal::bad_request("the body must be JSON"))?;
    let csrf = body
        .get("csrf")
        .and_then(Value::as_str)
        .ok_or_else(|| Refusal::bad_request("csrf is missing"))?;
    let session_id = session_id.ok_or_else(Refusal::csrf_mismatch)?;
    Ok((session_id, csrf.to_owned()))
}

fn session_cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value.to_owned())
}

fn set_cookie(world: &World, arrival: &Arrival, session: &Session, answer: &mut Response) {
    if !world.behaviour().session_cookie {
        return;
    }
    // A jar does not send a Secure cookie back over plain HTTP.
    let secure = if arrival.scheme == "https" { "; Secure" } else { "" };
    let cookie = format!("{COOKIE_NAME}={}; Path=/; HttpOnly{secure}", session.session_id);
    if let Ok(cookie) = cookie.parse() {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Ends the session that a request carries, by bearer or by cookie.
pub(crate) fn expire_carried(world: &World, headers: &HeaderMap) {
    let bearer = headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(authorize::bearer);
    let mut sessions = world.sessions();
    if let Some(bearer) = bearer {
        sessions.end(bearer);
    }
    if let Some(session_id) = session_cookie(headers) {
        sessions.end_cookie(&session_id);
    }
}

/// The `v` of a login: clients send 1.1 to 1.3, and one sends none.
fn is_served_version(query: &str) -> bool {
    oauth::form_pairs(query)
        .find(|(name, _)| name == "v")
        .is_none_or(|(_, value)| matches!(value.as_str(), "1" | "1.0" | "1.1" | "1.2" | "1.3"))
}
