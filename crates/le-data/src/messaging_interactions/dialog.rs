//! The course of a conversation: its dialogs, its transfers, and the stretches of each agent.

use le_core::id::{DialogId, SkillId, UserId};
use le_core::wire::{Int, RawRecord, TimeText};

use super::message::ContextData;
use crate::generated::enums::{CloseReason, ConversationStatus, DialogChannelType, DialogType, TransferReason};
use crate::times::times;

le_core::record! {
    /// A dialog: the main one, or the survey after it.
    pub struct Dialog {
        /// The key; the main dialog has the conversation's id.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Open or closed.
        status: Option<ConversationStatus> = "status" [safe],
        /// Main or survey.
        dialog_type: Option<DialogType> = "dialogType" [safe],
        /// The channel.
        dialog_channel_type: Option<DialogChannelType> = "dialogChannelType" [safe],
        /// See [`Dialog::start`].
        start_time: Option<TimeText> = "startTime" [safe],
        /// See [`Dialog::start`].
        start_time_l: Option<Int> = "startTimeL" [safe],
        /// See [`Dialog::end`].
        end_time: Option<TimeText> = "endTime" [safe],
        /// See [`Dialog::end`].
        end_time_l: Option<Int> = "endTimeL" [safe],
        /// Who or what ended it.
        close_reason: Option<CloseReason> = "closeReason" [safe],
        /// More on that.
        close_reason_description: Option<String> = "closeReasonDescription",
        /// The skill; -1 is none.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Its name.
        skill_name: Option<String> = "skillName" [safe],
        /// Not documented; seen in one client's types.
        meta_data: Option<RawRecord> = "metaData",
    }
}

times!(Dialog {
    /// When it began.
    start: start_time_l, start_time;
    /// When it ended.
    end: end_time_l, end_time;
});

le_core::record! {
    /// A move from one skill or agent to another.
    pub struct Transfer {
        /// See [`Transfer::at`].
        time: Option<TimeText> = "time" [safe],
        /// See [`Transfer::at`].
        time_l: Option<Int> = "timeL" [safe],
        /// Why.
        reason: Option<TransferReason> = "reason" [safe],
        /// Who did it.
        by: Option<UserId> = "by" [safe],
        /// Who got it; the text `null` is nobody.
        assigned_agent_id: Option<UserId> = "assignedAgentId" [safe],
        /// Their login name.
        assigned_agent_login_name: Option<String> = "assignedAgentLoginName",
        /// Their nickname.
        assigned_agent_nickname: Option<String> = "assignedAgentNickname" | "assignedAgentNickName",
        /// Their full name.
        assigned_agent_full_name: Option<String> = "assignedAgentFullName",
        /// The skill it went to.
        target_skill_id: Option<SkillId> = "targetSkillId" [safe],
        /// Its name.
        target_skill_name: Option<String> = "targetSkillName" [safe],
        /// The skill it came from; -1 is none.
        source_skill_id: Option<SkillId> = "sourceSkillId" [safe],
        /// Its name.
        source_skill_name: Option<String> = "sourceSkillName" [safe],
        /// The agent it came from.
        source_agent_id: Option<UserId> = "sourceAgentId" [safe],
        /// Their login name.
        source_agent_login_name: Option<String> = "sourceAgentLoginName",
        /// Their nickname.
        source_agent_nickname: Option<String> = "sourceAgentNickname" | "sourceAgentNickName",
        /// Their full name.
        source_agent_full_name: Option<String> = "sourceAgentFullName",
        /// What bots and integrations attached.
        context_data: Option<ContextData> = "contextData" [safe],
        /// The dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
    }
}

times!(Transfer {
    /// When.
    at: time_l, time;
});

impl Transfer {
    /// Who got it, if anybody did.
    #[must_use]
    pub fn assigned_agent(&self) -> Option<&UserId> {
        self.assigned_agent_id.as_ref()?.assigned()
    }
}

le_core::record! {
    /// A stretch in which one agent answered.
    pub struct Interaction {
        /// Its place, from 1.
        interactive_sequence: Option<Int> = "interactiveSequence" [safe],
        /// See [`Interaction::at`].
        interaction_time: Option<TimeText> = "interactionTime" [safe],
        /// See [`Interaction::at`].
        interaction_time_l: Option<Int> = "interactionTimeL" [safe],
        /// The agent.
        assigned_agent_id: Option<UserId> = "assignedAgentId" | "agentId" [safe],
        /// Their login name.
        assigned_agent_login_name: Option<String> = "assignedAgentLoginName" | "agentLoginName",
        /// Their nickname.
        assigned_agent_nickname: Option<String> = "assignedAgentNickname" | "agentNickname",
        /// Their full name.
        assigned_agent_full_name: Option<String> = "assignedAgentFullName" | "agentFullName",
        /// The dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
    }
}

times!(Interaction {
    /// When it began.
    at: interaction_time_l, interaction_time;
});
