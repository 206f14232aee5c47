//! `info`, `campaign` and `monitoring`.

use serde::Serialize;

use super::super::conversation::{Campaign, Conversation};
use super::{Instant, View};

/// `info`. Members whose `None` is skipped are absent, the others `null`; both occur on the wire.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Info<'a> {
    conversation_id: &'a str,
    brand_id: &'a str,
    status: &'static str,
    full_dialog_status: &'static str,
    start_time: Instant,
    start_time_l: i64,
    end_time: MaybeInstant,
    end_time_l: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_end_time: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_end_time_l: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_dialog_end_time: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_dialog_end_time_l: Option<i64>,
    duration: i64,
    close_reason: Option<&'static str>,
    close_reason_description: Option<&'static str>,
    first_conversation: bool,
    csat_rate: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mcs: Option<i64>,
    #[serde(rename = "alertedMCS", skip_serializing_if = "Option::is_none")]
    alerted_mcs: Option<i64>,
    #[serde(flatten)]
    origin: Origin<'a>,
    #[serde(flatten)]
    handling: Handling<'a>,
}

/// The consumer's side of `info`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Origin<'a> {
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_model: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    browser: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    browser_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operating_system: Option<&'static str>,
    operating_system_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visitor_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interaction_context_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<&'static str>,
    language: Option<&'static str>,
    features: &'static [&'static str],
    integration: Option<&'static str>,
    integration_version: Option<&'static str>,
    app_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<&'a str>,
}

/// The brand's side of `info`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Handling<'a> {
    latest_agent_id: &'a str,
    latest_agent_nickname: Option<&'a str>,
    latest_agent_full_name: &'a str,
    latest_agent_login_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_deleted: Option<bool>,
    latest_skill_id: i64,
    latest_skill_name: &'a str,
    latest_agent_group_id: i64,
    latest_agent_group_name: &'a str,
    latest_queue_state: &'static str,
    is_partial: bool,
    was_step_up: bool,
    pending_agent_survey: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_intent_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_intent_label: Option<&'static str>,
    latest_handler_account_id: &'a str,
    latest_handler_skill_id: i64,
}

/// An instant that may not have come yet: `"undefined"`.
struct MaybeInstant(Option<Instant>);

impl Serialize for MaybeInstant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(instant) => instant.serialize(serializer),
            None => serializer.serialize_str("undefined"),
        }
    }
}

const fn status(ended: bool) -> &'static str {
    if ended { "CLOSE" } else { "OPEN" }
}

pub(super) fn info<'a>(conversation: &'a Conversation, view: &'a View<'_>) -> Info<'a> {
    let close = conversation.close.as_ref();
    let end = conversation.end();
    Info {
        conversation_id: &conversation.id,
        brand_id: view.account,
        status: status(close.is_some()),
        full_dialog_status: status(conversation.full_end.is_some()),
        start_time: Instant(conversation.start),
        start_time_l: conversation.start,
        end_time: MaybeInstant(end.map(Instant)),
        end_time_l: end.unwrap_or(-1),
        conversation_end_time: close.map(|close| Instant(close.time)),
        conversation_end_time_l: close.map(|close| close.time),
        full_dialog_end_time: conversation.full_end.map(Instant),
        full_dialog_end_time_l: conversation.full_end,
        duration: conversation.duration(view.now),
        close_reason: close.map(|close| close.reason),
        close_reason_description: close.and_then(|close| close.description),
        first_conversation: conversation.first_conversation,
        csat_rate: conversation.csat(),
        mcs: conversation.mcs(),
        alerted_mcs: conversation.alerted_mcs(),
        origin: origin(conversation),
        handling: handling(conversation, view),
    }
}

fn origin(conversation: &Conversation) -> Origin<'_> {
    let channel = &conversation.channel;
    Origin {
        source: channel.source,
        device: channel.device,
        device_model: channel.device_model,
        browser: channel.browser,
        browser_version: channel.browser_version.as_deref(),
        operating_system: channel.operating_system,
        operating_system_version: channel.operating_system_version,
        visitor_id: channel.visitor_id.as_deref(),
        session_id: channel.session_id.as_deref(),
        interaction_context_id: channel.interaction_context_id.as_deref(),
        time_zone: channel.time_zone,
        language: channel.language,
        features: channel.features,
        integration: channel.integration,
        integration_version: channel.integration_version,
        app_id: channel.app_id,
        app_version: channel.app_version,
        ip_address: channel.ip_address.as_deref(),
    }
}

