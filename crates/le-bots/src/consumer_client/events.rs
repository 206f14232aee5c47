//! What a consumer is told.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use le_core::id::{ConversationId, DialogId};

use crate::conversation::{Conversation, Role};
use crate::dialog::DialogType;
use crate::event::{DialogEvent, Event, EventType};
use crate::supervisor::{ConsumerLink, Deliveries, Delivery, Gone};

/// Something that a consumer is told.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ConsumerEvent {
    /// The newest state of a conversation.
    Conversation(Arc<Conversation>),
    /// A message of the brand: text, card, file or form.
    Message(Box<DialogEvent>),
    /// What this consumer published, on this device or another one: messages and receipts.
    Own(Box<DialogEvent>),
    /// The brand received or read messages, or says something else of them.
    Receipt(Box<DialogEvent>),
    /// Somebody of the brand writes, or does not any more.
    Presence(Box<DialogEvent>),
    /// A survey began. Its questions come as messages of this dialog.
    Survey {
        /// Conversation.
        conversation: ConversationId,
        /// Dialog.
        dialog: DialogId,
    },
    /// A conversation is over: nothing more comes of it.
    Left(ConversationId),
    /// Connected, and everything that happened meanwhile came before this.
    Online,
    /// The connection is gone; it comes back by itself.
    Offline,
}

/// What a consumer is told, once each and in order. There is one reader.
///
/// An event counts as handled when the next one is asked for.
///
/// # Cancel safety
/// Dropping a future of `next()` loses nothing.
pub struct ConsumerEvents {
    link: ConsumerLink,
    deliveries: Deliveries,
    /// The event that was given out last.
    last: Option<(DialogId, i64)>,
    left: Option<ConversationId>,
    /// Surveys that were told of, by their conversations.
    surveys: BTreeMap<ConversationId, DialogId>,
    /// A survey to tell of next.
    next: Option<ConsumerEvent>,
}

impl ConsumerEvents {
    pub(super) fn new(link: ConsumerLink, deliveries: Deliveries) -> Self {
        Self {
            link,
            deliveries,
            last: None,
            left: None,
            surveys: BTreeMap::new(),
            next: None,
        }
    }

    /// The next one; `None` when the link has ended.
    ///
    /// # Cancel safety
    /// What is not returned is not lost.
    pub async fn next(&mut self) -> Option<ConsumerEvent> {
        if let Some((dialog, sequence)) = self.last.take() {
            self.link.handled(&dialog, sequence);
        }
        if let Some(id) = self.left.take() {
            self.link.left_handled(&id);
        }
        if let Some(next) = self.next.take() {
            return Some(next);
        }
        loop {
            let delivery = self.deliveries.next().await?;
            if let Some(event) = self.told(delivery) {
                return Some(event);
            }
        }
    }

    fn told(&mut self, delivery: Delivery) -> Option<ConsumerEvent> {
        Some(match delivery {
            Delivery::Conversation(state) => {
                self.look_for_survey(&state);
                ConsumerEvent::Conversation(state)
            }
            Delivery::Event(event) => {
                self.last = event.key().map(|(dialog, sequence)| (dialog.clone(), sequence));
                sorted(event)
            }
            Delivery::Passing(event) if is_own(&event) => return None,
            Delivery::Passing(event) => ConsumerEvent::Presence(event),
            Delivery::Left(id, Gone::Closed | Gone::Elsewhere | Gone::Unknown) => {
                self.surveys.remove(&id);
                self.left = Some(id.clone());
                ConsumerEvent::Left(id)
            }
            Delivery::Online => ConsumerEvent::Online,
            Delivery::Offline => ConsumerEvent::Offline,
            Delivery::Ring(_) | Delivery::RingGone(_) | Delivery::AgentState(_) | Delivery::Other(_) => return None,
        })
    }

    fn look_for_survey(&mut self, state: &Conversation) {
        let (Some(id), Some(dialog)) = (state.id(), survey_of(state)) else {
            return;
        };
        if self.surveys.get(id) != Some(dialog) {
            self.surveys.insert(id.clone(), dialog.clone());
            self.next = Some(ConsumerEvent::Survey {
                conversation: id.clone(),
                dialog: dialog.clone(),
            });
        }
    }
}

impl fmt::Debug for ConsumerEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsumerEvents").finish_non_exhaustive()
    }
}

fn sorted(event: Box<DialogEvent>) -> ConsumerEvent {
    let kind = event.event.as_ref().and_then(|event: &Event| event.kind.as_ref());
    if is_own(&event) {
        ConsumerEvent::Own(event)
    } else if kind == Some(&EventType::AcceptStatus) {
        ConsumerEvent::Receipt(event)
    } else {
        ConsumerEvent::Message(event)
    }
}

fn is_own(event: &DialogEvent) -> bool {
    let role = event
        .originator
        .as_ref()
        .and_then(|originator| originator.role.as_ref());
    role == Some(&Role::Consumer)
}

/// The dialog of the survey, while it is open.
pub(super) fn survey_of(state: &Conversation) -> Option<&DialogId> {
    let mut dialogs = state.dialogs();
    let survey = dialogs.find(|dialog| dialog.is_open() && dialog.dialog_type == Some(DialogType::PostSurvey))?;
    survey.dialog_id.as_ref()
}
