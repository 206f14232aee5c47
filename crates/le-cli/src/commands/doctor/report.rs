//! The findings, as lines for people or as one JSON document.

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{BAD, FAINT, GOOD, Output, WARN, styled};

/// What a check found.
#[derive(Debug)]
pub(super) struct Check {
    name: &'static str,
    finding: Finding,
}

#[derive(Debug)]
enum Finding {
    Fine(String),
    Doubtful { what: String, advice: String },
    Failed(Box<Failure>),
    Skipped,
}

impl Check {
    pub(super) fn fine(name: &'static str, what: impl Into<String>) -> Self {
        Self {
            name,
            finding: Finding::Fine(what.into()),
        }
    }

    pub(super) fn doubtful(name: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        let (what, advice) = (what.into(), advice.into());
        Self {
            name,
            finding: Finding::Doubtful { what, advice },
        }
    }

    pub(super) fn failed(name: &'static str, failure: Failure) -> Self {
        Self {
            name,
            finding: Finding::Failed(Box::new(failure)),
        }
    }

    fn status(&self) -> &'static str {
        match self.finding {
            Finding::Fine(_) => "ok",
            Finding::Doubtful { .. } => "warn",
            Finding::Failed(_) => "fail",
            Finding::Skipped => "skip",
        }
    }

    fn line(&self) -> String {
        let (style, text) = match &self.finding {
            Finding::Fine(what) => (GOOD, what.clone()),
            Finding::Doubtful { what, .. } => (WARN, what.clone()),
            Finding::Failed(failure) => (BAD, failure.to_string()),
            Finding::Skipped => (FAINT, "not checked, because of a failure above".to_owned()),
        };
        let mut line = format!(
            "{} {:<14} {text}",
            styled(style, format_args!("{:<4}", self.status())),
            self.name
        );
        if let Some(advice) = self.advice() {
            line.push_str(&format!("\n{:20}{} {advice}", "", styled(GOOD, "what to do:")));
        }
        line
    }

    fn advice(&self) -> Option<&str> {
        match &self.finding {
            Finding::Doubtful { advice, .. } => Some(advice),
            Finding::Failed(failure) => failure.advice(),
            Finding::Fine(_) | Finding::Skipped => None,
        }
    }

    fn to_json(&self) -> Value {
        let mut value = json!({"check": self.name, "status": self.status(), "advice": self.advice()});
        value["finding"] = match &self.finding {
            Finding::Fine(what) | Finding::Doubtful { what, .. } => json!(what),
            Finding::Failed(failure) => json!(failure.to_string()),
            Finding::Skipped => Value::Null,
        };
        if let Finding::Failed(failure) = &self.finding {
            value["error"] = failure.to_json()["error"].take();
        }
        value
    }
}

/// All findings so far.
#[derive(Debug)]
pub(super) struct Report {
    output: Output,
    checks: Vec<Check>,
}

impl Report {
    pub(super) fn new(output: Output) -> Self {
        Self {
            output,
            checks: Vec::new(),
        }
    }

    /// Adds a finding; people see it at once.
    pub(super) fn add(&mut self, check: Check) -> Result<()> {
        if !self.output.is_json() {
            self.output.line(check.line())?;
        }
        self.checks.push(check);
        Ok(())
    }

    /// What a failure makes pointless.
    pub(super) fn skip(&mut self, names: &[&'static str]) -> Result<()> {
        names.iter().try_for_each(|name| {
            self.add(Check {
                name,
                finding: Finding::Skipped,
            })
        })
    }

    pub(super) fn has_failed(&self, name: &str) -> bool {
        self.checks
            .iter()
            .any(|check| check.name == name && matches!(check.finding, Finding::Failed(_)))
    }

    /// The exit code of the first failure, after a last word.
    pub(super) fn end(self) -> Result<Exit> {
        let first = self.checks.iter().find_map(|check| match &check.finding {
            Finding::Failed(failure) => Some(failure.exit()),
            _ => None,
        });
        let exit = first.unwrap_or(Exit::Ok);
        let count = |status: &str| self.checks.iter().filter(|check| check.status() == status).count();
        if self.output.is_json() {
            let checks: Vec<Value> = self.checks.iter().map(Check::to_json).collect();
            self.output
                .json(&json!({"healthy": exit == Exit::Ok, "exit_code": exit.code(), "checks": checks}))?;
        } else {
            let (failed, doubtful) = (count("fail"), count("warn"));
            self.output.line(match (failed, doubtful) {
                (0, 0) => styled(GOOD, "everything works"),
                (0, _) => styled(WARN, format_args!("it works, with {doubtful} warning(s)")),
                _ => styled(BAD, format_args!("{failed} check(s) failed; begin with the first")),
            })?;
        }
        Ok(exit)
    }
}
