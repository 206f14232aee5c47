//! A conversation: what the server tells about it, and what one can ask for.

pub use crate::generated::enums::{ChangeKind, CloseReason, ContextType, ConversationState, CsatStatus, Role, Stage};

use le_core::Timestamp;
use le_core::id::{AgentGroupId, CampaignId, ConsumerId, ConversationId, SkillId};
use le_core::wire::{Flag, Int, List, RawRecord};

use crate::client_properties::ClientProperties;
use crate::dialog::{ChannelType, Dialog, DialogType};
use crate::event::DialogEvent;
use crate::identity::{AgentIdentity, ParticipantId};
use crate::participants::Participants;
use crate::request::request;
use crate::ttr::{Delay, Ttr, TtrType};

le_core::record! {
    /// Campaign and engagement that started a conversation.
    pub struct CampaignInfo {
        /// Campaign.
        campaign_id: Option<CampaignId> = "campaignId" [safe],
        /// Engagement.
        engagement_id: Option<CampaignId> = "engagementId" [safe],
    }
}

le_core::record! {
    /// Where a conversation comes from. What is given at its creation comes back with the client's properties.
    pub struct ConversationContext {
        /// Kind.
        kind: Option<ContextType> = "type" [safe],
        /// Language.
        language: Option<String> = "lang" [safe],
        /// Visitor of the Monitoring API.
        visitor_id: Option<String> = "visitorId" [safe],
        /// Its session.
        session_id: Option<String> = "sessionId" [safe],
        /// Its context.
        interaction_context_id: Option<String> = "interactionContextId" [safe],
        /// Name of the connector, for [`ContextType::Custom`].
        name: Option<String> = "name" [safe],
        /// The conversation that went before, for [`ContextType::Proactive`].
        origin_conversation_id: Option<ConversationId> = "originConversationId" [safe],
        /// Its context.
        origin_conversation_context: Option<RawRecord> = "originConversationContext" [safe],
        /// What the consumer's client said about itself.
        client_properties: Option<ClientProperties> = "clientProperties" [safe],
    }
}

le_core::record! {
    /// How content the consumer is.
    pub struct Csat {
        /// 1 to 5.
        rate: Option<Int> = "csatRate" [safe],
        /// Whether the matter is settled.
        resolved: Option<Flag> = "csatResolutionConfirmation" [safe],
        /// How far the survey got.
        status: Option<CsatStatus> = "status" [safe],
    }
}

le_core::record! {
    /// The inner part of a conversation.
    pub struct ConversationDetails {
        /// Id, on agent sockets; the outer one is always there.
        conversation_id: Option<ConversationId> = "convId" [safe],
        /// Skill; -1 is none.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Account.
        brand_id: Option<String> = "brandId" [safe],
        /// Group, on agent sockets.
        group_id: Option<AgentGroupId> = "groupId" [safe],
        /// Who takes part: old ids on agent sockets, public ids on consumer sockets.
        participants: Option<Participants> = "participants" [safe],
        /// The same by public ids; entries may be missing.
        participants_pid: Option<Participants> = "participantsPId" [safe],
        /// The dialogs.
        dialogs: List<Dialog> = "dialogs" [safe],
        /// State of the main dialog.
        state: Option<ConversationState> = "state" [safe],
        /// Whether the conversation goes on: this is the truth.
        stage: Option<Stage> = "stage" [safe],
        /// Who closed it.
        close_reason: Option<CloseReason> = "closeReason" [safe],
        /// When it began.
        started_at: Option<Timestamp> = "startTs" [safe],
        /// When it ended.
        ended_at: Option<Timestamp> = "endTs" [safe],
        /// When it last changed: of two states, keep the one with the later time.
        updated_at: Option<Timestamp> = "metaDataLastUpdateTs" [safe],
        /// Whether it is the consumer's first.
        first_conversation: Option<Flag> = "firstConversation" [safe],
        /// Old form of `csat`.
        csat_rate: Option<Int> = "csatRate" [safe],
        /// How content the consumer is.
        csat: Option<Csat> = "csat" [safe],
        /// Time to respond that was promised.
        ttr: Option<Ttr> = "ttr" [safe],
        /// Why answers are delayed.
        delay: Option<Delay> = "delay" [safe],
        /// When the next answer is due, set by an agent.
        manual_ettr: Option<Timestamp> = "manualETTR" [safe],
        /// The agents' note.
        note: Option<String> = "note",
        /// Campaign.
        campaign_info: Option<CampaignInfo> = "campaignInfo" [safe],
        /// Where it comes from.
        context: Option<ConversationContext> = "context" [safe],
        /// Account and skill that handle it.
        handler: Option<RawRecord> = "conversationHandlerDetails" [safe],
    }
}

