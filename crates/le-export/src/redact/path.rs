//! Paths of rules.

use std::str::FromStr;

use le_core::{Error, Result};

/// A path such as `messageRecords.*.text` or `**.ipAddress`.
#[derive(Debug, Clone)]
pub(super) struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Any,
    Deep,
}

impl Path {
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a place in the path is its end: what stands there is meant.
    pub(super) fn is_end(&self, at: usize) -> bool {
        self.steps[at..].iter().all(|step| *step == Step::Deep)
    }

    /// The places in the path that a member leads to from `at`.
    pub(super) fn follow(&self, at: usize, member: &str, found: &mut dyn FnMut(usize)) {
        match self.steps.get(at) {
            Some(Step::Member(name)) if name == member => found(at + 1),
            Some(Step::Any) => found(at + 1),
            Some(Step::Deep) => {
                found(at);
                self.follow(at + 1, member, found);
            }
            _ => {}
        }
    }
}

impl FromStr for Path {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let step = |step: &str| match step {
            "" => None,
            "*" => Some(Step::Any),
            "**" => Some(Step::Deep),
            name => Some(Step::Member(name.to_owned())),
        };
        let steps: Option<Vec<Step>> = text.split('.').map(step).collect();
        let Some(steps) = steps else {
            return Err(
                Error::validation(format!("{text:?} is no path of a member")).with_advice(
                    "write names with dots between them, e.g. info.ipAddress; * is any member, ** any number of them",
                ),
            );
        };
        let text = text.to_owned();
        Ok(Self { text, steps })
    }
}
