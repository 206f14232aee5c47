//! What is said in a dialog: text, cards, files, receipts, typing.

use std::borrow::Cow;
use std::fmt;

pub use crate::generated::enums::{AcceptStatus, Audience, ChatState, ContentType, EventType, FileType};

use le_core::Error;
use le_core::Timestamp;
use le_core::id::{ConversationId, DialogId};
use le_core::wire::{Int, List, RawRecord, Salvage};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::client_properties::ClientProperties;
use crate::conversation::Role;
use crate::dialect::Dialect;
use crate::frame::raw;
use crate::identity::{AgentIdentity, ParticipantId};
use crate::request::{Request, names};

/// The message of a content event: text, or an object for files and forms. `Debug` shows neither.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// Text.
    Text(String),
    /// Anything else, as it came.
    Json(RawRecord),
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text(<{} bytes>)", text.len()),
            Self::Json(raw) => write!(f, "Json(<{} bytes>)", raw.len()),
        }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Json(raw) => raw.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut raw = String::from(Box::<str>::from(Box::<RawValue>::deserialize(deserializer)?));
        if raw.starts_with('"') {
            // Without an escape the text is what stands between the quotes: it stays where it is.
            if !raw.contains('\\') {
                raw.pop();
                raw.remove(0);
                return Ok(Self::Text(raw));
            }
            if let Ok(text) = serde_json::from_str(&raw) {
                return Ok(Self::Text(text));
            }
        }
        RawRecord::new(raw).map(Self::Json).map_err(serde::de::Error::custom)
    }
}

impl Salvage for Message {}

le_core::record! {
    /// One event of any type. Which fields it has depends on [`EventType`]; those of unknown types stay in `extra`.
    pub struct Event {
        /// The type.
        kind: Option<EventType> = "type" [safe],
        /// What the message of a content event holds.
        content_type: Option<ContentType> = "contentType" [safe],
        /// The message of a content event.
        message: Option<Message> = "message" [safe],
        /// The structured content of a rich content event; the schema calls it `message`.
        content: Option<RawRecord> = "content" [safe],
        /// Quick replies, on either of the two.
        quick_replies: Option<RawRecord> = "quickReplies" [safe],
        /// What a receipt says.
        status: Option<AcceptStatus> = "status" [safe],
        /// The events that a receipt is for, of the same dialog.
        sequences: List<Int> = "sequenceList" [safe],
        /// What somebody is doing.
        chat_state: Option<ChatState> = "chatState" [safe],
    }
}

impl Event {
    fn content(content_type: ContentType, message: Message) -> Self {
        Self {
            kind: Some(EventType::Content),
            content_type: Some(content_type),
            message: Some(message),
            ..Self::default()
        }
    }

    /// Plain text. The vendor documents no limit of length.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::content(ContentType::Text, Message::Text(text.into()))
    }

    /// A file that was uploaded: see [`UploadUrl`](crate::file::UploadUrl).
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it cannot be written as JSON.
    pub fn file(file: &HostedFile) -> Result<Self, Error> {
        let message = Message::Json(raw("message", file)?);
        Ok(Self::content(ContentType::HostedFile, message))
    }

    /// Structured content: its tree of containers and elements as JSON.
    /// <https://developers.liveperson.com/structured-content-introduction-to-structured-content.html>
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it cannot be written as JSON.
    pub fn rich<T: Serialize + ?Sized>(content: &T) -> Result<Self, Error> {
        Ok(Self {
            kind: Some(EventType::RichContent),
            content: Some(raw("content", content)?),
            ..Self::default()
        })
    }

    /// A receipt for these sequences. Receipts are stored and take a sequence of their own.
    #[must_use]
    pub fn receipt(status: AcceptStatus, sequences: impl IntoIterator<Item = i64>) -> Self {
        Self {
            kind: Some(EventType::AcceptStatus),
            status: Some(status),
            sequences: sequences.into_iter().map(Int::from).collect(),
            ..Self::default()
        }
    }

    /// Typing and presence. Typing stays on until another state is published; a message does not end it.
    #[must_use]
    pub fn chat_state(state: ChatState) -> Self {
        Self {
            kind: Some(EventType::ChatState),
            chat_state: Some(state),
            ..Self::default()
        }
    }

    /// Adds quick replies: `{"type":"quickReplies","itemsPerRow":..,"replies":[..]}`.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where they cannot be written as JSON.
    pub fn with_quick_replies<T: Serialize + ?Sized>(mut self, replies: &T) -> Result<Self, Error> {
        self.quick_replies = Some(raw("quickReplies", replies)?);
        Ok(self)
    }

    /// The text of a content event.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.message {
            Some(Message::Text(text)) if self.kind == Some(EventType::Content) => Some(text),
            _ => None,
        }
    }

    /// The file of a content event.
    #[must_use]
    pub fn as_file(&self) -> Option<HostedFile> {
        let is_file = matches!(
            self.content_type,
            Some(ContentType::HostedFile | ContentType::HostedFileOfSchema)
        );
        match &self.message {
            Some(Message::Json(raw)) if is_file => raw.decode().ok().map(le_core::wire::Record::into_inner),
            _ => None,
        }
    }

    /// The tree of a rich content event, under either of its names.
    #[must_use]
    pub fn as_rich(&self) -> Option<&RawRecord> {
        if self.kind != Some(EventType::RichContent) {
            return None;
        }
        match (&self.content, &self.message) {
            (Some(content), _) => Some(content),
            (None, Some(Message::Json(content))) => Some(content),
            _ => None,
        }
    }

    /// Whether the event is stored and counted; chat states are not.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.kind != Some(EventType::ChatState)
    }

    /// The sequences that a receipt lists.
    pub fn receipts(&self) -> impl Iterator<Item = i64> {
        self.sequences.iter().map(Int::get)
    }
}

