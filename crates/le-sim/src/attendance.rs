//! What surrounds each request to the vendor's APIs: faults, counters, the log.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{
    HeaderValue, StatusCode,
    header::{CONNECTION, RETRY_AFTER},
};
use http_body::Body as _;

use crate::{
    answer,
    arrival::Arrival,
    faults::{Damage, FaultAction, FaultBody, Incoming, RetryAfter, damaged},
    history::HistoryChange,
    login, monitoring,
    requests::{LoggedRequest, logged_path, logged_query},
    routing::{BODY_LIMIT, UNKNOWN_ROUTE, read_body, route_id},
    wire::ConnectionHandle,
    world::World,
};

/// The middleware of all routes but those of the control API.
pub(crate) async fn attend(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let mut line = Line::of(&world, &request);
    if announced_length(&request) > BODY_LIMIT as u64 {
        let answer = answer::text(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("bodies of up to {BODY_LIMIT} bytes are read\n"),
        );
        return line.answered(answer);
    }
    if !world.has_faults() {
        return line.answered(next.run(request).await);
    }
    let fired = world.faults().fire(Incoming {
        route: line.route,
        method: request.method().as_str(),
        path: request.uri().path(),
    });
    let (labels, actions): (Vec<String>, Vec<FaultAction>) = fired.into_iter().unzip();
    line.faults = labels;
    if actions.is_empty() {
        return line.answered(next.run(request).await);
    }
    let connection = request
        .extensions()
        .get::<Arrival>()
        .map(|arrival| arrival.connection.clone())
        .unwrap_or_default();
    match suffer(&world, line.route, &actions, request, next, &connection).await {
        Some(answer) => line.answered(answer),
        None => {
            drop(line);
            reset(&connection).await
        }
    }
}

fn announced_length(request: &Request) -> u64 {
    request.body().size_hint().lower()
}

/// Does what the actions say, in their order. `None`: the connection is to be reset.
async fn suffer(
    world: &World,
    route: &str,
    actions: &[FaultAction],
    request: Request,
    next: Next,
    connection: &ConnectionHandle,
) -> Option<Response> {
    for action in actions {
        match action {
            FaultAction::Delay { ms } => tokio::time::sleep(Duration::from_millis(*ms)).await,
            FaultAction::ChangeHistory { change, count } => change_history(world, *change, *count),
            FaultAction::ExpireSession => login::expire_carried(world, request.headers()),
            FaultAction::ResetBeforeBody => return None,
            FaultAction::Status {
                status,
                body,
                retry_after,
            } => {
                // The request is read first: an answer before its end would be another fault than the one asked for.
                read_body(request).await;
                return Some(status_answer(world, route, *status, *body, *retry_after));
            }
            _ => {}
        }
    }
    let damages: Vec<Damage> = actions.iter().filter_map(Damage::of).collect();
    let (parts, body) = request.into_parts();
    let body = read_body(Request::new(body)).await;
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    if actions.contains(&FaultAction::ResetAfterBody) {
        return None;
    }
    Some(if damages.is_empty() {
        answer
    } else {
        damaged(answer, &damages, connection).await
    })
}

fn status_answer(
    world: &World,
    route: &str,
    status: u16,
    body: FaultBody,
    retry_after: Option<RetryAfter>,
) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = match body {
        FaultBody::Json if route.starts_with("login.") => login::Refusal::injected(status).object(world),
        FaultBody::SearchEngine => answer::json(status, &crate::history::search_engine_failure()),
        FaultBody::Json => monitoring::injected(world, route, status)
            .unwrap_or_else(|| answer::data_error(status, format!("injected fault: {status}"))),
        FaultBody::Html => answer::html(status),
        FaultBody::Empty => answer::empty(status),
    };
    let value = retry_after.map(|retry_after| match retry_after {
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date { date_in } => world.clock.http_date(date_in),
    });
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
        answer.headers_mut().insert(RETRY_AFTER, value);
    }
    answer
}

fn change_history(world: &World, change: HistoryChange, count: u32) {
    crate::messaging::publish_due(world);
    for _ in 0..count {
        world.history.change(change, None, world.clock.now_ms());
    }
}

/// Resets the connection. The task that serves it drops this future together with the socket.
async fn reset(connection: &ConnectionHandle) -> Response {
    connection.reset();
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Only a connection without a socket behind it comes to here.
    let mut answer = answer::empty(StatusCode::INTERNAL_SERVER_ERROR);
    answer
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// What counters and log will say about a request. They say it when this goes, so that a request whose client gave up
/// before the answer is there, too.
struct Line {
    world: Arc<World>,
    route: &'static str,
    status: Option<u16>,
    faults: Vec<String>,
    logged: Option<LoggedRequest>,
}

impl Line {
    fn of(world: &Arc<World>, request: &Request) -> Self {
        let route = request
            .extensions()
            .get::<MatchedPath>()
            .map_or(UNKNOWN_ROUTE, |matched| {
                route_id(matched.as_str(), request.method().as_str())
            });
        let logged = world.requests().keeps_log().then(|| LoggedRequest {
            number: 0,
            at_ms: world.clock.now_ms(),
            route,
            method: request.method().to_string(),
            path: logged_path(request.uri().path()),
            query: logged_query(request.uri().query().unwrap_or("")),
            status: None,
            faults: Vec::new(),
        });
        Self {
            world: Arc::clone(world),
            route,
            status: None,
            faults: Vec::new(),
            logged,
        }
    }

    fn answered(mut self, answer: Response) -> Response {
        self.status = Some(answer.status().as_u16());
        answer
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let faults = std::mem::take(&mut self.faults);
        let mut requests = self.world.requests();
        requests.count(self.route, self.status, !faults.is_empty());
        if let Some(logged) = self.logged.take() {
            tracing::debug!(
                method = logged.method,
                path = logged.path,
                status = self.status,
                ?faults,
                "request"
            );
            requests.log(LoggedRequest {
                status: self.status,
                faults,
                ..logged
            });
        }
    }
}
