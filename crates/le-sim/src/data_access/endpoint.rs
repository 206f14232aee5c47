//! The addresses of Data Access: credential, kinds and ranges are checked here.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, request::Parts};
use serde_json::{Value, json};

use super::{
    DataAccessKnobs, FileFormat, FileKind, content,
    files::{self, File},
};
use crate::{
    access::{DataApi, Errors},
    answer,
    arrival::Arrival,
    hosts,
    routing::read_body,
    world::World,
};

type Served = State<Arc<World>>;
type Query = Vec<(String, String)>;

/// The host that the vendor's lists name.
const VENDOR_HOST: &str = "va-a.da.liveperson.net";

/// The Avro schema of the lines.
const SCHEMA: &str = include_str!("schema.json");

const fn api(bearer: bool) -> DataApi {
    DataApi {
        name: "data_access",
        privileges: &["Data Access"],
        bearer,
        scope: None,
        key: true,
        errors: Errors::Debug,
    }
}

/// `/data_access_le/account/{accountId}/le`
pub(crate) async fn base(State(world): Served, Path(account): Path<String>, request: Request) -> Response {
    let (parts, _) = match admitted(&world, &account, request).await {
        Ok(admitted) => admitted,
        Err(refusal) => return *refusal,
    };
    let knobs = &world.behaviour().data_access;
    let address = address(&world, &parts, knobs);
    let mut links = vec![json!({ "@href": address, "@rel": "self" })];
    let enabled = FileKind::ALL.into_iter().filter(|kind| knobs.kinds.contains(kind));
    for name in enabled.map(FileKind::name).chain(["schema"]) {
        links.push(json!({ "@href": format!("{address}/{name}"), "@rel": name }));
    }
    let body = json!({ "le": { "@accountId": world.account.id, "link": links } });
    answer::json(StatusCode::OK, &body)
}

/// `.../le/agentActivity`
pub(crate) async fn agent_activity(world: Served, account: Path<String>, request: Request) -> Response {
    list(world, account, request, FileKind::AgentActivity).await
}

/// `.../le/webSession`
pub(crate) async fn web_session(world: Served, account: Path<String>, request: Request) -> Response {
    list(world, account, request, FileKind::WebSession).await
}

/// `.../le/engagement`
pub(crate) async fn engagement(world: Served, account: Path<String>, request: Request) -> Response {
    list(world, account, request, FileKind::Engagement).await
}

/// `.../le/survey`
pub(crate) async fn survey(world: Served, account: Path<String>, request: Request) -> Response {
    list(world, account, request, FileKind::Survey).await
}

async fn list(State(world): Served, Path(account): Path<String>, request: Request, kind: FileKind) -> Response {
    let (parts, query) = match admitted(&world, &account, request).await {
        Ok(admitted) => admitted,
        Err(refusal) => return *refusal,
    };
    let behaviour = world.behaviour();
    let knobs = &behaviour.data_access;
    let range =
        enabled(knobs, kind).and_then(|()| Ok((bound(knobs, &query, "startTime")?, bound(knobs, &query, "endTime")?)));
    let (from, to) = match range {
        Ok(range) => range,
        Err(refusal) => return *refusal,
    };
    if from > to {
        return *api(knobs.bearer).refused(StatusCode::BAD_REQUEST, "startTime: is after endTime");
    }
    crate::messaging::publish_due(&world);
    let files = files::list(&world, kind, from, to, knobs);
    if files.is_empty() {
        let status = StatusCode::from_u16(knobs.no_files_status).unwrap_or(StatusCode::NOT_FOUND);
        return answer::text(status, "No Available Files");
    }
    let address = format!("{}/{}", address(&world, &parts, knobs), kind.name());
    let entries: Vec<Value> = files
        .iter()
        .map(|file| {
            let name = file.name(knobs);
            json!({ "@name": name, "@scopeStartDate": files::scope(file.from), "@scopeEndDate": files::scope(file.to()),
                "@href": format!("{address}/{name}") })
        })
        .collect();
    let entries = match <[Value; 1]>::try_from(entries) {
        Ok([entry]) if knobs.single_entry_bare => entry,
        Ok(one) => json!(one),
        Err(entries) => Value::Array(entries),
    };
    let link = json!({ "@href": address, "@rel": "self" });
    let body = json!({ "dataAccessFiles": { "@id": world.account.id, "link": link, "file": entries } });
    answer::json(StatusCode::OK, &body)
}

