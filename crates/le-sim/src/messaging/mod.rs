//! Messaging: agents and consumers over WebSocket, routing between them, and what belongs to it.
//!
//! The [`engine`] holds state and rules and does no input or output, [`wire`] reads and writes the two dialects, [`socket`]
//! carries frames. The [`hub`] joins them: it is the one place that holds the lock.

mod close;
pub(crate) mod drive;
mod engine;
mod files;
mod hub;
mod idp;
pub(crate) mod inspect;
mod outbox;
mod pulse;
mod record;
mod rules;
mod socket;
mod suffering;
mod wire;

use std::sync::Arc;

use axum::routing::MethodRouter;

use crate::{generated::routes::Route, world::World};

pub(crate) use drive::Driven;
pub use drive::{DrivenConsumer, NewConsumer};
pub use rules::{
    DialectKnobs, FileKnobs, MalformedJson, MessagingBehaviour, RequestLimit, ResponseTimes, SurveyKnobs,
    TokenInvalidation,
};

pub(crate) use hub::Messaging;
pub(crate) use pulse::{beat, pulse};
pub(crate) use record::publish_due;

/// Routes that the catalogue of HTTP operations does not have.
pub(crate) const ROUTES: &[Route] = &[
    own(
        "messaging.agent_socket",
        "asyncMessagingEnt",
        "GET",
        "/ws_api/account/{accountId}/messaging/brand/{bearer}",
    ),
    own(
        "messaging.consumer_socket",
        "asyncMessagingEnt",
        "GET",
        "/ws_api/account/{accountId}/messaging/consumer",
    ),
    own(
        "messaging.consumer_socket_legacy",
        "asyncMessagingEnt",
        "GET",
        "/ws_api/account/{accountId}/messaging/consumer/{jwt}",
    ),
    own("idp.signup", "idp", "POST", "/api/account/{accountId}/signup"),
    own(
        "idp.authenticate",
        "idp",
        "POST",
        "/api/account/{accountId}/authenticate",
    ),
    own(
        "idp.anonymous_authorize",
        "idp",
        "POST",
        "/api/account/{accountId}/anonymous/authorize",
    ),
    own(
        "idp.app_authenticate",
        "idp",
        "POST",
        "/api/account/{accountId}/app/{connectorId}/authenticate",
    ),
    own("swift.object", "swift", "PUT", "/v1/{container}/{accountId}/{file}"),
];

const fn own(id: &'static str, service: &'static str, method: &'static str, path: &'static str) -> Route {
    Route {
        id,
        service,
        method,
        path,
    }
}

/// The handler of a route of messaging.
pub(crate) fn handler(route: &str) -> Option<MethodRouter<Arc<World>>> {
    match route {
        "swift.object" => Some(axum::routing::get(files::endpoint).put(files::endpoint)),
        _ => socket::endpoint(route).or_else(|| idp::endpoint(route)),
    }
}
