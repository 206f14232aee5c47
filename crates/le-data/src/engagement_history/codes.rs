//! Texts and codes of chats, and what requests can name.

le_core::open_enum! {
    /// Where a keyword is looked for in chats.
    ///
    /// Found in `request keyword_search_area.types`.
    ///
    /// <https://developers.liveperson.com/engagement-history-api-methods.html>
    pub enum ChatSearchArea {
        /// The lines of the chat.
        ChatLine => "chatLine",
        /// Answers of surveys.
        SurveyAnswer => "surveyAnswer",
        /// Questions of surveys.
        SurveyQuestion => "surveyQuestion",
        /// What is known of the visitor's place and browser.
        VisitorInfo => "visitorInfo",
        /// Purchases.
        EaPurchase => "ea.purchase",
        /// Products that were looked at.
        EaViewedProduct => "ea.viewedProduct",
        /// The cart.
        EaCartStatus => "ea.cartStatus",
        /// Service activities.
        EaServiceActivity => "ea.serviceActivity",
        /// Errors that the visitor met.
        EaVisitorError => "ea.visitorError",
        /// Leads.
        EaLead => "ea.lead",
        /// The customer's standing.
        EaCustomerInfo => "ea.customerInfo",
        /// The marketing channel.
        EaMarketingCampaignInfo => "ea.marketingCampaignInfo",
        /// The person.
        EaPersonalInfo => "ea.personalInfo",
        /// The score; replaced by a filter of its own.
        Mcs => "mcs",
    }
}

le_core::open_enum! {
    /// By what chats can be sorted.
    ///
    /// Found in `request sort`.
    ///
    /// <https://developers.liveperson.com/engagement-history-api-methods.html>
    pub enum ChatSortField {
        /// Start.
        Start => "start",
        /// End.
        End => "end",
        /// Length.
        Duration => "duration",
        /// Visitor.
        Visitor => "visitor",
        /// Id.
        EngagementId => "engagementId",
        /// Whether the visitor wrote.
        Interactive => "interactive",
        /// Agent.
        AgentId => "agentId",
        /// Skill.
        SkillId => "skillId",
    }
}

le_core::open_enum! {
    /// The channel of a chat, as a code.
    ///
    /// Found in `info.channel`, `request channel`.
    ///
    /// <https://developers.liveperson.com/engagement-history-api-methods.html>
    pub enum ChatChannel {
        /// Not known.
        Unknown => "-1",
        /// The web.
        Web => "1",
        /// Voice.
        Voice => "2",
    }
}

le_core::open_enum! {
    /// Why a chat began, as a code.
    ///
    /// Found in `info.startReason`.
    ///
    /// <https://developers.liveperson.com/engagement-history-api-methods.html>
    pub enum ChatStartReason {
        /// The visitor asked for it.
        VisitorRequest => "0",
        /// An agent transferred it.
        AgentTransfer => "1",
        /// A transfer failed.
        TransferFailed => "2",
        /// The distributor tried.
        AcdAttempt => "3",
        /// The distributor found nobody.
        AcdNoAssignment => "4",
        /// An operator assigned it.
        OperatorAssignment => "5",
        /// It was given to another skill.
        SkillReassign => "6",
        /// A representative asked for it.
        RepRequest => "7",
        /// It was given to another account.
        AccountReassign => "8",
    }
}

le_core::open_enum! {
    /// Why a chat ended, as a code.
    ///
    /// Found in `info.endReason`.
    ///
    /// <https://developers.liveperson.com/engagement-history-api-methods.html>
    pub enum ChatEndReason {
        /// Transferred to another agent.
        TransferredToAgent => "101",
        /// Given to another skill.
        ReassignedToSkill => "106",
        /// The agent stopped it.
        AgentStopped => "201",
        /// The agent lost the connection.
        AgentDisconnected => "202",
        /// The visitor lost the connection.
        VisitorDisconnected => "205",
        /// The visitor is no longer in the chat.
        VisitorLeft => "208",
        /// The visitor closed it.
        VisitorClosed => "210",
    }
}
