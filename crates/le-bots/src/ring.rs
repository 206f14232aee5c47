//! A conversation that is offered to an agent.

pub use crate::generated::enums::RingState;

use le_core::Timestamp;
use le_core::id::{ConsumerId, ConversationId, SkillId};
use le_core::wire::{Flag, Int, List};

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
