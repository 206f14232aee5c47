//! Conversations that were made while the simulator runs: they join the generated ones.

use std::sync::Arc;

use serde_json::Value;

use super::cast::{AgentCard, Cast, Consumer, SkillCard};
pub(crate) use super::conversation::Text;
use super::conversation::{
    Campaign, CampaignIds, Channel, Close, Conversation, Dialog, Interaction, Participation, ResponseTime, Summary,
    Transfer,
};
use super::message::{Message, MessageStatus};
use super::survey::{Survey, SurveyAnswer};
use super::vocabulary::LANGUAGES;
use super::{History, live_content};
use crate::campaign;

/// A conversation as messaging tells it. Agents are named by user id, times are epoch milliseconds.
#[derive(Debug)]
pub(crate) struct LiveConversation {
    pub(crate) id: String,
    pub(crate) started: i64,
    /// Time, reason and description.
    pub(crate) closed: Option<(i64, &'static str)>,
    pub(crate) full_end: Option<i64>,
    pub(crate) updated: i64,
    pub(crate) first: bool,
    pub(crate) stepped_up: bool,
    pub(crate) consumer: LiveConsumer,
    pub(crate) source: &'static str,
    pub(crate) device: Option<&'static str>,
    pub(crate) operating_system: Option<&'static str>,
    pub(crate) visitor_id: Option<String>,
    pub(crate) session_id: Option<String>,
    /// The offer that it came of.
    pub(crate) context_id: Option<String>,
    pub(crate) campaign: Option<LiveCampaign>,
    pub(crate) skill: i64,
    pub(crate) assigned: Option<String>,
    pub(crate) open_to_queue: bool,
    pub(crate) dialogs: Vec<LiveDialog>,
    pub(crate) messages: Vec<LiveMessage>,
    pub(crate) receipts: Vec<LiveReceipt>,
    pub(crate) joins: Vec<LivePresence>,
    pub(crate) leaves: Vec<LivePresence>,
    pub(crate) transfers: Vec<LiveTransfer>,
    pub(crate) due: Option<i64>,
    pub(crate) response_time_ms: i64,
    pub(crate) note: Option<String>,
    pub(crate) csat: Option<i64>,
    pub(crate) surveys: Vec<LiveSurvey>,
    /// Authenticated engagement attributes in the layout in which they are sent, with the time they came.
    pub(crate) sdes: Vec<(i64, Value)>,
    /// What visitors reported, which nobody vouches for, in the same layout.
    pub(crate) reported: Vec<(i64, Value)>,
}

/// The campaign and the engagement that a conversation came of.
#[derive(Debug)]
pub(crate) struct LiveCampaign {
    pub(crate) campaign: campaign::Campaign,
    pub(crate) engagement: campaign::Engagement,
    /// The application that showed it.
    pub(crate) application: String,
}

#[derive(Debug)]
pub(crate) struct LiveConsumer {
    pub(crate) id: String,
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) avatar: Option<String>,
}

#[derive(Debug)]
pub(crate) struct LiveDialog {
    pub(crate) id: String,
    pub(crate) started: i64,
    pub(crate) ended: Option<i64>,
    pub(crate) closed_by: Option<&'static str>,
    /// The id of the survey that is asked in it.
    pub(crate) survey: Option<String>,
}

#[derive(Debug)]
pub(crate) struct LiveMessage {
    pub(crate) sequence: i64,
    pub(crate) dialog: usize,
    pub(crate) at: i64,
    /// `None`: the consumer.
    pub(crate) agent: Option<String>,
    pub(crate) private: bool,
    /// The event as it was published.
    pub(crate) event: Value,
}

#[derive(Debug)]
pub(crate) struct LiveReceipt {
    /// Which of the messages.
    pub(crate) message: usize,
    pub(crate) at: i64,
    pub(crate) agent: Option<String>,
    pub(crate) status: &'static str,
}

#[derive(Debug)]
pub(crate) struct LivePresence {
    pub(crate) agent: String,
    pub(crate) permission: &'static str,
    pub(crate) at: i64,
    pub(crate) dialog: usize,
}

#[derive(Debug)]
pub(crate) struct LiveTransfer {
    pub(crate) at: i64,
    pub(crate) reason: &'static str,
    pub(crate) by: String,
    pub(crate) from_skill: i64,
    pub(crate) to_skill: i64,
    pub(crate) from_agent: Option<String>,
    pub(crate) to_agent: Option<String>,
}

