//! Refusals of the Login Service.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use serde_json::json;

use crate::{answer, behaviour::LoginErrors, world::World};

/// A refused login, refresh or logout.
///
/// The vendor publishes one internal code, 10 for a csrf that does not belong to the session. The others are made up
/// for this simulator and lie above 9000, so that nobody takes them for the vendor's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    internal_code: u32,
    message: String,
    retry_after_s: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, internal_code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            internal_code,
            message: message.into(),
            retry_after_s: None,
        }
    }

    fn unauthorized(internal_code: u32, message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, internal_code, message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 9001, message)
    }

    pub(crate) fn csrf_mismatch() -> Self {
        Self::unauthorized(10, "csrf does not match")
    }

    pub(crate) fn wrong_credential() -> Self {
        Self::unauthorized(9002, "Login failed: wrong user name or credential")
    }

    pub(crate) fn unknown_account() -> Self {
        Self::unauthorized(9003, "Login failed: the account is not known here")
    }

    pub(crate) fn disabled() -> Self {
        Self::unauthorized(9004, "Login failed: the user is disabled")
    }

    pub(crate) fn locked() -> Self {
        Self::unauthorized(9005, "Login failed: the user is locked after too many failed logins")
    }

    pub(crate) fn password_expired() -> Self {
        Self::unauthorized(9006, "Login failed: the password has expired")
    }

    pub(crate) fn must_change_password() -> Self {
        Self::unauthorized(9007, "Login failed: the password must be changed")
    }

    pub(crate) fn mfa_required() -> Self {
        Self::unauthorized(9008, "Login failed: multi-factor authentication is required")
    }

    pub(crate) fn assertion_unsupported() -> Self {
        Self::unauthorized(
            9009,
            "Login failed: assertions are not accepted, use user name and password or an API key",
        )
    }

    pub(crate) fn bots_not_enabled() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            9010,
            "Login failed: bot users are not enabled for this account",
        )
    }

    pub(crate) fn key_may_not_log_in() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            9011,
            "Login failed: the API key lacks the permission User Login",
        )
    }

    pub(crate) fn blocked() -> Self {
        Self::new(
            StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS,
            9012,
            "Login failed: the account or user is blocked",
        )
    }

    pub(crate) fn throttled(retry_after_s: Option<u64>) -> Self {
        let refusal = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            9013,
            "Too many login attempts for this user",
        );
        Self {
            retry_after_s,
            ..refusal
        }
    }

    /// What a fault plan asks for.
    pub(crate) fn injected(status: StatusCode) -> Self {
        Self::new(status, 9014, format!("injected fault: {status}"))
    }

    /// The refusal in the documented shape.
    pub(crate) fn object(&self, world: &World) -> Response {
        answer::json(self.status, &self.value(world))
    }

    fn value(&self, world: &World) -> serde_json::Value {
        json!({ "error": {
            "time": world.clock.login_error_time(),
            "message": self.message,
            "internalCode": self.internal_code,
            "responseStatus": response_status(self.status),
        }})
    }

    /// The refusal in the shape that the knobs ask for.
    pub(crate) fn answer(&self, world: &World) -> Response {
        let mut answer = match world.behaviour().login_errors {
            LoginErrors::Object => self.object(world),
            LoginErrors::ObjectInSuccess => answer::json(StatusCode::OK, &self.value(world)),
            LoginErrors::Text => answer::json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "error": self.message })),
        };
        if let Some(seconds) = self.retry_after_s {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

/// The enum-like name of a status. Only `UNAUTHORIZED` is documented.
fn response_status(status: StatusCode) -> String {
    status
        .canonical_reason()
        .unwrap_or("ERROR")
        .to_ascii_uppercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' })
        .collect()
}
