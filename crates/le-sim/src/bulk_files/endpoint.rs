//! The addresses of Bulk File Download.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, Request, State},
    response::Response,
};
use http::{HeaderValue, StatusCode, request::Parts};
use serde_json::{Value, json};

use super::{BulkRequest, archive};
use crate::{
    access::{DataApi, Errors},
    answer,
    arrival::Arrival,
    routing::read_body,
    world::World,
};

type Served = State<Arc<World>>;

const API: DataApi = DataApi {
    name: "bulk_files",
    privileges: &[],
    bearer: false,
    scope: Some("data.services.external.bulkfiledownload"),
    key: false,
    errors: Errors::Debug,
};

const MOST_ON_A_PAGE: usize = 100;

/// `POST /v1/account/{accountId}/bulk-download-requests`
pub(crate) async fn create(State(world): Served, Path(account): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = read_body(Request::new(body)).await;
    if let Err(refusal) = API.admit(&world, &parts, &account, &body) {
        return *refusal;
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(conversation) = body.pointer("/filter/conversationId").and_then(Value::as_str) else {
        return *API.refused(StatusCode::BAD_REQUEST, "filter.conversationId: is required");
    };
    crate::messaging::publish_due(&world);
    if world.history.files_of(conversation).is_none() {
        return *API.refused(
            StatusCode::BAD_REQUEST,
            "filter.conversationId: there is no such conversation",
        );
    }
    let now_ms = world.clock.now_ms();
    let created = world.bulk_files().add(conversation, world.seed, now_ms);
    answer::json(StatusCode::CREATED, &entity(&world, &parts, &created))
}

/// `GET /v1/account/{accountId}/bulk-download-requests`
pub(crate) async fn list(State(world): Served, Path(account): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = read_body(Request::new(body)).await;
    let query = match API.admit(&world, &parts, &account, &body) {
        Ok(query) => query,
        Err(refusal) => return *refusal,
    };
    let first = usize::from(!world.behaviour().bulk_files.pages_from_zero);
    let number = |name: &str, default: usize| {
        let given = query.iter().find(|(key, _)| key == name);
        given.map_or(Some(default), |(_, value)| value.parse().ok())
    };
    let (Some(page), Some(size)) = (number("page", first), number("pageSize", MOST_ON_A_PAGE)) else {
        return *API.refused(StatusCode::BAD_REQUEST, "page, pageSize: must be numbers");
    };
    if page < first || !(1..=MOST_ON_A_PAGE).contains(&size) {
        let message = format!("page must be at least {first}, pageSize 1 to {MOST_ON_A_PAGE}");
        return *API.refused(StatusCode::BAD_REQUEST, &message);
    }
    let all: Vec<BulkRequest> = world.bulk_files().requests.iter().rev().cloned().collect();
    let pages = all.len().div_ceil(size);
    let place = page - first;
    let items: Vec<Value> = all
        .iter()
        .skip(place.saturating_mul(size))
        .take(size)
        .map(|request| entity(&world, &parts, request))
        .collect();
    let pagination = json!({
        "totalRecords": all.len(), "currentPage": page, "totalPages": pages,
        "nextPage": (place + 1 < pages).then_some(page + 1),
        "prevPage": (place > 0).then(|| page - 1),
    });
    answer::json(StatusCode::OK, &json!({ "items": items, "pagination": pagination }))
}

/// `GET /v1/account/{accountId}/bulk-download-requests/{requestId}`
pub(crate) async fn get(
    State(world): Served,
    Path((account, id)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = read_body(Request::new(body)).await;
    if let Err(refusal) = API.admit(&world, &parts, &account, &body) {
        return *refusal;
    }
    let found = world.bulk_files().find(&id);
    match found {
        Some(request) => answer::json(StatusCode::OK, &entity(&world, &parts, &request)),
        None => *API.refused(StatusCode::NOT_FOUND, "there is no such request"),
    }
}

/// The archive behind one of `downloadUrls`: signed, without credential, for a while.
pub(crate) async fn download(
    State(world): Served,
    Path((_, file)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    if !world
        .messaging
        .files
        .allows(&world, "GET", &path, query.as_deref().unwrap_or(""))
    {
        return answer::text(StatusCode::UNAUTHORIZED, "401 Unauthorized: Temp URL invalid\n");
    }
    let named = file.strip_suffix(".zip").and_then(|name| name.rsplit_once('-'));
    let request = named.and_then(|(id, number)| Some((world.bulk_files().find(id)?, number.parse().ok()?)));
    let per_archive = world.behaviour().bulk_files.files_per_archive;
    let files =
        request.and_then(|(request, number)| archive::files(&world, &request.conversation, number, per_archive));
    match files.map(|files| archive::zipped(&world, &files)) {
        Some(Ok(bytes)) => answer::chunks(StatusCode::OK, HeaderValue::from_static("application/zip"), vec![bytes]),
        Some(Err(_)) => answer::empty(StatusCode::INTERNAL_SERVER_ERROR),
        None => answer::text(StatusCode::NOT_FOUND, "404 Not Found\n"),
    }
}

fn entity(world: &World, parts: &Parts, request: &BulkRequest) -> Value {
    let behaviour = world.behaviour();
    let knobs = &behaviour.bulk_files;
    let status = request.status(knobs, world.clock.now_ms());
    let archives = if status == "READY" {
        archive::count(world, &request.conversation, knobs.files_per_archive)
    } else {
        0
    };
    let origin = parts
        .extensions
        .get::<Arrival>()
        .map_or_else(|| format!("http://{}", world.addresses.plain), Arrival::origin);
    let urls = (0..archives)
        .map(|number| {
            let path = format!("/bulk-download/{}/{}-{number}.zip", world.account.id, request.id);
            format!(
                "{origin}{}",
                world.messaging.files.signed_get(world, &path, knobs.link_ms)
            )
        })
        .collect();
    request.entity(&world.account.id, status, urls)
}
