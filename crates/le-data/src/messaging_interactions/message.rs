//! Messages, what became of them, and their scores.

use le_core::id::{DialogId, MessageId};
use le_core::wire::{Extra, Flag, Float, Int, List, RawRecord, TimeText};
use serde_json::Value;

use super::participant::ParticipantId;
use crate::generated::enums::{
    Audience, Confidence, DeliveryStatus, Device, MessageContentType, ParticipantType, SentBy,
};
use crate::times::times;

le_core::record! {
    /// One message.
    pub struct Message {
        /// What it holds.
        r#type: Option<MessageContentType> = "type" [safe],
        /// The content.
        data: Option<MessageData> = "messageData" [safe],
        /// The key: `ms::dialog:<id>::msg:<n>`, in older data `ms::conv:`.
        message_id: Option<MessageId> = "messageId" [safe],
        /// Its place in the dialog; gaps are allowed.
        seq: Option<Int> = "seq" [safe],
        /// The dialog; `undefined` in old data.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Who wrote it: an agent's id or public id, or the consumer's id.
        participant_id: Option<ParticipantId> = "participantId" [safe],
        /// Who may see it.
        audience: Option<Audience> = "audience" [safe],
        /// Which side wrote it.
        sent_by: Option<SentBy> = "sentBy" [safe],
        /// See [`Message::at`].
        time: Option<TimeText> = "time" [safe],
        /// See [`Message::at`].
        time_l: Option<Int> = "timeL" [safe],
        /// The channel. Declared deprecated, still sent.
        source: Option<String> = "source" [safe],
        /// The integration it came through. Not documented; seen in clients.
        integration_source: Option<String> = "integrationSource" [safe],
        /// The device. Declared deprecated, still sent.
        device: Option<Device> = "device" [safe],
        /// What bots and integrations attached.
        context_data: Option<ContextData> = "contextData" [safe],
        /// Whether it came from the predefined contents.
        predefined_content: Option<Flag> = "predefinedContent" [safe],
        /// Whether the agent changed the predefined content.
        predefined_content_edited: Option<Flag> = "predefinedContentEdited" [safe],
        /// Which predefined content.
        predefined_content_id: Option<String> = "predefinedContentId" [safe],
        /// Its category.
        predefined_content_category_id: Option<String> = "predefinedContentCategoryId" [safe],
        /// Its language.
        predefined_content_language: Option<String> = "predefinedContentLanguage" [safe],
    }
}

times!(Message {
    /// When it was sent.
    at: time_l, time;
});

impl Message {
    /// The text of a plain message.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.data.as_ref()?.msg.as_ref()?.text.as_deref()
    }
}

le_core::record! {
    /// The content of a message; one or more parts are there.
    ///
    /// Links and secure forms stand under names that the vendor does not document: see [`MessageData::link`] and
    /// [`MessageData::secure_form`].
    pub struct MessageData {
        /// Text.
        msg: Option<TextContent> = "msg" [safe],
        /// A file that the vendor stores.
        file: Option<FileContent> = "file" [safe],
        /// Structured content.
        rich_content: Option<StructuredContent> = "richContent" [safe],
        /// Quick replies beside a text or a structured content.
        quick_replies: Option<StructuredContent> = "quickReplies" [safe],
    }
}

impl MessageData {
    /// The link, under whatever name it came.
    #[must_use]
    pub fn link(&self) -> Option<LinkContent> {
        holding(&self.extra, &["externalFileLink"])
    }

    /// The secure form, under whatever name it came.
    #[must_use]
    pub fn secure_form(&self) -> Option<SecureForm> {
        holding(&self.extra, &["formId", "invitationId", "submissionId"])
    }
}

/// The first kept member that is an object with one of these keys.
fn holding<T: le_core::wire::Salvage>(extra: &Extra, keys: &[&str]) -> Option<T> {
    extra
        .iter()
        .filter(|(_, text)| keys.iter().any(|key| text.contains(key)))
        .find_map(|(_, text)| {
            let raw = RawRecord::new(text).ok()?;
            raw.to_value()
                .ok()
                .filter(|value| keys.iter().any(|key| value.get(key).is_some()))?;
            raw.decode().ok().map(le_core::wire::Record::into_inner)
        })
}

le_core::record! {
    /// Text.
    pub struct TextContent {
        /// The text.
        text: Option<String> = "text",
    }
}

le_core::record! {
    /// A file that the vendor stores. The history holds its path, never its bytes.
    pub struct FileContent {
        /// The path; it has to be signed before it can be fetched.
        relative_path: Option<String> = "relativePath",
        /// `JPG`, `PNG`, `GIF`, `TXT`, `PDF`, or another.
        file_type: Option<String> = "fileType" [safe],
        /// The caption.
        caption: Option<String> = "caption",
        /// A small picture as a data URI; only when read by conversation id.
        preview: Option<String> = "preview",
    }
}

