//! Visitors over HTTP, under `/_sim/monitoring`.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::{get, post},
};
use http::{StatusCode, header::CONTENT_TYPE};
use serde_json::json;

use super::{
    Control, MonitoringControl,
    http_api::{bad, done, ok, parsed},
};
use crate::{
    answer,
    campaign::{self, Campaign},
    routing::read_body,
    world::World,
};

type Served = State<Arc<World>>;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/_sim/monitoring", get(overview))
        .route("/_sim/monitoring/campaigns", get(campaigns).put(put_campaigns))
        .route("/_sim/monitoring/visitors", get(visitors))
        .route("/_sim/monitoring/visitors/{visitor}", get(visit))
        .route("/_sim/monitoring/offers", get(offers))
        .route("/_sim/monitoring/funnel", get(funnel))
        .route("/_sim/monitoring/sessions/age", post(age))
        .route("/_sim/monitoring/loading", post(loading))
}

fn control(world: Arc<World>) -> MonitoringControl {
    Control::new(world).monitoring()
}

async fn overview(State(world): Served) -> Response {
    let count = world.monitoring.visitor_count();
    let installations = world.account.app_installations.clone();
    let control = control(world);
    ok(&json!({
        "appInstallations": installations,
        "visitors": count,
        "offers": control.offers().len(),
        "campaigns": control.campaigns().len(),
        "funnel": control.funnel(),
    }))
}

async fn campaigns(State(world): Served) -> Response {
    ok(&control(world).campaigns())
}

/// Takes a list as JSON, or a file as TOML where the content type says so.
async fn put_campaigns(State(world): Served, request: Request) -> Response {
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let campaigns = if content_type.is_some_and(|value| value.contains("toml")) {
        let text = read_body(request).await;
        campaign::from_toml(&String::from_utf8_lossy(&text)).map_err(|error| Box::new(bad(error.to_string())))
    } else {
        parsed::<Vec<Campaign>>(request).await
    };
    match campaigns {
        Ok(campaigns) => done(
            control(world)
                .set_campaigns(campaigns)
                .map_err(|error| error.to_string()),
        ),
        Err(refusal) => *refusal,
    }
}

async fn visitors(State(world): Served) -> Response {
    ok(&control(world).visitors())
}

async fn visit(State(world): Served, Path(visitor): Path<String>) -> Response {
    match control(world).visit(&visitor) {
        Some(tree) => ok(&tree),
        None => answer::json(StatusCode::NOT_FOUND, &json!({ "error": "no such visitor" })),
    }
}

async fn offers(State(world): Served) -> Response {
    ok(&control(world).offers())
}

async fn funnel(State(world): Served) -> Response {
    ok(&control(world).funnel())
}

/// Makes sessions older, all or those of one visitor.
async fn age(State(world): Served, request: Request) -> Response {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Age {
        ms: u64,
        visitor_id: Option<String>,
    }
    match parsed::<Age>(request).await {
        Ok(Age { ms, visitor_id }) => {
            let aged = control(world).age_sessions(visitor_id.as_deref(), Duration::from_millis(ms));
            ok(&json!({ "aged": aged }))
        }
        Err(refusal) => *refusal,
    }
}

/// The next calls are told that the account is loading.
async fn loading(State(world): Served, request: Request) -> Response {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Loading {
        answers: u64,
    }
    match parsed::<Loading>(request).await {
        Ok(Loading { answers }) => {
            control(world).load_account(answers);
            done(Ok(()))
        }
        Err(refusal) => *refusal,
    }
}
