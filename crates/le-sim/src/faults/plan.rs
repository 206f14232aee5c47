//! The typed plan.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::action::FaultAction;
use crate::error::SimError;

/// Which faults happen. The seed decides the draws of rules with a probability: the same plan over the same sequence
/// of requests faults the same requests.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    /// Seed of the draws.
    #[serde(default)]
    pub seed: u64,
    /// The rules, asked in this order. All that fire act on the request.
    #[serde(default)]
    pub rules: Vec<FaultRule>,
}

impl FaultPlan {
    /// A plan without rules.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            rules: Vec::new(),
        }
    }

    /// Adds a rule.
    #[must_use]
    pub fn with(mut self, rule: FaultRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Reads a plan from TOML.
    ///
    /// # Errors
    ///
    /// [`SimError::FaultPlan`] with line and column if the text is not TOML, has a key that no rule knows, or a value
    /// out of range.
    pub fn from_toml(text: &str) -> Result<Self, SimError> {
        let plan: Self = toml::from_str(text).map_err(|error| SimError::FaultPlan {
            reason: error.to_string(),
        })?;
        plan.check()?;
        Ok(plan)
    }

    /// Reads a plan from a TOML file.
    ///
    /// # Errors
    ///
    /// As [`from_toml`](Self::from_toml), and [`SimError::File`] if the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, SimError> {
        let text = std::fs::read_to_string(path).map_err(|source| SimError::File {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        Self::from_toml(&text)
    }

    /// Checks what the types cannot say.
    pub(crate) fn check(&self) -> Result<(), SimError> {
        self.rules.iter().enumerate().try_for_each(|(index, rule)| {
            rule.check().map_err(|reason| SimError::FaultPlan {
                reason: format!("rules[{index}]: {reason}"),
            })
        })
    }
}

/// One rule: what it matches, when it fires, what it does.
///
/// A rule without `route`, `path` and `method` matches every HTTP request (but never the control API). Frames of sockets
/// are matched only by rules whose `route` begins with `socket.`. Without `nth`,
/// `every`, `first` and `probability` it fires at each match; with several of them, all must agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultRule {
    /// A name for logs and the request log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Route id such as `messaging_interactions.search`; `*` and `?` are wildcards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Path without query; `*` and `?` are wildcards, and `*` crosses slashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// HTTP method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Fires at the n-th match only, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Fires at each n-th match: 3 means the third, sixth, ninth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// Fires at the first n matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Fires only after so many matches: with `max`, a burst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Fires with this probability, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Fires at most this often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    /// What happens.
    pub action: FaultAction,
}

impl FaultRule {
    /// A rule that does `action` to every request, until it is narrowed.
    #[must_use]
    pub fn new(action: FaultAction) -> Self {
        Self {
            name: None,
            route: None,
            path: None,
            method: None,
            nth: None,
            every: None,
            first: None,
            after: None,
            probability: None,
            max: None,
            action,
        }
    }

    /// Names the rule.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Only requests of this route id (a glob).
    #[must_use]
    pub fn route(mut self, route: impl Into<String>) -> Self {
        self.route = Some(route.into());
        self
    }

    /// Only requests with this path (a glob).
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Only requests of this method.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Only the n-th match, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(nth);
        self
    }

    /// Only each n-th match.
    #[must_use]
    pub fn every(mut self, every: u64) -> Self {
        self.every = Some(every);
        self
    }

    /// Only the first n matches.
    #[must_use]
    pub fn first(mut self, first: u64) -> Self {
        self.first = Some(first);
        self
    }

    /// Only after so many matches.
    #[must_use]
    pub fn after(mut self, after: u64) -> Self {
        self.after = Some(after);
        self
    }

    /// Only with this probability, 0 to 1.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// At most this often.
    #[must_use]
    pub fn max(mut self, max: u64) -> Self {
        self.max = Some(max);
        self
    }

    fn check(&self) -> Result<(), String> {
        if let Some(probability) = self.probability
            && !(0.0..=1.0).contains(&probability)
        {
            return Err(format!("probability is {probability}, it must lie between 0 and 1"));
        }
        for (name, value) in [("nth", self.nth), ("every", self.every)] {
            if value == Some(0) {
                return Err(format!("{name} is 0, calls are counted from 1"));
            }
        }
        match &self.action {
            FaultAction::Status { status, .. } if !(200..=599).contains(status) => {
                Err(format!("status is {status}, it must lie between 200 and 599"))
            }
            FaultAction::PartialShards { failed, total } if failed > total || *total == 0 => Err(format!(
                "{failed} of {total} shards fail, it must be at most all of them"
            )),
            FaultAction::SlowDrip { bytes: 0, .. } => Err("bytes of slow_drip is 0, nothing would ever arrive".into()),
            FaultAction::ContentType { value } if http::HeaderValue::from_str(value).is_err() => {
                Err(format!("content type {value:?} cannot stand in a header"))
            }
            _ => Ok(()),
        }
    }

    /// What the request log calls the rule.
    pub(crate) fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.action.kind().to_owned())
    }
}
