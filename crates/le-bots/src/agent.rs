//! What agents, managers and bots do on their socket, in one line each.

use std::ops::Deref;

use le_core::id::{ConversationId, DialogId, SkillId};

use crate::agent_state::{Availability, SetAgentState, SubscribeAgentStates};
use crate::change::{FieldChange, FieldChangeType, FieldName, UpdateConversation};
use crate::connection::{Call, Connection};
use crate::conversation::{AgentRequestConversation, Conversation, Role, SubscribeConversations};
use crate::event::{Event, PublishEvent};
use crate::history::QueryMessages;
use crate::identity::{AgentIdentity, ParticipantId};
use crate::ring::{SubscribeRoutingTasks, UpdateRing};

/// The socket of an agent. It is a [`Connection`] that knows whose it is.
#[derive(Debug, Clone)]
pub struct AgentConnection {
    connection: Connection,
    agent: AgentIdentity,
}

impl Deref for AgentConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl AgentConnection {
    /// Puts a name to a connection of an agent socket.
    #[must_use]
    pub fn new(connection: Connection, agent: AgentIdentity) -> Self {
        Self { connection, agent }
    }

    /// Whose socket it is.
    #[must_use]
    pub fn agent(&self) -> &AgentIdentity {
        &self.agent
    }

    /// Says whether conversations are taken. Say it again after each reconnect.
    pub fn set_state(&self, availability: Availability) -> Call<SetAgentState> {
        self.request(SetAgentState::new(&self.agent, availability))
    }

    /// Subscribes to one's own states.
    pub fn subscribe_states(&self) -> Call<SubscribeAgentStates> {
        self.request(SubscribeAgentStates::of(&self.agent))
    }

    /// Subscribes to rings. The first notification lists the pending ones; answer those that are waiting.
    pub fn subscribe_rings(&self) -> Call<SubscribeRoutingTasks> {
        self.request(SubscribeRoutingTasks::of(&self.agent))
    }

    /// Subscribes to one's own open conversations. [`Connection::subscribe_conversations`] takes any filter.
    pub fn subscribe_own_conversations(&self) -> Call<SubscribeConversations> {
        self.request(SubscribeConversations::open_of(&self.agent))
    }

    /// Takes the conversation of a ring.
    pub fn accept(&self, ring: impl Into<String>) -> Call<UpdateRing> {
        self.request(UpdateRing::accept(ring))
    }

    /// Leaves the conversation of a ring to another agent.
    pub fn reject(&self, ring: impl Into<String>) -> Call<UpdateRing> {
        self.request(UpdateRing::reject(ring))
    }
}

/// What agents do on a connection and on a link alike. `$owner` has `request` and `agent`, and its `request` gives a `$call`.
macro_rules! agent_requests {
    ($owner:ty, $call:ident) => {
        impl $owner {
            /// Changes a conversation; whoever joins or leaves without a name is this agent.
            pub fn update(
                &self,
                conversation: impl Into<ConversationId>,
                changes: impl IntoIterator<Item = FieldChange>,
            ) -> $call<UpdateConversation> {
                let named = changes.into_iter().map(|change| self.named(change));
                self.request(UpdateConversation::new(conversation, named))
            }

            fn named(&self, mut change: FieldChange) -> FieldChange {
                let joins_or_leaves = change.field == Some(FieldName::Participants)
                    && matches!(
                        change.kind,
                        Some(FieldChangeType::Add | FieldChangeType::Remove | FieldChangeType::Update)
                    );
                if joins_or_leaves && change.user_id.is_none() {
                    change.user_id = Some(self.agent().old_id().clone());
                }
                change
            }

            /// Joins a conversation: as [`Role::Manager`] to speak, as [`Role::Reader`] to listen.
            pub fn join(&self, conversation: impl Into<ConversationId>, role: Role) -> $call<UpdateConversation> {
                self.update(conversation, [FieldChange::join(role)])
            }

            /// Leaves a conversation.
            pub fn leave(&self, conversation: impl Into<ConversationId>, role: Role) -> $call<UpdateConversation> {
                self.update(conversation, [FieldChange::leave(role)])
            }

            /// Gives an assigned conversation back to the queue of its skill.
            pub fn back_to_queue(&self, conversation: impl Into<ConversationId>) -> $call<UpdateConversation> {
                self.update(conversation, [FieldChange::leave(Role::AssignedAgent)])
            }

            /// Moves a conversation to the queue of a skill, and removes the agent who has it: both must be in one request, and
            /// removing fails the request where nobody is assigned. Add an [`ActionReason`](crate::metadata::ActionReason) as metadata.
            pub fn transfer_to_skill(
                &self,
                conversation: &Conversation,
                skill: impl Into<SkillId>,
            ) -> $call<UpdateConversation> {
                let leave = self.leave_of_assigned(conversation);
                self.update(
                    $crate::agent::id_of(conversation),
                    leave.into_iter().chain([FieldChange::skill(skill)]),
                )
            }

            /// Proposes a conversation to an agent, by old id. The server rings that agent when it is there and has room, and after a
            /// while any agent of the skill.
            pub fn transfer_to_agent(
                &self,
                conversation: &Conversation,
                agent: impl Into<ParticipantId>,
                skill: impl Into<SkillId>,
            ) -> $call<UpdateConversation> {
                let leave = self.leave_of_assigned(conversation);
                let rest = [FieldChange::suggest(agent), FieldChange::skill(skill)];
                self.update($crate::agent::id_of(conversation), leave.into_iter().chain(rest))
            }

            /// Removes whoever has the conversation: this agent, or another one that a manager takes it from.
            fn leave_of_assigned(&self, conversation: &Conversation) -> Vec<FieldChange> {
                let leave = FieldChange::leave(Role::AssignedAgent);
                if conversation.is_assigned_to(self.agent()) {
                    return vec![leave];
                }
                let participants = conversation
                    .details
                    .as_ref()
                    .and_then(|details| details.participants.as_ref());
                let assigned = participants
                    .into_iter()
                    .flat_map(|all| all.with_role(&Role::AssignedAgent));
                assigned.map(|id| leave.clone().of_user(id.clone())).collect()
            }

            /// The first 200 events of a dialog from this sequence on. Ask from the last one that you know, and drop what you have.
            pub fn messages(&self, dialog: impl Into<DialogId>, from: i64) -> $call<QueryMessages> {
                self.request(QueryMessages::from(dialog, from))
            }

            /// A message to colleagues, which the consumer does not get.
            pub fn publish_private(&self, dialog: impl Into<DialogId>, text: impl Into<String>) -> $call<PublishEvent> {
                self.request(PublishEvent::new(dialog, Event::text(text)).private())
            }

            /// Opens a conversation with a consumer whose former one is closed.
            pub fn request_conversation(
                &self,
                consumer: impl Into<le_core::id::ConsumerId>,
                origin: impl Into<ConversationId>,
            ) -> $call<AgentRequestConversation> {
                self.request(AgentRequestConversation::after(consumer, origin))
            }
        }
    };
}
pub(crate) use agent_requests;

agent_requests!(AgentConnection, Call);

/// The id to send; a conversation without one is refused by the server.
pub(crate) fn id_of(conversation: &Conversation) -> ConversationId {
    conversation.id().cloned().unwrap_or_else(|| ConversationId::new(""))
}
