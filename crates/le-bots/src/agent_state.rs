//! Whether an agent takes conversations.

pub use crate::generated::enums::Availability;

use le_core::wire::List;

use crate::conversation::Subscribed;
use crate::dialog::ChannelType;
use crate::identity::{AgentIdentity, ParticipantId};
use crate::request::{Acknowledged, request};

impl Availability {
    /// Whether new conversations ring.
    #[must_use]
    pub fn takes_new(&self) -> bool {
        *self == Self::Online
    }

    /// Whether transfers ring.
    #[must_use]
    pub fn takes_transfers(&self) -> bool {
        matches!(self, Self::Online | Self::Occupied | Self::BackSoon)
    }
}

le_core::record! {
    /// Says whether an agent takes conversations.
    pub struct SetAgentState {
        /// Availability.
        availability: Option<Availability> = "availability" [safe],
        /// Channels.
        channels: List<ChannelType> = "channels" [safe],
        /// The agent, by old id.
        agent_user_id: Option<ParticipantId> = "agentUserId" [safe],
    }
}
request!(SetAgentState, SET_AGENT_STATE, Acknowledged);

impl SetAgentState {
    /// The state of this agent.
    #[must_use]
    pub fn new(agent: &AgentIdentity, availability: Availability) -> Self {
        Self {
            availability: Some(availability),
            channels: vec![ChannelType::Messaging].into(),
            agent_user_id: Some(agent.old_id().clone()),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// Subscribes to the states of an agent.
    pub struct SubscribeAgentStates {
        /// Account.
        brand_id: Option<String> = "brandId" [safe],
        /// The agent, by old id.
        agent_id: Option<ParticipantId> = "agentId" [safe],
        /// Only this availability; all where it is not set.
        availability: Option<Availability> = "agentAvailability" [safe],
    }
}
request!(SubscribeAgentStates, SUBSCRIBE_AGENT_STATES, Subscribed);

impl SubscribeAgentStates {
    /// All states of this agent.
    #[must_use]
    pub fn of(agent: &AgentIdentity) -> Self {
        Self {
            brand_id: Some(agent.account().to_string()),
            agent_id: Some(agent.old_id().clone()),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// The state of an agent.
    pub struct AgentState {
        /// The agent, by old id.
        agent_user_id: Option<ParticipantId> = "agentUserId" [safe],
        /// Channels.
        channels: List<ChannelType> = "channels" [safe],
        /// Availability.
        availability: Option<Availability> = "availability" [safe],
        /// Description.
        description: Option<String> = "description",
    }
}
