//! From path to handler. The host of a request decides nothing, as all services live on one port.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    middleware,
    response::Response,
    routing::{MethodRouter, get, post, put},
};
use bytes::Bytes;
use http::StatusCode;

use crate::{
    agent_activity, answer, attendance, bulk_files, consumer_history, control, data_access, domain, engagements,
    generated::routes::{self, ROUTES, Route},
    interactions, login, messaging, monitoring, sentinel,
    world::World,
};

/// The longest body that is read.
pub(crate) const BODY_LIMIT: usize = 4 << 20;

/// Other spellings of a route that clients in the wild use.
const ALIASES: &[(&Route, &str)] = &[
    (
        &routes::DOMAIN_SERVICE,
        "/api/account/{accountId}/service/{serviceName}/baseURI",
    ),
    (
        &routes::DOMAIN_SERVICE,
        "/csdr/account/{accountId}/service/{serviceName}/baseURI.json",
    ),
    (
        &routes::DOMAIN_SERVICE,
        "/csdr/account/{accountId}/service/{serviceName}/baseURI",
    ),
    (&routes::DOMAIN_ALL_SERVICES, "/api/account/{accountId}/service/baseURI"),
    (
        &routes::DOMAIN_ALL_SERVICES,
        "/csdr/account/{accountId}/service/baseURI.json",
    ),
    (
        &routes::DOMAIN_ALL_SERVICES,
        "/csdr/account/{accountId}/service/baseURI",
    ),
];

/// Routes that the catalogue does not have.
const OWN_ROUTES: &[Route] = &[
    Route {
        id: "bulk_files.archive",
        service: "fms",
        method: "GET",
        path: "/bulk-download/{accountId}/{file}",
    },
    Route {
        id: "external_engagement.chat",
        service: "smt",
        method: "GET",
        path: "/external/{accountId}/chat/{token}",
    },
    Route {
        id: "sentinel.app_token",
        service: "sentinel",
        method: "POST",
        path: "/sentinel/api/account/{accountId}/app/token",
    },
    Route {
        id: "sentinel.app_token_v2",
        service: "sentinel",
        method: "POST",
        path: "/sentinel/api/v2/account/{accountId}/app/token",
    },
];

/// What the log and the counters call a path that no route serves.
pub(crate) const UNKNOWN_ROUTE: &str = "unknown";

/// All routes of one simulator.
pub(crate) fn router(world: &Arc<World>) -> Router {
    let spellings = ROUTES
        .iter()
        .map(|route| (route, route.path))
        .chain(ALIASES.iter().copied())
        .chain(messaging_routes());
    let vendor = spellings
        .fold(Router::new(), |router, (route, path)| match handler(route) {
            Some(handler) => router.route(path, handler),
            None => router,
        })
        .fallback(not_served)
        .layer(middleware::from_fn_with_state(Arc::clone(world), attendance::attend));
    vendor.merge(control::router()).with_state(Arc::clone(world))
}

/// Routes that no client of ours calls by the catalogue, unless it has come to list their paths.
fn messaging_routes() -> impl Iterator<Item = (&'static Route, &'static str)> {
    let listed = |path: &str| ROUTES.iter().any(|route| shape(route.path).eq(shape(path)));
    messaging::ROUTES
        .iter()
        .chain(OWN_ROUTES)
        .filter(move |route| !listed(route.path))
        .map(|route| (route, route.path))
}

/// The segments of a path, whatever its parameters are called.
fn shape(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .map(|segment| if segment.starts_with('{') { "{}" } else { segment })
}

/// The route id of a path as it was registered; the method tells those apart that share a path.
pub(crate) fn route_id(pattern: &str, method: &str) -> &'static str {
    ROUTES
        .iter()
        .map(|route| (route, route.path))
        .chain(ALIASES.iter().copied())
        .chain(messaging_routes())
        .filter(|(_, path)| *path == pattern)
        .max_by_key(|(route, _)| route.method == method)
        .map_or(UNKNOWN_ROUTE, |(route, _)| route.id)
}

