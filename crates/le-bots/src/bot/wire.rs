//! What a bot asks of its link.

use futures_util::FutureExt as _;
use le_core::id::{ConversationId, DialogId};
use le_core::wire::{Int, RawRecord};
use le_core::{Error, Timestamp};

use super::hub::Hub;
use crate::change::FieldChange;
use crate::event::{AcceptStatus, DialogEvent, Event, PublishEvent};
use crate::history::{PAGE, QueryMessages};

impl Hub {
    /// An event for a dialog; those of dialogs other than the main one name their conversation.
    fn into_dialog(conversation: &ConversationId, dialog: &DialogId, event: Event) -> PublishEvent {
        let publish = PublishEvent::new(dialog.clone(), event);
        match dialog.as_str() == conversation.as_str() {
            true => publish,
            false => publish.in_conversation(conversation.clone()),
        }
    }

    /// Publishes, and gives the sequence.
    pub(super) fn publish(
        &self,
        conversation: &ConversationId,
        dialog: &DialogId,
        event: Event,
        private: bool,
        metadata: &[RawRecord],
    ) -> impl Future<Output = Result<i64, Error>> + Send + use<'_> {
        let outgoing = self.counters.effect();
        let publish = Self::into_dialog(conversation, dialog, event);
        let publish = if private { publish.private() } else { publish };
        let mut call = self.link.publish(publish);
        for one in metadata {
            call = call.metadata(one);
        }
        call.answer().map(move |published| {
            drop(outgoing);
            Ok(published?.sequence.as_ref().map_or(0, Int::get))
        })
    }

    /// Changes a conversation.
    pub(super) async fn update(
        &self,
        conversation: &ConversationId,
        changes: Vec<FieldChange>,
        metadata: &[RawRecord],
    ) -> Result<(), Error> {
        let _outgoing = self.counters.effect();
        let mut call = self.link.update(conversation.clone(), changes);
        for one in metadata {
            call = call.metadata(one);
        }
        call.await.map(drop)
    }

    pub(super) async fn mark_read(
        &self,
        conversation: &ConversationId,
        dialog: &DialogId,
        sequence: i64,
    ) -> Result<(), Error> {
        let event = Event::receipt(AcceptStatus::Read, [sequence]);
        self.link
            .publish(Self::into_dialog(conversation, dialog, event))
            .await
            .map(drop)
    }

    /// One page of a dialog from this sequence on.
    pub(super) async fn messages(
        &self,
        conversation: &ConversationId,
        dialog: &DialogId,
        from: i64,
    ) -> Result<Vec<DialogEvent>, Error> {
        self.some_messages(conversation, dialog, from, PAGE).await
    }

    /// At most so many events of a dialog, or a few less, from this sequence on.
    pub(super) async fn some_messages(
        &self,
        conversation: &ConversationId,
        dialog: &DialogId,
        from: i64,
        most: i64,
    ) -> Result<Vec<DialogEvent>, Error> {
        // Servers differ in whether the bound is part of the answer, so one more is asked for.
        let query = QueryMessages::from(dialog.clone(), (from - 1).max(0));
        let query = QueryMessages {
            max_quantity: Some(Int::from(most)),
            ..query
        };
        let query = match dialog.as_str() == conversation.as_str() {
            true => query,
            false => query.in_conversation(conversation.clone()),
        };
        let page = self.link.request(query).await?;
        let mut page: Vec<_> = page.into_iter().collect();
        for event in &mut page {
            // Answers about one dialog may leave out what was asked for.
            event.dialog_id.get_or_insert_with(|| dialog.clone());
        }
        page.retain(|event| event.key().is_some_and(|(_, sequence)| sequence >= from));
        page.sort_by_key(|event| event.key().map(|(_, sequence)| sequence));
        Ok(page)
    }

    pub(super) fn handled(&self, dialog: &DialogId, sequence: i64) {
        self.link.handled(dialog, sequence);
    }

    pub(super) fn server_now(&self) -> Timestamp {
        self.link.server_now()
    }
}
