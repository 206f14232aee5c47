//! What the Login Service means when it says no, and what to do about it.
//!
//! One internal code is documented (10, the csrf does not belong to the session), so the text of the answer is read for hints.
//! A text that nobody knows leaves the documented meaning of the status.

use http::StatusCode;
use le_core::{Error, ErrorKind, OperationSpec, RawResponse};
use serde_json::Value;

use crate::generated::errors::{LOGIN_PROBLEMS, LoginProblem};
use crate::generated::operations::LOGIN;

/// A refusal that a text gives away.
struct Hint {
    /// All words of one of these must be in the text.
    words: &'static [&'static [&'static str]],
    kind: ErrorKind,
    message: &'static str,
    advice: &'static str,
}

/// The first that fits counts: the special ones stand before the general ones.
const HINTS: &[Hint] = &[
    Hint {
        words: &[&["blocked"]],
        kind: ErrorKind::Authorization,
        message: "LivePerson has blocked this account or user",
        advice: "open a support case with LivePerson; repeating does not help",
    },
    Hint {
        words: &[&["lock"]],
        kind: ErrorKind::Authentication,
        message: "the user is locked after failed logins",
        advice: "an administrator can unlock the user; find out who sends the wrong password before you try again",
    },
    Hint {
        words: &[&["too many"], &["throttl"], &["rate limit"]],
        kind: ErrorKind::RateLimited,
        message: "too many logins of this user",
        advice: "wait at least 5 seconds; keep one session and refresh it instead of logging in again",
    },
    Hint {
        words: &[&["password", "expire"], &["credential", "expire"]],
        kind: ErrorKind::Authentication,
        message: "the password of this user has expired",
        advice: "sign in once in the browser and set a new password, then use that",
    },
    Hint {
        words: &[&["password", "change"]],
        kind: ErrorKind::Authentication,
        message: "the user must change the password first",
        advice: "sign in once in the browser and set a new password, then use that",
    },
    Hint {
        words: &[&["multi-factor"], &["multifactor"], &["mfa"], &["two-factor"], &["2fa"]],
        kind: ErrorKind::Authentication,
        message: "the account asks for multi-factor authentication, which this API cannot give",
        advice: "log in as a bot user with an API key, or use OAuth 2.0",
    },
    Hint {
        words: &[&["sso"], &["single sign"], &["saml"], &["assertion"]],
        kind: ErrorKind::Authentication,
        message: "the account asks for single sign-on, which this API cannot give",
        advice: "log in as a bot user with an API key, or use OAuth 2.0",
    },
    Hint {
        words: &[&["disabled"], &["inactive"], &["deactivated"]],
        kind: ErrorKind::Authentication,
        message: "the user is disabled",
        advice: "an administrator can enable the user (Manage, Users)",
    },
    Hint {
        words: &[&["not enabled"], &["permission"], &["privilege"], &["feature"]],
        kind: ErrorKind::Authorization,
        message: "the account, the user or the API key may not log in this way",
        advice: "a bot login needs the feature \"User Type - Bot\", a key with the permission User Login, and that key in the bot user's record",
    },
    Hint {
        words: &[
            &["account", "not known"],
            &["account", "unknown"],
            &["account", "match"],
            &["account", "invalid"],
            &["wrong account"],
            &["site", "match"],
            &["wrong site"],
            &["invalid site"],
        ],
        kind: ErrorKind::Authentication,
        message: "the user does not belong to this account, or the account is not known",
        advice: "check the account id (LE_ACCOUNT_ID) and that user or key belong to it",
    },
    Hint {
        words: &[
            &["wrong", "credential"],
            &["invalid", "credential"],
            &["wrong", "password"],
            &["wrong user"],
        ],
        kind: ErrorKind::Authentication,
        message: "the login name or the credential is wrong",
        advice: "check login name and password (or the values of the API key); do not repeat the login, repeated failures lock the user",
    },
];

impl Hint {
    fn of(text: &str) -> Option<&'static Self> {
        let text = text.to_ascii_lowercase();
        let fits = |words: &&[&str]| words.iter().all(|word| text.contains(word));
        HINTS.iter().find(|hint| hint.words.iter().any(fits))
    }
}

