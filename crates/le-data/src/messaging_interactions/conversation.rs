//! One record of the history: a conversation with the parts that were asked for.

use le_core::id::{ConsumerId, ConversationId};
use le_core::wire::{Int, List, RawRecord, present};
use serde_json::Value;

use super::campaign::{Campaign, Monitoring, PageVisit};
use super::cobrowse::CoBrowseSessions;
use super::dialog::{Dialog, Interaction, Transfer};
use super::info::Info;
use super::intent::{Intent, MessageIntents};
use super::message::{Message, MessageScore, MessageStatus};
use super::participant::{AgentParticipant, ConsumerParticipant};
use super::sde::Sdes;
use super::survey::{AgentSurvey, ConversationSurvey};

le_core::record! {
    /// A messaging conversation, open or closed.
    ///
    /// Which parts are there depends on what the request asked for; a part that is empty may be missing.
    ///
    /// Vendor page: <https://developers.liveperson.com/messaging-interactions-api-methods-conversations.html>
    pub struct Conversation {
        /// The head of the record; always sent.
        info: Option<Info> = "info" [safe],
        /// Campaign and engagement that the conversation came from.
        campaign: Option<Campaign> = "campaign" [safe],
        /// Where the consumer was and with which device. Not in the default set.
        monitoring: Option<Monitoring> = "monitoring" [safe],
        /// The messages.
        messages: List<Message> = "messageRecords" | "messagesRecords" [safe],
        /// What became of each message: several entries for one message.
        message_statuses: List<MessageStatus> = "messageStatuses" [safe],
        /// The sentiment score of each message.
        message_scores: List<MessageScore> = "messageScores" | "messageScore" [safe],
        /// Who took part on the brand's side: one entry for each time somebody joined.
        agent_participants: List<AgentParticipant> = "agentParticipants" [safe],
        /// Who is in it now.
        agent_participants_active: List<AgentParticipant> = "agentParticipantsActive" [safe],
        /// Who left.
        agent_participants_leave: List<AgentParticipant> = "agentParticipantsLeave" [safe],
        /// The consumers.
        consumer_participants: List<ConsumerParticipant> = "consumerParticipants" | "consumerParticipant" [safe],
        /// Moves from one skill or agent to another.
        transfers: List<Transfer> = "transfers" [safe],
        /// Stretches in which one agent answered.
        interactions: List<Interaction> = "interactions" [safe],
        /// The dialogs, e.g. the main one and a survey. Not in the default set.
        dialogs: List<Dialog> = "dialogs" [safe],
        /// What the consumer answered in surveys.
        surveys: List<ConversationSurvey> = "conversationSurveys" [safe],
        /// Co-browse sessions.
        co_browse_sessions: Option<CoBrowseSessions> = "coBrowseSessions" [safe],
        /// The summary that the agent or the system wrote.
        summary: Option<Summary> = "summary" [safe],
        /// Engagement attributes of authenticated consumers; MI-1 sends only the last of each.
        sdes: Option<Sdes> = "sdes" | "SDEs" [safe],
        /// Engagement attributes of consumers who did not sign in. Needs `v=2`.
        unauthenticated_sdes: Option<Sdes> = "unAuthSdes" [safe],
        /// When the next answer is due. Not in the default set.
        response_time: Option<ResponseTime> = "responseTime" [safe],
        /// What each message meant. Not in the default set.
        intents: List<MessageIntents> = "intents" [safe],
        /// Each intent once. Not in the default set.
        unique_intents: List<Intent> = "uniqueIntents" [safe],
        /// The survey that the agent fills in. Not in the default set.
        latest_agent_survey: Option<AgentSurvey> = "latestAgentSurvey" [safe],
        /// Earlier surveys of agents, those that timed out among them. Not in the default set.
        previous_agent_surveys: List<AgentSurvey> = "previouslySubmittedAgentSurveys" [safe],
        /// Changes of skill. Its shape is not documented, so it is the JSON text.
        skill_changes: Option<RawRecord> = "skillChanges",
        /// Pages that the consumer visited. Not documented; seen in clients.
        page_views: List<PageVisit> = "pageView" | "pageViews" [safe],
    }
}

impl Conversation {
    /// The conversation's id: the key of the record.
    #[must_use]
    pub fn id(&self) -> Option<&ConversationId> {
        self.info.as_ref()?.conversation_id.as_ref()
    }

    /// Whether the service says that the record is not whole; then read it again by its id.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.info
            .as_ref()
            .and_then(|info| info.is_partial.as_ref())
            .is_some_and(|flag| flag.get())
    }

    /// The id of the (first) consumer.
    #[must_use]
    pub fn consumer_id(&self) -> Option<&ConsumerId> {
        self.consumer_participants
            .iter()
            .find_map(|consumer| consumer.participant_id.as_ref())
    }
}

le_core::record! {
    /// The summary of a conversation.
    pub struct Summary {
        /// The text; in current accounts it may itself be JSON, see [`Summary::notes`].
        text: Option<String> = "text",
        /// When it was last changed, in milliseconds since 1970.
        last_updated_time: Option<Int> = "lastUpdatedTime" [safe],
    }
}

impl Summary {
    /// The notes that the text holds as JSON; `None` where it is plain text.
    #[must_use]
    pub fn notes(&self) -> Option<Vec<SummaryNote>> {
        serde_json::from_str(present(self.text.as_deref()?)?).ok()
    }
}

le_core::record! {
    /// One note of a summary.
    pub struct SummaryNote {
        /// Who wrote it.
        agent_id: Option<le_core::id::UserId> = "agentId" [safe],
        /// The writer's name.
        name: Option<String> = "name",
        /// What was written.
        note_content: Option<String> = "noteContent",
        /// When, in milliseconds since 1970.
        time: Option<Int> = "time" [safe],
        /// The note's id.
        note_id: Option<Value> = "noteId",
        /// Whether the system wrote it.
        is_auto_summary: Option<le_core::wire::Flag> = "isAutoSummary" [safe],
    }
}

le_core::record! {
    /// When the next answer is due.
    pub struct ResponseTime {
        /// When the agent has to answer, in milliseconds since 1970; -1 while the consumer has the turn.
        latest_effective_response_due_time: Option<Int> = "latestEffectiveResponseDueTime" [safe],
        /// How long an answer may take. The vendor's page calls it a time; the values are lengths in milliseconds.
        configured_response_time: Option<Int> = "configuredResponseTime" [safe],
    }
}
