//! How the visitor-side services say no.
//!
//! The same `internalCode` means different things with different statuses: 18 is an unknown app installation in a 404, and an
//! unexpected failure in a 500. So ask [`of`], not the code alone.

use std::borrow::Cow;

use le_core::Error;

use crate::generated::errors::VISITOR_SIDE_PROBLEMS;
pub use crate::generated::errors::VisitorSideProblem;

/// What the pages say about this failure of a call of this crate, where they say anything.
///
/// ```
/// # fn decide(error: &le_core::Error) -> bool {
/// le_attributes::refusal::of(error).is_some_and(|problem| problem.id == "monitoring.app_unknown")
/// # }
/// ```
#[must_use]
pub fn of(error: &Error) -> Option<&'static VisitorSideProblem> {
    documented(error.operation()?.split('.').next()?, error)
}

fn documented(api: &str, error: &Error) -> Option<&'static VisitorSideProblem> {
    let status = error.status()?.as_u16();
    let code = error.code();
    let of_api = VISITOR_SIDE_PROBLEMS
        .iter()
        .filter(|problem| problem.status == status && problem.id.split('.').next() == Some(api));
    // The table has entries with a code first.
    of_api.into_iter().find(|problem| match problem.internal_code {
        Some(own) => code.is_some_and(|code| code == own.to_string()),
        None => true,
    })
}

/// A failed call in words that say what to do. What failed before the call (discovery), and what a gateway said, keeps its words.
pub(crate) fn explain(api: &'static str, error: Error) -> Error {
    let by_gateway = error
        .body()
        .is_some_and(|body| body.trim_ascii_start().starts_with(b"<"));
    match documented(api, &error) {
        Some(problem) if !by_gateway => error
            .with_kind(problem.kind)
            .with_message(Cow::Borrowed(problem.meaning.trim_end_matches('.')))
            .with_advice(Cow::Borrowed(problem.advice.trim_end_matches('.'))),
        _ => error,
    }
}
