//! The floor for typed decoding: plain derived structs of a conversation, as somebody would write them in an afternoon.
//!
//! They cover the fields that le-data types, with strings where le-data has open enums, and lose what they do not know.

use serde::Deserialize;
use serde_json::Value;

/// A page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    #[serde(default)]
    pub(crate) conversation_history_records: Vec<Conversation>,
}

/// A page whose records stay text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawPage<'a> {
    #[serde(borrow, default)]
    pub(crate) conversation_history_records: Vec<&'a serde_json::value::RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Conversation {
    info: Info,
    campaign: Campaign,
    monitoring: Option<Monitoring>,
    message_records: Vec<Message>,
    message_statuses: Vec<Status>,
    message_scores: Vec<Score>,
    agent_participants: Vec<Agent>,
    agent_participants_active: Vec<Agent>,
    agent_participants_leave: Vec<Agent>,
    consumer_participants: Vec<Consumer>,
    transfers: Vec<Transfer>,
    interactions: Vec<Interaction>,
    dialogs: Vec<Dialog>,
    conversation_surveys: Vec<Survey>,
    co_browse_sessions: Option<Value>,
    summary: Option<Summary>,
    sdes: Option<Events>,
    un_auth_sdes: Option<Events>,
    response_time: Option<Value>,
}

macro_rules! plain {
    ($($name:ident { $($field:ident: $type:ty,)* })*) => {
        $(
            #[derive(Deserialize, Default)]
            #[serde(rename_all = "camelCase", default)]
            struct $name {
                $($field: Option<$type>,)*
            }
        )*
    };
}

plain! {
    Info {
        conversation_id: String, brand_id: String, status: String, full_dialog_status: String,
        start_time: String, start_time_l: i64, end_time: String, end_time_l: i64,
        conversation_end_time: String, conversation_end_time_l: i64, full_dialog_end_time: String, full_dialog_end_time_l: i64,
        duration: i64, close_reason: String, close_reason_description: String, first_conversation: bool, csat_rate: f64,
        mcs: i64, source: String, device: String, device_model: String, latest_skill_id: i64, latest_skill_name: String,
        latest_agent_id: String, latest_agent_login_name: String, latest_agent_nickname: String,
        latest_agent_full_name: String, agent_deleted: bool, latest_agent_group_id: i64, latest_agent_group_name: String,
        latest_queue_state: String, is_partial: bool, browser: String, browser_version: String, operating_system: String,
        operating_system_version: String, visitor_id: String, session_id: String, interaction_context_id: String,
        time_zone: String, language: String, features: Vec<String>, integration: String, integration_version: String,
        app_version: String, app_id: String, ip_address: String, was_step_up: bool, pending_agent_survey: bool,
        first_intent_name: String, first_intent_label: String, latest_handler_account_id: String, latest_handler_skill_id: i64,
    }
    Campaign {
        campaign_engagement_id: String, campaign_engagement_name: String, campaign_id: String, campaign_name: String,
        goal_id: String, goal_name: String, engagement_source: String, visitor_behavior_id: String,
        visitor_behavior_name: String, visitor_profile_id: String, visitor_profile_name: String, lob_id: i64, lob_name: String,
        location_id: String, location_name: String, profile_system_default: bool, behavior_system_default: bool,
        engagement_application_id: String, engagement_application_name: String, engagement_agent_note: String,
    }
    Monitoring {
        country: String, country_code: String, state: String, city: String, isp: String, org: String, device: String,
        ip_address: String, browser: String, operating_system: String, conversation_start_page: String,
        conversation_start_page_title: String,
    }
    Message {
        r#type: String, message_data: Data, message_id: String, seq: i64, dialog_id: String, participant_id: String,
        audience: String, source: String, integration_source: String, device: String, sent_by: String, time: String,
        time_l: i64, context_data: Value, predefined_content: bool, predefined_content_id: String,
    }
    Data { msg: Text, file: File, rich_content: Content, quick_replies: Content, }
    Text { text: String, }
    File { relative_path: String, file_type: String, caption: String, preview: String, }
    Content { content: String, }
    Status {
        message_id: String, seq: i64, dialog_id: String, time: String, time_l: i64, participant_id: String,
        participant_type: String, message_delivery_status: String,
    }
    Score { message_id: String, message_raw_score: i64, mcs: i64, time: String, time_l: i64, }
    Agent {
        agent_id: String, agent_pid: String, agent_full_name: String, agent_nickname: String, agent_login_name: String,
        agent_deleted: bool, user_type: String, user_type_name: String, role: String, permission: String,
        agent_group_id: i64, agent_group_name: String, time: String, time_l: i64, dialog_id: String,
    }
    Consumer {
        participant_id: String, first_name: String, last_name: String, consumer_name: String, email: String, phone: String,
        token: String, time: String, time_l: i64, join_time: String, join_time_l: i64, dialog_id: String,
    }
    Transfer {
        time: String, time_l: i64, assigned_agent_id: String, target_skill_id: i64, target_skill_name: String, reason: String,
        by: String, source_skill_id: i64, source_skill_name: String, source_agent_id: String, source_agent_full_name: String,
        source_agent_login_name: String, source_agent_nickname: String, dialog_id: String,
    }
    Interaction {
        interactive_sequence: i64, assigned_agent_id: String, assigned_agent_full_name: String,
        assigned_agent_login_name: String, assigned_agent_nickname: String, interaction_time: String, interaction_time_l: i64,
        dialog_id: String,
    }
    Dialog {
        dialog_id: String, status: String, dialog_type: String, dialog_channel_type: String, start_time: String,
        start_time_l: i64, end_time: String, end_time_l: i64, close_reason: String, close_reason_description: String,
        skill_id: i64, skill_name: String,
    }
    Survey { survey_type: String, survey_status: String, survey_id: String, dialog_id: String, survey_data: Vec<Answer>, }
    Answer {
        question: String, answer: String, question_id: String, question_name: String, answer_id: String,
        question_type: String, question_format: String, is_valid_answer: bool,
    }
    Summary { text: String, last_updated_time: i64, }
    Events { events: Vec<Value>, }
}
