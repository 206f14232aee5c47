//! What a bot does: one handler for each thing that can happen to a conversation.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use le_core::Timestamp;
use le_core::id::{ConversationId, SkillId};

use super::context::Context;
use super::message::{Author, Message, Receipt};
use crate::conversation::{CloseReason, Conversation};
use crate::dialog::Dialog;
use crate::event::ChatState;
use crate::metadata::ActionReason;
use crate::ring::Ring;
use crate::ttr::Ttr;

/// What a handler gives back.
pub type Handled = Result<(), BotError>;

/// A bot: what is to be done with conversations. Every handler has a default that does nothing, but for offers, which are accepted.
///
/// Handlers of one conversation run one after the other, in the order of what happened; those of different conversations run at
/// the same time. A handler that is slow, fails or panics affects its own conversation only.
///
/// What a handler does through its [`Context`] is done once, also if the process is killed in the middle and the handler runs
/// again in the next one: see [the module](super). What it does by itself may then be done twice.
#[async_trait]
pub trait Bot: Send + Sync + 'static {
    /// A conversation is offered by a ring: take it, or leave it to others.
    async fn offered(&self, ring: &Ring) -> Decision {
        let _ = ring;
        Decision::Accept
    }

    /// An observer found a conversation: join it or not.
    async fn found(&self, conversation: &Conversation) -> Decision {
        let _ = conversation;
        Decision::Accept
    }

    /// The bot has the conversation, or takes part in it, or in its survey. Called again where it comes back after a transfer.
    async fn started(&self, ctx: &Context) -> Handled {
        let _ = ctx;
        Ok(())
    }

    /// The consumer said something, or pressed a button.
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        let _ = (ctx, message);
        Ok(())
    }

    /// Another agent, a manager or the vendor's controller said something, to the consumer or in a private note.
    async fn colleague(&self, ctx: &Context, author: &Author, message: Message) -> Handled {
        let _ = (ctx, author, message);
        Ok(())
    }

    /// Somebody began or ended typing, came or went. Chat states are not stored: some may be missing, none comes twice.
    async fn typing(&self, ctx: &Context, author: &Author, state: ChatState) -> Handled {
        let _ = (ctx, author, state);
        Ok(())
    }

    /// Messages were delivered, read, opened.
    async fn receipt(&self, ctx: &Context, receipt: &Receipt) -> Handled {
        let _ = (ctx, receipt);
        Ok(())
    }

    /// The conversation went to another skill or agent. Where the bot does not have it any more, this is the last call for now.
    async fn transferred(&self, ctx: &Context, transfer: &Transfer) -> Handled {
        let _ = (ctx, transfer);
        Ok(())
    }

    /// The urgency changed.
    async fn ttr_changed(&self, ctx: &Context, ttr: &Ttr) -> Handled {
        let _ = (ctx, ttr);
        Ok(())
    }

    /// A dialog was opened or closed: the main one is closed, a survey begins or ends.
    async fn dialog_changed(&self, ctx: &Context, dialog: &Dialog) -> Handled {
        let _ = (ctx, dialog);
        Ok(())
    }

    /// The conversation is closed. The state that the bot kept for it is deleted afterwards.
    async fn closed(&self, ctx: &Context, closed: &Closed) -> Handled {
        let _ = (ctx, closed);
        Ok(())
    }

    /// A handler failed or panicked. What it did through its context remains, what it wanted to keep as state does not.
    ///
    /// Always leave the consumer a way out: the vendor asks bots to hand over on errors.
    async fn failed(&self, ctx: &Context, failure: &Failure) -> Remedy {
        let _ = (ctx, failure);
        Remedy::Continue
    }
}

/// What to do with an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Decision {
    /// Take it.
    #[default]
    Accept,
    /// Refuse it: it is offered to the next agent at once.
    Reject,
    /// Leave it alone: it is offered to the next agent when it expires.
    Ignore,
}

/// Where a conversation went.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transfer {
    /// The skill it has now, as far as the bot can still see it.
    pub skill: Option<SkillId>,
    /// Whether the bot still has it.
    pub kept: bool,
    /// Whether that is certain. A conversation that left while there was no connection may as well have been closed.
    pub certain: bool,
}

/// How a conversation was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// Who closed it.
    pub by: Option<CloseReason>,
    /// When.
    pub at: Option<Timestamp>,
}

/// The error of a handler: anything that is an error, and plain text.
///
/// As with `anyhow`, the type itself is no [`std::error::Error`], so that `?` takes all that are.
pub struct BotError(Box<dyn std::error::Error + Send + Sync>);

impl BotError {
    /// The error inside.
    #[must_use]
    pub fn inner(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        &*self.0
    }

    /// The error of this library, if it is one.
    #[must_use]
    pub fn library(&self) -> Option<&le_core::Error> {
        self.0.downcast_ref()
    }
}

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for BotError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for BotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for BotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Errors of others may hold what a consumer said.
        match self.library() {
            Some(error) => write!(f, "BotError({error})"),
            None => f.write_str("BotError(..)"),
        }
    }
}

/// How a handler failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The name of the handler.
    pub handler: &'static str,
    /// What it gave back; `None` where it panicked or took too long.
    pub error: Option<BotError>,
    /// Whether it panicked.
    pub panicked: bool,
    /// The time after which it was broken off, if it was.
    pub too_long: Option<Duration>,
}

/// What follows a failure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Remedy {
    /// Nothing: go on with the next event.
    #[default]
    Continue,
    /// Hand over to this skill, with the reason `escalated_by_error`.
    Escalate {
        /// The skill.
        skill: SkillId,
    },
    /// Give the conversation back to its queue.
    BackToQueue,
    /// Close the conversation.
    Close,
}

/// The reason of a hand-over after an error, as the vendor suggests it.
pub(super) fn by_error() -> ActionReason {
    ActionReason {
        kind: Some("ActionReason".to_owned()),
        reason: Some("escalated_by_error".to_owned()),
        ..ActionReason::default()
    }
}

/// A conversation, in errors of the framework.
pub(super) fn unknown_conversation(id: &ConversationId) -> le_core::Error {
    let message = format!("the bot does not take part in the conversation `{id}`");
    le_core::Error::validation(message).with_advice("it was closed or transferred, or it is not this bot's")
}
