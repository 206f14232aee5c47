//! Answers of a service that is still loading the account.
//!
//! They are 202 with code 38 (version 1.1), or 500 with code 20. Their text names a visitor id, which the next attempt shall carry.

use bytes::Bytes;
use http::StatusCode;
use le_core::error::VendorProblem;
use le_core::retry::Revise;
use le_core::{Error, Operation};

/// Takes the visitor id of a loading answer into the next attempt.
pub(crate) struct Loading {
    /// Puts the visitor id where this API has it.
    pub(crate) take_up: fn(&mut Operation, String),
}

impl Revise for Loading {
    fn not_yet(&self, status: StatusCode, body: &Bytes, operation: &mut Operation) -> bool {
        let problem = VendorProblem::read(body);
        if !is_loading(status, problem.code.as_deref()) {
            return false;
        }
        if let Some(visitor) = problem.message.as_deref().and_then(visitor_id) {
            (self.take_up)(operation, visitor.to_owned());
        }
        true
    }
}

impl std::fmt::Debug for Loading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Loading")
    }
}

fn is_loading(status: StatusCode, code: Option<&str>) -> bool {
    match status.as_u16() {
        // The visitor-side services have no other use for 202.
        202 => true,
        500 => code == Some("20"),
        _ => false,
    }
}

/// Whether a call failed because the account is still loading.
pub(crate) fn of_error(error: &Error) -> bool {
    error.status().is_some_and(|status| is_loading(status, error.code()))
}

/// The visitor id in the text `Loading account: {account}, vid: {vid}`: what stands behind the last `vid:`.
pub(crate) fn visitor_id(message: &str) -> Option<&str> {
    let (_, behind) = message.rsplit_once("vid:")?;
    let id = behind
        .trim_start()
        .split([' ', ',', ';', '"', '\'', '}', '\n', '\r', '\t'])
        .next()?;
    let fits = (1..=256).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visitor_id_stands_behind_the_last_vid() {
        assert_eq!(visitor_id("Loading account: 70011223, vid: vBB2"), Some("vBB2"));
        assert_eq!(visitor_id("vid: a, Loading account: 1, vid:b-C_1=="), Some("b-C_1=="));
        for none in ["", "Loading account: 1", "vid:", "vid: ", "vid: \u{e9}\u{e9}", "Vid: x"] {
            assert_eq!(visitor_id(none), None, "{none:?}");
        }
    }

    #[test]
    fn twenty_is_loading_only_in_a_500() {
        let loading = |status, code| is_loading(StatusCode::from_u16(status).unwrap(), code);
        assert!(loading(202, Some("38")) && loading(500, Some("20")) && loading(202, None));
        assert!(!loading(500, Some("18")) && !loading(404, Some("20")) && !loading(200, Some("38")));
    }
}
