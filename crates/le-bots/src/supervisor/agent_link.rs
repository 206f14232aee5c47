//! An agent's socket that comes back.

use std::sync::Arc;

use le_core::id::{ConversationId, DialogId, SkillId};

use super::builder::LinkBuilder;
use super::call::LinkCall;
use super::junction::{Lifeline, Shared};
use super::link::common_methods;
use crate::agent::agent_requests;
use crate::agent_state::{Availability, SetAgentState};
use crate::change::{FieldChange, FieldChangeType, FieldName, UpdateConversation};
use crate::connector::AgentConnector;
use crate::conversation::{AgentRequestConversation, CloseReason, Conversation, Role};
use crate::conversing::conversing;
use crate::dialect::Dialect;
use crate::event::{AcceptStatus, ChatState, Event, FileType, PublishEvent};
use crate::file::{DownloadUrl, UploadUrl};
use crate::history::QueryMessages;
use crate::identity::{AgentIdentity, ParticipantId};
use crate::profile::GetProfile;
use crate::request::Request;
use crate::ring::UpdateRing;
use crate::server_clock::GetClock;
use crate::ttr::TtrType;

/// An agent's socket that comes back and loses nothing. Clones share it.
///
/// What came while it was away is asked for; requests wait for the next connection; see the [module](super). The link ends with
/// [`shutdown`](Self::shutdown), or when the last clone and the [`Deliveries`](super::Deliveries) are dropped.
#[derive(Debug, Clone)]
pub struct AgentLink {
    shared: Arc<Shared>,
    lifeline: Lifeline,
    agent: Arc<AgentIdentity>,
}

common_methods!(AgentLink);
conversing!(AgentLink, LinkCall);
agent_requests!(AgentLink, LinkCall);

impl AgentLink {
    /// A link over the sockets of this connector.
    pub fn builder(connector: AgentConnector) -> LinkBuilder<AgentConnector> {
        LinkBuilder::new(connector)
    }

    pub(super) fn new(shared: Arc<Shared>, lifeline: Lifeline, agent: AgentIdentity) -> Self {
        Self {
            shared,
            lifeline,
            agent: Arc::new(agent),
        }
    }

    /// Whose link it is.
    #[must_use]
    pub fn agent(&self) -> &AgentIdentity {
        &self.agent
    }

    /// The last event of a dialog up to which all came.
    pub(crate) fn last_of(&self, dialog: &DialogId) -> Option<i64> {
        self.shared.read(|core| core.ledger.next(dialog).map(|next| next - 1))
    }

    /// The dialect of its sockets.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        Dialect::Agent
    }

    /// Says whether conversations are taken, now and after each reconnect.
    pub fn set_availability(&self, availability: Availability) -> LinkCall<SetAgentState> {
        self.shared.set_availability(Some(availability.clone()));
        self.request(SetAgentState::new(&self.agent, availability))
    }

    /// Takes the conversation of a ring. It is said again where the answer is lost.
    pub fn accept(&self, ring: impl Into<String>) -> LinkCall<UpdateRing> {
        let ring = ring.into();
        self.request(UpdateRing::accept(ring.clone())).answering(ring)
    }

    /// Leaves the conversation of a ring to another agent. It is said again where the answer is lost.
    pub fn reject(&self, ring: impl Into<String>) -> LinkCall<UpdateRing> {
        let ring = ring.into();
        self.request(UpdateRing::reject(ring.clone())).answering(ring)
    }

    /// Takes no more rings: those that wait are not delivered any more, and the agent says [`Availability::Away`], so that nothing new
    /// comes. Conversations go on. [`set_availability`](Self::set_availability) does not undo it.
    ///
    /// # Errors
    /// As the request; rings are not delivered in any case.
    ///
    /// # Cancel safety
    /// Dropped before it is written, the agent stays available until the next connection.
    pub async fn drain(&self) -> le_core::Result<()> {
        self.shared.with(super::core::Core::drain);
        self.set_availability(Availability::Away).await.map(drop)
    }
}
