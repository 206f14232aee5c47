//! What consumers do on their socket, in one line each.

use std::ops::Deref;

use le_core::AccountId;
use le_core::id::{ConversationId, DialogId, SkillId};
use serde::Serialize;

use crate::change::{FieldChange, UpdateConversation};
use crate::connection::{Call, Connection};
use crate::conversation::{CsatStatus, RequestConversation};
use crate::event::{AcceptStatus, Event, PublishEvent};
use crate::history::SubscribeMessages;
use crate::profile::SetProfile;

/// The socket of a consumer. It is a [`Connection`] that knows its account.
#[derive(Debug, Clone)]
pub struct ConsumerConnection {
    connection: Connection,
    account: AccountId,
}

impl Deref for ConsumerConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl ConsumerConnection {
    /// Puts an account to a connection of a consumer socket.
    #[must_use]
    pub fn new(connection: Connection, account: AccountId) -> Self {
        Self { connection, account }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Subscribes to the events of a dialog, from this sequence on. A survey is a dialog of its own and wants a subscription of its own.
    pub fn subscribe_messages(
        &self,
        conversation: impl Into<ConversationId>,
        dialog: impl Into<DialogId>,
        from: i64,
    ) -> Call<SubscribeMessages> {
        self.request(SubscribeMessages::from(conversation, dialog, from))
    }
}

/// What consumers do on a connection and on a link alike. `$owner` has `request` and `account`, and its `request` gives a `$call`.
macro_rules! consumer_requests {
    ($owner:ty, $call:ident) => {
        impl $owner {
            /// Opens a conversation for a skill; -1 is any.
            pub fn request_conversation(&self, skill: impl Into<SkillId>) -> $call<RequestConversation> {
                let mut request = RequestConversation::for_skill(skill);
                request.brand_id = Some(self.account().to_string());
                self.request(request)
            }

            /// Reports that an element of the message with this sequence was used, with the metadata of the element. Where its action is to
            /// publish a text, publish that next, with the same metadata.
            pub fn use_element<T: Serialize + ?Sized>(
                &self,
                conversation: impl Into<ConversationId>,
                dialog: impl Into<DialogId>,
                sequence: i64,
                metadata: &T,
            ) -> $call<PublishEvent> {
                let event = Event::receipt(AcceptStatus::Action, [sequence]);
                self.request(PublishEvent::new(dialog, event).in_conversation(conversation))
                    .metadata(metadata)
            }

            /// Answers the satisfaction survey of a closed conversation: 1 to 5, and whether the matter is settled.
            pub fn rate(
                &self,
                conversation: impl Into<ConversationId>,
                rate: u8,
                resolved: bool,
            ) -> $call<UpdateConversation> {
                self.update_conversation(
                    conversation,
                    [FieldChange::csat(rate, resolved, CsatStatus::Filled)],
                )
            }

            /// Replaces one's profile.
            pub fn set_profile(&self, profile: SetProfile) -> $call<SetProfile> {
                self.request(profile)
            }
        }
    };
}
pub(crate) use consumer_requests;

consumer_requests!(ConsumerConnection, Call);
