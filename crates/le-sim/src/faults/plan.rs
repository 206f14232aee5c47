//! The typed plan.

use std::path::Path;

use serde::{Deserialize, Serialize};

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

/// What happens to a request that a rule fires on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultAction {
    /// Answers with this status instead of doing what was asked.
    Status {
        /// 200 to 599.
        status: u16,
        /// What stands in the body.
        #[serde(default)]
        body: FaultBody,
        /// The `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<RetryAfter>,
    },
    /// Waits (real time) before anything else happens.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Resets the TCP connection once the head of the request is there, before its body is read. Nothing is done.
    ResetBeforeBody,
    /// Reads the request, does what it asks, and resets the TCP connection instead of answering.
    ResetAfterBody,
    /// Announces the whole answer in `Content-Length`, sends a part and closes the connection.
    TruncatedBody {
        /// How many bytes are sent; half of the body if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<u64>,
    },
    /// Sends an answer that is complete as HTTP but broken as JSON.
    MalformedJson,
    /// Sends the answer in small pieces.
    SlowDrip {
        /// Bytes in a piece.
        bytes: usize,
        /// Milliseconds (real time) between two pieces.
        every_ms: u64,
    },
    /// Ends the session that the request carries, just before the request is handled.
    ExpireSession,
    /// Repeats one record of a page, so that the page is one longer.
    DuplicateRecord {
        /// Which record, counted from 0.
        #[serde(default)]
        index: usize,
    },
    /// Replaces one record of a page by one of a shape that no client can read.
    BrokenRecord {
        /// Which record, counted from 0.
        #[serde(default)]
        index: usize,
    },
    /// Sends the answer under another content type.
    ContentType {
        /// The value of the header.
        value: String,
    },
    /// Sends the status and headers of the answer with no body.
    EmptyBody,
    /// Frames only: closes the socket after the frame. Code 1006 drops it without a close frame.
    SocketClose {
        /// The close code.
        code: u16,
        /// The reason text.
        #[serde(default)]
        reason: String,
    },
    /// Frames only: from here on the peer is frozen. The connection stays, and nothing is answered any more, no ping either.
    SocketSilent,
    /// Frames only: the frame is lost. A request that is lost is not done.
    FrameDrop,
    /// Frames only: the frame is sent twice.
    FrameDuplicate,
    /// Frames only: the frame comes after the next one of the same socket.
    FrameReorder,
    /// Frames only: the text comes as a binary frame.
    FrameBinary,
    /// Frames only: the message comes in three WebSocket frames.
    FrameSplit,
    /// Frames only: bytes that no WebSocket peer may accept come instead of the frame.
    FrameBroken,
    /// Frames only: the frame is padded with white space.
    FrameOversize {
        /// How long it is then.
        bytes: u64,
    },
    /// Frames only: a response comes under an id that nobody used.
    UnknownReqId,
}

impl FaultAction {
    /// A JSON error answer with this status.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            body: FaultBody::Json,
            retry_after: None,
        }
    }

    /// A JSON error answer with this status and a `Retry-After` of `seconds`.
    #[must_use]
    pub fn retry_after(status: u16, seconds: u64) -> Self {
        Self::Status {
            status,
            body: FaultBody::Json,
            retry_after: Some(RetryAfter::Seconds(seconds)),
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Delay { .. } => "delay",
            Self::ResetBeforeBody => "reset_before_body",
            Self::ResetAfterBody => "reset_after_body",
            Self::TruncatedBody { .. } => "truncated_body",
            Self::MalformedJson => "malformed_json",
            Self::SlowDrip { .. } => "slow_drip",
            Self::ExpireSession => "expire_session",
            Self::DuplicateRecord { .. } => "duplicate_record",
            Self::BrokenRecord { .. } => "broken_record",
            Self::ContentType { .. } => "content_type",
            Self::EmptyBody => "empty_body",
            Self::SocketClose { .. } => "socket_close",
            Self::SocketSilent => "socket_silent",
            Self::FrameDrop => "frame_drop",
            Self::FrameDuplicate => "frame_duplicate",
            Self::FrameReorder => "frame_reorder",
            Self::FrameBinary => "frame_binary",
            Self::FrameSplit => "frame_split",
            Self::FrameBroken => "frame_broken",
            Self::FrameOversize { .. } => "frame_oversize",
            Self::UnknownReqId => "unknown_req_id",
        }
    }
}

/// The body of a [`FaultAction::Status`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultBody {
    /// The JSON error of the service: the error object of the Login Service, a `debugMessage` elsewhere.
    #[default]
    Json,
    /// The page of a gateway in front of the service.
    Html,
    /// Nothing.
    Empty,
}

/// The two forms of `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryAfter {
    /// A number of seconds: `retry_after = 2`.
    Seconds(u64),
    /// An HTTP date that many seconds ahead of the simulator's clock: `retry_after = { date_in = 2 }`.
    Date {
        /// Seconds from now.
        date_in: u64,
    },
}