#[derive(Debug)]
pub(crate) struct LiveSurvey {
    pub(crate) id: String,
    pub(crate) dialog: usize,
    pub(crate) status: &'static str,
    pub(crate) answers: Vec<LiveAnswer>,
}

#[derive(Debug)]
pub(crate) struct LiveAnswer {
    pub(crate) question: Text,
    pub(crate) id: Text,
    pub(crate) name: Text,
    pub(crate) kind: &'static str,
    /// The answer was one of those offered, not free text.
    pub(crate) closed: bool,
    pub(crate) answer: String,
    pub(crate) valid: bool,
}

impl History {
    /// Shows a conversation that messaging holds, or shows it anew.
    pub(crate) fn publish(&self, live: LiveConversation) {
        let mut index = self.write();
        let conversation = Arc::new(converted(&index.cast, live));
        index.put(conversation);
        drop(index);
        self.remembered.clear();
        self.mark_changed();
    }

    /// User id and public id of the bot that asks surveys.
    pub(crate) fn survey_bot(&self) -> (String, String) {
        let index = self.read();
        (index.cast.survey_bot.id.clone(), index.cast.survey_bot.pid.clone())
    }
}

fn agent(cast: &Cast, id: &str) -> Arc<AgentCard> {
    cast.humans
        .iter()
        .chain(&cast.managers)
        .chain(&cast.bots)
        .chain([&cast.survey_bot])
        .find(|card| card.id == id)
        .map_or_else(|| Arc::clone(&cast.system), Arc::clone)
}

fn skill(cast: &Cast, id: i64) -> Arc<SkillCard> {
    if id == -1 {
        return Arc::clone(&cast.unassigned);
    }
    let known = cast.skills.iter().find(|skill| skill.id == id).map(Arc::clone);
    known.unwrap_or_else(|| {
        Arc::new(SkillCard {
            id,
            name: id.to_string(),
        })
    })
}

fn converted(cast: &Cast, live: LiveConversation) -> Conversation {
    let presence = |presence: LivePresence| Participation {
        agent: agent(cast, &presence.agent),
        permission: presence.permission,
        time: presence.at,
        dialog: presence.dialog,
    };
    let joins: Vec<Participation> = live.joins.into_iter().map(presence).collect();
    let assigned = joins.iter().filter(|join| join.permission == "ASSIGNED_AGENT");
    let interactions = assigned
        .map(|join| Interaction {
            time: join.time,
            agent: Arc::clone(&join.agent),
        })
        .collect();
    let latest_skill = skill(cast, live.skill);
    Conversation {
        start: live.started,
        close: live.closed.map(|(time, reason)| Close {
            time,
            reason,
            description: None,
        }),
        full_end: live.full_end,
        updated: live.updated,
        before_dialogs: false,
        first_conversation: live.first,
        partial: false,
        stepped_up: live.stepped_up,
        in_queue: live.open_to_queue,
        channel: channel(
            live.source,
            live.device,
            live.operating_system,
            live.visitor_id.clone(),
            live.session_id,
            live.context_id,
        ),
        consumer: Arc::new(consumer(live.consumer, live.visitor_id)),
        latest_agent: live.assigned.as_deref().map(|id| agent(cast, id)),
        annotation: None,
        campaign: live.campaign.map(offered_by),
        monitoring: None,
        dialogs: live.dialogs.into_iter().map(|one| dialog(one, &latest_skill)).collect(),
        messages: live.messages.into_iter().map(|one| message(cast, one)).collect(),
        statuses: live.receipts.into_iter().map(|one| status(cast, one)).collect(),
        scores: Vec::new(),
        joins,
        leaves: live.leaves.into_iter().map(presence).collect(),
        transfers: live.transfers.into_iter().map(|one| transfer(cast, one)).collect(),
        interactions,
        surveys: surveys(live.surveys, live.csat),
        co_browse: Vec::new(),
        summary: live.note.map(|text| Summary {
            text,
            updated: live.updated,
        }),
        sdes: super::live_sdes::events(&live.sdes),
        unauthenticated_sdes: super::live_sdes::events(&live.reported),
        response_time: ResponseTime {
            due: live.due,
            configured: live.response_time_ms,
        },
        intents: Vec::new(),
        agent_survey: None,
        previous_agent_surveys: Vec::new(),
        skill_changes: Vec::new(),
        page_views: Vec::new(),
        latest_skill,
        id: live.id,
    }
}

