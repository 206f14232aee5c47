//! What is to be remembered of a visitor.

use std::fmt;

use le_core::Timestamp;
use le_core::wire::RawRecord;
use serde::{Deserialize, Serialize};

use crate::monitoring::{OfferedEngagement, SessionIds};

/// After so many milliseconds without a call the service is expected to open a new session.
pub const IDLE_MS: i64 = 30 * 60_000;

/// After so many milliseconds a session is expected to be over.
pub const AGE_MS: i64 = 6 * 3_600_000;

/// Where a visitor stands: enough to go on in another process. Written with serde; unknown members are not kept.
///
/// `undelivered` holds attributes, which are personal data: store the state accordingly. `Debug` shows counts only.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct VisitorState {
    /// The visitor, over all their sessions.
    #[serde(rename = "vid", skip_serializing_if = "Option::is_none")]
    pub visitor_id: Option<String>,
    /// The session.
    #[serde(rename = "sid", skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_id: Option<String>,
    /// What was offered in this session.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<OfferedEngagement>,
    /// When the session began, as far as this client knows, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<i64>,
    /// When it was used last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_at: Option<i64>,
    /// Events without an acknowledgement, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undelivered: Vec<RawRecord>,
}

impl VisitorState {
    /// The ids, where both are known.
    #[must_use]
    pub fn ids(&self) -> Option<SessionIds> {
        Some(SessionIds::new(self.visitor_id.as_ref()?, self.session_id.as_ref()?))
    }

    /// Whether the next call is expected to be answered with a new session: 30 minutes idle, six hours old, or none known. The
    /// service decides; these are hints.
    #[must_use]
    pub fn expects_new_session(&self, now: Timestamp) -> bool {
        self.session_id.is_none() || is_over(self.opened_at, self.active_at, now)
    }
}

/// Whether a session with these times is expected to be over.
pub(crate) fn is_over(opened_at: Option<i64>, active_at: Option<i64>, now: Timestamp) -> bool {
    let now = now.as_millis();
    let older = |time: Option<i64>, than: i64| time.is_some_and(|time| now.saturating_sub(time) > than);
    older(active_at, IDLE_MS) || older(opened_at, AGE_MS)
}

impl fmt::Debug for VisitorState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VisitorState")
            .field("visitor_id", &self.visitor_id)
            .field("session_id", &self.session_id)
            .field("contexts", &self.contexts.len())
            .field("undelivered", &self.undelivered.len())
            .finish_non_exhaustive()
    }
}
