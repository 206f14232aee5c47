//! How the bots of a fleet are.

use std::fmt;
use std::sync::Arc;

use le_core::{Error, Timestamp};
use serde::Serialize;

/// What a bot user of a fleet is doing in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BotState {
    /// Another process has it, or the lease server does not answer: this one asks again.
    Elsewhere,
    /// It logs in and connects for the first time.
    Starting,
    /// It serves conversations.
    Online,
    /// It runs, and its connection is away or catches up.
    Connecting,
    /// It ended and is started again after a pause.
    Waiting,
    /// It ended in a way that starting it again does not help: see [`Fleet::restart`](super::Fleet::restart).
    Failed,
    /// It is told to end.
    Stopping,
    /// It has ended, as it was told.
    Stopped,
}

impl BotState {
    /// The name, as the health endpoint writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Elsewhere => "elsewhere",
            Self::Starting => "starting",
            Self::Online => "online",
            Self::Connecting => "connecting",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }
}

impl fmt::Display for BotState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How one bot is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BotHealth {
    /// Its name in the fleet.
    #[serde(serialize_with = "name")]
    pub name: Arc<str>,
    /// What it is doing.
    pub state: BotState,
    /// Since when, milliseconds since 1970.
    pub since: Timestamp,
    /// How often it was started again.
    pub restarts: u64,
    /// The fence of its lease, while this process has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fence: Option<u64>,
    /// How many conversations it has open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversations: Option<usize>,
    /// Why it ended or is not connected, in words without personal data.
    #[serde(serialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

fn name<S: serde::Serializer>(name: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name)
}

fn text<S: serde::Serializer>(error: &Option<Error>, serializer: S) -> Result<S::Ok, S::Error> {
    match error {
        Some(error) => serializer.collect_str(error),
        None => serializer.serialize_none(),
    }
}

/// How a fleet is.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FleetHealth {
    /// How many bots are online in this process.
    pub online: usize,
    /// All bot users of the fleet, in the order of their names.
    pub bots: Vec<BotHealth>,
}

impl FleetHealth {
    pub(super) fn new(bots: Vec<BotHealth>) -> Self {
        let online = bots.iter().filter(|bot| bot.state == BotState::Online).count();
        Self { online, bots }
    }

    /// Whether a bot is online in this process.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        self.online > 0
    }

    /// How many bots are in this state.
    #[must_use]
    pub fn count(&self, state: BotState) -> usize {
        self.bots.iter().filter(|bot| bot.state == state).count()
    }
}
