//! A consumer that writes with a brand: opens a conversation or goes on with an open one, writes, presses buttons, closes, and
//! answers the survey, over a [`ConsumerLink`] that comes back and loses nothing.
//!
//! ```no_run
//! use le_bots::ConsumerConnector;
//! use le_bots::consumer_client::{ConsumerClient, ConsumerEvent, Start};
//!
//! async fn ask(connector: ConsumerConnector) -> le_core::Result<()> {
//!     let (consumer, mut events) = ConsumerClient::start(connector)?;
//!     let chat = consumer.converse(Start::for_skill("3300000011").saying("Where is my parcel?")).await?;
//!     while let Some(event) = events.next().await {
//!         match event {
//!             ConsumerEvent::Message(answer) => {
//!                 chat.read(&answer).await?;
//!                 chat.say("Thank you").await?;
//!                 chat.close().await?;
//!             }
//!             ConsumerEvent::Survey { .. } => println!("there is a survey"),
//!             ConsumerEvent::Left(_) => break,
//!             _ => {}
//!         }
//!     }
//!     chat.rate(5, true).await?;
//!     consumer.shutdown().await;
//!     Ok(())
//! }
//! ```
//!
//! Several devices of one consumer are several clients with the same token: each is told everything, what another device wrote
//! as [`ConsumerEvent::Own`]. Anonymous and authenticated consumers differ in their credential alone: see
//! [`SocketCredential`](crate::SocketCredential).

mod chat;
mod events;
mod press;
mod start;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use le_core::id::ConversationId;
use le_core::{Disposition, Error, ErrorKind};

pub use chat::Chat;
pub use events::{ConsumerEvent, ConsumerEvents};
pub use start::Start;

use crate::connector::ConsumerConnector;
use crate::conversation::Conversation;
use crate::supervisor::{ConsumerLink, Deliveries, Ended};

/// How often it is looked whether a conversation has come that was asked for.
const LOOK: Duration = Duration::from_millis(50);
/// How often a conversation is asked for whose request was lost with its connection.
const ATTEMPTS: u32 = 4;

/// A consumer. Clones share the link.
#[derive(Debug, Clone)]
pub struct ConsumerClient {
    link: ConsumerLink,
}

impl ConsumerClient {
    /// Starts a link over this connector, with its defaults.
    ///
    /// # Errors
    /// As [`LinkBuilder::start`](crate::supervisor::LinkBuilder::start).
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(connector: ConsumerConnector) -> Result<(Self, ConsumerEvents), Error> {
        let (link, deliveries) = ConsumerLink::builder(connector).start()?;
        Ok(Self::over(link, deliveries))
    }

    /// Takes over a link that was started with other settings.
    #[must_use]
    pub fn over(link: ConsumerLink, deliveries: Deliveries) -> (Self, ConsumerEvents) {
        let events = ConsumerEvents::new(link.clone(), deliveries);
        (Self { link }, events)
    }

    /// The link, for all that is not here.
    #[must_use]
    pub fn link(&self) -> &ConsumerLink {
        &self.link
    }

    /// The conversation that is open, if there is one: the newest.
    #[must_use]
    pub fn open_conversation(&self) -> Option<Arc<Conversation>> {
        let all = self.link.conversations().into_iter();
        let open = all.filter(|conversation| conversation.is_open());
        open.max_by_key(|conversation| {
            let details = conversation.details.as_ref();
            details.and_then(|details| details.started_at)
        })
    }

    /// A conversation that is known, to write into.
    #[must_use]
    pub fn chat(&self, conversation: impl Into<ConversationId>) -> Chat {
        Chat::new(self.link.clone(), conversation.into())
    }

    /// Goes on with the open conversation, or opens one as [`Start`] says. It waits until the link has caught up, since only then it
    /// is known what is open.
    ///
    /// Where the answer to the request is lost, the conversations of the next connection tell whether it was carried out, so there is
    /// never a second one.
    ///
    /// # Errors
    /// As the request, as the first message, or why the link ended.
    ///
    /// # Cancel safety
    /// Dropped later, the conversation may have been opened all the same; the next call goes on with it.
    pub async fn converse(&self, start: Start) -> Result<Chat, Error> {
        self.caught_up().await?;
        let reused = self
            .open_conversation()
            .filter(|_| start.reuse)
            .and_then(|open| open.id().cloned());
        let id = match reused {
            Some(id) => id,
            None => self.open(&start).await?,
        };
        let chat = self.chat(id);
        if let Some(text) = start.text {
            chat.say(text).await?;
        }
        Ok(chat)
    }

    async fn open(&self, start: &Start) -> Result<ConversationId, Error> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let known: BTreeSet<ConversationId> = self.open_ids().collect();
            let epoch = self.link.epoch();
            let request = start.request(self.link.account());
            let error = match self.link.request(request).await {
                Ok(answer) => {
                    let missing = || Error::new(ErrorKind::Decode, "the answer does not name the conversation");
                    return answer.conversation_id.ok_or_else(missing);
                }
                Err(error) => error,
            };
            if error.disposition() == Disposition::MaybeApplied {
                match self.new_one(&known, epoch).await? {
                    Some(id) => return Ok(id),
                    None if attempt < ATTEMPTS && self.link.epoch() > epoch => continue,
                    None => return Err(error),
                }
            }
            // Another device was quicker.
            let other = self.open_ids().find(|id| start.reuse && !known.contains(id));
            return other.ok_or(error);
        }
    }

    fn open_ids(&self) -> impl Iterator<Item = ConversationId> {
        let all = self.link.conversations().into_iter();
        all.filter(|one| one.is_open()).filter_map(|one| one.id().cloned())
    }

    /// Waits for a conversation that was not there before, or until a later connection shows that there is none.
    async fn new_one(&self, known: &BTreeSet<ConversationId>, epoch: u64) -> Result<Option<ConversationId>, Error> {
        let clock = self.link.clock_of_link();
        let until = clock.monotonic() + self.link.patience();
        loop {
            // The order matters: what is listed is known before the link says that it is online.
            let state = self.link.state().borrow().clone();
            let again = self.link.epoch() > epoch && state.is_online();
            if let Some(id) = self.open_ids().find(|id| !known.contains(id)) {
                return Ok(Some(id));
            }
            if let Some(ended) = state.ended() {
                return Err(over(ended));
            }
            // While there is no connection, there is nothing to be impatient about.
            if again || (state.is_online() && clock.monotonic() >= until) {
                return Ok(None);
            }
            clock.sleep(LOOK).await;
        }
    }

    /// Waits until the link has caught up.
    ///
    /// # Errors
    /// Why it ended.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn caught_up(&self) -> Result<(), Error> {
        let mut state = self.link.state();
        let found = state
            .wait_for(|state| state.is_online() || state.ended().is_some())
            .await;
        match found.ok().and_then(|state| state.ended().cloned()) {
            Some(ended) => Err(over(&ended)),
            None => Ok(()),
        }
    }

    /// Closes the socket in good order; conversations stay open. Others see that the consumer went.
    ///
    /// # Cancel safety
    /// The link ends also where the future is dropped.
    pub async fn shutdown(&self) -> Ended {
        self.link.shutdown().await
    }
}

fn over(ended: &Ended) -> Error {
    let shut_down =
        || Error::new(ErrorKind::Cancelled, "the link was shut down").with_disposition(Disposition::NotSent);
    ended.error().cloned().unwrap_or_else(shut_down)
}
