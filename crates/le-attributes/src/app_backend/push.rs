//! Push messages as LivePerson hands them to a brand's proxy.
//!
//! The pages show two layouts, one for each phone system. A third one, of outbound messages, is not documented: every member is
//! optional, and the JSON text is kept.
//! <https://developers.liveperson.com/push-notification-service-configuration-of-push-proxy.html>

use le_core::wire::{Int, Record};

use crate::payload::numbers;

le_core::open_enum! {
    /// Which of the two layouts a push has.
    pub enum NotificationType {
        /// Apple's.
        Apn => "apn",
        /// Google's.
        Gcm => "gcm",
    }
}

le_core::open_enum! {
    /// What a push is about.
    pub enum BackendService {
        /// A conversation.
        Conversation => "ams",
        /// An outbound message (Proactive Messaging).
        Proactive => "prmsg",
        /// A call that goes on as a conversation (Connect to Messaging).
        ConnectToMessaging => "c2m",
    }
}

numbers! {
    /// Whose push service would carry the message.
    pub enum PushService {
        /// Apple.
        Apns = 1,
        /// Google.
        Gcm = 2,
    }
}

le_core::record! {
    /// A push message. The accessors read both layouts.
    pub struct PushNotification {
        /// The number of a [`PushService`].
        push_service: Option<Int> = "push-service" [safe],
        /// The layout.
        notification_type: Option<NotificationType> = "notificationType" [safe],
        /// The device, or what the app registered in its place.
        token: Option<String> = "device-token",
        /// Text and sound, in Apple's layout.
        aps: Option<Aps> = "aps" [safe],
        /// Text and the rest, in Google's layout.
        data: Option<PushData> = "data" [safe],
        /// What it is about.
        backend_service: Option<BackendService> = "backendService" [safe],
        /// Conversation.
        conversation: Option<String> = "conversationId" [safe],
        /// Dialog; older messages have none.
        dialog: Option<String> = "dialogId" [safe],
        /// `<account>.<agent>`.
        originator: Option<String> = "originatorId" [safe],
        /// Account.
        brand: Option<String> = "brandId" [safe],
        /// Messages that are not read.
        badge: Option<Int> = "badge" [safe],
        /// Number of the message in its dialog.
        sequence: Option<Int> = "sequence" [safe],
    }
}

le_core::record! {
    /// What Apple's layout shows.
    pub struct Aps {
        /// Text.
        alert: Option<String> = "alert",
        /// Sound.
        sound: Option<String> = "sound" [safe],
    }
}

le_core::record! {
    /// What Google's layout holds.
    pub struct PushData {
        /// Text.
        message: Option<String> = "message",
        /// The rest.
        payload: Option<PushPayload> = "payload" [safe],
    }
}

le_core::record! {
    /// The members that Google's layout has one level deeper.
    pub struct PushPayload {
        /// What it is about.
        backend_service: Option<BackendService> = "backendService" [safe],
        /// Conversation.
        conversation: Option<String> = "conversationId" [safe],
        /// Dialog; older messages have none.
        dialog: Option<String> = "dialogId" [safe],
        /// `<account>.<agent>`.
        originator: Option<String> = "originatorId" [safe],
        /// Account.
        brand: Option<String> = "brandId" [safe],
        /// Messages that are not read.
        badge: Option<Int> = "badge" [safe],
        /// Number of the message in its dialog.
        sequence: Option<Int> = "sequence" [safe],
    }
}

/// A member that lies at the top or in `data.payload`.
macro_rules! either_place {
    ($( $(#[$meta:meta])* $name:ident: $type:ty = $field:ident $(.$map:ident())?; )+) => {
        $(
            $(#[$meta])*
            #[must_use]
            pub fn $name(&self) -> Option<$type> {
                let deeper = || self.data.as_ref()?.payload.as_ref()?.$field.as_ref();
                self.$field.as_ref().or_else(deeper)$(.map(|value| value.$map()))?
            }
        )+
    };
}

impl PushNotification {
    either_place! {
        /// The conversation.
        conversation_id: &str = conversation.as_str();
        /// The dialog.
        dialog_id: &str = dialog.as_str();
        /// Who wrote: `<account>.<agent>`.
        originator_id: &str = originator.as_str();
        /// The account.
        brand_id: &str = brand.as_str();
        /// Messages that are not read.
        unread: i64 = badge.get();
        /// Number of the message in its dialog.
        sequence_number: i64 = sequence.get();
        /// What it is about.
        service: &BackendService = backend_service;
    }

    /// The device, or what the app registered in its place.
    #[must_use]
    pub fn device_token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The text to show.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let google = || self.data.as_ref()?.message.as_deref();
        self.aps.as_ref().and_then(|aps| aps.alert.as_deref()).or_else(google)
    }

    /// Whose push service would carry the message.
    #[must_use]
    pub fn push_service_kind(&self) -> Option<PushService> {
        self.push_service.as_ref().map(PushService::from)
    }
}

/// What stays the same when LivePerson sends a push again.
pub(super) fn delivery_parts(push: &Record<PushNotification>) -> Vec<Vec<u8>> {
    let text = |part: Option<&str>| part.unwrap_or_default().as_bytes().to_vec();
    match (push.conversation_id(), push.sequence_number()) {
        (Some(conversation), Some(sequence)) => vec![
            text(Some(conversation)),
            text(push.dialog_id()),
            sequence.to_be_bytes().to_vec(),
            text(push.device_token()),
        ],
        // An outbound message has neither; its text and device are the same each time.
        _ => vec![push.raw().as_str().as_bytes().to_vec()],
    }
}
