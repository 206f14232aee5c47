//! What a bot can look up.

use le_core::Error;
use le_core::id::ConsumerId;
use le_core::wire::RawRecord;

use super::Context;
use crate::bot::handlers::unknown_conversation;
use crate::conversation::Role;
use crate::event::DialogEvent;
use crate::profile::{Attributes, Profile};

impl Context {
    /// Everything that was said in the dialog so far, the bot's own messages and all receipts among it.
    ///
    /// # Errors
    /// As the request.
    pub async fn history(&self) -> Result<Vec<DialogEvent>, Error> {
        self.history_from(0).await
    }

    /// What was said in the dialog from this number on.
    ///
    /// # Errors
    /// As the request.
    pub async fn history_from(&self, sequence: i64) -> Result<Vec<DialogEvent>, Error> {
        let mut all: Vec<DialogEvent> = Vec::new();
        let mut from = sequence;
        loop {
            let page = self.hub.messages(self.id(), self.dialog(), from).await?;
            let last = page
                .iter()
                .filter_map(DialogEvent::key)
                .map(|(_, sequence)| sequence)
                .max();
            let Some(last) = last.filter(|last| *last >= from) else {
                return Ok(all);
            };
            all.extend(page);
            from = last + 1;
        }
    }

    /// The consumer's id.
    #[must_use]
    pub fn consumer(&self) -> Option<ConsumerId> {
        let conversation = self.known();
        let participants = conversation.details.as_ref()?.participants.as_ref()?;
        let mut consumers = participants.with_role(&Role::Consumer);
        consumers.next().map(|id| ConsumerId::new(id.as_str()))
    }

    /// The consumer's profile. All of it is personal.
    ///
    /// # Errors
    /// As the request; [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where the conversation has no consumer.
    pub async fn profile(&self) -> Result<Profile, Error> {
        let consumer = self.consumer().ok_or_else(|| unknown_conversation(self.id()))?;
        self.hub.link.profile(consumer.as_str()).await
    }

    /// The consumer's engagement attributes: those that the brand's token vouches for, then those of the connector.
    ///
    /// # Errors
    /// As [`profile`](Self::profile).
    pub async fn sdes(&self) -> Result<Vec<RawRecord>, Error> {
        let profile = self.profile().await?;
        let of = |attributes: Option<Attributes>| attributes.into_iter().flat_map(|all| all.attributes.into_iter());
        Ok(of(profile.claims).chain(of(profile.authenticated_data)).collect())
    }

    /// Objects beside the event that the handler runs for: what a click carried, what a channel tells.
    pub fn metadata(&self) -> impl Iterator<Item = &RawRecord> {
        self.event().into_iter().flat_map(|event| event.metadata.iter())
    }
}
