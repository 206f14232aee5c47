//! The messages of a consumer's conversation.

use std::borrow::Cow;

use le_core::Timestamp;
use le_core::id::DialogId;
use le_core::wire::{Int, List, RawRecord};
use serde_json::Value;

use crate::generated::enums::{ConsumerEventType, ConsumerHistoryRole, DeliveryStatus};
use crate::messaging_interactions::{FileContent, ParticipantId, SecureForm};
use crate::pages::{Api, RecordPage};

/// The events of a conversation, as an API of one page.
pub(super) struct Content;

impl Api for Content {
    type Record = EventRecord;

    const RECORDS: &'static str = "messageEventRecords";
    const METADATA: &'static str = "_responseMetadata";

    // Events have no key of their own: a mark of acceptance has not even a sequence.
    fn raw_key(_: &str) -> Option<Cow<'_, str>> {
        None
    }
}

le_core::record! {
    /// A message, or a mark that messages were accepted or read.
    pub struct EventRecord {
        /// The place in the dialog; missing on marks.
        sequence: Option<Int> = "sequence" [safe],
        /// Who sent it.
        originator_id: Option<ParticipantId> = "originatorId" [safe],
        /// Who sent it, with their role.
        originator: Option<Originator> = "originatorMetadata" [safe],
        /// When, in milliseconds since 1970.
        server_timestamp: Option<Int> = "serverTimestamp" [safe],
        /// The dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// What it is.
        event: Option<ConsumerEvent> = "event" [safe],
    }
}

impl EventRecord {
    /// When.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        self.server_timestamp.as_ref()?.present().map(Timestamp::from_millis)
    }

    /// The text of a plain message.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.event.as_ref()?.text()
    }
}

le_core::record! {
    /// Who sent an event.
    pub struct Originator {
        /// Their id.
        id: Option<ParticipantId> = "id" [safe],
        /// Their role.
        role: Option<ConsumerHistoryRole> = "role" [safe],
    }
}

le_core::record! {
    /// What was sent. Which members are there depends on the type.
    pub struct ConsumerEvent {
        /// What it is.
        r#type: Option<ConsumerEventType> = "type" [safe],
        /// Of a content event: `text/plain`, `hosted/file`, `forms/secure-invitation`, `forms/secure-submission`.
        content_type: Option<String> = "contentType" [safe],
        /// Of a content event: a text, or an object for files and forms.
        message: Option<RawRecord> = "message",
        /// Of a rich content event: JSON inside a string.
        content: Option<String> = "content",
        /// Of a mark: accepted or read.
        status: Option<DeliveryStatus> = "status" [safe],
        /// Of a mark: which messages.
        sequences: List<Int> = "sequenceList" [safe],
    }
}

impl ConsumerEvent {
    /// The text of a plain message.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        serde_json::from_str(self.message.as_ref()?.as_str()).ok()
    }

    /// The file of a hosted file.
    #[must_use]
    pub fn file(&self) -> Option<FileContent> {
        let message = self.message.as_ref().filter(|_| self.is("hosted/file"))?;
        Some(message.decode::<FileContent>().ok()?.into_inner())
    }

    /// The secure form of an invitation or a submission.
    #[must_use]
    pub fn secure_form(&self) -> Option<SecureForm> {
        let is_form = self.is("forms/secure-invitation") || self.is("forms/secure-submission");
        let message = self.message.as_ref().filter(|_| is_form)?;
        Some(message.decode::<SecureForm>().ok()?.into_inner())
    }

    /// The structured content of a rich content event.
    #[must_use]
    pub fn rich_content(&self) -> Option<Value> {
        serde_json::from_str(self.content.as_deref()?).ok()
    }

    fn is(&self, content_type: &str) -> bool {
        self.content_type.as_deref() == Some(content_type)
    }
}

impl RecordPage<EventRecord> {
    /// The events in the order of time; the service does not sort them. Those of one time come in the order of their sequence,
    /// marks behind messages.
    #[must_use]
    pub fn in_order(&self) -> Vec<&EventRecord> {
        let mut events: Vec<&EventRecord> = self.records.iter().map(|record| &**record).collect();
        events.sort_by_key(|event| {
            let sequence = event.sequence.as_ref().map_or(i64::MAX, Int::get);
            (event.at(), sequence)
        });
        events
    }
}
