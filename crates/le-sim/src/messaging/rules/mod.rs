//! Knobs of messaging: what a brand configures, and what the vendor's sources leave open or contradict each other on.

mod dialect;

use serde::{Deserialize, Serialize};

pub use dialect::{DialectKnobs, MalformedJson, TokenInvalidation};

use super::push::PushKnobs;

/// A week in milliseconds: after that LiveEngage closes a survey that nobody finished.
const WEEK_MS: u64 = 7 * 24 * 3_600_000;

/// How messaging behaves. A part of [`Behaviour`](crate::Behaviour), under `messaging`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MessagingBehaviour {
    /// How long a ring waits for an answer, milliseconds of the simulator's clock. All samples show 72000.
    pub ring_ms: u64,
    /// How long an agent who rejected a ring is not rung again for the same conversation, if nobody else is there.
    pub ring_again_ms: u64,
    /// `true`: rings are accepted by the account (`AUTO_ACCEPT`), no agent has to answer.
    pub auto_accept: bool,
    /// How many conversations an agent takes at a time. Bots have a hard stop of 999.
    pub capacity: usize,
    /// How long a transfer to an agent waits for that agent before anyone of the skill is rung, milliseconds.
    pub suggestion_fallback_ms: u64,
    /// How many open conversations a consumer may have; `null` is without limit. Clients behave as if it were one.
    pub open_conversations_per_consumer: Option<usize>,
    /// `true` (the default): an agent without manager rights sees only conversations of its own. Administrators and bots
    /// have these rights.
    pub own_conversations_only: bool,
    /// `true` (the default): a skill change of a conversation that has an assigned agent is refused unless the same
    /// request removes that agent. The vendor's texts say "must" and "can".
    pub skill_change_needs_removal: bool,
    /// `true` (the default): agents may start conversations with consumers who wrote before; `false` answers 401.
    pub proactive: bool,
    /// Response times in seconds.
    pub response_times: ResponseTimes,
    /// The survey after a conversation; `null`: the account has none.
    pub survey: Option<SurveyKnobs>,
    /// Closes conversations without a message for so long (`TIMEOUT`), milliseconds; `null`: never.
    pub inactivity_ms: Option<u64>,
    /// `true` (the default): participants see `BACKGROUND` when the last socket of a consumer goes, `ACTIVE` when it is back.
    pub background_states: bool,
    /// File sharing.
    pub files: FileKnobs,
    /// Lifetime of the tokens of anonymous consumers, milliseconds. Ten minutes by default.
    pub anonymous_token_ms: u64,
    /// How long after its token ended an anonymous identity can be extended, milliseconds: 730 hours.
    pub anonymous_extension_ms: u64,
    /// `false`: anonymous messaging is off, the IDP answers error 2005.
    pub anonymous: bool,
    /// `true` (the default): a second login of a user who has a socket open ends the earlier session.
    pub one_session_per_user: bool,
    /// What happens to open sockets when their token becomes invalid.
    pub token_invalidation: TokenInvalidation,
    /// Closes a socket after so many milliseconds (real time) without a frame from the client; `null`: never.
    pub idle_ms: Option<u64>,
    /// How long a consumer socket without a token waits for `InitConnection`, milliseconds (real time).
    pub init_ms: u64,
    /// `true`: requests before the answer to `InitConnection` are served, as third-party clients rely on. `false` (the
    /// default): 401.
    pub init_pipelining: bool,
    /// Answers 429 to more requests of one socket than this.
    pub rate_limit: Option<RequestLimit>,
    /// The longest text of a message in bytes; longer ones are answered with 400. `null`: no limit, as documented.
    pub longest_message: Option<usize>,
    /// The longest frame that is read, bytes; longer ones close the socket with 1009.
    pub longest_frame: usize,
    /// Tells the brand's own server of messages to consumers who are not there, instead of their telephones; `null`: nobody.
    pub push: Option<PushKnobs>,
    /// Events that a dialog keeps; older ones are forgotten.
    pub events_per_dialog: usize,
    /// How long after a change the history shows it, milliseconds of the simulator's clock. "Up to about a minute."
    pub history_latency_ms: u64,
    /// How frames look and are ordered where sources differ.
    pub dialect: DialectKnobs,
}

impl Default for MessagingBehaviour {
    fn default() -> Self {
        Self {
            ring_ms: 72_000,
            ring_again_ms: 5_000,
            auto_accept: false,
            capacity: 999,
            suggestion_fallback_ms: 120_000,
            open_conversations_per_consumer: Some(1),
            own_conversations_only: true,
            skill_change_needs_removal: true,
            proactive: true,
            response_times: ResponseTimes::default(),
            survey: None,
            inactivity_ms: None,
            background_states: true,
            files: FileKnobs::default(),
            anonymous_token_ms: 600_000,
            anonymous_extension_ms: 730 * 3_600_000,
            anonymous: true,
            one_session_per_user: true,
            token_invalidation: TokenInvalidation::default(),
            idle_ms: Some(75_000),
            init_ms: 5_000,
            init_pipelining: false,
            rate_limit: None,
            longest_message: None,
            longest_frame: 16 << 20,
            push: None,
            events_per_dialog: 100_000,
            history_latency_ms: 60_000,
            dialect: DialectKnobs::default(),
        }
    }
}

/// How soon the brand wants to answer, in seconds, by urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ResponseTimes {
    /// `NORMAL`.
    pub normal: i64,
    /// `URGENT`.
    pub urgent: i64,
    /// `PRIORITIZED`.
    pub prioritized: i64,
    /// `true`: each consumer message moves the deadline. `false` (the default): the first unanswered one sets it.
    pub from_last_message: bool,
}

impl Default for ResponseTimes {
    fn default() -> Self {
        Self {
            normal: 600,
            urgent: 300,
            prioritized: 180,
            from_last_message: false,
        }
    }
}

/// The post-conversation survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SurveyKnobs {
    /// Skills with a survey; empty: all. Never skill -1.
    pub skills: Vec<i64>,
    /// `metaData.appInstallId` of the survey dialog, by which a survey bot knows its own.
    pub app_install_id: String,
    /// `true` (the default): the simulator asks itself, with two questions. `false`: a survey bot has to join.
    pub built_in_bot: bool,
    /// Closes a survey that nobody finished, milliseconds of the simulator's clock.
    pub timeout_ms: u64,
    /// `true` (the default): only for consumers whose client has the feature `MULTI_DIALOG`.
    pub needs_multi_dialog: bool,
}

impl Default for SurveyKnobs {
    fn default() -> Self {
        Self {
            skills: Vec::new(),
            app_install_id: "inst-1".to_owned(),
            built_in_bot: true,
            timeout_ms: WEEK_MS,
            needs_multi_dialog: true,
        }
    }
}

/// File sharing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FileKnobs {
    /// `false`: the account has file sharing off, and requests for URLs are answered with 400.
    pub enabled: bool,
    /// Allowed values of `fileType`.
    pub kinds: Vec<String>,
    /// The largest file in bytes.
    pub longest: u64,
    /// How long a URL works, milliseconds of the simulator's clock.
    pub url_ms: u64,
}

impl Default for FileKnobs {
    fn default() -> Self {
        Self {
            enabled: true,
            kinds: ["JPG", "JPEG", "PNG", "GIF"].map(str::to_owned).to_vec(),
            longest: 3 << 20,
            url_ms: 60_000,
        }
    }
}

/// How many requests of one socket are served in a time. The vendor publishes no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestLimit {
    /// Requests allowed within `per_ms`.
    pub requests: u32,
    /// The window, milliseconds of the simulator's clock.
    pub per_ms: u64,
}
