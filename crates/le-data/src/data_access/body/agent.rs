//! Agent activity.

use le_core::Timestamp;
use le_core::id::{AgentGroupId, UserId};
use le_core::wire::{Int, List};

use crate::data_access::codes::{AgentEventType, AgentState};

le_core::record! {
    /// What an agent did in one session.
    pub struct AgentActivityData {
        /// Which session.
        header: Option<AgentHeader> = "header" [safe],
        /// What happened.
        sessions: List<AgentSessionData> = "agentSessionsData" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// Which session of an agent.
    pub struct AgentHeader {
        /// The account's id, a hyphen, and a number.
        agent_session_id: Option<String> = "agentSessionId" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A login, a logout, or a change of state or load.
    pub struct AgentSessionData {
        /// The agent.
        agent_id: Option<UserId> = "agentID" | "agentId" [safe],
        /// What happened, as a code. See [`AgentSessionData::event_type`].
        r#type: Option<Int> = "type" [safe],
        /// The state, as a code. See [`AgentSessionData::state`].
        state: Option<Int> = "state" [safe],
        /// The state before, as a code. See [`AgentSessionData::previous_state`].
        prev_state: Option<Int> = "prevState" [safe],
        /// When, in milliseconds since 1970.
        timestamp: Option<Int> = "timestamp" [safe],
        /// The brand's own number of the agent.
        agent_employee_id: Option<String> = "agentEmployeeId",
        /// The agent's user name.
        agent_username: Option<String> = "agentUsername" | "agentUserName",
        /// The agent's nickname.
        agent_nickname: Option<String> = "agentNickname" | "agentNickName",
        /// The agent's login name.
        agent_loginname: Option<String> = "agentLoginname" | "agentLoginName",
        /// How many engagements there were before.
        prev_concurrent_eng: Option<Int> = "prevConcurrentEng" [safe],
        /// How many there are.
        concurrent_eng: Option<Int> = "concurrentEng" [safe],
        /// How many there can be; -9 on logins and logouts.
        max_concurrent_eng: Option<Int> = "maxConcurrentEng" [safe],
        /// The agent's group; -1 is none.
        agent_group_id: Option<AgentGroupId> = "agentGroupID" | "agentGroupId" [safe],
        /// The agent's profiles. Since schema versions after 2017.
        user_profile_ids: List<Int> = "userProfileIDs" | "userProfileIds" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

impl AgentSessionData {
    /// When.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        self.timestamp.as_ref()?.present().map(Timestamp::from_millis)
    }

    /// What happened.
    #[must_use]
    pub fn event_type(&self) -> Option<AgentEventType> {
        self.r#type.as_ref().map(|code| code.to_string().into())
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> Option<AgentState> {
        self.state.as_ref().map(|code| code.to_string().into())
    }

    /// The state before.
    #[must_use]
    pub fn previous_state(&self) -> Option<AgentState> {
        self.prev_state.as_ref().map(|code| code.to_string().into())
    }
}

impl AgentActivityData {
    /// The keys of its rows, in their order: session, agent, time, type and state.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let session = self
            .header
            .as_ref()
            .and_then(|header| header.agent_session_id.as_deref());
        let session = session.unwrap_or_default();
        let number = |number: &Option<Int>| number.as_ref().map(Int::to_string).unwrap_or_default();
        let key = |row: &AgentSessionData| {
            let agent = row.agent_id.as_ref().map_or("", |id| id.as_str());
            let (at, r#type, state) = (number(&row.timestamp), number(&row.r#type), number(&row.state));
            [session, agent, &at, &r#type, &state].join("|")
        };
        self.sessions.iter().map(key).collect()
    }
}
