//! The table of conversations: one row each.

use crate::tables::column::{Column, Table};

/// One row for each conversation.
pub(super) const CONVERSATIONS: Table = Table {
    name: "conversations",
    doc: "One row for each conversation, open or closed.",
    key: &["conversation_id"],
    lists: &[],
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    Column::key("conversation_id", "The conversation. The main dialog has the same id."),
    Column::id("account_id", &["info.brandId"], "The account."),
    Column::time("start_time", &["info.startTimeL", "info.startTime"], "When it began."),
    Column::time(
        "end_time",
        &["info.endTimeL", "info.endTime"],
        "When it ended; NULL while it is open. It moves when a survey is sent in or times out.",
    ),
    Column::time(
        "conversation_end_time",
        &["info.conversationEndTimeL", "info.conversationEndTime"],
        "When it ended, whatever became of a survey.",
    ),
    Column::time(
        "full_dialog_end_time",
        &["info.fullDialogEndTimeL", "info.fullDialogEndTime"],
        "When it ended, with the survey counted in.",
    ),
    Column::integer(
        "duration_ms",
        &["info.duration"],
        "Milliseconds; of an open conversation until it was read.",
    ),
    Column::text("status", &["info.status"], "`OPEN` or `CLOSE`."),
    Column::text(
        "full_dialog_status",
        &["info.fullDialogStatus"],
        "`OPEN` or `CLOSE`, with the survey counted in.",
    ),
    Column::text(
        "close_reason",
        &["info.closeReason"],
        "Who or what ended it, e.g. `AGENT`. An open set.",
    ),
    Column::text(
        "close_reason_description",
        &["info.closeReasonDescription"],
        "More on that, e.g. `MANUAL_CLOSE`.",
    ),
    Column::text(
        "source",
        &["info.source"],
        "The channel that opened it, e.g. `APP`, `SHARK` (web), `WHATSAPP`. An open set.",
    ),
    Column::named("skill", &["info.latestSkillName"], "The latest skill's name."),
    Column::id("skill_id", &["info.latestSkillId"], "The latest skill."),
    Column::named("agent", &["info.latestAgentFullName"], "The latest agent's full name.").personal(),
    Column::id("agent_id", &["info.latestAgentId"], "The latest agent."),
    Column::named(
        "agent_login_name",
        &["info.latestAgentLoginName"],
        "The latest agent's login name.",
    )
    .personal(),
    Column::named(
        "agent_nickname",
        &["info.latestAgentNickname", "info.latestAgentNickName"],
        "The latest agent's nickname.",
    )
    .personal(),
    Column::flag(
        "agent_deleted",
        &["info.agentDeleted"],
        "Whether that agent has been deleted.",
    ),
    Column::named(
        "agent_group",
        &["info.latestAgentGroupName"],
        "The latest agent's group.",
    ),
    Column::id("agent_group_id", &["info.latestAgentGroupId"], "That group's id."),
    Column::text("queue_state", &["info.latestQueueState"], "`IN_QUEUE` or `ACTIVE`."),
    Column::first(
        "consumer_id",
        "participants",
        "participant_id",
        ("kind", "consumer"),
        "The (first) consumer.",
    ),
    Column::number("csat", &["info.csatRate", "info.csat"], "Satisfaction, 1 to 5."),
    Column::integer("mcs", &["info.mcs"], "Meaningful connection score, 0 to 100."),
    Column::integer("alerted_mcs", &["info.alertedMCS", "info.alertedMcs"], "-1, 0 or 1."),
    Column::flag(
        "first_conversation",
        &["info.firstConversation"],
        "Whether it is the consumer's first.",
    ),
    Column::count("message_count", "messages", "How many rows it has in `messages`."),
    Column::count("transfer_count", "transfers", "How many rows it has in `transfers`."),
    Column::id("first_intent_id", &["info.firstIntentName"], "The first intent's id."),
    Column::text("first_intent", &["info.firstIntentLabel"], "The first intent's label."),
    Column::text(
        "device",
        &["info.device", "monitoring.device"],
        "`DESKTOP`, `TABLET`, `MOBILE`.",
    ),
    Column::text("device_model", &["info.deviceModel"], "The device's model."),
    Column::text("browser", &["info.browser", "monitoring.browser"], "The browser."),
    Column::text("browser_version", &["info.browserVersion"], "The browser's version."),
    Column::text(
        "operating_system",
        &["info.operatingSystem", "monitoring.operatingSystem"],
        "The operating system.",
    ),
    Column::text(
        "operating_system_version",
        &["info.operatingSystemVersion"],
        "Its version.",
    ),
    Column::text("language", &["info.language"], "The consumer's language."),
    Column::text("time_zone", &["info.timeZone"], "The consumer's time zone."),
    Column::text(
        "integration",
        &["info.integration"],
        "The consumer's client: `mobile-sdk`, `web-sdk`, `brand-sdk`, or another.",
    ),
    Column::text("integration_version", &["info.integrationVersion"], "Its version."),
    Column::text("app_id", &["info.appId"], "The app."),
    Column::text("app_version", &["info.appVersion"], "The version of the brand's app."),
    Column::json(
        "features",
        &["info.features"],
        "What the consumer's client can do: an array of text.",
    ),
    Column::id("visitor_id", &["info.visitorId"], "The visitor on the site.").personal(),
    Column::id("session_id", &["info.sessionId"], "The web session.").personal(),
    Column::id(
        "interaction_context_id",
        &["info.interactionContextId"],
        "The context within the web session.",
    ),
    Column::text(
        "ip_address",
        &["info.ipAddress", "monitoring.ipAddress"],
        "The consumer's address.",
    )
    .personal(),
    Column::flag(
        "was_step_up",
        &["info.wasStepUp"],
        "Whether the consumer signed in on the way.",
    ),
    Column::flag(
        "is_partial",
        &["info.isPartial"],
        "Whether the service says that the record is not whole.",
    ),
    Column::flag(
        "pending_agent_survey",
        &["info.pendingAgentSurvey"],
        "Whether an agent survey is still to be filled in.",
    ),
    Column::id(
        "handler_account_id",
        &["info.latestHandlerAccountId"],
        "The account that handled it last (rollover).",
    ),
    Column::id(
        "handler_skill_id",
        &["info.latestHandlerSkillId"],
        "The skill that handled it last (rollover).",
    ),
    Column::id("campaign_id", &["campaign.campaignId"], "The campaign."),
    Column::named("campaign", &["campaign.campaignName"], "The campaign's name."),
    Column::id("engagement_id", &["campaign.campaignEngagementId"], "The engagement."),
    Column::named(
        "engagement",
        &["campaign.campaignEngagementName"],
        "The engagement's name.",
    ),
    Column::text(
        "engagement_source",
        &["campaign.engagementSource"],
        "Where the engagement stood, e.g. `WEB_SITE`.",
    ),
    Column::id(
        "engagement_application_id",
        &["campaign.engagementApplicationId"],
        "The app that shows the engagement.",
    ),
    Column::named(
        "engagement_application",
        &["campaign.engagementApplicationName"],
        "That app's name.",
    ),
    Column::id("goal_id", &["campaign.goalId"], "The campaign's goal."),
    Column::named("goal", &["campaign.goalName"], "The goal's name."),
    Column::id(
        "behavior_id",
        &["campaign.visitorBehaviorId"],
        "The behaviour that matched the visitor.",
    ),
    Column::named("behavior", &["campaign.visitorBehaviorName"], "Its name."),
    Column::id(
        "profile_id",
        &["campaign.visitorProfileId"],
        "The profile that matched the visitor.",
    ),
    Column::named("profile", &["campaign.visitorProfileName"], "Its name."),
    Column::id("lob_id", &["campaign.lobId"], "The line of business."),
    Column::named("lob", &["campaign.lobName"], "Its name."),
    Column::id(
        "location_id",
        &["campaign.locationId", "campaign.LocationId"],
        "The location on the site.",
    ),
    Column::named(
        "location",
        &["campaign.locationName", "campaign.LocationName"],
        "Its name.",
    ),
    Column::text("country", &["monitoring.country"], "The consumer's country.").personal(),
    Column::text("country_code", &["monitoring.countryCode"], "The country's code."),
    Column::text("state", &["monitoring.state"], "The state or region.").personal(),
    Column::text("city", &["monitoring.city"], "The city.").personal(),
    Column::text("isp", &["monitoring.isp"], "The internet provider.").personal(),
    Column::text(
        "org",
        &["monitoring.org"],
        "The organisation that the address belongs to.",
    )
    .personal(),
    Column::text(
        "start_page",
        &["monitoring.conversationStartPage"],
        "The page on which it began.",
    )
    .personal(),
    Column::text(
        "start_page_title",
        &["monitoring.conversationStartPageTitle"],
        "That page's title.",
    )
    .content(),
    Column::text(
        "summary",
        &["summary.text"],
        "The summary that the agent or the system wrote; it may itself be JSON.",
    )
    .content(),
    Column::time(
        "summary_time",
        &["summary.lastUpdatedTime"],
        "When the summary last changed.",
    ),
    Column::time(
        "response_due_time",
        &["responseTime.latestEffectiveResponseDueTime"],
        "When the agent has to answer; NULL while the consumer has the turn.",
    ),
    Column::integer(
        "configured_response_ms",
        &["responseTime.configuredResponseTime"],
        "How long an answer may take, in milliseconds.",
    ),
    Column::raw(
        "raw",
        "The record as received: every field, also those that have no column.",
    ),
];
