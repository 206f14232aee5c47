//! What both sides do on their sockets, in one line each: on a connection, and on a link that comes back.

use le_core::id::{ConversationId, DialogId};

use crate::change::{FieldChange, UpdateConversation};
use crate::connection::{Call, Connection};
use crate::conversation::{CloseReason, SubscribeConversations, UnsubscribeConversations};
use crate::dialect::Dialect;
use crate::event::{AcceptStatus, ChatState, Event, FileType, PublishEvent};
use crate::file::{DownloadUrl, UploadUrl};
use crate::identity::{ParticipantId, SubscriptionId};
use crate::profile::GetProfile;
use crate::server_clock::GetClock;
use crate::ttr::TtrType;

/// The requests that both sides have. `$owner` has `request` and `dialect`, and its `request` gives a `$call`.
macro_rules! conversing {
    ($owner:ty, $call:ident) => {
        impl $owner {
            /// Asks for the server's time.
            pub fn clock(&self) -> $call<GetClock> {
                self.request(GetClock)
            }

            /// Publishes plain text.
            pub fn publish_text(&self, dialog: impl Into<DialogId>, text: impl Into<String>) -> $call<PublishEvent> {
                self.request(PublishEvent::new(dialog, Event::text(text)))
            }

            /// Says that messages reached this device. Consumers do; agents normally only say that they read.
            pub fn mark_delivered(
                &self,
                dialog: impl Into<DialogId>,
                sequences: impl IntoIterator<Item = i64>,
            ) -> $call<PublishEvent> {
                self.request(PublishEvent::new(
                    dialog,
                    Event::receipt(AcceptStatus::Accept, sequences),
                ))
            }

            /// Says that messages were read. Private messages, receipts and chat states get no receipt.
            pub fn mark_read(
                &self,
                dialog: impl Into<DialogId>,
                sequences: impl IntoIterator<Item = i64>,
            ) -> $call<PublishEvent> {
                self.request(PublishEvent::new(
                    dialog,
                    Event::receipt(AcceptStatus::Read, sequences),
                ))
            }

            /// Says that somebody writes, or does not any more: a message alone does not end it. The answer's sequence means nothing.
            pub fn typing(&self, dialog: impl Into<DialogId>, writes: bool) -> $call<PublishEvent> {
                let state = if writes {
                    ChatState::Composing
                } else {
                    ChatState::Active
                };
                self.request(PublishEvent::new(dialog, Event::chat_state(state)))
            }

            /// Changes a conversation: all of the fields or none.
            pub fn update_conversation(
                &self,
                conversation: impl Into<ConversationId>,
                changes: impl IntoIterator<Item = FieldChange>,
            ) -> $call<UpdateConversation> {
                self.request(UpdateConversation::new(conversation, changes))
            }

            /// Changes the urgency: the seconds are the promised time to respond.
            pub fn set_ttr(
                &self,
                conversation: impl Into<ConversationId>,
                kind: TtrType,
                seconds: u32,
            ) -> $call<UpdateConversation> {
                self.update_conversation(conversation, [FieldChange::ttr(kind, seconds)])
            }

            /// Closes a conversation with all its dialogs, without a survey.
            pub fn close_conversation(&self, conversation: impl Into<ConversationId>) -> $call<UpdateConversation> {
                self.update_conversation(conversation, [FieldChange::close_conversation()])
            }

            /// Closes one dialog. The close of the main one begins the survey, where there is one.
            pub fn close_dialog(
                &self,
                conversation: impl Into<ConversationId>,
                dialog: impl Into<DialogId>,
                cause: impl Into<String>,
            ) -> $call<UpdateConversation> {
                let by = match self.dialect() {
                    Dialect::Agent => CloseReason::Agent,
                    Dialect::Public => CloseReason::Consumer,
                };
                self.update_conversation(conversation, [FieldChange::close_dialog(dialog, by, cause)])
            }

            /// Asks where to put a file of this many bytes.
            pub fn upload_url(&self, bytes: u32, file_type: FileType) -> $call<UploadUrl> {
                self.request(UploadUrl::new(bytes, file_type))
            }

            /// Asks where to read a file.
            pub fn download_url(&self, relative_path: impl Into<String>) -> $call<DownloadUrl> {
                self.request(DownloadUrl::new(relative_path))
            }

            /// Reads the profile of a user or consumer.
            pub fn profile(&self, who: impl Into<ParticipantId>) -> $call<GetProfile> {
                self.request(GetProfile::of(who))
            }

            /// Reads one's own profile.
            pub fn own_profile(&self) -> $call<GetProfile> {
                self.request(GetProfile::own())
            }
        }
    };
}
pub(crate) use conversing;

conversing!(Connection, Call);

impl Connection {
    /// Subscribes to conversations.
    pub fn subscribe_conversations(&self, filter: SubscribeConversations) -> Call<SubscribeConversations> {
        self.request(filter)
    }

    /// Ends a subscription of conversations.
    pub fn unsubscribe_conversations(&self, subscription: impl Into<SubscriptionId>) -> Call<UnsubscribeConversations> {
        self.request(UnsubscribeConversations::new(subscription))
    }

    /// Publishes an event. Dialogs other than the main one want their conversation: [`PublishEvent::in_conversation`].
    pub fn publish(&self, dialog: impl Into<DialogId>, event: Event) -> Call<PublishEvent> {
        self.request(PublishEvent::new(dialog, event))
    }
}
