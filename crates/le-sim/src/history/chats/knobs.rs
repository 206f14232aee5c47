use serde::{Deserialize, Serialize};

/// How Engagement History behaves. A part of [`Behaviour`](crate::Behaviour), under `chats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ChatKnobs {
    /// How long after its end a chat appears, milliseconds of the simulator's clock. "99.5 % within 5 minutes."
    pub latency_ms: u64,
    /// How long after its end a chat has its engagement attributes (`chatDataEnriched`), milliseconds: 2 hours.
    pub enriched_ms: u64,
    /// `true` (the default): a search by `visitor` or `engagementId` looks at all times, whatever `start` says; the page says
    /// this and the opposite. `start` must be there either way.
    pub ids_ignore_times: bool,
    /// `true` (the default): `failureShards` and `totalShards` stand in the metadata of each page, as in the example.
    pub shard_counters: bool,
}

impl Default for ChatKnobs {
    fn default() -> Self {
        Self {
            latency_ms: 5 * 60_000,
            enriched_ms: 2 * 3_600_000,
            ids_ignore_times: true,
            shard_counters: true,
        }
    }
}
