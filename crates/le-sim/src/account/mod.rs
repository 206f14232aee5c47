//! The brand whose LiveEngage is simulated: its users, skills, agent groups and API keys.
//!
//! [`Account::generate`] makes the same account for the same id and seed, so that a test or a script can name a login
//! or a key today and find it again tomorrow.

mod generate;
mod identifier;
mod names;

use std::fmt;

use serde::Serialize;

pub(crate) use identifier::{fold_text, hexadecimal, mix, uuid};

use crate::campaign::Campaign;

/// The privilege text that lets an API key read the Messaging Interactions API
/// (<https://developers.liveperson.com/messaging-interactions-api-overview.html>).
pub const CONVERSATION_HISTORY_PRIVILEGE: &str = "Conversation History / Messaging Interactions";

/// One brand account with everything its configuration holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Account {
    /// The account id, as it stands in every path.
    pub id: String,
    /// All users: an administrator first, then humans, then bots, and one that is disabled.
    pub users: Vec<User>,
    /// The skills that conversations are routed to.
    pub skills: Vec<Skill>,
    /// The agent groups; the root group has a negative id, as on the wire.
    pub agent_groups: Vec<AgentGroup>,
    /// The API keys: one with every privilege, one that may not read the conversation history.
    pub api_keys: Vec<ApiKey>,
    /// Applications that report what visitors do; the first one is the default.
    pub app_installations: Vec<AppInstallation>,
    /// The campaigns at the start.
    pub campaigns: Vec<Campaign>,
}

impl Account {
    /// Makes the account `id` from `seed`: the same two values always give the same account.
    #[must_use]
    pub fn generate(id: &str, seed: u64) -> Self {
        generate::account(id, seed)
    }

    /// Adds bot users, `fleet-001@shop.example` and so on, who take conversations of every skill. All else stays as it was.
    pub(crate) fn add_bots(&mut self, seed: u64, count: usize) {
        generate::further_bots(self, seed, count);
    }

    /// The user with this login name. LiveEngage compares login names without regard to case.
    #[must_use]
    pub fn user(&self, login_name: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.login_name.eq_ignore_ascii_case(login_name))
    }

    /// The API key with this application key (`oauth_consumer_key`).
    #[must_use]
    pub fn api_key(&self, app_key: &str) -> Option<&ApiKey> {
        self.api_keys.iter().find(|key| key.app_key == app_key)
    }

    /// What a skill is called; empty for one that the account does not have.
    pub(crate) fn skill_name(&self, id: i64) -> &str {
        let known = self.skills.iter().find(|skill| skill.id == id);
        known.map_or("", |skill| &skill.name)
    }

    /// The first app installation.
    pub(crate) fn app_installation_id(&self) -> &str {
        self.app_installations.first().map_or("", |one| &one.id)
    }
}

/// What kind of user an agent is; the history carries the number as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum UserType {
    /// LiveEngage itself (`"0"`).
    System,
    /// A person (`"1"`).
    Human,
    /// A program (`"2"`).
    Bot,
}

impl UserType {
    /// The wire value of `userType`: `"0"`, `"1"` or `"2"`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::System => "0",
            Self::Human => "1",
            Self::Bot => "2",
        }
    }

    /// The wire value of `userTypeName`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Human => "Human",
            Self::Bot => "Bot",
        }
    }
}

/// Someone, or something, that can log in.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct User {
    /// The name to log in with.
    pub login_name: String,
    /// The password to log in with.
    pub password: String,
    /// The LivePerson user id, a decimal number as text (`config.userId` of the login answer).
    pub user_id: String,
    /// The public id in uuid form (`config.userPid`).
    pub user_pid: String,
    /// The full name that colleagues see.
    pub full_name: String,
    /// The nickname that consumers see.
    pub nickname: String,
    /// Human, bot or system.
    #[serde(rename = "type")]
    pub user_type: UserType,
    /// The ids of the skills the user takes conversations of.
    pub skills: Vec<i64>,
    /// `false`: the login service refuses this user.
    pub enabled: bool,
    /// The group the user belongs to.
    pub agent_group_id: i64,
    /// The numeric privileges of the login answer. LivePerson does not publish what the numbers mean.
    #[serde(skip)]
    pub privileges: Vec<i64>,
    /// The application key a bot user logs in with instead of a password, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_key: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("User")
            .field("login_name", &self.login_name)
            .field("password", &"[redacted]")
            .field("user_id", &self.user_id)
            .field("user_pid", &self.user_pid)
            .field("full_name", &self.full_name)
            .field("nickname", &self.nickname)
            .field("user_type", &self.user_type)
            .field("skills", &self.skills)
            .field("enabled", &self.enabled)
            .field("agent_group_id", &self.agent_group_id)
            .field("app_key", &self.app_key)
            .finish_non_exhaustive()
    }
}

/// A skill: a topic that conversations are routed by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Skill {
    /// The skill id; real ones exceed 32 bits now and then, and so does one of these.
    pub id: i64,
    /// The name that managers see.
    pub name: String,
}

/// A group of agents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AgentGroup {
    /// The group id; the root group has the id `-1`.
    pub id: i64,
    /// The name that managers see.
    pub name: String,
}

/// An application that may use the Monitoring API
/// (<https://developers.liveperson.com/monitoring-api-installing-a-monitoring-api-application.html>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AppInstallation {
    /// The app installation id (app key): no secret, it stands in every path.
    pub id: String,
    /// The `client_name`, by which reports call the source.
    pub name: String,
}

/// An OAuth 1.0a key pair with its access token.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApiKey {
    /// `oauth_consumer_key`.
    pub app_key: String,
    /// The consumer secret.
    pub secret: String,
    /// `oauth_token`.
    pub access_token: String,
    /// The token secret.
    pub access_token_secret: String,
    /// What the key may do, in the words of the key manager.
    pub privileges: Vec<String>,
}

impl ApiKey {
    /// Whether the key has any of these privileges.
    #[must_use]
    pub fn has_any(&self, privileges: &[&str]) -> bool {
        self.privileges.iter().any(|own| privileges.contains(&own.as_str()))
    }

    /// Whether the key may read the Messaging Interactions API.
    #[must_use]
    pub fn reads_conversation_history(&self) -> bool {
        self.privileges
            .iter()
            .any(|privilege| privilege == CONVERSATION_HISTORY_PRIVILEGE)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApiKey")
            .field("app_key", &self.app_key)
            .field("secret", &"[redacted]")
            .field("access_token", &"[redacted]")
            .field("access_token_secret", &"[redacted]")
            .field("privileges", &self.privileges)
            .finish()
    }
}

#[cfg(test)]
mod tests;