fn consumer(live: LiveConsumer, visitor_id: Option<String>) -> Consumer {
    Consumer {
        id: live.id,
        given_name: live.given_name.map_or(Text::Borrowed("Visitor"), Text::Owned),
        family_name: live.family_name.map(Text::Owned),
        email: live.email,
        phone: live.phone,
        avatar: live.avatar,
        visitor_id: visitor_id.unwrap_or_default(),
        language: &LANGUAGES[0],
    }
}

fn channel(
    source: &'static str,
    device: Option<&'static str>,
    operating_system: Option<&'static str>,
    visitor_id: Option<String>,
    session_id: Option<String>,
    context_id: Option<String>,
) -> Channel {
    Channel {
        source,
        device,
        device_model: None,
        browser: None,
        browser_version: None,
        operating_system,
        operating_system_version: None,
        integration: None,
        integration_version: None,
        app_id: None,
        app_version: None,
        ip_address: None,
        time_zone: None,
        language: None,
        features: &[],
        visitor_id,
        session_id,
        interaction_context_id: context_id.map(Text::Owned),
    }
}

fn offered_by(live: LiveCampaign) -> Campaign {
    let LiveCampaign {
        campaign,
        engagement,
        application,
    } = live;
    Campaign {
        ids: CampaignIds {
            campaign: campaign.id,
            engagement: engagement.id,
            goal: campaign.goal.id,
            behavior: engagement.behavior.id,
            profile: campaign.audience.id,
            location: -1,
        },
        name: campaign.name.into(),
        engagement_name: engagement.name.into(),
        engagement_source: "DIRECT_APPLICATION",
        goal_name: campaign.goal.name.into(),
        behavior_name: engagement.behavior.name.into(),
        profile_name: campaign.audience.name.into(),
        location_name: "NA",
        line_of_business: None,
        application_id: application,
        agent_note: engagement.agent_note.map(Text::Owned),
    }
}

fn dialog(live: LiveDialog, skill: &Arc<SkillCard>) -> Dialog {
    Dialog {
        id: live.id,
        start: live.started,
        end: live.ended,
        close_reason: live.closed_by.map(|by| (by, None)),
        skill: Arc::clone(skill),
        survey: live.survey,
    }
}

fn message(cast: &Cast, live: LiveMessage) -> Message {
    Message {
        seq: u32::try_from(live.sequence).unwrap_or(u32::MAX),
        dialog: live.dialog,
        time: live.at,
        agent: live.agent.as_deref().map(|id| agent(cast, id)),
        internal: live.private,
        content: live_content::content(&live.event),
        context: None,
        predefined: None,
    }
}

fn status(cast: &Cast, live: LiveReceipt) -> MessageStatus {
    MessageStatus {
        message: live.message,
        time: live.at,
        agent: live.agent.as_deref().map(|id| agent(cast, id)),
        status: live.status,
    }
}

fn transfer(cast: &Cast, live: LiveTransfer) -> Transfer {
    Transfer {
        time: live.at,
        reason: live.reason,
        by: live.by,
        source_skill: skill(cast, live.from_skill),
        target_skill: skill(cast, live.to_skill),
        source_agent: live.from_agent.as_deref().map(|id| agent(cast, id)),
        target_agent: live.to_agent.as_deref().map(|id| agent(cast, id)),
    }
}

fn surveys(surveys: Vec<LiveSurvey>, csat: Option<i64>) -> Vec<Survey> {
    let post = surveys.into_iter().map(|survey| Survey {
        kind: "PostSurvey",
        status: survey.status,
        id: Some(survey.id),
        dialog: Some(survey.dialog),
        answers: survey.answers.into_iter().map(answer).collect(),
    });
    let legacy = csat.map(|rate| Survey {
        kind: "CSAT",
        status: "FILLED",
        id: None,
        dialog: None,
        answers: vec![answer(LiveAnswer {
            question: "csat".into(),
            id: "csat".into(),
            name: "csat".into(),
            kind: "csat",
            closed: true,
            answer: rate.to_string(),
            valid: true,
        })],
    });
    post.chain(legacy).collect()
}

fn answer(live: LiveAnswer) -> SurveyAnswer {
    SurveyAnswer {
        question: live.question,
        question_id: live.id,
        question_name: live.name,
        question_type: live.kind,
        question_format: if live.closed { "single" } else { "open" },
        answer: live.answer.into(),
        valid: live.valid,
    }
}
