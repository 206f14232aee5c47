//! What the server tells unasked, in one vocabulary for both sockets.

use le_core::Timestamp;
use le_core::id::DialogId;
use le_core::wire::{List, Record};
use le_core::{Error, ErrorKind};

use crate::agent_state::AgentState;
use crate::conversation::{ChangeKind, Conversation};
use crate::dialect::TypeName;
use crate::event::DialogEvent;
use crate::frame::Envelope;
use crate::identity::SubscriptionId;
use crate::request::names::{self, Name};
use crate::ring::RoutingTask;

le_core::record! {
    /// One conversation that came, changed, or left the subscription.
    pub struct ConversationChange {
        /// What happened. A `DELETE` still has the final state.
        kind: Option<ChangeKind> = "type" [safe],
        /// The whole conversation.
        conversation: Option<Conversation> = "result" [safe],
    }
}

le_core::record! {
    /// Conversations of a subscription changed. The first one lists all that match.
    pub struct ConversationsChanged {
        /// Subscription.
        subscription_id: Option<SubscriptionId> = "subscriptionId" [safe],
        /// When it was sent.
        sent_at: Option<Timestamp> = "sentTs" [safe],
        /// The changes. Their order is not reliable: keep the state with the later `updated_at`.
        changes: List<ConversationChange> = "changes" [safe],
    }
}

le_core::record! {
    /// Events of dialogs. Agent sockets bring one at a time, consumer sockets as many as there are.
    pub struct DialogEvents {
        /// Subscription; may be missing.
        subscription_id: Option<SubscriptionId> = "subscriptionId" [safe],
        /// When it was sent.
        sent_at: Option<Timestamp> = "sentTs" [safe],
        /// Dialog; may be missing.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// The events. The same one can come more than once: see [`DialogEvent::key`].
        events: List<DialogEvent> = "changes" [safe],
    }
}

le_core::record! {
    /// One routing task that came or changed.
    pub struct RoutingTaskChange {
        /// What happened.
        kind: Option<ChangeKind> = "type" [safe],
        /// The task with its rings.
        task: Option<RoutingTask> = "result" [safe],
    }
}

le_core::record! {
    /// Rings of an agent came or changed.
    pub struct RoutingTasksChanged {
        /// Subscription.
        subscription_id: Option<SubscriptionId> = "subscriptionId" [safe],
        /// The changes.
        changes: List<RoutingTaskChange> = "changes" [safe],
    }
}

le_core::record! {
    /// One state of an agent.
    pub struct AgentStateChange {
        /// What happened.
        kind: Option<ChangeKind> = "type" [safe],
        /// The state.
        state: Option<AgentState> = "result" [safe],
    }
}

le_core::record! {
    /// The state of an agent changed.
    pub struct AgentStatesChanged {
        /// Subscription.
        subscription_id: Option<SubscriptionId> = "subscriptionId" [safe],
        /// The changes.
        changes: List<AgentStateChange> = "changes" [safe],
    }
}

/// A notification as it came. It is cheap to pass on; [`read`](Self::read) makes it typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    envelope: Envelope,
}

impl From<Envelope> for Notification {
    fn from(envelope: Envelope) -> Self {
        Self { envelope }
    }
}

/// A notification, typed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum News {
    /// Conversations.
    Conversations(Record<ConversationsChanged>),
    /// Events of dialogs, from either socket.
    Events(DialogEvents),
    /// Rings.
    RoutingTasks(Record<RoutingTasksChanged>),
    /// States of agents.
    AgentStates(Record<AgentStatesChanged>),
    /// One that this version does not know, or a deprecated one that holds nothing more.
    Other(Envelope),
}

impl Notification {
    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> Option<&TypeName> {
        self.envelope.type_name.as_ref()
    }

    /// The frame.
    #[must_use]
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The frame alone.
    #[must_use]
    pub fn into_envelope(self) -> Envelope {
        self.envelope
    }

    /// The notification, typed. Values that do not fit their fields stay in `extra`, so one odd member loses nothing else.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] where the body is missing or of another kind altogether. The frame is still at hand.
    pub fn read(&self) -> Result<News, Error> {
        let Some(name) = self.known() else {
            return Ok(News::Other(self.envelope.clone()));
        };
        Ok(if *name == names::CONVERSATIONS_CHANGED {
            News::Conversations(self.body()?)
        } else if *name == names::ONLINE_EVENT {
            let event = self.body::<DialogEvent>()?.into_inner();
            News::Events(DialogEvents {
                dialog_id: event.dialog_id.clone(),
                events: vec![event].into(),
                ..DialogEvents::default()
            })
        } else if *name == names::MESSAGING_EVENTS {
            News::Events(self.body::<DialogEvents>()?.into_inner())
        } else if *name == names::ROUTING_TASKS_CHANGED {
            News::RoutingTasks(self.body()?)
        } else if *name == names::AGENT_STATES_CHANGED {
            News::AgentStates(self.body()?)
        } else {
            News::Other(self.envelope.clone())
        })
    }

    /// Which notification of the catalogue this is, in either dialect.
    #[must_use]
    pub fn known(&self) -> Option<&'static Name> {
        let own = self.name()?;
        let any = |same: &dyn Fn(&str) -> bool| {
            let mut all = names::NOTIFICATIONS.iter();
            all.find(|name| [name.agent, name.consumer].into_iter().flatten().any(same))
        };
        // The exact spelling is what comes, and costs no more than comparisons.
        any(&|spelling| own.as_str() == spelling).or_else(|| any(&|spelling| own.means(&TypeName::from(spelling))))
    }

    fn body<T: le_core::wire::Salvage>(&self) -> Result<Record<T>, Error> {
        let name = self.name().map_or("", TypeName::as_str);
        let Some(body) = &self.envelope.body else {
            return Err(Error::new(
                ErrorKind::Decode,
                format!("notification `{name}` has no body"),
            ));
        };
        body.decode().map_err(|e| {
            let message = format!("the body of notification `{name}` is of another shape");
            Error::new(ErrorKind::Decode, message).with_source(e)
        })
    }
}
