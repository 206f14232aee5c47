//! What was said in a dialog so far.

use le_core::id::{ConversationId, DialogId};
use le_core::wire::{Int, List};

use crate::event::DialogEvent;
use crate::request::{Acknowledged, request};

/// How many events the vendor's own client asks for at once.
pub const PAGE: i64 = 200;

le_core::record! {
    /// Asks for the stored events of a dialog, on agent sockets. Agents need no subscription: they get the events of every
    /// conversation that they take part in.
    pub struct QueryMessages {
        /// Dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Conversation; needed where the dialog is not the main one.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
        /// Lower bound. It is taken as inclusive, so drop the event that you know.
        newer_than: Option<Int> = "newerThanSequence" [safe],
        /// Upper bound, exclusive.
        older_than: Option<Int> = "olderThanSequence" [safe],
        /// Most events in the answer.
        max_quantity: Option<Int> = "maxQuantity" [safe],
    }
}
request!(QueryMessages, QUERY_MESSAGES, List<DialogEvent>);

impl QueryMessages {
    /// The first [`PAGE`] events from this sequence on; 0 is the first of all.
    #[must_use]
    pub fn from(dialog: impl Into<DialogId>, sequence: i64) -> Self {
        Self {
            dialog_id: Some(dialog.into()),
            newer_than: Some(Int::from(sequence)),
            max_quantity: Some(Int::from(PAGE)),
            ..Self::default()
        }
    }

    /// Names the conversation, for dialogs other than the main one.
    #[must_use]
    pub fn in_conversation(mut self, conversation: impl Into<ConversationId>) -> Self {
        self.conversation_id = Some(conversation.into());
        self
    }
}

le_core::record! {
    /// Subscribes a consumer to the events of a dialog, from a sequence on. All that exist come in one notification, perhaps an
    /// empty one; later ones come one by one. The subscription ends with the dialog or the socket.
    pub struct SubscribeMessages {
        /// Dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Conversation; send it, multi-dialog flows need it.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
        /// First sequence that is wanted.
        from_sequence: Option<Int> = "fromSeq" [safe],
    }
}
request!(SubscribeMessages, SUBSCRIBE_MESSAGES, Acknowledged);

impl SubscribeMessages {
    /// The events of a dialog from this sequence on; 0 is the first of all.
    #[must_use]
    pub fn from(conversation: impl Into<ConversationId>, dialog: impl Into<DialogId>, sequence: i64) -> Self {
        Self {
            dialog_id: Some(dialog.into()),
            conversation_id: Some(conversation.into()),
            from_sequence: Some(Int::from(sequence)),
            ..Self::default()
        }
    }
}
