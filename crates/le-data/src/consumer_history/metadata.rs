//! The conversations of a consumer, without their messages.

use std::borrow::Cow;
use std::time::Duration;

use le_core::Timestamp;
use le_core::id::{ConversationId, DialogId};
use le_core::wire::{Flag, Float, Int, List};

use crate::generated::enums::{
    CloseReason, ConsumerHistoryRole, ConversationStatus, CsatStatus, DialogChannelType, DialogType,
};
use crate::messaging_interactions::ParticipantId;
use crate::pages::{Api, Scalar, scalars};

/// The list of conversations, as a paged API.
pub(super) struct Metadata;

impl Api for Metadata {
    type Record = ConsumerConversation;

    const RECORDS: &'static str = "conversationHistoryMetadataRecords";
    const METADATA: &'static str = "_responseMetadata";
    const GRAIN: Duration = Duration::from_millis(1);

    fn raw_key(json: &str) -> Option<Cow<'_, str>> {
        let [id] = scalars(json, None, ["convId"]);
        id.and_then(Scalar::into_id)
    }
}

le_core::record! {
    /// A conversation of a consumer.
    ///
    /// Vendor page: <https://developers.liveperson.com/consumer-messaging-history-api-overview.html>
    pub struct ConsumerConversation {
        /// The key of the record.
        conversation_id: Option<ConversationId> = "convId" [safe],
        /// Who took part.
        participants: List<ConsumerHistoryParticipant> = "participants" [safe],
        /// The dialogs.
        dialogs: List<ConsumerDialog> = "dialogs" [safe],
        /// Whether the main dialog is open.
        state: Option<ConversationStatus> = "state" [safe],
        /// Whether the whole conversation is open.
        stage: Option<ConversationStatus> = "stage" [safe],
        /// When it began, in milliseconds since 1970.
        start_ts: Option<Int> = "startTs" [safe],
        /// When it ended, in milliseconds since 1970.
        end_ts: Option<Int> = "endTs" [safe],
        /// How satisfied the consumer was.
        csat: Option<ConsumerCsat> = "csat" [safe],
        /// Who or what ended it.
        close_reason: Option<CloseReason> = "closeReason" [safe],
    }
}

fn instant(millis: Option<&Int>) -> Option<Timestamp> {
    millis?.present().map(Timestamp::from_millis)
}

impl ConsumerConversation {
    /// When it began.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        instant(self.start_ts.as_ref())
    }

    /// When it ended.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        instant(self.end_ts.as_ref())
    }
}

le_core::record! {
    /// Somebody who took part.
    pub struct ConsumerHistoryParticipant {
        /// Their id.
        id: Option<ParticipantId> = "id" [safe],
        /// As what.
        role: Option<ConsumerHistoryRole> = "role" [safe],
    }
}

le_core::record! {
    /// A dialog of a conversation.
    pub struct ConsumerDialog {
        /// The key.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Who took part.
        participants: List<ConsumerHistoryParticipant> = "participantsDetails" [safe],
        /// Main or survey.
        dialog_type: Option<DialogType> = "dialogType" [safe],
        /// Open or closed.
        state: Option<ConversationStatus> = "state" [safe],
        /// Who closed it, as the wire has it, e.g. `Agent`.
        closed_by: Option<String> = "closedBy" [safe],
        /// When it began, in milliseconds since 1970.
        creation_ts: Option<Int> = "creationTs" [safe],
        /// When it ended, in milliseconds since 1970.
        end_ts: Option<Int> = "endTs" [safe],
        /// The channel.
        channel_type: Option<DialogChannelType> = "channelType" [safe],
    }
}

impl ConsumerDialog {
    /// When it began.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        instant(self.creation_ts.as_ref())
    }

    /// When it ended.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        instant(self.end_ts.as_ref())
    }
}

le_core::record! {
    /// How satisfied the consumer was.
    pub struct ConsumerCsat {
        /// 1 to 5.
        rate: Option<Float> = "csatRate" | "csat" [safe],
        /// Whether the matter was resolved.
        resolved: Option<Flag> = "csatResolutionConfirmation" [safe],
        /// How far the survey got.
        status: Option<CsatStatus> = "status" [safe],
    }
}
