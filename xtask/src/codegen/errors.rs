//! The tables of refusals of the services that le-auth and le-attributes call.

use super::rust::{const_array, head, literal};
use crate::catalogue::{ApiError, Catalogue, ErrorKind, Retry};

pub(super) fn render(catalogue: &Catalogue) -> String {
    let doc = "How the Login Service and the identity provider say no, and what to do about it.";
    let mut out = head("errors.json", doc);
    out.push_str("use le_core::ErrorKind;\n\n");
    out.push_str(&login_errors(catalogue));
    out.push('\n');
    out.push_str(&idp_errors(catalogue));
    out
}

fn login_errors(catalogue: &Catalogue) -> String {
    let mut out = String::from(
        "/// One way in which the Login Service refuses a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginProblem {
    /// The name in the catalogue.
    pub id: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The `internalCode` of the body, where one is documented. Entries with a code come before those without.
    pub internal_code: Option<i64>,
    /// What happened.
    pub meaning: &'static str,
    /// What to do.
    pub advice: &'static str,
}

",
    );
    let mut problems: Vec<&ApiError> = catalogue
        .errors
        .iter()
        .filter(|error| error.service == "agentVep")
        .collect();
    problems.sort_by_key(|error| (error.status, error.internal_code.is_none()));
    out.push_str("/// The documented refusals, ordered by status, the most specific first.\n");
    let elements: Vec<_> = problems
        .iter()
        .map(|error| {
            format!(
                "LoginProblem {{\n        id: {},\n        status: {},\n        internal_code: {:?},\n        meaning: {},\n        advice: {},\n    }}",
                literal(&error.id),
                error.status,
                error.internal_code,
                literal(&error.meaning),
                literal(&error.advice)
            )
        })
        .collect();
    out.push_str(&const_array("LOGIN_PROBLEMS", "LoginProblem", &elements));
    out
}

/// The identity provider answers 500 to nearly everything; the code tells.
fn idp_errors(catalogue: &Catalogue) -> String {
    let mut out = String::from(
        "/// One way in which the identity provider refuses a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdpProblem {
    /// The name in the catalogue.
    pub id: &'static str,
    /// The `internalErrorCode` of the body.
    pub code: i64,
    /// What kind of error it is.
    pub kind: ErrorKind,
    /// Whether the same request can succeed later.
    pub passes: bool,
    /// What happened.
    pub meaning: &'static str,
    /// What to do.
    pub advice: &'static str,
}

",
    );
    out.push_str("/// The known refusals, ordered by code.\n");
    let of_idp = catalogue.errors.iter().filter(|error| error.service == "idp");
    let mut problems: Vec<(i64, &ApiError)> = of_idp.filter_map(|error| Some((error.internal_code?, error))).collect();
    problems.sort_by_key(|(code, _)| *code);
    let elements: Vec<_> = problems
        .iter()
        .map(|(code, error)| {
            format!(
                "IdpProblem {{\n        id: {},\n        code: {code},\n        kind: ErrorKind::{},\n        passes: {},\n        meaning: {},\n        advice: {},\n    }}",
                literal(&error.id),
                variant(error.kind),
                error.retry != Retry::Never,
                literal(&error.meaning),
                literal(&error.advice)
            )
        })
        .collect();
    out.push_str(&const_array("IDP_PROBLEMS", "IdpProblem", &elements));
    out
}

/// The refusals of the visitor-side services. One service has several APIs, which the first word of an id names.
pub(super) fn render_visitor_side(catalogue: &Catalogue) -> String {
    let doc = "How the visitor-side services say no, and what to do about it.";
    let mut out = head("errors.json", doc);
    out.push_str(
        "use le_core::ErrorKind;

/// One way in which a visitor-side service refuses a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitorSideProblem {
    /// The name in the catalogue; its first word is the API.
    pub id: &'static str,
    /// The HTTP status. The same code means different things with different statuses.
    pub status: u16,
    /// The `internalCode` of the body, where one is documented. Entries with a code come before those without.
    pub internal_code: Option<i64>,
    /// What kind of error it is.
    pub kind: ErrorKind,
    /// What happened.
    pub meaning: &'static str,
    /// What to do.
    pub advice: &'static str,
}

",
    );
    let services = ["smt", "msdkgw"];
    let mut problems: Vec<&ApiError> = catalogue
        .errors
        .iter()
        .filter(|error| services.contains(&error.service.as_str()))
        .collect();
    problems.sort_by_key(|error| (error.status, error.internal_code.is_none()));
    out.push_str("/// The documented refusals, ordered by status, the most specific first.\n");
    let elements: Vec<_> = problems
        .iter()
        .map(|error| {
            format!(
                "VisitorSideProblem {{\n        id: {},\n        status: {},\n        internal_code: {:?},\n        kind: ErrorKind::{},\n        meaning: {},\n        advice: {},\n    }}",
                literal(&error.id),
                error.status,
                error.internal_code,
                variant(error.kind),
                literal(&error.meaning),
                literal(&error.advice)
            )
        })
        .collect();
    out.push_str(&const_array("VISITOR_SIDE_PROBLEMS", "VisitorSideProblem", &elements));
    out
}

fn variant(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Authentication => "Authentication",
        ErrorKind::Authorization => "Authorization",
        ErrorKind::Discovery => "Discovery",
        ErrorKind::InvalidRequest => "InvalidRequest",
        ErrorKind::NotFound => "NotFound",
        ErrorKind::RateLimited => "RateLimited",
        ErrorKind::Server => "Server",
    }
}
