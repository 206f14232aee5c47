//! What a handler can do.

mod closing;
mod effects;
mod files;
mod reading;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use le_core::Error;
use le_core::id::{ConversationId, DialogId};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use closing::HandOver;

use super::hub::Hub;
use super::journal::Turn;
use super::lane::Lane;
use super::message::Author;
use super::record::{bytes_of, read};
use crate::conversation::Conversation;
use crate::event::DialogEvent;
use crate::identity::AgentIdentity;

/// Why a handler runs.
#[derive(Debug)]
pub(super) enum Cause {
    /// An event.
    Event(Box<DialogEvent>),
    /// A change of the conversation.
    Change,
    /// Nothing: somebody outside of the handlers speaks.
    Outside,
}

impl Cause {
    pub(super) fn dialog(&self) -> Option<DialogId> {
        match self {
            Self::Event(event) => event.dialog_id.clone(),
            Self::Change | Self::Outside => None,
        }
    }
}

/// One conversation, for one run of a handler: what happened, what is known, and what can be done.
///
/// Whatever a handler does with it is done **once**, also if the process is killed and the handler runs again: each effect is written
/// to the journal before it goes out, and settled from the conversation's history after a restart. This holds as long as a handler
/// that runs again does the same things in the same order.
///
/// Requests wait for a connection where there is none: see [`Offline`](crate::supervisor::Offline).
///
/// # Cancel safety
/// A method that is dropped before it ends may or may not have its effect. Within the same run of the handler it is not settled.
pub struct Context {
    pub(super) hub: Arc<Hub>,
    pub(super) lane: Arc<Lane>,
    turn: Turn,
    cause: Cause,
    dialog: DialogId,
    /// The last sequence of the dialog that was known when the turn began.
    last: i64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bytes: Option<Bytes>,
    changed: bool,
}

impl Context {
    pub(super) fn new(
        hub: Arc<Hub>,
        lane: Arc<Lane>,
        turn: Turn,
        cause: Cause,
        dialog: DialogId,
        last: i64,
        state: Option<Bytes>,
    ) -> Self {
        let state = Mutex::new(State {
            bytes: state,
            changed: false,
        });
        Self {
            hub,
            lane,
            turn,
            cause,
            dialog,
            last,
            state,
        }
    }

    pub(super) fn turn(&self) -> &Turn {
        &self.turn
    }

    /// The conversation's id.
    #[must_use]
    pub fn id(&self) -> &ConversationId {
        &self.lane.id
    }

    /// The conversation as it is now, which may be later than what the handler runs for.
    #[must_use]
    pub fn conversation(&self) -> Arc<Conversation> {
        let told = self.known();
        let time = |state: &Conversation| state.details.as_ref().and_then(|details| details.updated_at);
        // The bot is not told of states in which nothing but times is new.
        let newest = self.hub.link.conversation(self.id());
        newest.filter(|newest| time(newest) > time(&told)).unwrap_or(told)
    }

    /// The last state that the bot was told.
    pub(super) fn known(&self) -> Arc<Conversation> {
        self.lane.conversation()
    }

    /// The dialog that replies go to: that of the event, else the survey or main dialog.
    #[must_use]
    pub fn dialog(&self) -> &DialogId {
        &self.dialog
    }

    /// The event that the handler runs for, with its number, time and metadata. Changes of a conversation have none.
    #[must_use]
    pub fn event(&self) -> Option<&DialogEvent> {
        match &self.cause {
            Cause::Event(event) => Some(event),
            Cause::Change | Cause::Outside => None,
        }
    }

    /// Who caused the event.
    #[must_use]
    pub fn author(&self) -> Author {
        self.event().map(Author::of).unwrap_or_default()
    }

    /// Whose bot this is.
    #[must_use]
    pub fn me(&self) -> &AgentIdentity {
        &self.hub.me
    }

    /// The link, for requests that have no method here. They are not journalled.
    #[must_use]
    pub fn link(&self) -> &crate::supervisor::AgentLink {
        &self.hub.link
    }

    /// What the bot keeps for this conversation; `None` where it has kept nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](le_core::ErrorKind::Decode) where what was kept is of another shape.
    pub fn state<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.bytes.as_ref().map(|bytes| read("state", bytes)).transpose()
    }

    /// Keeps something for this conversation, in place of what was kept. It is written together with the position in the
    /// conversation when the handler has ended well, and forgotten where it failed. It is deleted when the conversation is closed.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it cannot be written as JSON;
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) outside of a handler, where nothing would write it.
    pub fn set_state<T: Serialize + ?Sized>(&self, kept: &T) -> Result<(), Error> {
        self.keep(Some(bytes_of(&kept)?))
    }

    /// Keeps nothing for this conversation any more.
    ///
    /// # Errors
    /// As [`set_state`](Self::set_state).
    pub fn clear_state(&self) -> Result<(), Error> {
        self.keep(None)
    }

    fn keep(&self, bytes: Option<Bytes>) -> Result<(), Error> {
        if matches!(self.cause, Cause::Outside) {
            let error = Error::configuration("the state of a conversation can be changed by its handlers only");
            return Err(error.with_advice("keep it elsewhere, or let the conversation's next handler do it"));
        }
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State { bytes, changed: true };
        Ok(())
    }

    /// The state that the handler wants to keep, if it changed it.
    pub(super) fn changed_state(&self) -> Option<Option<Bytes>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.changed.then(|| state.bytes.clone())
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("conversation", &self.lane.name)
            .field("turn", &self.turn.key)
            .finish_non_exhaustive()
    }
}
