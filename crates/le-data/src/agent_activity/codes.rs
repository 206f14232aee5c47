//! The codes of changes.

le_core::open_enum! {
    /// What happened to an agent, as a code.
    ///
    /// Found in `stateChanges[].statusType`.
    ///
    /// <https://developers.liveperson.com/agent-activity-api-methods.html>
    pub enum AgentStatusType {
        /// The status changed.
        StatusChange => "1",
        /// The agent logged in.
        Login => "3",
        /// The agent logged out.
        Logout => "4",
    }
}

le_core::open_enum! {
    /// The status of an agent, as a code.
    ///
    /// Found in `stateChanges[].statusSubType`.
    ///
    /// <https://developers.liveperson.com/agent-activity-api-methods.html>
    pub enum AgentStatusSubType {
        /// No change of status: a login or logout.
        None => "0",
        /// Offline.
        Offline => "1",
        /// Online.
        Online => "2",
        /// Back soon: no new work.
        Occupied => "3",
        /// Away.
        Away => "4",
    }
}
