//! The words of a conversation's state.

le_core::open_enum! {
    /// State of a conversation or dialog. A conversation's `state` is that of its main dialog; its `stage` tells whether it goes on.
    pub enum ConversationState {
        /// Open.
        Open => "OPEN",
        /// Closed.
        Close => "CLOSE",
        /// Locked: it cannot be written to.
        Locked => "LOCKED",
    }
}

le_core::open_enum! {
    /// Whether a conversation goes on, with a survey if not with its main dialog.
    pub enum Stage {
        /// It goes on.
        Open => "OPEN",
        /// It is over.
        Close => "CLOSE",
    }
}

le_core::open_enum! {
    /// Who or what closed a conversation or dialog.
    pub enum CloseReason {
        /// The consumer.
        Consumer => "CONSUMER",
        /// An agent.
        Agent => "AGENT",
        /// The system.
        System => "SYSTEM",
        /// Silence.
        Timeout => "TIMEOUT",
    }
}

le_core::open_enum! {
    /// Who a participant is.
    pub enum Role {
        /// The consumer.
        Consumer => "CONSUMER",
        /// The agent who has the conversation; at most one at a time.
        AssignedAgent => "ASSIGNED_AGENT",
        /// An agent who takes part, such as a survey bot.
        Agent => "AGENT",
        /// A manager.
        Manager => "MANAGER",
        /// Reads only.
        Reader => "READER",
        /// The system.
        Controller => "CONTROLLER",
        /// A bot of the brand.
        BrandBot => "BRAND_BOT",
        /// An agent who was proposed for a transfer.
        SuggestedAssignedAgent => "SUGGESTED_ASSIGNED_AGENT",
    }
}

le_core::open_enum! {
    /// What a notification does to what is known: each brings the whole state, never a difference.
    pub enum ChangeKind {
        /// Put it in place of what was known.
        Upsert => "UPSERT",
        /// It left the subscription; the final state is still there.
        Delete => "DELETE",
    }
}
