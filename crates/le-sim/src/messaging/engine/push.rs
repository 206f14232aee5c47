//! Consumers who are not there are told of messages by their telephones.

use serde_json::Value;

use super::{Engine, Event, Who, message_text};

/// A push notification that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Push {
    /// The telephone takes them from Google, not from Apple.
    pub(crate) android: bool,
    pub(crate) device_token: String,
    pub(crate) text: String,
    pub(crate) conversation: String,
    pub(crate) dialog: String,
    /// The old id of the agent.
    pub(crate) originator: String,
    /// How many messages are unread.
    pub(crate) badge: usize,
    pub(crate) sequence: i64,
}

impl Engine {
    /// An agent wrote: a consumer without a socket, whose device is registered, is told.
    pub(super) fn push(&mut self, at: (usize, usize), event: &Event) {
        let Some(knobs) = &self.rules().push else { return };
        let Who::Agent(_) = event.author.who else { return };
        let conversation = &self.conversations[at.0];
        let consumer = &self.consumers[conversation.consumer];
        if event.private || (!consumer.links.is_empty() && !knobs.when_connected) {
            return;
        }
        let device = consumer
            .profile
            .get("privateData")
            .and_then(|data| data.get("pushNotificationData"));
        let member = |name: &str| device.and_then(|device| device.get(name)).and_then(Value::as_str);
        let Some(token) = member("token").filter(|token| !token.is_empty()) else {
            return;
        };
        let service = member("serviceName").unwrap_or_default().to_ascii_uppercase();
        let dialog = &conversation.dialogs[at.1];
        let own = Who::Consumer(conversation.consumer);
        let unread = dialog.participants.iter().find(|participant| participant.who == own);
        let push = Push {
            android: service.contains("GCM") || service.contains("FCM"),
            device_token: token.to_owned(),
            text: message_text(event).unwrap_or_else(|| "You have a new message".to_owned()),
            conversation: conversation.id.to_string(),
            dialog: dialog.id.to_string(),
            originator: event.author.id.to_string(),
            badge: unread.map_or(0, |participant| participant.unread.len()),
            sequence: event.sequence.unwrap_or(0),
        };
        self.pushes.push(push);
    }

    /// Takes the push notifications that are to be sent.
    pub(crate) fn take_pushes(&mut self) -> Vec<Push> {
        std::mem::take(&mut self.pushes)
    }
}
