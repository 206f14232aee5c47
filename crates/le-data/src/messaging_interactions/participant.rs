//! Who took part.

use le_core::id::{AgentGroupId, ConsumerId, DialogId, UserId, UserPid};
use le_core::wire::{Flag, Int, TimeText, present};

use super::message::ContextData;
use crate::generated::enums::{Permission, UserType, UserTypeName};
use crate::times::times;

/// The kind of [`ParticipantId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Participant;

/// Whoever takes part: the number or the public id of a user, or the id of a consumer. The wire does not tell which.
pub type ParticipantId = le_core::id::Id<Participant>;

le_core::record! {
    /// Somebody on the brand's side: an agent, a manager or a bot. One entry for each time they joined.
    pub struct AgentParticipant {
        /// Their number.
        agent_id: Option<UserId> = "agentId" [safe],
        /// Their public id. Not documented; seen in clients.
        agent_pid: Option<UserPid> = "agentPid" [safe],
        /// Their login name.
        agent_login_name: Option<String> = "agentLoginName",
        /// Their nickname.
        agent_nickname: Option<String> = "agentNickname" | "agentNickName" | "agentName",
        /// Their full name.
        agent_full_name: Option<String> = "agentFullName" | "agentFullname",
        /// Whether they have been deleted.
        agent_deleted: Option<Flag> = "agentDeleted" [safe],
        /// System, human or bot, as a digit.
        user_type: Option<UserType> = "userType" [safe],
        /// System, human or bot, as a word.
        user_type_name: Option<UserTypeName> = "userTypeName" [safe],
        /// Their role, as the wire has it.
        role: Option<String> = "role" [safe],
        /// What they may do in the conversation.
        permission: Option<Permission> = "permission" [safe],
        /// Their group.
        agent_group_id: Option<AgentGroupId> = "agentGroupId" [safe],
        /// Its name.
        agent_group_name: Option<String> = "agentGroupName" [safe],
        /// See [`AgentParticipant::joined`].
        time: Option<TimeText> = "time" [safe],
        /// See [`AgentParticipant::joined`].
        time_l: Option<Int> = "timeL" [safe],
        /// The dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// What bots and integrations attached.
        context_data: Option<ContextData> = "contextData" [safe],
    }
}

times!(AgentParticipant {
    /// When they were added.
    joined: time_l, time;
});

le_core::record! {
    /// A consumer. Personal throughout.
    pub struct ConsumerParticipant {
        /// The key of the consumer.
        participant_id: Option<ConsumerId> = "participantId" [safe],
        /// First name.
        first_name: Option<String> = "firstName",
        /// Last name.
        last_name: Option<String> = "lastName",
        /// The name as shown.
        consumer_name: Option<String> = "consumerName",
        /// Address for mail.
        email: Option<String> = "email",
        /// Telephone; `"0"` is none.
        phone: Option<String> = "phone",
        /// A token of the consumer's app.
        token: Option<String> = "token",
        /// The consumer's picture.
        avatar_url: Option<String> = "avatarURL" | "avatarUrl",
        /// See [`ConsumerParticipant::updated`].
        time: Option<TimeText> = "time" [safe],
        /// See [`ConsumerParticipant::updated`].
        time_l: Option<Int> = "timeL" [safe],
        /// See [`ConsumerParticipant::joined`].
        join_time: Option<TimeText> = "joinTime" [safe],
        /// See [`ConsumerParticipant::joined`].
        join_time_l: Option<Int> = "joinTimeL" [safe],
        /// The dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
    }
}

times!(ConsumerParticipant {
    /// When these data last changed; in data of 2017, when the consumer joined.
    updated: time_l, time;
    /// When the consumer joined.
    joined: join_time_l, join_time;
});

impl ConsumerParticipant {
    /// The telephone number, unless it is one of the spellings of "none".
    #[must_use]
    pub fn phone_number(&self) -> Option<&str> {
        self.phone.as_deref().and_then(present).filter(|phone| *phone != "0")
    }
}
