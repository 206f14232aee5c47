//! The addresses of the sockets, and who may open one.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
    routing::{MethodRouter, get},
};
use http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use hyper_util::rt::TokioIo;
use serde_json::value::RawValue;

use super::{
    carrier::Carrier,
    greeting,
    handshake::{Upgrade, refusal},
};
use crate::{
    arrival::Arrival,
    messaging::{engine::Version, idp::Identity},
    oauth,
    wire::ConnectionHandle,
    world::World,
};

type Served = State<Arc<World>>;

/// The handler of a socket's route.
pub(crate) fn endpoint(route: &str) -> Option<MethodRouter<Arc<World>>> {
    Some(match route {
        "messaging.agent_socket" => get(agent),
        "messaging.consumer_socket" => get(consumer),
        "messaging.consumer_socket_legacy" => get(consumer_with_token),
        _ => return None,
    })
}

/// The `v` of the query.
fn version(request: &Request) -> Option<String> {
    oauth::form_pairs(request.uri().query().unwrap_or(""))
        .find(|(name, _)| name == "v")
        .map(|(_, value)| value)
}

fn connection(request: &Request) -> ConnectionHandle {
    request
        .extensions()
        .get::<Arrival>()
        .map(|arrival| arrival.connection.clone())
        .unwrap_or_default()
}

/// `/ws_api/account/{account}/messaging/brand/{bearer}?v=2.1`
async fn agent(
    State(world): Served,
    Path((account, bearer)): Path<(String, String)>,
    mut request: Request,
) -> Response {
    let version = match version(&request).as_deref() {
        Some("2.1") => Version::Agent21,
        Some("2" | "2.0") => Version::Agent20,
        _ => return *refusal(StatusCode::BAD_REQUEST, "v must be 2 or 2.1\n"),
    };
    let login_name = {
        let mut sessions = world.sessions();
        let now = world.clock.now_ms();
        sessions.uses_messaging(&bearer);
        sessions
            .of_bearer(&bearer, now)
            .map(|session| session.login_name.clone())
    };
    let user = login_name.filter(|_| account == world.account.id);
    let agent = user.and_then(|name| world.messaging.hub().engine.find_agent(&name));
    let Some(agent) = agent else {
        return *refusal(
            StatusCode::UNAUTHORIZED,
            "the bearer is unknown or its session has ended\n",
        );
    };
    let connection = connection(&request);
    let upgrade = match Upgrade::of(&mut request) {
        Ok(upgrade) => upgrade,
        Err(refusal) => return *refusal,
    };
    let accept = upgrade.accept();
    let (tasks, stop) = (world.tasks.clone(), world.stop.clone());
    tasks.spawn(async move {
        let Ok(stream) = upgrade.on.await else { return };
        let mut carrier = Carrier::new(Arc::clone(&world), TokioIo::new(stream), connection, stop).await;
        let link = world
            .messaging
            .agent_connected(&world, agent, version, bearer, carrier.sender());
        carrier.run(link).await;
    });
    Upgrade::switching(accept)
}

/// `/ws_api/account/{account}/messaging/consumer?v=3`
async fn consumer(State(world): Served, Path(account): Path<String>, request: Request) -> Response {
    if version(&request).as_deref().is_none_or(|version| version != "3") {
        return *refusal(StatusCode::BAD_REQUEST, "v must be 3\n");
    }
    let token = authorization(request.headers());
    open(world, &account, token, request)
}

/// `/ws_api/account/{account}/messaging/consumer/{jwt}?v=2`, of an old client.
async fn consumer_with_token(
    State(world): Served,
    Path((account, token)): Path<(String, String)>,
    request: Request,
) -> Response {
    open(world, &account, Some(token), request)
}

fn open(world: Arc<World>, account: &str, token: Option<String>, mut request: Request) -> Response {
    if account != world.account.id {
        return *refusal(StatusCode::UNAUTHORIZED, "the account is not known\n");
    }
    let identity = match token {
        None => None,
        Some(token) => match world.messaging.idp().messaging(&token, world.clock.now_ms()) {
            Ok(identity) => Some(identity),
            Err(_) => return *refusal(StatusCode::UNAUTHORIZED, "the token is not valid\n"),
        },
    };
    let properties = properties(&request);
    let connection = connection(&request);
    let upgrade = match Upgrade::of(&mut request) {
        Ok(upgrade) => upgrade,
        Err(refusal) => return *refusal,
    };
    let accept = upgrade.accept();
    let tasks = world.tasks.clone();
    tasks.spawn(serve_consumer(world, upgrade, connection, identity, properties));
    Upgrade::switching(accept)
}

async fn serve_consumer(
    world: Arc<World>,
    upgrade: Upgrade,
    connection: ConnectionHandle,
    identity: Option<Identity>,
    properties: Option<Box<RawValue>>,
) {
    let Ok(stream) = upgrade.on.await else { return };
    let stop = world.stop.clone();
    let mut carrier = Carrier::new(Arc::clone(&world), TokioIo::new(stream), connection, stop).await;
    let Some(identity) = identity else {
        if let Some(link) = greeting::wait(&world, &mut carrier, properties).await {
            carrier.run(link).await;
        }
        return;
    };
    let link = world
        .messaging
        .consumer_connected(&world, &identity, properties, carrier.sender());
    carrier.run(link).await;
}

/// The token of `Authorization: jwt <token>`; some clients leave the word out.
fn authorization(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("jwt") => token.trim(),
        Some(_) => "",
        None => value,
    };
    Some(token.to_owned())
}

/// Client properties of the header, or of single parameters of the address.
fn properties(request: &Request) -> Option<Box<RawValue>> {
    let header = request.headers().get("client-properties");
    if let Some(text) = header.and_then(|value| value.to_str().ok()) {
        return RawValue::from_string(text.to_owned())
            .ok()
            .filter(|raw| raw.get().starts_with('{'));
    }
    let members: serde_json::Map<String, serde_json::Value> = oauth::form_pairs(request.uri().query().unwrap_or(""))
        .filter(|(name, _)| name != "v")
        .map(|(name, value)| {
            let list = name == "features";
            let value = if list {
                value.split(',').map(str::to_owned).collect()
            } else {
                value.into()
            };
            (name, value)
        })
        .collect();
    (!members.is_empty())
        .then(|| serde_json::value::to_raw_value(&members).ok())
        .flatten()
}
