//! `GET /api/v2/account/{accountId}/status-changes`.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{AgentActivityKnobs, Kind, StatusChange, by_employee_id, changes, employee_id};
use crate::{
    access::{DataApi, Errors},
    answer,
    arrival::Arrival,
    routing::read_body,
    world::World,
};

const API: DataApi = DataApi {
    name: "agent_activity",
    privileges: &["Agent Activity API"],
    bearer: false,
    scope: None,
    key: true,
    errors: Errors::Causes,
};

/// A host that resolves nowhere; the service's own links name one that is `http`.
const INTERNAL_BASE: &str = "http://agentactivity.internal.example";

const DAY_MS: i64 = 86_400_000;
/// "One month", without a number of days: no month is longer.
const LONGEST_SPAN_MS: i64 = 31 * DAY_MS;
/// Changes of one agent and day that version 1 shows.
const CHANGES_PER_DAY: i64 = 20;

/// What is asked for.
struct Question {
    from: i64,
    to: i64,
    /// As they were given: they are echoed.
    from_text: String,
    to_text: String,
    grouped: bool,
    limit: usize,
    offset: usize,
    /// Users that are asked for; `None`: all.
    users: Option<Vec<usize>>,
}

pub(crate) async fn status_changes(
    State(world): State<Arc<World>>,
    Path(account): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = read_body(Request::new(body)).await;
    let behaviour = world.behaviour();
    let knobs = &behaviour.agent_activity;
    let admitted = API
        .admit(&world, &parts, &account, &body)
        .and_then(|query| API.source(&world, &query, knobs.source_required).map(|()| query));
    let query = match admitted {
        Ok(query) => query,
        Err(refusal) => return *refusal,
    };
    if !knobs.enabled {
        return *API.refused(StatusCode::FORBIDDEN, "the API is not enabled for this account");
    }
    let question = match Question::read(&world, &query, knobs) {
        Ok(question) => question,
        Err(rule) => return *API.refused(StatusCode::BAD_REQUEST, &rule),
    };
    let arrival = parts.extensions.get::<Arrival>().filter(|_| behaviour.reachable_links);
    let base = arrival.map_or_else(|| INTERNAL_BASE.to_owned(), Arrival::origin);
    let found = changes(&world, question.from, question.to)
        .into_iter()
        .filter(|change| question.users.as_ref().is_none_or(|users| users.contains(&change.user)))
        .collect();
    let body = if question.grouped {
        grouped(&world, &question, found, &base, knobs)
    } else {
        flat(&world, &question, found, &base, knobs)
    };
    answer::records(&body, &behaviour.history.dialect)
}

impl Question {
    fn read(world: &World, query: &[(String, String)], knobs: &AgentActivityKnobs) -> Result<Self, String> {
        let value = |name: &str| {
            query
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let grouped = match value("v") {
            None | Some("1") => true,
            Some("2") => false,
            Some(other) => return Err(format!("v: must be 1 or 2, not {other:?}")),
        };
        let now = world.clock.now_ms();
        let (from_text, to_text) = match (value("from"), value("to")) {
            (None, None) => (instant(now - DAY_MS), instant(now)),
            (Some(from), Some(to)) => (from.to_owned(), to.to_owned()),
            _ => return Err("from, to: both or none must be given".to_owned()),
        };
        let (from, to) = (time("from", &from_text)?, time("to", &to_text)?);
        if from > to {
            return Err("from: is after to".to_owned());
        }
        if to - from > LONGEST_SPAN_MS {
            return Err("to: the range is longer than one month".to_owned());
        }
        if from < now - i64::from(knobs.oldest_days) * DAY_MS {
            return Err(format!("from: is more than {} days ago", knobs.oldest_days));
        }
        let (default, most) = match (grouped, knobs.short_default_limit) {
            (true, _) => (50, 100),
            (false, true) => (50, 5_000),
            (false, false) => (1_000, 5_000),
        };
        let number = |name: &str, default: usize| match value(name) {
            None => Ok(default),
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| format!("{name}: must be a number, not {text:?}")),
        };
        let limit = number("limit", default)?;
        if limit == 0 || limit > most {
            return Err(format!(
                "limit: too {}, it must be 1 to {most}",
                if limit == 0 { "small" } else { "large" }
            ));
        }
        Ok(Self {
            from,
            to,
            from_text,
            to_text,
            grouped,
            limit,
            offset: number("offset", 0)?,
            users: users(world, value("agentId"), value("empId"), value("groupId"))?,
        })
    }
}

/// The users that one of three parameters names.
fn users(
    world: &World,
    agent: Option<&str>,
    employee: Option<&str>,
    group: Option<&str>,
) -> Result<Option<Vec<usize>>, String> {
    let account = &world.account;
    let number = |name: &str, text: &str| {
        text.parse::<i64>()
            .map_err(|_| format!("{name}: must be a number, not {text:?}"))
    };
    match (agent, employee, group) {
        (None, None, None) => Ok(None),
        (Some(id), None, None) => {
            number("agentId", id)?;
            Ok(Some(
                account
                    .users
                    .iter()
                    .position(|user| user.user_id == id)
                    .into_iter()
                    .collect(),
            ))
        }
        (None, Some(id), None) => Ok(Some(by_employee_id(account, id).into_iter().collect())),
        (None, None, Some(id)) => {
            let id = number("groupId", id)?;
            let members = account
                .users
                .iter()
                .enumerate()
                .filter(|(_, user)| user.agent_group_id == id);
            Ok(Some(members.map(|(place, _)| place).collect()))
        }
        _ => Err("agentId, empId, groupId: only one of them may be given".to_owned()),
    }
}

