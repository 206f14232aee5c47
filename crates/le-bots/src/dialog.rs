//! A part of a conversation with its own messages and sequence: the main dialog, a survey, co-browsing.

pub use crate::generated::enums::{ChannelType, DialogType};

use le_core::Timestamp;
use le_core::id::DialogId;
use le_core::wire::{List, RawRecord};

use crate::conversation::{CloseReason, ConversationState, Role};
use crate::identity::AgentIdentity;
use crate::participants::Participant;

le_core::record! {
    /// A dialog. In a change request only the members that are to change are set.
    pub struct Dialog {
        /// Id; the main dialog's is the conversation's.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Who takes part.
        participants: List<Participant> = "participantsDetails" [safe],
        /// What it is for.
        dialog_type: Option<DialogType> = "dialogType" [safe],
        /// What it runs over.
        channel_type: Option<ChannelType> = "channelType" [safe],
        /// Of surveys: `appInstallId` of the bot that holds it. Of co-browsing: service, mode and state; its `expires` is in seconds.
        metadata: Option<RawRecord> = "metaData" [safe],
        /// Open or closed.
        state: Option<ConversationState> = "state" [safe],
        /// When it began.
        created_at: Option<Timestamp> = "creationTs" [safe],
        /// When it ended.
        ended_at: Option<Timestamp> = "endTs" [safe],
        /// When it last changed.
        updated_at: Option<Timestamp> = "metaDataLastUpdateTs" [safe],
        /// Who closed it.
        closed_by: Option<CloseReason> = "closedBy" [safe],
        /// Why, in words.
        closed_cause: Option<String> = "closedCause",
    }
}

impl Dialog {
    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == Some(ConversationState::Open)
    }

    /// Whether messages go through it; co-browsing does not, and is to be left out of everything else.
    #[must_use]
    pub fn is_messaging(&self) -> bool {
        self.channel_type
            .as_ref()
            .is_none_or(|channel| *channel == ChannelType::Messaging)
    }

    /// Whether this agent has this role in it, and is there already.
    #[must_use]
    pub fn has_active(&self, role: &Role, agent: &AgentIdentity) -> bool {
        self.participants.iter().any(|one| {
            one.role.as_ref() == Some(role) && one.is_active() && one.id.as_ref().is_some_and(|id| agent.is(id))
        })
    }
}