le_core::record! {
    /// Structured content, which is JSON inside a string.
    pub struct StructuredContent {
        /// The JSON text.
        content: Option<String> = "content",
    }
}

impl StructuredContent {
    /// The content as JSON; `None` where it is missing or is not JSON.
    #[must_use]
    pub fn to_value(&self) -> Option<Value> {
        serde_json::from_str(self.content.as_deref()?).ok()
    }
}

le_core::record! {
    /// A link to a file elsewhere.
    pub struct LinkContent {
        /// The address.
        external_file_link: Option<String> = "externalFileLink",
        /// The kind of file.
        file_type: Option<String> = "fileType" [safe],
        /// The caption.
        caption: Option<String> = "caption",
    }
}

le_core::record! {
    /// An invitation to a secure form, or its return. What was filled in is not in the history.
    pub struct SecureForm {
        /// The form.
        form_id: Option<String> = "formId" [safe],
        /// Its name.
        form_name: Option<String> = "formName" | "title",
        /// The return.
        submission_id: Option<String> = "submissionId" [safe],
        /// The invitation.
        invitation_id: Option<String> = "invitationId" [safe],
    }
}

le_core::record! {
    /// What bots and integrations attached.
    pub struct ContextData {
        /// JSON text: an array of typed entries such as `BotResponse`, `ActionReason`, `ConversationSummary`, `ExternalId`.
        raw_metadata: Option<String> = "rawMetadata",
        /// The same where the vendor took it apart.
        structured_metadata: List<StructuredMetadata> = "structuredMetadata" [safe],
    }
}

impl ContextData {
    /// The entries of the raw metadata; `None` where it is missing or is not JSON.
    #[must_use]
    pub fn raw_entries(&self) -> Option<Vec<Value>> {
        serde_json::from_str(self.raw_metadata.as_deref()?).ok()
    }
}

le_core::record! {
    /// One entry of the metadata; one of its members is there.
    pub struct StructuredMetadata {
        /// What a bot understood.
        bot_response: Option<BotResponse> = "botResponse" [safe],
        /// Why something was done.
        action_reason: Option<ActionReason> = "actionReason" [safe],
    }
}

le_core::record! {
    /// What a bot understood.
    pub struct BotResponse {
        /// The conversation's id in the bot's own system.
        external_conversation_id: Option<String> = "externalConversationId" [safe],
        /// Business cases.
        business_cases: List<String> = "businessCases" [safe],
        /// Intents.
        intents: List<BotIntent> = "intents" [safe],
    }
}

le_core::record! {
    /// An intent that a bot found.
    pub struct BotIntent {
        /// The intent.
        id: Option<String> = "id" [safe],
        /// Its name.
        name: Option<String> = "name" [safe],
        /// How sure the bot is.
        confidence: Option<Confidence> = "confidence" [safe],
        /// How sure, 0 to 1.
        confidence_score: Option<Float> = "confidenceScore" [safe],
    }
}

le_core::record! {
    /// Why something was done.
    pub struct ActionReason {
        /// The reason.
        reason: Option<String> = "reason",
        /// Its id.
        reason_id: Option<String> = "reasonId" [safe],
    }
}

le_core::record! {
    /// What became of a message for one participant.
    pub struct MessageStatus {
        /// The message.
        message_id: Option<MessageId> = "messageId" [safe],
        /// Its place in the dialog.
        seq: Option<Int> = "seq" [safe],
        /// The dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// See [`MessageStatus::at`].
        time: Option<TimeText> = "time" [safe],
        /// See [`MessageStatus::at`].
        time_l: Option<Int> = "timeL" [safe],
        /// Who reported it.
        participant_id: Option<ParticipantId> = "participantId" [safe],
        /// On which side.
        participant_type: Option<ParticipantType> = "participantType" [safe],
        /// Accepted, read.
        message_delivery_status: Option<DeliveryStatus> = "messageDeliveryStatus" [safe],
        /// What bots and integrations attached. Not documented; seen in clients.
        context_data: Option<ContextData> = "contextData" [safe],
    }
}

times!(MessageStatus {
    /// When it was reported.
    at: time_l, time;
});

le_core::record! {
    /// The sentiment of a message.
    pub struct MessageScore {
        /// The message.
        message_id: Option<MessageId> = "messageId" [safe],
        /// The message's own score.
        message_raw_score: Option<Int> = "messageRawScore" | "score" [safe],
        /// The conversation's score up to this message, 0 to 100.
        mcs: Option<Int> = "mcs" [safe],
        /// See [`MessageScore::at`].
        time: Option<TimeText> = "time" [safe],
        /// See [`MessageScore::at`].
        time_l: Option<Int> = "timeL" [safe],
    }
}

times!(MessageScore {
    /// When it was calculated.
    at: time_l, time;
});
