//! Knobs of the visitor-side services.

use serde::{Deserialize, Serialize};

/// How the Monitoring API and its siblings behave where the pages are silent, contradict each other, or leave a choice. A part of
/// [`Behaviour`](crate::Behaviour), under `monitoring`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MonitoringKnobs {
    /// How long a session lives at most, in milliseconds. 6 hours unless set.
    pub session_life_ms: u64,
    /// After how long without a call a session ends, in milliseconds. 30 minutes unless set.
    pub session_idle_ms: u64,
    /// What ids that are not valid are answered with.
    pub invalid_ids: InvalidIds,
    /// So many calls are told that the account is loading: 202 with code 38 for `v=1.1`, 500 with code 20 otherwise. Counted since
    /// the start, the last reset, or [`MonitoringControl::load_account`](crate::MonitoringControl::load_account).
    pub loading_answers: u64,
    /// `false`: the message of a loading answer does not tell the visitor id.
    pub loading_tells_visitor: bool,
    /// How many new sessions are made in a time; more are refused with 503. The vendor publishes no number.
    pub new_sessions: Option<SessionLimit>,
    /// Bodies longer than this many bytes are refused with code 5. `null`: only the 4 MiB that the simulator reads at all.
    pub longest_body: Option<usize>,
    /// `true`: attributes of types that nobody knows are taken and forgotten. `false` (the default): refused with code 5.
    pub unknown_types_ignored: bool,
    /// How many engagements one answer offers at most.
    pub offers_at_once: usize,
    /// `true`: `report` answers with `vid` and `sid`, as its table has it, not with `visitorId` and `sessionId` as its sample.
    pub report_short_names: bool,
    /// `true`: the status of an open conversation is `interaction`, as in older texts, not `conversation`.
    pub interaction_status: bool,
    /// `true`: the numbers of `engagementDetails` are strings.
    pub ids_as_text: bool,
    /// `true`: a session id with the suffix that Visit Information shows is not known.
    pub suffix_refused: bool,
    /// `true`: engagements are available only while an agent of their skill is online. For App and External Engagement.
    pub availability_needs_agents: bool,
    /// How many attributes are kept for each visitor; older ones are forgotten, and lists such as the purchases are cut, too. At
    /// least 1. With 10 000 visitors 100 attributes of 150 bytes each take some 300 MB, 10 take 30 MB.
    pub attributes_per_visitor: usize,
    /// How many pages are kept for each session.
    pub pages_per_session: usize,
    /// How many visitors are kept; beyond that those who did nothing for longest are forgotten.
    pub most_visitors: usize,
}

impl Default for MonitoringKnobs {
    fn default() -> Self {
        Self {
            session_life_ms: 6 * 3_600_000,
            session_idle_ms: 30 * 60_000,
            invalid_ids: InvalidIds::NewSession,
            loading_answers: 0,
            loading_tells_visitor: true,
            new_sessions: None,
            longest_body: None,
            unknown_types_ignored: false,
            offers_at_once: 1,
            report_short_names: false,
            interaction_status: false,
            ids_as_text: false,
            suffix_refused: false,
            availability_needs_agents: false,
            attributes_per_visitor: 100,
            pages_per_session: 20,
            most_visitors: 250_000,
        }
    }
}

/// The answer to visitor or session ids that are not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InvalidIds {
    /// A new session with 201, as the overview says. A visitor id that is valid stays.
    #[default]
    NewSession,
    /// 404 with code 37 or 39, as the list of codes says.
    NotFound,
}

/// How many new sessions are made in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionLimit {
    /// New sessions allowed within `per_ms`.
    pub sessions: u32,
    /// The window, milliseconds of the simulator's clock.
    pub per_ms: u64,
}
