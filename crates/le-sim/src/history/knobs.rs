//! Knobs of the data APIs: where the vendor's pages contradict each other or the wire.

use serde::{Deserialize, Serialize};

use super::AboveLimit;
use super::dialect::RecordDialect;

/// How the APIs that answer pages of records behave: Messaging Interactions, Engagement History, Consumer Messaging
/// History. A part of [`Behaviour`](crate::Behaviour), under `history`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HistoryKnobs {
    /// Pages that reach beyond this many records are answered with 500 and sub-code `0007` (search engine failure); `null`:
    /// none. No page tells the figure; search engines have 10 000.
    pub deepest_record: Option<usize>,
    /// What a `limit` above 100 is answered with.
    pub above_limit: AboveLimit,
    /// What a search that finds nothing is answered with.
    pub no_match: NoMatch,
    /// Limits the requests to each data API; more are answered with 429.
    pub rate_limit: Option<DataLimit>,
    /// How records are spelt.
    pub dialect: RecordDialect,
}

impl Default for HistoryKnobs {
    fn default() -> Self {
        Self {
            deepest_record: None,
            above_limit: AboveLimit::Reject,
            no_match: NoMatch::EmptyList,
            rate_limit: None,
            dialect: RecordDialect::default(),
        }
    }
}

/// An answer without records. Both the empty list and 204 are documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoMatch {
    /// 200 with an empty list.
    #[default]
    EmptyList,
    /// 200 with `_metadata` and without the list.
    NoList,
    /// 204 without a body.
    NoContent,
}

/// How many requests one data API serves in a time. The vendor publishes no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataLimit {
    /// Requests allowed within `per_ms`.
    pub requests: u32,
    /// The window, milliseconds of the simulator's clock.
    pub per_ms: u64,
    /// Seconds for the `Retry-After` header; without it there is none, as documented.
    #[serde(default)]
    pub retry_after_s: Option<u64>,
}
