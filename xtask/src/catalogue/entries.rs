//! The entries of the catalogue as the JSON files hold them. A field that is not here is refused.

use serde::Deserialize;

use super::names::{pascal_case, screaming_case};

/// Where a fact comes from, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Evidence {
    /// A page of the vendor's documentation.
    Documentation,
    /// The behaviour of a client that is known to have worked.
    Client,
    /// A support thread.
    Support,
    /// Derived; nothing states it.
    Inference,
}

impl Evidence {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Client => "client",
            Self::Support => "support thread",
            Self::Inference => "inference",
        }
    }
}

/// A list of evidence, or a single one.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum EvidenceList {
    One(Evidence),
    Many(Vec<Evidence>),
}

impl EvidenceList {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::One(one) => one.as_str().to_owned(),
            Self::Many(many) => many
                .iter()
                .map(|evidence| evidence.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        }
    }
}

/// `services.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Services {
    /// The vendor's page about the lookup.
    pub(crate) page: String,
    /// Names that are tied to an API.
    pub(crate) documented: Vec<Service>,
    /// Names that appear in a full listing and nowhere else.
    pub(crate) listed_only: Vec<String>,
}

/// A service name that is tied to an API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) name: String,
    variant: Option<String>,
    #[serde(rename = "use")]
    pub(crate) purpose: String,
    pub(crate) evidence: EvidenceList,
    pub(crate) page: Option<String>,
}

impl Service {
    pub(crate) fn variant(&self) -> String {
        self.variant.clone().unwrap_or_else(|| pascal_case(&self.name))
    }
}

/// One file of `operations/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationFile {
    /// The client crate that implements the operations.
    #[serde(rename = "crate")]
    pub(crate) package: String,
    pub(crate) summary: String,
    pub(crate) operations: Vec<Operation>,
    /// The file's path below the catalogue, filled on load.
    #[serde(skip)]
    pub(crate) source: String,
}

/// One operation of an API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    pub(crate) id: String,
    #[serde(rename = "const")]
    pub(crate) constant: String,
    pub(crate) service: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: serde_json::Map<String, serde_json::Value>,
    pub(crate) auth: Auth,
    pub(crate) idempotent: bool,
    pub(crate) limit: Limit,
    pub(crate) sends_source: bool,
    pub(crate) summary: String,
    pub(crate) notes: Option<String>,
    pub(crate) evidence: EvidenceList,
    pub(crate) page: String,
}

/// HTTP methods that the vendor's APIs use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether an operation carries a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Auth {
    None,
    Required,
    Optional,
}

/// The waiting rules of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Limit {
    Standard,
    Login,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnumFile {
    pub(super) enums: Vec<WireEnum>,
}

/// A set of texts that a field takes on the wire.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireEnum {
    pub(crate) name: String,
    #[serde(rename = "crate")]
    pub(crate) package: String,
    pub(crate) summary: String,
    /// Where the enum appears, as paths into requests and records.
    #[serde(default)]
    pub(crate) fields: Vec<String>,
    sim_name: Option<String>,
    pub(crate) page: Option<String>,
    pub(crate) values: Vec<WireValue>,
}

impl WireEnum {
    /// The name of the table in le-sim.
    pub(crate) fn sim_name(&self) -> String {
        self.sim_name.clone().unwrap_or_else(|| screaming_case(&self.name))
    }
}

/// One value of a [`WireEnum`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireValue {
    pub(crate) wire: String,
    variant: Option<String>,
    pub(crate) summary: String,
    pub(crate) evidence: Evidence,
}

impl WireValue {
    pub(crate) fn variant(&self) -> String {
        self.variant.clone().unwrap_or_else(|| pascal_case(&self.wire))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorFile {
    pub(super) errors: Vec<ApiError>,
}

/// A documented way in which a service says no.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiError {
    pub(crate) id: String,
    pub(crate) service: String,
    pub(crate) status: u16,
    pub(crate) internal_code: Option<i64>,
    pub(crate) text: Option<String>,
    pub(crate) kind: ErrorKind,
    pub(crate) meaning: String,
    pub(crate) advice: String,
    pub(crate) retry: Retry,
    pub(crate) evidence: Evidence,
    pub(crate) page: Option<String>,
}

/// The kinds of the client's error taxonomy that a service can cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorKind {
    Authentication,
    Authorization,
    Discovery,
    InvalidRequest,
    NotFound,
    RateLimited,
    Server,
}

impl ErrorKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Authorization => "authorization",
            Self::Discovery => "discovery",
            Self::InvalidRequest => "invalid request",
            Self::NotFound => "not found",
            Self::RateLimited => "rate limited",
            Self::Server => "server",
        }
    }
}

/// Whether and when a refused call is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Retry {
    #[serde(rename = "never")]
    Never,
    #[serde(rename = "renew_once")]
    RenewOnce,
    #[serde(rename = "after_1s")]
    AfterOneSecond,
    #[serde(rename = "after_5s")]
    AfterFiveSeconds,
    #[serde(rename = "after_5s_10s_15s")]
    Published,
    #[serde(rename = "after_5s_5s_5s")]
    EveryFiveSeconds,
    #[serde(rename = "after_3s_10s_30s_90s")]
    Monitoring,
}

impl Retry {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::RenewOnce => "once, with a new credential",
            Self::AfterOneSecond => "after 1 s or more",
            Self::AfterFiveSeconds => "after 5 s or more",
            Self::Published => "after 5, 10 and 15 s",
            Self::EveryFiveSeconds => "three times, after 5 s",
            Self::Monitoring => "after 3, 10, 30 and 90 s",
        }
    }
}

/// `close_codes.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseCodes {
    #[serde(rename = "crate")]
    pub(crate) package: String,
    pub(crate) close_codes: Vec<CloseCode>,
}

/// A WebSocket close code and what a client does about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseCode {
    pub(crate) code: u16,
    #[serde(rename = "const")]
    pub(crate) constant: String,
    pub(crate) summary: String,
    pub(crate) reconnect: Reconnect,
    pub(crate) evidence: Evidence,
}

/// With which token a client comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reconnect {
    SameToken,
    NewToken,
    ExtendIdentity,
}

impl Reconnect {
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Self::SameToken => "SameToken",
            Self::NewToken => "NewToken",
            Self::ExtendIdentity => "ExtendIdentity",
        }
    }
}
