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
mod push;
mod record;
mod rules;
mod socket;
mod suffering;
mod visit;
mod wire;

use std::sync::Arc;

use axum::routing::MethodRouter;

use crate::{generated::routes::Route, world::World};

pub(crate) use drive::Driven;
pub use drive::{DrivenConsumer, NewConsumer};
pub use push::{PushDelivery, PushKnobs};
pub use rules::{
    DialectKnobs, FileKnobs, MalformedJson, MessagingBehaviour, RequestLimit, ResponseTimes, SurveyKnobs,
    TokenInvalidation,
};

pub(crate) use hub::Messaging;
pub(crate) use idp::brand_connector;
pub(crate) use pulse::{beat, pulse};
pub(crate) use record::publish_due;
pub(crate) use visit::{OpenConversation, is_staffed, open_conversation_of, waiting};

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

/// A token that opens messaging and the consumer's history, for any consumer there is or will be.
pub(crate) fn token_of_consumer(world: &World, consumer: &str) -> String {
    let now_ms = world.clock.now_ms();
    let lives_ms = i64::try_from(world.behaviour().messaging.anonymous_token_ms).unwrap_or(i64::MAX);
    let identity = idp::Identity {
        consumer: consumer.to_owned(),
        subject: None,
        expires_ms: now_ms.saturating_add(lives_ms),
        anonymous: false,
        profile: serde_json::Map::new(),
    };
    world.messaging.idp().grant(&world.account.id, identity, now_ms)
}

/// The consumer whose token this is.
pub(crate) fn consumer_of_token(world: &World, token: &str) -> Option<String> {
    let identity = world.messaging.idp().messaging(token, world.clock.now_ms());
    identity.ok().map(|identity| identity.consumer)
}

/// A token over these claims, signed with the key of the identity provider.
pub(crate) fn signed_token(world: &World, claims: &serde_json::Value) -> String {
    world.messaging.idp().signed(claims)
}

/// The handler of a route of messaging.
pub(crate) fn handler(route: &str) -> Option<MethodRouter<Arc<World>>> {
    match route {
        "swift.object" => Some(axum::routing::get(files::endpoint).put(files::endpoint)),
        _ => socket::endpoint(route).or_else(|| idp::endpoint(route)),
    }
}