le_core::record! {
    /// A conversation, always whole.
    pub struct Conversation {
        /// Id.
        conversation_id: Option<ConversationId> = "convId" [safe],
        /// When the next answer is due, in milliseconds since 1970; -1 means that nothing is. See [`due`](crate::ttr::due).
        effective_ttr: Option<Int> = "effectiveTTR" [safe],
        /// Coarse time of the last change, on agent sockets.
        last_update_time: Option<Timestamp> = "lastUpdateTime" [safe],
        /// Unread messages by participant, on agent sockets; see [`Conversation::unread`].
        unread_counts: Option<RawRecord> = "numberOfunreadMessages" [safe],
        /// All else.
        details: Option<ConversationDetails> = "conversationDetails" [safe],
        /// The last content event. The server leaves it out at random: never make it the only source of messages.
        last_content_event: Option<DialogEvent> = "lastContentEventNotification" [safe],
    }
}

impl Conversation {
    /// The id, from wherever it stands.
    #[must_use]
    pub fn id(&self) -> Option<&ConversationId> {
        let inner = self
            .details
            .as_ref()
            .and_then(|details| details.conversation_id.as_ref());
        self.conversation_id.as_ref().or(inner)
    }

    /// Messages that this participant has not read, where the server says so.
    #[must_use]
    pub fn unread(&self, who: &ParticipantId) -> Option<u64> {
        self.unread_counts
            .as_ref()?
            .to_value()
            .ok()?
            .get(who.as_str())?
            .as_u64()
    }

    /// The main dialog.
    #[must_use]
    pub fn main_dialog(&self) -> Option<&Dialog> {
        self.dialogs()
            .find(|dialog| dialog.dialog_type == Some(DialogType::Main))
    }

    /// The dialogs that messages go through; co-browsing is left out.
    pub fn dialogs(&self) -> impl Iterator<Item = &Dialog> {
        self.details
            .iter()
            .flat_map(|details| details.dialogs.iter())
            .filter(|dialog| dialog.is_messaging())
    }

    /// Whether the conversation goes on, with a survey if not with its main dialog.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let Some(details) = &self.details else { return false };
        match (&details.stage, &details.state) {
            (Some(stage), _) => *stage == Stage::Open,
            (None, state) => *state == Some(ConversationState::Open),
        }
    }

    /// Whether this agent has the conversation. An agent who is merely proposed for a transfer has not.
    ///
    /// Old id or public id, outer map or dialog: the server is not consistent, so each of them counts.
    #[must_use]
    pub fn is_assigned_to(&self, agent: &AgentIdentity) -> bool {
        let Some(details) = &self.details else { return false };
        let proposed = self
            .dialogs()
            .flat_map(|dialog| dialog.participants.iter())
            .any(|one| !one.is_active() && one.id.as_ref().is_some_and(|id| agent.is(id)));
        let outer = [&details.participants, &details.participants_pid];
        let named = outer
            .into_iter()
            .flatten()
            .any(|all| all.has(&Role::AssignedAgent, agent));
        (named && !proposed)
            || self
                .main_dialog()
                .is_some_and(|dialog| dialog.has_active(&Role::AssignedAgent, agent))
    }
}

le_core::record! {
    /// Subscribes to conversations. Without any filter these are all that the user may see.
    ///
    /// The first notification lists those that match, at most 1 000; the others come as they change. Filter on `stage` rather
    /// than `state` to go on seeing a conversation during its survey. Filters of newer servers can be put into `extra`.
    pub struct SubscribeConversations {
        /// States of the main dialog.
        states: List<ConversationState> = "convState" [safe],
        /// Stages.
        stages: List<Stage> = "stage" [safe],
        /// Conversations of these agents, by old id; on agent sockets.
        agent_ids: List<ParticipantId> = "agentIds" [safe],
        /// One consumer's conversations.
        consumer_id: Option<ConsumerId> = "consumerId" [safe],
        /// Account.
        brand_id: Option<String> = "brandId" [safe],
        /// Changed since.
        updated_since: Option<Timestamp> = "minLastUpdatedTime" [safe],
        /// Changed until.
        updated_until: Option<Timestamp> = "maxLastUpdatedTime" [safe],
        /// Due until; on agent sockets.
        due_until: Option<Timestamp> = "maxETTR" [safe],
    }
}
request!(SubscribeConversations, SUBSCRIBE_CONVERSATIONS, Subscribed);

