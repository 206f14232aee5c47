//! What a link hands over.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use le_core::id::ConversationId;

use super::junction::{Lifeline, Shared};
use crate::agent_state::AgentState;
use crate::conversation::Conversation;
use crate::event::DialogEvent;
use crate::notification::Notification;
use crate::ring::Ring;

/// The id of a ring.
pub type RingId = String;

/// Something that a link hands over.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// A conversation is offered: answer with [`accept`](super::AgentLink::accept) or [`reject`](super::AgentLink::reject). It comes
    /// once, and again after a reconnect where it still waits for an answer.
    Ring(Box<Ring>),
    /// A ring that was handed over waits no more: it was answered, it expired, or somebody else took it.
    RingGone(RingId),
    /// The newest state of a conversation, by `metaDataLastUpdateTs`. States between two deliveries are left out. The first one comes
    /// before all events of the conversation.
    Conversation(Arc<Conversation>),
    /// A conversation left: nothing of it comes after this, unless it comes back. Its last events and its last known state
    /// came before.
    Left(ConversationId, Gone),
    /// A stored event: of each dialog in the order of sequences, each once. One's own are among them.
    ///
    /// A conversation that is new to the link begins with its first event, also if that was before the agent had it.
    Event(Box<DialogEvent>),
    /// A chat state, as it comes. It is not stored: it may be missing, and of those that wait for a slow reader some are dropped.
    Passing(Box<DialogEvent>),
    /// The agent's own availability, which a manager can change.
    AgentState(AgentState),
    /// Connected, and everything that happened meanwhile came before this.
    Online,
    /// The connection is gone; the link comes back by itself.
    Offline,
    /// A notification that this version does not know. Some are dropped where the reader is slow.
    Other(Box<Notification>),
}

/// How a conversation left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Gone {
    /// It is closed.
    Closed,
    /// It goes on without this agent, or outside of what the link follows: transferred, back in the queue, aged out.
    Elsewhere,
    /// It left while there was no connection, and the server does not say how.
    Unknown,
}

/// What a link hands over, as a [`Stream`]. There is one reader.
///
/// It is bounded. Where the reader is slow, events are not kept but asked for again when there is room, so nothing is lost; states
/// of conversations and rings are kept once each, in their newest form.
///
/// The stream ends when the link does, behind what was waiting. Dropping it ends the deliveries; the link goes on for its requests.
///
/// # Cancel safety
/// Dropping a future of `next()` loses nothing.
pub struct Deliveries {
    shared: Arc<Shared>,
    _lifeline: Lifeline,
}

impl Deliveries {
    pub(super) fn new(shared: Arc<Shared>, lifeline: Lifeline) -> Self {
        Self {
            shared,
            _lifeline: lifeline,
        }
    }

    /// The next delivery; `None` when the link has ended.
    ///
    /// # Cancel safety
    /// A delivery that is not returned is not lost.
    pub async fn next(&mut self) -> Option<Delivery> {
        std::future::poll_fn(|cx| self.shared.poll_delivery(cx)).await
    }
}

impl Stream for Deliveries {
    type Item = Delivery;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        self.shared.poll_delivery(cx)
    }
}

impl Drop for Deliveries {
    fn drop(&mut self) {
        self.shared.abandon_deliveries();
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries").finish_non_exhaustive()
    }
}
