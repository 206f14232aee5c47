//! Values that several parts share.

use serde::{Serialize, Serializer};

use super::super::conversation::Conversation;

/// The text of a dialog id; before dialogs had ids it was `"undefined"`.
pub(super) fn dialog_id(conversation: &Conversation, dialog: usize) -> &str {
    if conversation.before_dialogs {
        "undefined"
    } else {
        &conversation.dialogs[dialog].id
    }
}

/// The id of one of the conversation's messages.
pub(super) struct MessageId<'a> {
    pub(super) conversation: &'a Conversation,
    pub(super) message: usize,
}

impl Serialize for MessageId<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let message = &self.conversation.messages[self.message];
        let (scope, owner) = if self.conversation.before_dialogs {
            ("ms::conv:", &self.conversation.id)
        } else {
            ("ms::dialog:", &self.conversation.dialogs[message.dialog].id)
        };
        // Put together by hand: ids are in every message and report, and formatting them took a tenth of the time.
        let mut id = String::with_capacity(scope.len() + owner.len() + 12);
        id.push_str(scope);
        id.push_str(owner);
        id.push_str("::msg:");
        push_number(&mut id, message.seq);
        serializer.serialize_str(&id)
    }
}

/// A list made from an iterator, without collecting it first.
pub(super) struct List<I>(pub(super) I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for List<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

fn push_number(text: &mut String, number: u32) {
    if number > 9 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}