/// The documented meaning of a status for this call.
fn documented(spec: &'static OperationSpec, status: u16, code: Option<&str>) -> Option<&'static LoginProblem> {
    let is_login = spec.id == LOGIN.id;
    let status = if status >= 500 { 500 } else { status };
    LOGIN_PROBLEMS.iter().find(|problem| {
        let code_fits = match problem.internal_code {
            // The only documented code speaks of a session, which a login does not have yet.
            Some(own) => !is_login && code.is_none_or(|code| code == own.to_string()),
            None => true,
        };
        problem.status == status && code_fits
    })
}

/// A failed call, in words that say what to do.
///
/// What failed on the way there (discovery) has its own words and keeps them.
pub(super) fn explain(spec: &'static OperationSpec, error: Error) -> Error {
    let Some(status) = error.status().filter(|_| error.operation() == Some(spec.id)) else {
        return error;
    };
    if error
        .body()
        .is_some_and(|body| body.trim_ascii_start().starts_with(b"<"))
    {
        // A gateway speaks here, not the Login Service: what it says tells nothing about the credential.
        let error = error
            .with_advice("a gateway or proxy between here and LivePerson answered; check proxy settings and the host");
        return if status.is_server_error() {
            error
        } else {
            error.with_kind(ErrorKind::Protocol)
        };
    }
    let hint = error.vendor_message().and_then(Hint::of);
    if let Some(hint) = hint.filter(|_| spec.id == LOGIN.id && status != StatusCode::TOO_MANY_REQUESTS) {
        return error
            .with_kind(hint.kind)
            .with_message(hint.message)
            .with_advice(hint.advice);
    }
    match documented(spec, status.as_u16(), error.code()) {
        Some(problem) if status.is_client_error() => error
            .with_message(sentence(problem.meaning))
            .with_advice(sentence(problem.advice)),
        _ => error,
    }
}

/// A refusal that came with a 2xx status: a body with `error`, as an object or as text.
pub(super) fn in_success(spec: &'static OperationSpec, answer: &RawResponse) -> Option<Error> {
    let value: Value = serde_json::from_slice(answer.body()).ok()?;
    let refusal = value.get("error").filter(|error| !error.is_null())?;
    let error = answer.fail(ErrorKind::Authentication, "the Login Service refused the call");
    let hint = error.vendor_message().and_then(Hint::of);
    if let Some(hint) = hint.filter(|_| spec.id == LOGIN.id) {
        return Some(
            error
                .with_kind(hint.kind)
                .with_message(hint.message)
                .with_advice(hint.advice),
        );
    }
    let means_unauthorized = refusal.get("responseStatus").and_then(Value::as_str) == Some("UNAUTHORIZED");
    let status = if means_unauthorized || !is_login(spec) { 401 } else { 0 };
    Some(match documented(spec, status, error.code()) {
        Some(problem) => error
            .with_message(sentence(problem.meaning))
            .with_advice(sentence(problem.advice)),
        None => {
            error.with_advice("see the vendor's message of this error; do not repeat the login before that is clear")
        }
    })
}

fn is_login(spec: &'static OperationSpec) -> bool {
    spec.id == LOGIN.id
}

/// Whether a refresh or a logout found that the session is gone.
pub(crate) fn is_session_gone(error: &Error) -> bool {
    error.kind() == ErrorKind::Authentication
}

/// A sentence of the catalogue as a part of a longer one.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.strip_suffix('.').unwrap_or(text);
    let mut letters = text.chars();
    match letters.next() {
        // Names keep their capital.
        Some(first) if !text.starts_with("LivePerson") => first.to_ascii_lowercase().to_string() + letters.as_str(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_give_the_reason_away() {
        let cases = [
            (
                "Login failed: the user is locked after too many failed logins",
                "locked",
            ),
            ("User is locked", "locked"),
            ("The password has expired", "expired"),
            ("The password must be changed", "must change"),
            ("multi-factor authentication is required", "multi-factor"),
            ("the account is not known here", "does not belong"),
            ("bot users are not enabled for this account", "may not log in"),
            ("wrong user name or credential", "credential is wrong"),
        ];
        for (text, expected) in cases {
            let hint = Hint::of(text).unwrap();
            assert!(hint.message.contains(expected), "{text}: {}", hint.message);
        }
        assert!(Hint::of("csrf does not match").is_none());
        assert!(Hint::of("upstream url rejected").is_none());
    }

    #[test]
    fn code_10_is_of_a_session_and_not_of_a_login() {
        use crate::generated::operations::REFRESH;
        assert_eq!(documented(&REFRESH, 401, Some("10")).unwrap().id, "login.csrf_mismatch");
        assert_eq!(
            documented(&LOGIN, 401, Some("10")).unwrap().id,
            "login.wrong_credential"
        );
        assert_eq!(documented(&LOGIN, 503, None).unwrap().id, "login.server_error");
        assert!(documented(&LOGIN, 418, None).is_none());
    }
}
