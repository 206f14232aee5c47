//! Co-browse sessions.

use le_core::id::UserId;
use le_core::wire::{Flag, Int, List, TimeText};

use crate::generated::enums::{CoBrowseEndReason, CoBrowseType};
use crate::times::times;

le_core::record! {
    /// The co-browse sessions of a conversation.
    pub struct CoBrowseSessions {
        /// The sessions.
        sessions: List<CoBrowseSession> = "coBrowseSessionsList" [safe],
    }
}

le_core::record! {
    /// A co-browse session.
    pub struct CoBrowseSession {
        /// The key.
        session_id: Option<String> = "sessionId" [safe],
        /// See [`CoBrowseSession::start`].
        start_time: Option<TimeText> = "startTime" [safe],
        /// See [`CoBrowseSession::start`].
        start_time_l: Option<Int> = "startTimeL" [safe],
        /// See [`CoBrowseSession::end`].
        end_time: Option<TimeText> = "endTime" [safe],
        /// See [`CoBrowseSession::end`].
        end_time_l: Option<Int> = "endTimeL" [safe],
        /// See [`CoBrowseSession::interactive_from`].
        interactive_time: Option<TimeText> = "interactiveTime" [safe],
        /// See [`CoBrowseSession::interactive_from`].
        interactive_time_l: Option<Int> = "interactiveTimeL" [safe],
        /// Whether both sides were in it. The vendor's table calls it `isInteractive`.
        interactive: Option<Flag> = "interactive" | "isInteractive" [safe],
        /// Who or what ended it.
        end_reason: Option<CoBrowseEndReason> = "endReason" [safe],
        /// Milliseconds.
        duration: Option<Int> = "duration" [safe],
        /// In an app or on the web.
        r#type: Option<CoBrowseType> = "type" [safe],
        /// What was possible, e.g. `AGENT_APP_CONTROL`. An open set.
        capabilities: List<String> = "capabilities" [safe],
        /// The agent.
        agent_id: Option<UserId> = "agentId" [safe],
    }
}

times!(CoBrowseSession {
    /// When it began.
    start: start_time_l, start_time;
    /// When it ended.
    end: end_time_l, end_time;
    /// When both sides were in it.
    interactive_from: interactive_time_l, interactive_time;
});