le_core::record! {
    /// A file in the vendor's storage. The content type decides how it is shown.
    pub struct HostedFile {
        /// Caption.
        caption: Option<String> = "caption",
        /// Path in the storage, as the answer to the upload request gave it.
        relative_path: Option<String> = "relativePath",
        /// Kind of file.
        file_type: Option<FileType> = "fileType" [safe],
        /// A small preview as a data URI, at most 30 KB.
        preview: Option<String> = "preview",
    }
}

impl HostedFile {
    /// A file at this path of the storage.
    #[must_use]
    pub fn new(relative_path: impl Into<String>, file_type: FileType) -> Self {
        Self {
            relative_path: Some(relative_path.into()),
            file_type: Some(file_type),
            // The schema asks for a caption, if an empty one.
            caption: Some(String::new()),
            ..Self::default()
        }
    }

    /// Sets the caption.
    #[must_use]
    pub fn with_caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }
}

le_core::record! {
    /// Who published an event.
    pub struct Originator {
        /// Public id.
        id: Option<ParticipantId> = "id" [safe],
        /// Role at that time.
        role: Option<Role> = "role" [safe],
        /// What the client said about itself.
        client_properties: Option<Box<ClientProperties>> = "clientProperties" [safe],
    }
}

le_core::record! {
    /// An event as a dialog holds it: with its sequence, time and author.
    pub struct DialogEvent {
        /// Number in the dialog, from 0; chat states have none.
        sequence: Option<Int> = "sequence" [safe],
        /// Author: the old id on agent sockets, the public id on consumer sockets.
        originator_id: Option<ParticipantId> = "originatorId" [safe],
        /// Public id of the author, on agent sockets.
        originator_pid: Option<ParticipantId> = "originatorPId" [safe],
        /// Client of the author, on agent sockets.
        originator_client_properties: Option<Box<ClientProperties>> = "originatorClientProperties" [safe],
        /// Author with role; the safest way to know who wrote.
        originator: Option<Originator> = "originatorMetadata" [safe],
        /// When the server took it; chat states have none.
        server_timestamp: Option<Timestamp> = "serverTimestamp" [safe],
        /// The event.
        event: Option<Event> = "event" [safe],
        /// Dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Conversation; old servers leave it out.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
        /// Who sees it.
        audience: Option<Audience> = "messageAudience" [safe],
        /// What the publisher attached.
        metadata: List<RawRecord> = "metadata" [safe],
        /// Id, as mobile clients know it.
        event_id: Option<String> = "eventId" [safe],
    }
}

impl DialogEvent {
    /// The conversation; for a main dialog its id is the dialog's.
    #[must_use]
    pub fn conversation(&self) -> Option<Cow<'_, ConversationId>> {
        match (&self.conversation_id, &self.dialog_id) {
            (Some(id), _) => Some(Cow::Borrowed(id)),
            (None, Some(dialog)) => Some(Cow::Owned(ConversationId::new(dialog.as_str()))),
            (None, None) => None,
        }
    }

    /// What deduplicates events: the same one comes live, in queries and in replays. `None` for chat states.
    #[must_use]
    pub fn key(&self) -> Option<(&DialogId, i64)> {
        let stored = self.event.as_ref().is_none_or(Event::is_stored);
        Some((self.dialog_id.as_ref()?, self.sequence.as_ref()?.get())).filter(|_| stored)
    }

    /// Whether this agent wrote it, by any of the ids that it came with.
    #[must_use]
    pub fn is_by(&self, agent: &AgentIdentity) -> bool {
        let of_metadata = self.originator.as_ref().and_then(|originator| originator.id.as_ref());
        [self.originator_id.as_ref(), self.originator_pid.as_ref(), of_metadata]
            .into_iter()
            .flatten()
            .any(|id| agent.is(id))
    }

    /// Whether only agents and managers see it.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.audience == Some(Audience::AgentsAndManagers)
    }
}

le_core::record! {
    /// Publishes an event into a dialog.
    pub struct PublishEvent {
        /// Dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Conversation; needed where the dialog is not the main one.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
        /// The event.
        event: Option<Event> = "event" [safe],
        /// Who sees it; everybody where it is not set.
        audience: Option<Audience> = "messageAudience" [safe],
    }
}

impl Request for PublishEvent {
    type Answer = Published;
    type Body<'a> = &'a Self;

    fn operation(&self) -> &'static str {
        names::PUBLISH_EVENT.id
    }

    fn spelled(&self, dialect: Dialect) -> Option<&str> {
        names::PUBLISH_EVENT.spelled(dialect)
    }

    fn body(&self, _: Dialect) -> Option<&Self> {
        Some(self)
    }

    fn as_publish(&self) -> Option<&PublishEvent> {
        Some(self)
    }
}

impl PublishEvent {
    /// Into this dialog.
    #[must_use]
    pub fn new(dialog: impl Into<DialogId>, event: Event) -> Self {
        Self {
            dialog_id: Some(dialog.into()),
            event: Some(event),
            ..Self::default()
        }
    }

    /// Names the conversation, for dialogs other than the main one.
    #[must_use]
    pub fn in_conversation(mut self, conversation: impl Into<ConversationId>) -> Self {
        self.conversation_id = Some(conversation.into());
        self
    }

    /// For agents and managers only. Consumers do not get it.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.audience = Some(Audience::AgentsAndManagers);
        self
    }
}

le_core::record! {
    /// The answer to [`PublishEvent`].
    pub struct Published {
        /// The number of the event in its dialog. It is 0 for chat states, which have none: use it for stored events only.
        sequence: Option<Int> = "sequence" [safe],
    }
}
