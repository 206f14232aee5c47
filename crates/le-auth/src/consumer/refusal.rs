//! What the identity provider means when it says no: nearly everything comes with status 500, and a code tells which is which.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use le_core::hook::Hook;
use le_core::{BaseUri, Client, Error, ErrorKind, OperationSpec};

use crate::generated::errors::{IDP_PROBLEMS, IdpProblem};
use crate::login::sentence;

/// Codes that say that an anonymous identity can no longer be prolonged.
const LOST: [&str; 4] = ["2001", "2002", "2004", "1012"];

/// Whether an anonymous identity is gone for good.
pub(super) fn is_lost(error: &Error) -> bool {
    error.code().is_some_and(|code| LOST.contains(&code))
}

fn problem(error: &Error) -> Option<&'static IdpProblem> {
    let code: i64 = error.code()?.parse().ok()?;
    IDP_PROBLEMS.iter().find(|problem| problem.code == code)
}

/// The error in words that say what to do. What failed on the way there (discovery) keeps its own words.
pub(super) fn explain(spec: &'static OperationSpec, error: Error) -> Error {
    if error.operation() != Some(spec.id) {
        return error;
    }
    match (problem(&error), error.code()) {
        (Some(problem), _) => error
            .with_kind(problem.kind)
            .with_message(sentence(problem.meaning))
            .with_advice(sentence(problem.advice)),
        // A code that nobody knows: the vendor's list says which ones pass, and this is none of them.
        (None, Some(_)) if error.kind() == ErrorKind::Server => error
            .with_kind(ErrorKind::Authentication)
            .with_message("the identity provider refused with a code that is not documented")
            .with_advice("do not repeat it with the same token"),
        _ => error,
    }
}

/// Sees each attempt: tokens travel in the body, where the pipeline does not look for credentials, and a 500 is repeated only
/// where its code says that it may pass.
#[derive(Debug)]
pub(super) struct Guard(Client);

impl Guard {
    pub(super) fn around(client: &Client) -> Client {
        client.with_hook(Arc::new(Self(client.clone())))
    }
}

impl Hook for Guard {
    fn before_attempt(&self, _: &'static OperationSpec, request: &mut Request<Bytes>) -> Result<(), Error> {
        let authority = request.uri().authority().map_or("", |authority| authority.as_str());
        self.0.check_trusted(&BaseUri::new(authority)?)
    }

    fn permits_retry(&self, error: &Error) -> bool {
        match (problem(error), error.code()) {
            (Some(problem), _) => problem.passes,
            (None, code) => code.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::generated::operations::IDP_SIGNUP;

    fn refused(body: &'static str) -> Error {
        Error::new(ErrorKind::Server, "500")
            .with_operation(IDP_SIGNUP.id)
            .with_status(StatusCode::INTERNAL_SERVER_ERROR)
            .with_body(&Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn the_code_decides_as_text_and_as_number() {
        for body in [r#"{"internalErrorCode":"9007"}"#, r#"{"internalErrorCode":9007}"#] {
            let error = explain(&IDP_SIGNUP, refused(body));
            assert_eq!(error.kind(), ErrorKind::Authentication);
            assert!(error.message().contains("failed validation"), "{error}");
            assert!(!error.is_transient());
        }
        let unknown = explain(&IDP_SIGNUP, refused(r#"{"internalErrorCode":"7777"}"#));
        assert_eq!(unknown.kind(), ErrorKind::Authentication);
        assert_eq!(explain(&IDP_SIGNUP, refused("")).kind(), ErrorKind::Server);
    }

    #[test]
    fn only_what_passes_is_worth_a_repetition() {
        let passes = |code: i64| {
            let body = format!(r#"{{"internalErrorCode":{code}}}"#);
            let error = Error::new(ErrorKind::Server, "500").with_body(&Bytes::from(body));
            problem(&error).is_some_and(|problem| problem.passes)
        };
        let wanted = [
            1007, 1022, 1023, 1036, 1043, 1044, 1045, 1046, 1047, 1048, 2007, 9000, 9001, 9010, 9013, 9014,
        ];
        let found: Vec<_> = (1000..=9999).filter(|code| passes(*code)).collect();
        assert_eq!(found, wanted);
    }
}
