//! Knobs: choices where the vendor's documents are silent or contradict each other, and states that users can be in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    agent_activity::AgentActivityKnobs,
    bulk_files::BulkFileKnobs,
    data_access::DataAccessKnobs,
    history::{ChatKnobs, ConsumerHistoryKnobs, HistoryKnobs},
    messaging::MessagingBehaviour,
    monitoring::MonitoringKnobs,
};

/// How the simulator behaves where more than one behaviour is possible. Set it at start, from a test through
/// [`Control`](crate::Control), or over HTTP at `/_sim/behaviour`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Behaviour {
    /// `true`: the address for one service answers with the list of all, as the current page of the Domain API prints
    /// it. `false` (the default): with one object, as clients see it.
    pub single_lookup_answers_list: bool,
    /// What a lookup of a service that the account does not have is answered with.
    pub unknown_service: UnknownAnswer,
    /// What a lookup for another account is answered with.
    pub unknown_account: UnknownAnswer,
    /// How long a session lives without a refresh, in milliseconds. 8 hours unless set.
    pub session_ttl_ms: u64,
    /// `true`: `sessionTTl` is a JSON number, where the documents show a string.
    pub session_ttl_as_number: bool,
    /// Fields left out of a login answer, such as `csrf` or `config.userId`.
    pub login_omits: Vec<String>,
    /// `false`: login and refresh set no `Session_id` cookie; the client must build it from `sessionId`.
    pub session_cookie: bool,
    /// The shape of a refused login, refresh or logout.
    pub login_errors: LoginErrors,
    /// When a user is locked after failed logins; `null` never locks.
    pub lockout: Option<Lockout>,
    /// How often one user may try to log in; `null` is without limit. More is answered with 429.
    pub login_limit: Option<LoginLimit>,
    /// `false`: the account lacks the feature of bot users, and application logins are refused with 403.
    pub bot_users: bool,
    /// `true`: the whole account is blocked, and logins are refused with 451.
    pub account_blocked: bool,
    /// States of single users, by login name.
    pub users: BTreeMap<String, UserState>,
    /// `true`: history calls without the `source` parameter are refused with 400.
    pub source_required: bool,
    /// `true`: links of history pages name the host that the client used. `false` (the default): a host that resolves
    /// nowhere, as the vendor's links name an internal one that clients must not follow.
    pub reachable_links: bool,
    /// Pages of records: how deep, how spelt, how often.
    pub history: HistoryKnobs,
    /// Engagement History.
    pub chats: ChatKnobs,
    /// Agent Activity.
    pub agent_activity: AgentActivityKnobs,
    /// Data Access.
    pub data_access: DataAccessKnobs,
    /// Consumer Messaging History.
    pub consumer_history: ConsumerHistoryKnobs,
    /// Bulk File Download.
    pub bulk_files: BulkFileKnobs,
    /// Messaging: routing, surveys, files, tokens, and the look of its frames.
    pub messaging: MessagingBehaviour,
    /// Visitors: the Monitoring API and its siblings.
    pub monitoring: MonitoringKnobs,
    /// How many seconds the timestamp of an OAuth 1.0a request may differ from the simulator's clock.
    pub oauth_window_s: i64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            single_lookup_answers_list: false,
            unknown_service: UnknownAnswer::NotFound,
            unknown_account: UnknownAnswer::Unauthorized,
            session_ttl_ms: 8 * 3_600_000,
            session_ttl_as_number: false,
            login_omits: Vec::new(),
            session_cookie: true,
            login_errors: LoginErrors::Object,
            lockout: Some(Lockout::default()),
            login_limit: None,
            bot_users: true,
            account_blocked: false,
            users: BTreeMap::new(),
            source_required: false,
            reachable_links: false,
            history: HistoryKnobs::default(),
            chats: ChatKnobs::default(),
            agent_activity: AgentActivityKnobs::default(),
            data_access: DataAccessKnobs::default(),
            consumer_history: ConsumerHistoryKnobs::default(),
            bulk_files: BulkFileKnobs::default(),
            messaging: MessagingBehaviour::default(),
            monitoring: MonitoringKnobs::default(),
            oauth_window_s: crate::oauth::TIMESTAMP_WINDOW_S,
        }
    }
}

impl Behaviour {
    /// The state of a user.
    #[must_use]
    pub fn user_state(&self, login_name: &str) -> UserState {
        self.users
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(login_name))
            .map_or(UserState::Normal, |(_, state)| *state)
    }
}

/// The answer to a lookup of what is not there. The vendor documents none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnknownAnswer {
    /// 404.
    NotFound,
    /// 400.
    BadRequest,
    /// 401.
    Unauthorized,
    /// 200 with an object that lacks the field.
    EmptyObject,
}

/// The shapes that a refusal of the Login Service is seen in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LoginErrors {
    /// `{"error":{"time":..,"message":..,"internalCode":..,"responseStatus":..}}` with the status of the refusal.
    Object,
    /// `{"error":"text"}` with status 500.
    Text,
    /// The object, with status 200.
    ObjectInSuccess,
}

/// Locks a user after failed logins. The vendor publishes no threshold; it is a setting of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lockout {
    /// Failed logins in a row.
    pub failures: u32,
    /// How long the lock holds, in milliseconds.
    pub for_ms: u64,
}

impl Default for Lockout {
    fn default() -> Self {
        Self {
            failures: 5,
            for_ms: 15 * 60_000,
        }
    }
}

/// Limits the login attempts of each user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginLimit {
    /// Attempts allowed within `per_ms`.
    pub attempts: u32,
    /// The window, in milliseconds.
    pub per_ms: u64,
    /// Seconds for a `Retry-After` header; without it there is none, as documented.
    #[serde(default)]
    pub retry_after_s: Option<u64>,
}

/// A state in which a user cannot log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UserState {
    /// Nothing special.
    Normal,
    /// Blocked by LivePerson: 451.
    Blocked,
    /// Locked, as after too many failures.
    Locked,
    /// The password is too old.
    PasswordExpired,
    /// The password must be changed at the next login.
    MustChangePassword,
    /// A second factor is required, which no API field can carry.
    MfaRequired,
}
