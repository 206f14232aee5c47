//! The words of a dialog: a part of a conversation with its own messages and sequence.

le_core::open_enum! {
    /// What a dialog is for.
    pub enum DialogType {
        /// The main one; its id is the conversation's.
        Main => "MAIN",
        /// The survey after it.
        PostSurvey => "POST_SURVEY",
        /// Co-browsing.
        OtherDialog => "OTHER",
        /// Between agents.
        Agent => "AGENT",
    }
}

le_core::open_enum! {
    /// What a dialog runs over.
    pub enum ChannelType {
        /// Messages.
        Messaging => "MESSAGING",
        /// Co-browsing.
        CoBrowse => "COBROWSE",
    }
}

le_core::open_enum! {
    /// Whether a participant is in the dialog already.
    pub enum ParticipantState {
        /// Takes part.
        Active => "ACTIVE",
        /// Proposed for a transfer; does not take part yet.
        Suggested => "SUGGESTED",
    }
}

le_core::open_enum! {
    /// What somebody is doing in a dialog. Not stored, not counted.
    pub enum ChatState {
        /// Is there, or stopped writing.
        Active => "ACTIVE",
        /// Went elsewhere.
        Inactive => "INACTIVE",
        /// Closed the application.
        Gone => "GONE",
        /// Writes. It holds until another state comes; a message does not end it.
        Composing => "COMPOSING",
        /// Stopped writing.
        Pause => "PAUSE",
        /// The consumer's socket closed; the server says this, clients do not.
        Background => "BACKGROUND",
    }
}
