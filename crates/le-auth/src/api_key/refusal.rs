//! What the OAuth 1.0a front end means by its form-text body, and what to do about it.

use le_core::auth::Refusal;
use le_core::error::VendorProblem;
use le_core::{Error, ErrorKind};

use crate::generated::enums::OAuthProblem;

/// The problem that a refusal names.
pub(super) fn problem(refusal: &Refusal<'_>) -> Option<OAuthProblem> {
    if !refusal.body.trim_ascii_start().starts_with(b"oauth_problem=") {
        return None;
    }
    VendorProblem::read(refusal.body).code.map(OAuthProblem::from)
}

/// The refusal as an error that says what to do.
pub(super) fn error(problem: &OAuthProblem, refusal: &Refusal<'_>) -> Error {
    let (meaning, advice) = explain(problem);
    Error::new(ErrorKind::Authentication, meaning)
        .with_status(refusal.status)
        .with_body(refusal.body)
        .with_advice(advice)
}

fn explain(problem: &OAuthProblem) -> (&'static str, &'static str) {
    match problem {
        OAuthProblem::SignatureInvalid => (
            "the signature of the API key does not match",
            "check secret and access token secret; if they are right, something between here and LivePerson changes the URL or the host",
        ),
        OAuthProblem::TokenRejected => (
            "the access token of the API key is not accepted",
            "check that the access token belongs to the app key and to this account, and that the key is enabled",
        ),
        OAuthProblem::TimestampRefused => (
            "the time of the signature is refused",
            "set this machine's clock (NTP); the answer's Date did not explain the difference",
        ),
        OAuthProblem::NonceUsed => (
            "the nonce of the signature was used before",
            "each attempt has a fresh one, so something between here and LivePerson sends requests twice; the first may have been carried out",
        ),
        OAuthProblem::ConsumerKeyRejected | OAuthProblem::ConsumerKeyUnknown => (
            "the app key is not accepted",
            "check the app key, that it belongs to this account, and that it is enabled",
        ),
        OAuthProblem::ParameterAbsent | OAuthProblem::ParameterRejected => (
            "a parameter of the signature is missing or not accepted",
            "something between here and LivePerson changes the Authorization header",
        ),
        OAuthProblem::SignatureMethodRejected | OAuthProblem::VersionRejected => (
            "OAuth 1.0a with HMAC-SHA1 is not accepted here",
            "this API may take OAuth 2.0 only; see its page",
        ),
        OAuthProblem::PermissionDenied => (
            "the API key may not use this API",
            "edit the key in the console: it needs the permission of this API, and your IP address in its list if it has one",
        ),
        OAuthProblem::Other(_) => (
            "the API key was refused",
            "check the four values of the key, its permissions and its list of IP addresses",
        ),
    }
}
