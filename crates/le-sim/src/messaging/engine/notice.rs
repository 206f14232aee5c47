//! What the engine has to tell to links that did not ask just now.

use std::sync::Arc;

use super::{event::Event, party::LinkId, routing::Ring};

/// One thing to tell. Whole conversations are not copied: they are read when the notice is put into words.
#[derive(Debug)]
pub(crate) enum Notice {
    /// A new event, to agents and consumers that see it.
    Event { event: Arc<Event>, to: Vec<LinkId> },
    /// What a message subscription begins with.
    Replay {
        to: LinkId,
        dialog: Arc<str>,
        events: Vec<Arc<Event>>,
    },
    /// A conversation changed, entered or left subscriptions.
    Conversation { place: usize, to: Vec<Delivery> },
    /// What a conversation subscription begins with.
    Conversations {
        to: LinkId,
        subscription: Arc<str>,
        places: Vec<usize>,
    },
    /// A ring changed, or what a routing subscription begins with.
    Rings {
        to: LinkId,
        subscription: Arc<str>,
        rings: Vec<RingNotice>,
    },
    /// An agent's availability.
    AgentState {
        to: LinkId,
        subscription: Arc<str>,
        agent: usize,
    },
}

/// To whom a conversation is told, and as what.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) link: LinkId,
    pub(crate) subscription: Arc<str>,
    /// It left the subscription.
    pub(crate) deleted: bool,
}

/// A ring as it was when it was told.
#[derive(Debug, Clone)]
pub(crate) struct RingNotice {
    pub(crate) place: usize,
    pub(crate) ring: Ring,
    pub(crate) completed: bool,
    pub(crate) deleted: bool,
}