/// Without an agent yet, each member has its own way to say so.
fn handling<'a>(conversation: &'a Conversation, view: &'a View<'_>) -> Handling<'a> {
    let agent = conversation.latest_agent.as_deref();
    let intent = conversation.intents.first().map(|intent| &intent.selected);
    Handling {
        latest_agent_id: agent.map_or("NA", |agent| &agent.id),
        latest_agent_nickname: agent.map(|agent| agent.nickname.as_str()),
        latest_agent_full_name: agent.map_or("undefined", |agent| &agent.full_name),
        latest_agent_login_name: agent.map_or("NA", |agent| &agent.login_name),
        agent_deleted: agent.map(|agent| agent.deleted),
        latest_skill_id: conversation.latest_skill.id,
        latest_skill_name: &conversation.latest_skill.name,
        latest_agent_group_id: agent.map_or(-1, |agent| agent.group_id),
        latest_agent_group_name: agent.map_or("Unassigned", |agent| &agent.group_name),
        latest_queue_state: if conversation.in_queue { "IN_QUEUE" } else { "ACTIVE" },
        is_partial: conversation.partial && !view.complete,
        was_step_up: conversation.stepped_up,
        pending_agent_survey: conversation
            .agent_survey
            .as_ref()
            .is_some_and(|survey| survey.status == "OPEN"),
        first_intent_name: intent.map(|intent| intent.name.as_str()),
        first_intent_label: intent.map(|intent| intent.label),
        latest_handler_account_id: view.account,
        latest_handler_skill_id: conversation.latest_skill.id,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireCampaign<'a> {
    campaign_engagement_id: String,
    campaign_engagement_name: &'a str,
    campaign_id: String,
    campaign_name: &'a str,
    goal_id: String,
    goal_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    engagement_agent_note: Option<&'a str>,
    engagement_source: &'static str,
    visitor_behavior_id: String,
    visitor_behavior_name: &'a str,
    engagement_application_id: &'a str,
    engagement_application_name: Option<&'static str>,
    engagement_application_type_name: &'static str,
    visitor_profile_id: String,
    visitor_profile_name: &'a str,
    lob_id: i64,
    lob_name: &'static str,
    location_id: String,
    location_name: &'static str,
    profile_system_default: bool,
    behavior_system_default: bool,
}

pub(super) fn campaign(campaign: &Campaign) -> WireCampaign<'_> {
    let ids = campaign.ids;
    let (lob_id, lob_name) = campaign.line_of_business.unwrap_or((-1, "NA"));
    WireCampaign {
        campaign_engagement_id: ids.engagement.to_string(),
        campaign_engagement_name: &campaign.engagement_name,
        campaign_id: ids.campaign.to_string(),
        campaign_name: &campaign.name,
        goal_id: ids.goal.to_string(),
        goal_name: &campaign.goal_name,
        engagement_agent_note: campaign.agent_note.as_deref(),
        engagement_source: campaign.engagement_source,
        visitor_behavior_id: ids.behavior.to_string(),
        visitor_behavior_name: &campaign.behavior_name,
        engagement_application_id: &campaign.application_id,
        engagement_application_name: None,
        engagement_application_type_name: "null",
        visitor_profile_id: ids.profile.to_string(),
        visitor_profile_name: &campaign.profile_name,
        lob_id,
        lob_name,
        location_id: ids.location.to_string(),
        location_name: campaign.location_name,
        profile_system_default: campaign.profile_name == "All Visitors",
        behavior_system_default: campaign.behavior_name == "Any",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMonitoring<'a> {
    country: &'static str,
    country_code: &'static str,
    state: Option<&'static str>,
    city: &'static str,
    isp: &'static str,
    org: &'static str,
    device: &'static str,
    ip_address: &'a str,
    browser: String,
    operating_system: &'static str,
    conversation_start_page: &'a str,
    conversation_start_page_title: &'static str,
}

pub(super) fn monitoring(conversation: &Conversation) -> Option<WireMonitoring<'_>> {
    let visit = conversation.monitoring.as_ref()?;
    let channel = &conversation.channel;
    Some(WireMonitoring {
        country: visit.country,
        country_code: visit.country_code,
        state: visit.state,
        city: visit.city,
        isp: visit.isp,
        org: visit.isp,
        device: channel.device.unwrap_or("NA"),
        ip_address: channel.ip_address.as_deref().unwrap_or(""),
        browser: match (channel.browser, channel.browser_version.as_deref()) {
            (Some(browser), Some(version)) => format!("{browser} {version}"),
            _ => "NA".to_owned(),
        },
        operating_system: channel.operating_system.unwrap_or("NA"),
        conversation_start_page: &visit.start_page,
        conversation_start_page_title: visit.start_page_title,
    })
}