/// `.../le/{kind}/{fileName}`
pub(crate) async fn file(
    State(world): Served,
    Path((account, kind, name)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    if let Err(refusal) = admitted(&world, &account, request).await {
        return *refusal;
    }
    let behaviour = world.behaviour();
    let knobs = &behaviour.data_access;
    let Some(kind) = FileKind::ALL.into_iter().find(|known| known.name() == kind) else {
        return gone();
    };
    if let Err(refusal) = enabled(knobs, kind) {
        return *refusal;
    }
    let file = File::named(kind, &name).filter(|file| file.made(knobs, world.clock.now_ms()).is_some());
    let Some(file) = file else { return gone() };
    crate::messaging::publish_due(&world);
    let lines = content::lines(&world, file, knobs);
    if lines.is_empty() {
        return gone();
    }
    let Ok(bytes) = content::bytes(&lines, knobs.format) else {
        return answer::empty(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let content_type = match knobs.format {
        FileFormat::Plain => "text/plain",
        _ => "application/x-gzip",
    };
    answer::chunks(
        StatusCode::OK,
        HeaderValue::from_static(content_type),
        vec![Bytes::from(bytes)],
    )
}

/// `.../le/schema?schemaId=`
pub(crate) async fn schema(State(world): Served, Path(account): Path<String>, request: Request) -> Response {
    let (_, query) = match admitted(&world, &account, request).await {
        Ok(admitted) => admitted,
        Err(refusal) => return *refusal,
    };
    match value(&query, "schemaId") {
        None => *api(false).refused(StatusCode::BAD_REQUEST, "schemaId: is required, a version or latest"),
        Some("latest" | content::SCHEMA_VERSION) => answer::chunks(
            StatusCode::OK,
            answer::JSON,
            vec![Bytes::from_static(SCHEMA.as_bytes())],
        ),
        Some(_) => answer::text(StatusCode::NOT_FOUND, "there is no schema of this version\n"),
    }
}

async fn admitted(world: &World, account: &str, request: Request) -> Result<(Parts, Query), Box<Response>> {
    let (parts, body) = request.into_parts();
    let body = read_body(Request::new(body)).await;
    let api = api(world.behaviour().data_access.bearer);
    let query = api.admit(world, &parts, account, &body)?;
    Ok((parts, query))
}

fn enabled(knobs: &DataAccessKnobs, kind: FileKind) -> Result<(), Box<Response>> {
    if knobs.kinds.contains(&kind) {
        return Ok(());
    }
    let message = format!("{} files are not enabled for this account", kind.name());
    Err(api(knobs.bearer).refused(StatusCode::FORBIDDEN, &message))
}

/// A bound of the range in which the files were made.
fn bound(knobs: &DataAccessKnobs, query: &Query, name: &str) -> Result<i64, Box<Response>> {
    let text = value(query, name);
    text.and_then(|text| text.parse().ok()).ok_or_else(|| {
        let message = format!("{name}: is required, epoch milliseconds of when the files were generated");
        api(knobs.bearer).refused(StatusCode::BAD_REQUEST, &message)
    })
}

fn value<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

fn gone() -> Response {
    answer::text(StatusCode::NOT_FOUND, "there is no such file, or it was deleted\n")
}

/// What addresses begin with: fetched as given, so they must lead back here.
fn address(world: &World, parts: &Parts, knobs: &DataAccessKnobs) -> String {
    let origin = parts.extensions.get::<Arrival>().map_or_else(
        || format!("http://{}", world.addresses.plain),
        |arrival| {
            let (host, _) = hosts::split_authority(&arrival.authority);
            match &knobs.file_host {
                Some(host) => format!("{}://{host}", arrival.scheme),
                None if arrival.proxied && hosts::is_vendor(host) => format!("https://{VENDOR_HOST}"),
                None => arrival.origin(),
            }
        },
    );
    format!("{origin}/data_access_le/account/{}/le", world.account.id)
}
