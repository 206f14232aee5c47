//! The codes of files.

le_core::open_enum! {
    /// What happened to an agent, as data files code it.
    ///
    /// Found in `agentSessionsData[].type`.
    ///
    /// <https://developers.liveperson.com/data-access-api-overview.html>
    pub enum AgentEventType {
        /// Not known.
        Unknown => "-1",
        /// A change of state or load in chat.
        Chat => "1",
        /// A login.
        Login => "3",
        /// A logout.
        Logout => "4",
    }
}

le_core::open_enum! {
    /// The state of an agent, as data files code it.
    ///
    /// Found in `agentSessionsData[].state`, `agentSessionsData[].prevState`.
    ///
    /// <https://developers.liveperson.com/data-access-api-overview.html>
    pub enum AgentState {
        /// Not known.
        Unknown => "-1",
        /// Does not apply.
        Irrelevant => "0",
        /// Offline.
        Offline => "1",
        /// Online.
        Online => "2",
        /// Back soon.
        BackSoon => "3",
        /// Away.
        Away => "4",
    }
}

le_core::open_enum! {
    /// What became of an engagement on the page.
    ///
    /// Found in `impressions[].impressionType`.
    ///
    /// <https://developers.liveperson.com/data-access-api-overview.html>
    pub enum ImpressionKind {
        /// It was shown.
        Show => "Show",
        /// It was clicked.
        Accept => "Accept",
        /// It was closed.
        Close => "Close",
        /// It went away by itself.
        Timeout => "Timeout",
    }
}

le_core::open_enum! {
    /// Whether an engagement is a chat or a conversation.
    ///
    /// Found in `engagements[].type`.
    ///
    /// <https://developers.liveperson.com/data-access-api-overview.html>
    pub enum EngagementKind {
        /// A chat.
        LiveChat => "LIVE_CHAT",
        /// A messaging conversation.
        Messaging => "MESSAGING",
    }
}

le_core::open_enum! {
    /// What a line of a data file is about.
    ///
    /// Found in `dataType`.
    ///
    /// <https://developers.liveperson.com/data-access-api-overview.html>
    pub enum DataType {
        /// Agents.
        AgentActivity => "AgentActivity",
        /// A web session.
        WebSession => "WebSession",
        /// Engagements.
        Engagement => "Engagement",
        /// Surveys.
        Survey => "Survey",
    }
}
