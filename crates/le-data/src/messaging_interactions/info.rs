//! The head of a conversation.

use std::time::Duration;

use le_core::id::{AgentGroupId, ConversationId, SkillId, UserId};
use le_core::wire::{Flag, Float, Int, List, TimeText};

use crate::generated::enums::{
    CloseReason, ConversationSource, ConversationStatus, Device, OperatingSystem, QueueState,
};
use crate::times::times;

le_core::record! {
    /// The head of a conversation: who, when, through which channel, and how it ended.
    ///
    /// No field tells when the record last changed.
    pub struct Info {
        /// The key of the record.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
        /// The account.
        brand_id: Option<String> = "brandId" [safe],
        /// Open or closed.
        status: Option<ConversationStatus> = "status" [safe],
        /// Open or closed, with the survey counted in.
        full_dialog_status: Option<ConversationStatus> = "fullDialogStatus" [safe],
        /// See [`Info::start`].
        start_time: Option<TimeText> = "startTime" [safe],
        /// See [`Info::start`].
        start_time_l: Option<Int> = "startTimeL" [safe],
        /// See [`Info::end`].
        end_time: Option<TimeText> = "endTime" [safe],
        /// See [`Info::end`].
        end_time_l: Option<Int> = "endTimeL" [safe],
        /// See [`Info::conversation_end`].
        conversation_end_time: Option<TimeText> = "conversationEndTime" [safe],
        /// See [`Info::conversation_end`].
        conversation_end_time_l: Option<Int> = "conversationEndTimeL" [safe],
        /// See [`Info::full_dialog_end`].
        full_dialog_end_time: Option<TimeText> = "fullDialogEndTime" [safe],
        /// See [`Info::full_dialog_end`].
        full_dialog_end_time_l: Option<Int> = "fullDialogEndTimeL" [safe],
        /// Milliseconds; of an open conversation until it was read.
        duration: Option<Int> = "duration" [safe],
        /// Who or what ended it.
        close_reason: Option<CloseReason> = "closeReason" [safe],
        /// More on that, e.g. `MANUAL_CLOSE`.
        close_reason_description: Option<String> = "closeReasonDescription",
        /// Whether it is the consumer's first.
        first_conversation: Option<Flag> = "firstConversation" [safe],
        /// Satisfaction, 1 to 5. The vendor's table calls it `csat`, the wire `csatRate`.
        csat_rate: Option<Float> = "csatRate" | "csat" [safe],
        /// Meaningful connection score, 0 to 100.
        mcs: Option<Int> = "mcs" [safe],
        /// -1, 0 or 1.
        alerted_mcs: Option<Int> = "alertedMCS" | "alertedMcs" [safe],
        /// The channel that opened it.
        source: Option<ConversationSource> = "source" [safe],
        /// The consumer's device.
        device: Option<Device> = "device" [safe],
        /// Its model.
        device_model: Option<String> = "deviceModel",
        /// The latest skill; -1 is none.
        latest_skill_id: Option<SkillId> = "latestSkillId" [safe],
        /// Its name; `Unassigned` is none.
        latest_skill_name: Option<String> = "latestSkillName",
        /// The latest agent.
        latest_agent_id: Option<UserId> = "latestAgentId" [safe],
        /// The latest agent's login name.
        latest_agent_login_name: Option<String> = "latestAgentLoginName",
        /// The latest agent's nickname.
        latest_agent_nickname: Option<String> = "latestAgentNickname" | "latestAgentNickName",
        /// The latest agent's full name.
        latest_agent_full_name: Option<String> = "latestAgentFullName",
        /// Whether that agent has been deleted.
        agent_deleted: Option<Flag> = "agentDeleted" [safe],
        /// The latest agent's group; -1 is none.
        latest_agent_group_id: Option<AgentGroupId> = "latestAgentGroupId" [safe],
        /// Its name.
        latest_agent_group_name: Option<String> = "latestAgentGroupName",
        /// Waiting or with an agent.
        latest_queue_state: Option<QueueState> = "latestQueueState" [safe],
        /// Whether the record is not whole; then read it again by its id.
        is_partial: Option<Flag> = "isPartial" [safe],
        /// The browser.
        browser: Option<String> = "browser" [safe],
        /// Its version.
        browser_version: Option<String> = "browserVersion" [safe],
        /// The operating system.
        operating_system: Option<OperatingSystem> = "operatingSystem" [safe],
        /// Its version.
        operating_system_version: Option<String> = "operatingSystemVersion" [safe],
        /// The visitor's id. Not documented; seen in clients.
        visitor_id: Option<String> = "visitorId",
        /// The web session.
        session_id: Option<String> = "sessionId",
        /// The context within the web session.
        interaction_context_id: Option<String> = "interactionContextId",
        /// The consumer's time zone.
        time_zone: Option<String> = "timeZone",
        /// The consumer's language.
        language: Option<String> = "language" [safe],
        /// What the consumer's client can do, e.g. `PHOTOSHARING`. An open set.
        features: List<String> = "features" [safe],
        /// The consumer's client: `mobile-sdk`, `web-sdk`, `brand-sdk`, or another.
        integration: Option<String> = "integration" [safe],
        /// Its version.
        integration_version: Option<String> = "integrationVersion" [safe],
        /// The version of the brand's app.
        app_version: Option<String> = "appVersion" [safe],
        /// The app, e.g. `ConsumerApp`, or the brand's own.
        app_id: Option<String> = "appId" [safe],
        /// The consumer's address.
        ip_address: Option<String> = "ipAddress",
        /// Whether the consumer signed in on the way.
        was_step_up: Option<Flag> = "wasStepUp" [safe],
        /// Whether an agent survey is still to be filled in.
        pending_agent_survey: Option<Flag> = "pendingAgentSurvey" [safe],
        /// The id of the first intent.
        first_intent_name: Option<String> = "firstIntentName" [safe],
        /// Its label.
        first_intent_label: Option<String> = "firstIntentLabel",
        /// The account that handled it last (rollover). Not documented; seen in clients.
        latest_handler_account_id: Option<String> = "latestHandlerAccountId" [safe],
        /// The skill that handled it last (rollover). Not documented; seen in clients.
        latest_handler_skill_id: Option<SkillId> = "latestHandlerSkillId" [safe],
    }
}

times!(Info {
    /// When it began.
    start: start_time_l, start_time;
    /// When it ended; `None` while it is open. It moves when a survey is sent in or times out.
    end: end_time_l, end_time;
    /// When it ended, whatever became of a survey.
    conversation_end: conversation_end_time_l, conversation_end_time;
    /// When it ended, with the survey counted in.
    full_dialog_end: full_dialog_end_time_l, full_dialog_end_time;
});

impl Info {
    /// How long it took; of an open conversation until it was read.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        u64::try_from(self.duration.as_ref()?.get())
            .ok()
            .map(Duration::from_millis)
    }

    /// The latest skill, unless it is -1 ("none").
    #[must_use]
    pub fn latest_skill(&self) -> Option<&SkillId> {
        self.latest_skill_id.as_ref()?.assigned()
    }

    /// The latest agent, where there was one.
    #[must_use]
    pub fn latest_agent(&self) -> Option<&UserId> {
        self.latest_agent_id.as_ref()?.assigned()
    }
}
