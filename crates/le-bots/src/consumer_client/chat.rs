//! One conversation, as its consumer sees it.

use std::sync::Arc;
use std::time::Duration;

use le_core::Error;
use le_core::id::{ConversationId, DialogId};
use le_core::wire::RawRecord;
use serde::Serialize;

use super::press::Element;
use crate::change::UpdateConversation;
use crate::conversation::Conversation;
use crate::dialog::DialogType;
use crate::event::{AcceptStatus, ChatState, DialogEvent, Event, PublishEvent};
use crate::supervisor::{ConsumerLink, LinkCall};
use crate::ttr::TtrType;

/// One conversation of a consumer. Clones mean the same one.
///
/// What it sends goes out as [`LinkCall`] says: messages are neither lost nor doubled where the connection breaks.
#[derive(Debug, Clone)]
pub struct Chat {
    link: ConsumerLink,
    id: ConversationId,
}

impl Chat {
    pub(super) fn new(link: ConsumerLink, id: ConversationId) -> Self {
        Self { link, id }
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &ConversationId {
        &self.id
    }

    /// The newest state, while the conversation is open.
    #[must_use]
    pub fn state(&self) -> Option<Arc<Conversation>> {
        self.link.conversation(&self.id)
    }

    /// The dialog to write into: the main one while it is open, then the survey, if there is one.
    #[must_use]
    pub fn dialog(&self) -> DialogId {
        let state = self.state();
        let open = |kind: &DialogType| {
            let mut dialogs = state.iter().flat_map(|state| state.dialogs());
            let dialog = dialogs.find(|dialog| dialog.is_open() && dialog.dialog_type.as_ref() == Some(kind));
            dialog.and_then(|dialog| dialog.dialog_id.clone())
        };
        let dialog = open(&DialogType::Main).or_else(|| open(&DialogType::PostSurvey));
        dialog.unwrap_or_else(|| DialogId::new(self.id.as_str()))
    }

    /// The dialog of the survey, while it is open.
    #[must_use]
    pub fn survey(&self) -> Option<DialogId> {
        super::events::survey_of(&*self.state()?).cloned()
    }

    /// Writes a text.
    pub fn say(&self, text: impl Into<String>) -> LinkCall<PublishEvent> {
        self.publish(Event::text(text))
    }

    /// Publishes any event.
    pub fn publish(&self, event: Event) -> LinkCall<PublishEvent> {
        self.publish_into(self.dialog(), event)
    }

    fn publish_into(&self, dialog: DialogId, event: Event) -> LinkCall<PublishEvent> {
        self.link
            .publish(PublishEvent::new(dialog, event).in_conversation(self.id.clone()))
    }

    /// Says that the consumer writes, or does not any more.
    pub fn typing(&self, writes: bool) -> LinkCall<PublishEvent> {
        let state = if writes {
            ChatState::Composing
        } else {
            ChatState::Active
        };
        self.publish(Event::chat_state(state))
    }

    /// Says that a message reached this device.
    pub fn delivered(&self, message: &DialogEvent) -> LinkCall<PublishEvent> {
        self.receipt(AcceptStatus::Accept, message)
    }

    /// Says that a message was read.
    pub fn read(&self, message: &DialogEvent) -> LinkCall<PublishEvent> {
        self.receipt(AcceptStatus::Read, message)
    }

    fn receipt(&self, status: AcceptStatus, message: &DialogEvent) -> LinkCall<PublishEvent> {
        let (dialog, sequence) = place(message, self);
        self.publish_into(dialog, Event::receipt(status, sequence))
    }

    /// Presses a button, a quick reply, or another element of a message: the one with this title, or else with this tooltip. It reports the
    /// press with what the element carries, and writes what it says.
    ///
    /// # Errors
    /// [`Validation`](le_core::ErrorKind::Validation) where the message has no such element; else as the requests.
    ///
    /// # Cancel safety
    /// Dropped between the two requests, the press is reported and nothing is written.
    pub async fn press(&self, message: &DialogEvent, title: &str) -> Result<(), Error> {
        let element = Element::find(message, title)?;
        let (dialog, sequence) = place(message, self);
        if !element.metadata.is_empty() {
            let report = Event::receipt(AcceptStatus::Action, sequence);
            with_metadata(self.publish_into(dialog.clone(), report), &element.metadata).await?;
        }
        for text in element.texts {
            with_metadata(self.publish_into(dialog.clone(), Event::text(text)), &element.metadata).await?;
        }
        Ok(())
    }

    /// Says that it is urgent, with the time to respond that the brand promises then.
    pub fn urgent(&self, within: Duration) -> LinkCall<UpdateConversation> {
        self.ttr(TtrType::Urgent, within)
    }

    /// Says that it is not urgent any more.
    pub fn not_urgent(&self, within: Duration) -> LinkCall<UpdateConversation> {
        self.ttr(TtrType::Normal, within)
    }

    fn ttr(&self, kind: TtrType, within: Duration) -> LinkCall<UpdateConversation> {
        let seconds = u32::try_from(within.as_secs()).unwrap_or(u32::MAX);
        self.link.set_ttr(self.id.clone(), kind, seconds)
    }

    /// Closes the dialog that is open. The close of the main one begins the survey, where the brand has one.
    pub fn close(&self) -> LinkCall<UpdateConversation> {
        self.link
            .close_dialog(self.id.clone(), self.dialog(), "Closed by consumer")
    }

    /// Closes the conversation with all its dialogs, without a survey.
    pub fn end(&self) -> LinkCall<UpdateConversation> {
        self.link.close_conversation(self.id.clone())
    }

    /// Answers the satisfaction survey of a closed conversation, for brands that ask outside of a dialog: 1 to 5, and whether the matter is
    /// settled.
    ///
    /// # Errors
    /// [`Validation`](le_core::ErrorKind::Validation) where the rate is not 1 to 5; else as the request.
    ///
    /// # Cancel safety
    /// As [`LinkCall`].
    pub async fn rate(&self, rate: u8, resolved: bool) -> Result<(), Error> {
        if !(1..=5).contains(&rate) {
            return Err(Error::validation(format!(
                "the rate of a conversation is 1 to 5, not {rate}"
            )));
        }
        self.link.rate(self.id.clone(), rate, resolved).await.map(drop)
    }
}

/// Where a message stands.
fn place(message: &DialogEvent, chat: &Chat) -> (DialogId, Option<i64>) {
    let dialog = message.dialog_id.clone().unwrap_or_else(|| chat.dialog());
    (dialog, message.sequence.as_ref().map(le_core::wire::Int::get))
}

fn with_metadata<R>(call: LinkCall<R>, metadata: &[RawRecord]) -> LinkCall<R>
where
    R: crate::Request + 'static,
    RawRecord: Serialize,
{
    metadata.iter().fold(call, |call, object| call.metadata(object))
}
