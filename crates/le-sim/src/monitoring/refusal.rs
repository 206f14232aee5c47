//! Refusals of the visitor-side services, with the codes that their pages list.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::{answer, world::World};

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: u16,
    message: String,
}

pub(super) type Refused<T> = Result<T, Refusal>;

impl Refusal {
    fn new(status: StatusCode, code: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// A version that is not served.
    pub(super) fn version(given: Option<&str>, served: &str) -> Self {
        let message = match given {
            Some(given) => format!("API version {given:?} is not supported, use v={served}"),
            None => format!("the query parameter v is required, use v={served}"),
        };
        Self::new(StatusCode::BAD_REQUEST, 33, message)
    }

    /// A query or body that is not as the page has it; the message names the member.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 5, message)
    }

    /// The same for Visit Information, which has one code for both.
    pub(super) fn invalid_query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 33, message)
    }

    pub(super) fn account(account: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, 6, format!("account {account:?} is not known"))
    }

    /// The same where a page lists 422 for it.
    pub(super) fn account_id(account: &str) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..Self::account(account)
        }
    }

    pub(super) fn application() -> Self {
        Self::new(StatusCode::NOT_FOUND, 18, "the app installation id is not known")
    }

    pub(super) fn visitor() -> Self {
        Self::new(StatusCode::NOT_FOUND, 37, "the visitor id is not valid")
    }

    pub(super) fn session() -> Self {
        Self::new(StatusCode::NOT_FOUND, 39, "the session id is not valid")
    }

    pub(super) fn gone() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            12,
            "the session was not found: it is over, or too old",
        )
    }

    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 10, message)
    }

    /// New sessions come too fast.
    pub(super) fn capped() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            18,
            "too many new sessions: send vid and sid of the last answer",
        )
    }

    /// The account is not loaded yet; `again` is the visitor id that the next attempt is to send.
    pub(super) fn loading(account: &str, again: Option<&str>, accepted: bool) -> Self {
        let mut message = format!("Loading account: {account}");
        if let Some(again) = again {
            message.push_str(", vid: ");
            message.push_str(again);
        }
        if accepted {
            Self::new(StatusCode::ACCEPTED, 38, message)
        } else {
            Self::new(StatusCode::INTERNAL_SERVER_ERROR, 20, message)
        }
    }

    /// What a fault of the plan answers on these routes.
    pub(super) fn injected(status: StatusCode) -> Self {
        Self::new(status, 18, format!("injected fault: {}", status.as_u16()))
    }

    /// The answer of all services but one.
    pub(super) fn answer(&self, world: &World) -> Response {
        let body = json!({ "time": world.clock.now_ms(), "message": self.message, "internalCode": self.code });
        answer::json(self.status, &body)
    }

    /// The answer of External Engagement, whose time and code are text.
    pub(super) fn external(&self, world: &World) -> Response {
        let time = world
            .clock
            .timestamp()
            .strftime("%Y-%m-%dT%H:%M:%S.%3f+00:00")
            .to_string();
        let body = json!({ "time": time, "message": self.message, "internalCode": self.code.to_string() });
        answer::json(self.status, &body)
    }
}

/// The answer of a fault on a route of these services.
pub(crate) fn injected(world: &World, route: &str, status: StatusCode) -> Option<Response> {
    let refusal = Refusal::injected(status);
    let (api, _) = route.split_once('.')?;
    match api {
        "monitoring" | "app_engagement" | "visit" => Some(refusal.answer(world)),
        "external_engagement" => Some(refusal.external(world)),
        _ => None,
    }
}
