//! An error as a person or a script meets it: what failed, why, and what to do.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;

use le_core::transport::TransportError;
use serde_json::{Value, json};

use crate::exit::Exit;

/// A result of the command line.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// What ends a command. Everything in it may be shown.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    causes: Vec<String>,
    advice: Option<String>,
    /// The error of a client crate, for the facts of the JSON form.
    core: Option<le_core::Error>,
    /// The output was closed by its reader: end without a word.
    quiet: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            causes: Vec::new(),
            advice: None,
            core: None,
            quiet: false,
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Exit::Configuration, message)
    }

    /// A file that cannot be used.
    pub(crate) fn file(action: &str, path: &Path, error: &io::Error) -> Self {
        let failure = Self::new(Exit::Output, format!("cannot {action} {}", path.display())).because(error.to_string());
        match advice_on(error.kind()) {
            Some(advice) => failure.advise(advice),
            None => failure,
        }
    }

    /// Writing to the standard output failed; a reader that went away (`| head`) is no failure.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        let mut failure = Self::file("write to", Path::new("the standard output"), error);
        failure.quiet = error.kind() == io::ErrorKind::BrokenPipe;
        failure
    }

    #[must_use]
    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    #[must_use]
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Says in which step it failed; what failed becomes the cause.
    #[must_use]
    pub(crate) fn while_(mut self, step: impl Into<String>) -> Self {
        let message = std::mem::replace(&mut self.message, step.into());
        self.causes.insert(0, message);
        self
    }

    /// Says that a setting is the reason, where the client crate speaks of a value only.
    #[must_use]
    pub(crate) fn in_settings(mut self) -> Self {
        self.exit = Exit::Configuration;
        self
    }

    pub(crate) fn exit(&self) -> Exit {
        if self.quiet { Exit::Ok } else { self.exit }
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn causes(&self) -> &[String] {
        &self.causes
    }

    pub(crate) fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// The object that `--json` prints on the standard error.
    pub(crate) fn to_json(&self) -> Value {
        let core = self.core.as_ref();
        json!({"error": {
            "kind": core.map_or(self.exit.name(), |error| error.kind().as_str()),
            "message": self.message,
            "causes": self.causes,
            "advice": self.advice,
            "operation": core.and_then(le_core::Error::operation),
            "status": core.and_then(|error| error.status()).map(|status| status.as_u16()),
            "code": core.and_then(le_core::Error::code),
            "request_id": core.and_then(le_core::Error::request_id),
            "attempts": core.map_or(0, le_core::Error::attempts),
            "exit_code": self.exit.code(),
        }})
    }
}

fn advice_on(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space or choose another place; the lines that were written before are complete"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a place that you may write to, or change the permissions"
        }
        io::ErrorKind::NotFound => "check the path; folders are not made",
        _ => return None,
    })
}

impl From<le_core::Error> for Failure {
    fn from(error: le_core::Error) -> Self {
        let mut message = match error.operation() {
            Some(operation) => format!("{operation}: {}", error.message()),
            None => error.message().to_owned(),
        };
        let facts = facts(&error);
        if !facts.is_empty() {
            message = format!("{message} ({facts})");
        }
        let mut failure = Self::new(Exit::of(&error), message);
        failure.advice = error.advice().map(str::to_owned);
        failure.causes = chain(&error);
        failure.core = Some(error);
        failure
    }
}

/// Status, the vendor's code and the attempts. The vendor's text is left out: it may hold personal data.
fn facts(error: &le_core::Error) -> String {
    let mut facts = Vec::new();
    if let Some(status) = error.status() {
        facts.push(format!("status {}", status.as_u16()));
    }
    if let Some(code) = error.code().filter(|code| is_token(code)) {
        facts.push(format!("code {code}"));
    }
    if error.attempts() > 1 {
        facts.push(format!(
            "{} attempts in {:.1} s",
            error.attempts(),
            error.elapsed().as_secs_f64()
        ));
    }
    facts.join(", ")
}

fn is_token(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// The causes below an error. One that only repeats the text before it is left out, and so are the layers of the HTTP library
/// between a broken exchange and what broke it.
fn chain(error: &le_core::Error) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    let mut next = StdError::source(error);
    let mut in_transport = false;
    while let Some(cause) = next {
        next = cause.source();
        if in_transport && next.is_some() {
            continue;
        }
        in_transport |= cause.is::<TransportError>();
        let text = match cause.downcast_ref::<le_core::Error>() {
            Some(core) => core.message().to_owned(),
            None => cause.to_string(),
        };
        let repeated = error.message().contains(&text) || causes.last().is_some_and(|last| last.contains(&text));
        if !repeated {
            causes.push(text);
        }
    }
    causes
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::StatusCode;
    use le_core::{Error, ErrorKind};

    use super::*;

    fn refused() -> Error {
        let body = Bytes::from_static(br#"{"error":{"message":"ruth@example.org is locked","internalCode":10}}"#);
        Error::new(ErrorKind::Authentication, "the credential was refused")
            .with_operation("login.login")
            .with_status(StatusCode::UNAUTHORIZED)
            .with_body(&body)
            .with_attempts(2, Duration::from_millis(5100))
            .with_advice("check the password")
    }

    #[test]
    fn the_text_has_facts_but_never_the_vendors_words() {
        let failure = Failure::from(refused());
        let facts = "login.login: the credential was refused (status 401, code 10, 2 attempts in 5.1 s)";
        assert_eq!(failure.message(), facts);
        assert_eq!(failure.advice(), Some("check the password"));
        assert!(!format!("{failure} {} {failure:?}", failure.to_json()).contains("ruth@"));
    }

    #[test]
    fn the_json_form_is_a_contract() {
        insta::assert_json_snapshot!(Failure::from(refused()).to_json(), @r#"
        {
          "error": {
            "advice": "check the password",
            "attempts": 2,
            "causes": [],
            "code": "10",
            "exit_code": 4,
            "kind": "authentication",
            "message": "login.login: the credential was refused (status 401, code 10, 2 attempts in 5.1 s)",
            "operation": "login.login",
            "request_id": null,
            "status": 401
          }
        }
        "#);
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let gone = Failure::stdout(&io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(gone.is_quiet() && gone.exit() == Exit::Ok);
        let full = Failure::stdout(&io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.exit(), Exit::Output);
        assert!(full.advice().is_some_and(|advice| advice.contains("space")));
    }

    #[test]
    fn causes_are_named_once() {
        let low = Error::new(ErrorKind::Transport, "no connection could be made (localhost:1)");
        let top = Error::new(ErrorKind::Discovery, "no host for msgHist").with_source(low);
        let failure = Failure::from(top).while_("the export stopped");
        assert_eq!(
            failure.to_string(),
            "the export stopped: no host for msgHist: no connection could be made (localhost:1)"
        );
    }
}