impl SubscribeConversations {
    /// Conversations in these stages.
    #[must_use]
    pub fn in_stages(stages: impl IntoIterator<Item = Stage>) -> Self {
        Self {
            stages: stages.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Open conversations of one agent: what a bot wants.
    #[must_use]
    pub fn open_of(agent: &AgentIdentity) -> Self {
        Self {
            agent_ids: vec![agent.old_id().clone()].into(),
            ..Self::in_stages([Stage::Open])
        }
    }

    /// Changed since this time. After a reconnect: the last change that was seen, less a margin.
    #[must_use]
    pub fn changed_since(mut self, time: Timestamp) -> Self {
        self.updated_since = Some(time);
        self
    }
}

le_core::record! {
    /// The answer to a subscription.
    pub struct Subscribed {
        /// Its id, which its notifications carry. They may come before this answer.
        subscription_id: Option<crate::identity::SubscriptionId> = "subscriptionId" [safe],
    }
}

le_core::record! {
    /// Ends a subscription of conversations.
    pub struct UnsubscribeConversations {
        /// Its id.
        subscription_id: Option<crate::identity::SubscriptionId> = "subscriptionId" [safe],
    }
}
request!(
    UnsubscribeConversations,
    UNSUBSCRIBE_CONVERSATIONS,
    crate::request::Acknowledged
);

impl UnsubscribeConversations {
    /// Ends this one.
    #[must_use]
    pub fn new(subscription: impl Into<crate::identity::SubscriptionId>) -> Self {
        Self {
            subscription_id: Some(subscription.into()),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// Opens a conversation as a consumer. Everything is optional.
    ///
    /// Where automatic messages are wanted, publish the first message within 10 seconds.
    pub struct RequestConversation {
        /// Account.
        brand_id: Option<String> = "brandId" [safe],
        /// Always messaging.
        channel_type: Option<ChannelType> = "channelType" [safe],
        /// Skill; -1 is any. The vendor advises campaigns in its place.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Urgency to begin with.
        ttr: Option<TtrType> = "ttrDefName" [safe],
        /// Campaign.
        campaign_info: Option<CampaignInfo> = "campaignInfo" [safe],
        /// Where it comes from.
        context: Option<ConversationContext> = "conversationContext" [safe],
    }
}
request!(RequestConversation, REQUEST_CONVERSATION, ConversationRequested);

impl RequestConversation {
    /// For a skill.
    #[must_use]
    pub fn for_skill(skill: impl Into<SkillId>) -> Self {
        Self {
            channel_type: Some(ChannelType::Messaging),
            skill_id: Some(skill.into()),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// Opens a conversation with a consumer whose former one is closed.
    pub struct AgentRequestConversation {
        /// Consumer.
        consumer_id: Option<ConsumerId> = "consumerId" [safe],
        /// Always messaging.
        channel_type: Option<ChannelType> = "channelType" [safe],
        /// What went before.
        context: Option<ConversationContext> = "conversationContext" [safe],
        /// Skill; -1 is any.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Urgency to begin with.
        ttr: Option<TtrType> = "ttrDefName" [safe],
    }
}
request!(
    AgentRequestConversation,
    AGENT_REQUEST_CONVERSATION,
    ConversationRequested
);

impl AgentRequestConversation {
    /// With this consumer, after this conversation.
    #[must_use]
    pub fn after(consumer: impl Into<ConsumerId>, origin: impl Into<ConversationId>) -> Self {
        let context = ConversationContext {
            kind: Some(ContextType::Proactive),
            origin_conversation_id: Some(origin.into()),
            ..ConversationContext::default()
        };
        Self {
            consumer_id: Some(consumer.into()),
            channel_type: Some(ChannelType::Messaging),
            context: Some(context),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// The answer to a request for a conversation.
    pub struct ConversationRequested {
        /// Its id.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
    }
}
