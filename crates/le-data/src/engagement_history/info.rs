//! The head of a chat.

use std::time::Duration;

use le_core::id::{AgentGroupId, SkillId, UserId};
use le_core::wire::{Flag, Int, TimeText, present};

use crate::engagement_history::codes::{ChatChannel, ChatEndReason, ChatStartReason};
use crate::times::times;

/// The kind of [`EngagementId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Engagement;

/// A chat: the account's id with the chat's behind it, as `info.engagementId` has it.
pub type EngagementId = le_core::id::Id<Engagement>;

le_core::record! {
    /// The head of a chat.
    pub struct ChatInfo {
        /// The key of the record.
        engagement_id: Option<EngagementId> = "engagementId" [safe],
        /// An id of the web session.
        shark_engagement_id: Option<String> = "sharkEngagementId" [safe],
        /// The account.
        account_id: Option<String> = "accountId" [safe],
        /// See [`ChatInfo::start`].
        start_time: Option<TimeText> = "startTime" [safe],
        /// See [`ChatInfo::start`].
        start_time_l: Option<Int> = "startTimeL" [safe],
        /// See [`ChatInfo::end`].
        end_time: Option<TimeText> = "endTime" [safe],
        /// See [`ChatInfo::end`].
        end_time_l: Option<Int> = "endTimeL" [safe],
        /// See [`ChatInfo::requested`].
        chat_requested_time: Option<TimeText> = "chatRequestedTime" [safe],
        /// See [`ChatInfo::requested`].
        chat_requested_time_l: Option<Int> = "chatRequestedTimeL" [safe],
        /// Seconds, from when the agent came until the window was closed.
        duration: Option<Int> = "duration" [safe],
        /// The visitor.
        visitor_id: Option<String> = "visitorId",
        /// The visitor's name.
        visitor_name: Option<String> = "visitorName",
        /// Whether the visitor wrote. See [`ChatInfo::was_interactive`].
        is_interactive: Option<Flag> = "isInteractive" [safe],
        /// The same under another name; both may be there.
        interactive: Option<Flag> = "interactive" [safe],
        /// Whether it has ended.
        ended: Option<Flag> = "ended" [safe],
        /// The agent.
        agent_id: Option<UserId> = "agentId" [safe],
        /// The agent's nickname.
        agent_nick_name: Option<String> = "agentNickName" | "agentNickname" | "agentName",
        /// The agent's full name.
        agent_full_name: Option<String> = "agentFullName" | "agentFullname",
        /// The agent's login name.
        agent_login_name: Option<String> = "agentLoginName",
        /// Whether the agent has been deleted.
        agent_deleted: Option<Flag> = "agentDeleted" [safe],
        /// The agent's group; -1 is none.
        agent_group_id: Option<AgentGroupId> = "agentGroupId" [safe],
        /// Its name.
        agent_group_name: Option<String> = "agentGroupName" [safe],
        /// The skill; -1 is none.
        skill_id: Option<SkillId> = "skillId" [safe],
        /// Its name.
        skill_name: Option<String> = "skillName" [safe],
        /// The channel, as a code. See [`ChatInfo::channel`].
        channel: Option<Int> = "channel" [safe],
        /// Why it began, as a code. See [`ChatInfo::start_reason`].
        start_reason: Option<Int> = "startReason" [safe],
        /// The same in words.
        start_reason_desc: Option<String> = "startReasonDesc" [safe],
        /// Why it ended, as a code. See [`ChatInfo::end_reason`].
        end_reason: Option<Int> = "endReason" [safe],
        /// The same in words.
        end_reason_desc: Option<String> = "endReasonDesc" [safe],
        /// Which chat of the visit it is, where a visit was split.
        engagement_set: Option<Int> = "engagementSet" [safe],
        /// How many transfers there were before, within the visit.
        engagement_sequence: Option<Int> = "engagementSequence" [safe],
        /// Whether the agent filled in a survey.
        is_agent_survey: Option<Flag> = "isAgentSurvey" [safe],
        /// Whether there was a survey before the chat.
        is_pre_chat_survey: Option<Flag> = "isPreChatSurvey" [safe],
        /// Whether there was one after it.
        is_post_chat_survey: Option<Flag> = "isPostChatSurvey" [safe],
        /// The old score: -1, 0 or 1. Declared deprecated.
        mcs: Option<Int> = "mcs" [safe],
        /// The alerted score: -1, 0 or 1.
        alerted_mcs: Option<Int> = "alertedMCS" | "alertedMcs" [safe],
        /// The score, 0 to 100.
        chat_mcs: Option<Int> = "chatMCS" | "chatMcs" [safe],
        /// Where the chat was begun.
        chat_start_url: Option<String> = "chatStartUrl",
        /// The title of that page.
        chat_start_page: Option<String> = "chatStartPage",
        /// Whether the record is not whole; then read it again by its id.
        is_partial: Option<Flag> = "isPartial" [safe],
        /// False: engagement attributes and other derived data are not final yet.
        chat_data_enriched: Option<Flag> = "chatDataEnriched" [safe],
    }
}

times!(ChatInfo {
    /// When the agent came.
    start: start_time_l, start_time;
    /// When it ended.
    end: end_time_l, end_time;
    /// When the visitor entered the queue.
    requested: chat_requested_time_l, chat_requested_time;
});

impl ChatInfo {
    /// How long it took. The wire has seconds here, and milliseconds in conversations.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        let seconds = u64::try_from(self.duration.as_ref()?.get()).ok()?;
        Some(Duration::from_secs(seconds))
    }

    /// Whether the visitor wrote at least once.
    #[must_use]
    pub fn was_interactive(&self) -> Option<bool> {
        let flag = self.is_interactive.as_ref().or(self.interactive.as_ref());
        flag.map(Flag::get)
    }

    /// The skill, unless it is "none".
    #[must_use]
    pub fn skill(&self) -> Option<&SkillId> {
        self.skill_id.as_ref()?.assigned()
    }

    /// The agent, unless it is "none".
    #[must_use]
    pub fn agent(&self) -> Option<&UserId> {
        self.agent_id.as_ref()?.assigned()
    }

    /// The visitor's name, unless it is one of the spellings of "none".
    #[must_use]
    pub fn visitor_name(&self) -> Option<&str> {
        present(self.visitor_name.as_deref()?)
    }

    /// The channel.
    #[must_use]
    pub fn channel(&self) -> Option<ChatChannel> {
        self.channel.as_ref().map(|code| code.to_string().into())
    }

    /// Why it began.
    #[must_use]
    pub fn start_reason(&self) -> Option<ChatStartReason> {
        self.start_reason.as_ref().map(|code| code.to_string().into())
    }

    /// Why it ended.
    #[must_use]
    pub fn end_reason(&self) -> Option<ChatEndReason> {
        self.end_reason.as_ref().map(|code| code.to_string().into())
    }
}
