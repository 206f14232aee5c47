//! A conversation that is offered to an agent.

pub use crate::generated::enums::RingState;

use le_core::Timestamp;
use le_core::id::{ConsumerId, ConversationId, SkillId};
use le_core::wire::{Flag, Int, List};

use crate::conversation::Subscribed;
use crate::dialog::ChannelType;
use crate::identity::{AgentIdentity, ParticipantId, SubscriptionId};
use crate::request::{Acknowledged, request};

impl RingState {
    /// Whether the agent is to answer.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        *self == Self::Waiting
    }
}

le_core::record! {
    /// One offer to one agent.
    pub struct Ring {
        /// Opaque; it is sent back with the answer.
        ring_id: Option<String> = "ringId" [safe],
        /// State.
        state: Option<RingState> = "ringState" [safe],
        /// How long it lasts, in milliseconds.
        expiration: Option<Int> = "ringExpiration" [safe],
        /// When it expires.
        expires_at: Option<Timestamp> = "ringExpirationTs" [safe],
        /// Priority.
        weight: Option<Int> = "weight" [safe],
        /// Conversation.
        conversation_id: Option<ConversationId> = "convId" [safe],
        /// Consumer.
        consumer_id: Option<ConsumerId> = "consumerId" [safe],
        /// Skill; -1 is none.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Account.
        brand_id: Option<String> = "brandId" [safe],
    }
}

le_core::record! {
    /// A conversation on its way to an agent, with its rings. Answer each ring for itself.
    pub struct RoutingTask {
        /// Id of the task.
        routing_task_id: Option<String> = "routingTaskId" [safe],
        /// Whether an agent has it.
        completed: Option<Flag> = "taskCompleted" [safe],
        /// Conversation.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
        /// Consumer.
        consumer_id: Option<ConsumerId> = "consumerId" [safe],
        /// Skill; -1 is none.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Account.
        brand_id: Option<String> = "brandId" [safe],
        /// The agent who has it, as `<account>.<user>`.
        assigned_agent_id: Option<String> = "assignedAgentId" [safe],
        /// The offers.
        rings: List<Ring> = "ringsDetails" [safe],
    }
}

impl RoutingTask {
    /// The rings that are to be answered.
    pub fn waiting(&self) -> impl Iterator<Item = &Ring> {
        self.rings
            .iter()
            .filter(|ring| ring.state.as_ref().is_some_and(RingState::is_waiting))
    }
}

le_core::record! {
    /// Subscribes an agent to its rings. The first notification lists those that are pending.
    pub struct SubscribeRoutingTasks {
        /// Always messaging.
        channel_type: Option<ChannelType> = "channelType" [safe],
        /// The agent, by old id.
        agent_id: Option<ParticipantId> = "agentId" [safe],
        /// Account.
        brand_id: Option<String> = "brandId" [safe],
        /// Only this skill.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Only this conversation.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
    }
}
request!(SubscribeRoutingTasks, SUBSCRIBE_ROUTING_TASKS, Subscribed);

impl SubscribeRoutingTasks {
    /// The rings of this agent.
    #[must_use]
    pub fn of(agent: &AgentIdentity) -> Self {
        Self {
            channel_type: Some(ChannelType::Messaging),
            agent_id: Some(agent.old_id().clone()),
            brand_id: Some(agent.account().to_string()),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// Changes a subscription of rings.
    pub struct UpdateRoutingTasks {
        /// Subscription.
        subscription_id: Option<SubscriptionId> = "subscriptionId" [safe],
        /// Always messaging.
        channel_type: Option<ChannelType> = "channelType" [safe],
        /// The agent, by old id.
        agent_id: Option<ParticipantId> = "agentId" [safe],
        /// Account.
        brand_id: Option<String> = "brandId" [safe],
        /// Only this skill.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Only this conversation.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
    }
}
request!(UpdateRoutingTasks, UPDATE_ROUTING_TASKS, Subscribed);

impl UpdateRoutingTasks {
    /// The subscription of this agent.
    #[must_use]
    pub fn of(agent: &AgentIdentity, subscription: impl Into<SubscriptionId>) -> Self {
        Self {
            subscription_id: Some(subscription.into()),
            channel_type: Some(ChannelType::Messaging),
            agent_id: Some(agent.old_id().clone()),
            brand_id: Some(agent.account().to_string()),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// Answers a ring. Whoever accepts becomes the assigned agent.
    pub struct UpdateRing {
        /// The ring.
        ring_id: Option<String> = "ringId" [safe],
        /// Accepted or rejected.
        state: Option<RingState> = "ringState" [safe],
    }
}
request!(UpdateRing, UPDATE_RING, Acknowledged);

impl UpdateRing {
    /// Takes the conversation.
    #[must_use]
    pub fn accept(ring: impl Into<String>) -> Self {
        Self {
            ring_id: Some(ring.into()),
            state: Some(RingState::Accepted),
            ..Self::default()
        }
    }

    /// Leaves it to another agent.
    #[must_use]
    pub fn reject(ring: impl Into<String>) -> Self {
        Self {
            ring_id: Some(ring.into()),
            state: Some(RingState::Rejected),
            ..Self::default()
        }
    }
}