/// The handler of a route; `None` if the catalogue knows more than is simulated.
fn handler(route: &Route) -> Option<MethodRouter<Arc<World>>> {
    // Clients send POST where a page documents GET and the other way round, so both are taken everywhere.
    Some(match route.id {
        "domain.service" => get(domain::one).post(domain::one),
        "domain.all_services" => get(domain::all).post(domain::all),
        "login.login" => get(login::login).post(login::login),
        "login.refresh" => get(login::refresh).post(login::refresh),
        "login.logout" => get(login::logout).post(login::logout),
        "messaging_interactions.search" => get(interactions::search).post(interactions::search),
        "messaging_interactions.conversation" => get(interactions::conversation).post(interactions::conversation),
        "messaging_interactions.consumer" => get(interactions::consumer).post(interactions::consumer),
        "agent_activity.status_changes" => get(agent_activity::status_changes).post(agent_activity::status_changes),
        "bulk_files.create" => post(bulk_files::create),
        "bulk_files.list" => get(bulk_files::list),
        "bulk_files.get" => get(bulk_files::get).post(bulk_files::get),
        "bulk_files.archive" => get(bulk_files::download),
        "consumer_history.metadata" => get(consumer_history::metadata)
            .post(consumer_history::metadata)
            .options(consumer_history::preflight),
        "consumer_history.content" => get(consumer_history::content)
            .post(consumer_history::content)
            .options(consumer_history::preflight),
        "data_access.base" => get(data_access::base).post(data_access::base),
        "data_access.agent_activity" => get(data_access::agent_activity).post(data_access::agent_activity),
        "data_access.web_session" => get(data_access::web_session).post(data_access::web_session),
        "data_access.engagement" => get(data_access::engagement).post(data_access::engagement),
        "data_access.survey" => get(data_access::survey).post(data_access::survey),
        "data_access.schema" => get(data_access::schema).post(data_access::schema),
        "data_access.file" => get(data_access::file).post(data_access::file),
        "engagement_history.search" => get(engagements::search).post(engagements::search),
        "sentinel.app_token" | "sentinel.app_token_v2" => get(sentinel::app_token).post(sentinel::app_token),
        "monitoring.engagement" => post(monitoring::engagement),
        // Clients that cannot send PUT send POST with a header that says so.
        "monitoring.report" => put(monitoring::report).post(monitoring::report),
        "app_engagement.open" => post(monitoring::open_app_engagement),
        "app_engagement.continue" => post(monitoring::continue_app_engagement),
        "app_engagement.update" => put(monitoring::update_app_engagement),
        "visit.add_events" => post(monitoring::add_events).put(monitoring::add_events),
        "visit.validate_engagement" => get(monitoring::validate),
        "visit.state" => get(monitoring::state),
        "external_engagement.create" => post(monitoring::create_external_engagement),
        "external_engagement.chat" => get(monitoring::external_chat),
        id => return messaging::handler(id),
    })
}

async fn not_served() -> Response {
    answer::text(
        StatusCode::NOT_FOUND,
        "no API of the vendor that is simulated here has this path\n",
    )
}

/// The whole body; empty if it was cut off or is longer than any client has reason to send.
pub(crate) async fn read_body(request: Request) -> Bytes {
    axum::body::to_bytes(request.into_body(), BODY_LIMIT)
        .await
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_of_the_catalogue_has_its_id_back() {
        for route in ROUTES {
            assert_eq!(route_id(route.path, route.method), route.id);
        }
        for (route, path) in ALIASES {
            assert_eq!(route_id(path, route.method), route.id);
        }
        assert_eq!(route_id("/elsewhere", "GET"), UNKNOWN_ROUTE);
    }

    #[test]
    fn each_route_of_the_first_slice_is_served() {
        let unserved: Vec<_> = ROUTES
            .iter()
            .filter(|route| {
                ["domain.", "login.", "messaging_interactions."]
                    .iter()
                    .any(|api| route.id.starts_with(api))
            })
            .filter(|route| handler(route).is_none())
            .map(|route| route.id)
            .collect();
        assert!(unserved.is_empty(), "{unserved:?}");
    }
}
