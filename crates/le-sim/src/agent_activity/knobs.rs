use serde::{Deserialize, Serialize};

/// How Agent Activity behaves. A part of [`Behaviour`](crate::Behaviour), under `agent_activity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AgentActivityKnobs {
    /// `false`: LivePerson has not enabled the API for the account, and calls are answered with 403.
    pub enabled: bool,
    /// How many days back `from` may lie: 13 months, or, as another page says, 6 (183).
    pub oldest_days: u32,
    /// `true`: version 2 answers 50 changes where `limit` is absent, as one page says; `false` (the default): 1000.
    pub short_default_limit: bool,
    /// `true` (the default): `startTimeL` and `endTimeL` are strings, as in the example; `false`: numbers, as in the table.
    pub quoted_milliseconds: bool,
    /// `true` (the default): calls without `source` are refused, as the page says it is required.
    pub source_required: bool,
}

impl Default for AgentActivityKnobs {
    fn default() -> Self {
        Self {
            enabled: true,
            oldest_days: 395,
            short_default_limit: false,
            quoted_milliseconds: true,
            source_required: true,
        }
    }
}