fn time(name: &str, text: &str) -> Result<i64, String> {
    let wrong = |_| format!("{name}: must be an RFC 3339 time in UTC such as 2030-01-01T00:00:00Z, not {text:?}");
    // Links echo times without seconds.
    let stamp = text.parse::<Timestamp>().or_else(|error| match text.strip_suffix('Z') {
        Some(rest) if rest.len() == 16 => format!("{rest}:00Z").parse(),
        _ => Err(error),
    });
    stamp.map(Timestamp::as_millisecond).map_err(wrong)
}

/// RFC 3339 with milliseconds where there are any.
fn instant(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

fn frame(question: &Question, knobs: &AgentActivityKnobs) -> Value {
    let millis = |ms: i64| {
        if knobs.quoted_milliseconds {
            json!(ms.to_string())
        } else {
            json!(ms)
        }
    };
    json!({
        "startTime": question.from_text, "endTime": question.to_text,
        "startTimeL": millis(question.from), "endTimeL": millis(question.to),
    })
}

/// `self` and `first` always, the others when there are several pages.
fn metadata(world: &World, question: &Question, count: usize, base: &str) -> Value {
    let path = format!("{base}/api/v2/account/{}/status-changes", world.account.id);
    let version = if question.grouped { 1 } else { 2 };
    let (from, to, limit) = (&question.from_text, &question.to_text, question.limit);
    let link = |rel: &str, offset: usize| {
        let href = format!("{path}?v={version}&from={from}&to={to}&offset={offset}&limit={limit}");
        json!({ "rel": rel, "href": href })
    };
    let mut references = vec![link("self", question.offset), link("first", 0)];
    if count > limit {
        references.push(link("last", (count - 1) / limit * limit));
    }
    if question.offset + limit < count {
        references.push(link("next", question.offset + limit));
    }
    if question.offset > 0 {
        references.push(link("previous", question.offset.saturating_sub(limit)));
    }
    json!({ "references": references })
}

/// Version 2: a list of changes.
fn flat(world: &World, question: &Question, found: Vec<StatusChange>, base: &str, knobs: &AgentActivityKnobs) -> Value {
    let metadata = metadata(world, question, found.len(), base);
    let page: Vec<Value> = found
        .iter()
        .skip(question.offset)
        .take(question.limit)
        .map(|change| {
            let mut members = agent(world, change.user);
            members.extend(what(change));
            Value::Object(members)
        })
        .collect();
    json!({ "_metadata": metadata, "timeframe": frame(question, knobs), "stateChanges": page })
}

/// Version 1: changes by agent, cut off at a number.
fn grouped(
    world: &World,
    question: &Question,
    found: Vec<StatusChange>,
    base: &str,
    knobs: &AgentActivityKnobs,
) -> Value {
    let mut agents: Vec<(usize, Vec<Value>)> = Vec::new();
    for change in &found {
        let change_of = Value::Object(what(change));
        match agents.last_mut() {
            Some((user, changes)) if *user == change.user => changes.push(change_of),
            _ => agents.push((change.user, vec![change_of])),
        }
    }
    let days = (question.to - question.from).div_euclid(DAY_MS) + 1;
    let mut room = usize::try_from(CHANGES_PER_DAY * days)
        .unwrap_or(usize::MAX)
        .saturating_mul(question.limit);
    let metadata = metadata(world, question, agents.len(), base);
    let page: Vec<Value> = agents
        .into_iter()
        .skip(question.offset)
        .take(question.limit)
        .map(|(user, mut changes)| {
            changes.truncate(room);
            room -= changes.len();
            let mut members = agent(world, user);
            members.insert("statusChangeHistory".to_owned(), Value::Array(changes));
            Value::Object(members)
        })
        .collect();
    json!({ "_metadata": metadata, "timeframe": frame(question, knobs), "agentsInfo": page })
}

fn agent(world: &World, user: usize) -> Map<String, Value> {
    let user = &world.account.users[user];
    let members = [
        ("agentId", json!(user.user_id.parse::<i64>().unwrap_or(0))),
        ("employeeId", json!(employee_id(user))),
        ("agentLoginName", json!(user.login_name)),
        ("agentUserName", json!(user.nickname)),
        ("agentGroupId", json!(user.agent_group_id)),
    ];
    members
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

fn what(change: &StatusChange) -> Map<String, Value> {
    let (subtype, none) = match change.kind {
        Kind::Status(status) => (status.code(), -1),
        Kind::Login | Kind::Logout => (0, 0),
    };
    let (reason, text) = match change.reason {
        Some((id, text)) => (id, json!(text)),
        None => (none, if none == 0 { json!("") } else { Value::Null }),
    };
    let members = [
        ("time", json!(instant(change.at))),
        ("sessionId", json!(change.session)),
        ("sequenceNumber", json!(change.sequence)),
        ("statusType", json!(change.kind.code())),
        ("statusSubType", json!(subtype)),
        ("statusReasonId", json!(reason)),
        ("statusReasonText", text),
        (
            "prevStatusChangeTime",
            change.previous.map_or(Value::Null, |at| json!(instant(at))),
        ),
    ];
    members
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}
