//! One conversation as the simulator knows it. The wire text is made from it in [`super::render`].
//!
//! Generated conversations fill it from a seed; anything else that holds a conversation can fill it as well. Times are
//! epoch milliseconds. `None` is rendered the way LiveEngage renders a missing value of that member: absent, `null`,
//! `"undefined"` or `-1`.

use std::borrow::Cow;
use std::sync::Arc;

use super::cast::{AgentCard, Consumer, SkillCard};
use super::message::{Message, MessageScore, MessageStatus};
use super::sde::SdeEvent;
use super::survey::{AgentSurvey, Survey};

/// Text that is mostly from the vocabulary and sometimes made up.
pub(crate) type Text = Cow<'static, str>;

/// One conversation with everything that happened in it.
#[derive(Debug, Clone)]
pub(super) struct Conversation {
    /// Also the id of the main dialog.
    pub(super) id: String,
    pub(super) start: i64,
    /// The end of the main dialog; `None` while the conversation is open.
    pub(super) close: Option<Close>,
    /// The end with the survey; `None` while the conversation or its survey is open.
    pub(super) full_end: Option<i64>,
    /// When anything of the record last changed. Never on the wire: only the `latestUpdateTime` filter sees it.
    pub(super) updated: i64,
    /// Written before dialogs had ids of their own: `ms::conv:` message ids and `"undefined"` dialog ids.
    pub(super) before_dialogs: bool,
    pub(super) first_conversation: bool,
    /// Lists show only a part of the record (`isPartial`); the lookup by id shows all of it.
    pub(super) partial: bool,
    pub(super) stepped_up: bool,
    pub(super) in_queue: bool,
    pub(super) consumer: Arc<Consumer>,
    pub(super) channel: Channel,
    pub(super) latest_skill: Arc<SkillCard>,
    pub(super) latest_agent: Option<Arc<AgentCard>>,
    /// The state of the quality annotation of the conversation; only the `annotationStates` filter sees it.
    pub(super) annotation: Option<&'static str>,
    pub(super) campaign: Option<Campaign>,
    pub(super) monitoring: Option<Monitoring>,
    /// The main dialog first.
    pub(super) dialogs: Vec<Dialog>,
    pub(super) messages: Vec<Message>,
    pub(super) statuses: Vec<MessageStatus>,
    pub(super) scores: Vec<MessageScore>,
    /// One entry for each join.
    pub(super) joins: Vec<Participation>,
    pub(super) leaves: Vec<Participation>,
    pub(super) transfers: Vec<Transfer>,
    pub(super) interactions: Vec<Interaction>,
    pub(super) surveys: Vec<Survey>,
    pub(super) co_browse: Vec<CoBrowseSession>,
    pub(super) summary: Option<Summary>,
    /// Authenticated engagement attributes, oldest first.
    pub(super) sdes: Vec<SdeEvent>,
    /// Unauthenticated engagement attributes, oldest first.
    pub(super) unauthenticated_sdes: Vec<SdeEvent>,
    pub(super) response_time: ResponseTime,
    pub(super) intents: Vec<Intent>,
    pub(super) agent_survey: Option<AgentSurvey>,
    pub(super) previous_agent_surveys: Vec<AgentSurvey>,
    pub(super) skill_changes: Vec<SkillChange>,
    pub(super) page_views: Vec<PageView>,
}

impl Conversation {
    pub(super) fn is_open(&self) -> bool {
        self.close.is_none()
    }

    /// `info.endTimeL`: the conversation's end, moved to the survey's end once there is one.
    pub(super) fn end(&self) -> Option<i64> {
        self.full_end.or(self.close.as_ref().map(|close| close.time))
    }

    /// `info.duration` in milliseconds: to the end of the main dialog, or to `now_ms` while that is open.
    pub(super) fn duration(&self, now_ms: i64) -> i64 {
        (self.close.as_ref().map_or(now_ms, |close| close.time) - self.start).max(0)
    }

    /// The score after the last scored message.
    pub(super) fn mcs(&self) -> Option<i64> {
        self.scores.last().map(|score| score.mcs)
    }

    /// Whether the score calls for a manager's attention: -1, 0 or 1.
    pub(super) fn alerted_mcs(&self) -> Option<i64> {
        self.mcs().map(|mcs| match mcs {
            ..40 => -1,
            40..=70 => 0,
            _ => 1,
        })
    }

    /// The consumer's rating, 1 to 5, from the old CSAT form or the survey bot.
    pub(super) fn csat(&self) -> Option<i64> {
        self.surveys.iter().find_map(|survey| survey.rating("csat"))
    }

    /// The consumer's recommendation, 0 to 10.
    pub(super) fn nps(&self) -> Option<i64> {
        self.surveys.iter().find_map(|survey| survey.rating("nps"))
    }

    /// Every skill the conversation passed through, with -1 for "none yet".
    pub(super) fn skills(&self) -> impl Iterator<Item = i64> {
        self.transfers
            .iter()
            .flat_map(|transfer| [transfer.source_skill.id, transfer.target_skill.id])
            .chain(
                self.dialogs
                    .iter()
                    .filter(|dialog| dialog.survey.is_none())
                    .map(|dialog| dialog.skill.id),
            )
            .chain(std::iter::once(self.latest_skill.id))
    }
}

impl Conversation {
    /// Has everything happen `later` milliseconds later.
    pub(super) fn move_by(&mut self, later: i64) {
        if let Some(summary) = &mut self.summary {
            // Automatic notes are JSON text with the time inside.
            let (old, new) = (summary.updated.to_string(), (summary.updated + later).to_string());
            summary.text = summary.text.replace(&old, &new);
        }
        self.each_time(&mut |time| *time += later);
    }

    fn each_time(&mut self, change: &mut dyn FnMut(&mut i64)) {
        change(&mut self.start);
        change(&mut self.updated);
        self.close.iter_mut().for_each(|close| change(&mut close.time));
        self.full_end.iter_mut().for_each(&mut *change);
        self.response_time.due.iter_mut().for_each(&mut *change);
        self.summary.iter_mut().for_each(|summary| change(&mut summary.updated));
        for dialog in &mut self.dialogs {
            change(&mut dialog.start);
            dialog.end.iter_mut().for_each(&mut *change);
        }
        for session in &mut self.co_browse {
            change(&mut session.start);
            change(&mut session.end);
            session.interactive.iter_mut().for_each(&mut *change);
        }
        for event in self.sdes.iter_mut().chain(&mut self.unauthenticated_sdes) {
            change(&mut event.server_time);
            change(&mut event.original_time);
        }
        let surveys = self.agent_survey.iter_mut().chain(&mut self.previous_agent_surveys);
        surveys.for_each(|survey| change(&mut survey.updated));
        let presences = self.joins.iter_mut().chain(&mut self.leaves);
        presences.for_each(|presence| change(&mut presence.time));
        self.messages.iter_mut().for_each(|message| change(&mut message.time));
        self.statuses.iter_mut().for_each(|status| change(&mut status.time));
        self.scores.iter_mut().for_each(|score| change(&mut score.time));
        self.transfers
            .iter_mut()
            .for_each(|transfer| change(&mut transfer.time));
        self.interactions.iter_mut().for_each(|one| change(&mut one.time));
        self.skill_changes.iter_mut().for_each(|one| change(&mut one.time));
        self.page_views.iter_mut().for_each(|view| change(&mut view.time));
    }
}

/// How and when the main dialog ended.
#[derive(Debug, Clone)]
pub(super) struct Close {
    pub(super) time: i64,
    pub(super) reason: &'static str,
    pub(super) description: Option<&'static str>,
}

/// Where the consumer wrote from.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub(super) source: &'static str,
    pub(super) device: Option<&'static str>,
    pub(super) device_model: Option<&'static str>,
    pub(super) browser: Option<&'static str>,
    pub(super) browser_version: Option<Text>,
    pub(super) operating_system: Option<&'static str>,
    pub(super) operating_system_version: Option<&'static str>,
    pub(super) integration: Option<&'static str>,
    pub(super) integration_version: Option<&'static str>,
    pub(super) app_id: Option<&'static str>,
    pub(super) app_version: Option<&'static str>,
    pub(super) ip_address: Option<Text>,
    pub(super) time_zone: Option<&'static str>,
    pub(super) language: Option<&'static str>,
    pub(super) features: &'static [&'static str],
    pub(super) visitor_id: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) interaction_context_id: Option<Text>,
}

/// The campaign that offered the conversation.
#[derive(Debug, Clone)]
pub(super) struct Campaign {
    pub(super) ids: CampaignIds,
    pub(super) name: Text,
    pub(super) engagement_name: Text,
    pub(super) engagement_source: &'static str,
    pub(super) goal_name: Text,
    pub(super) behavior_name: Text,
    pub(super) profile_name: Text,
    pub(super) location_name: &'static str,
    /// `None`: -1 and `"NA"`.
    pub(super) line_of_business: Option<(i64, &'static str)>,
    pub(super) application_id: String,
    pub(super) agent_note: Option<Text>,
}

/// The ids of a campaign and its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct CampaignIds {
    pub(super) campaign: i64,
    pub(super) engagement: i64,
    pub(super) goal: i64,
    pub(super) behavior: i64,
    pub(super) profile: i64,
    pub(super) location: i64,
}

impl CampaignIds {
    /// Ids that follow this one.
    pub(super) fn after(id: i64) -> Self {
        Self {
            campaign: id + 1,
            engagement: id + 2,
            goal: id + 3,
            behavior: id + 4,
            profile: id + 5,
            location: id + 6,
        }
    }
}

/// What the web visit told about the consumer.
#[derive(Debug, Clone)]
pub(super) struct Monitoring {
    pub(super) country: &'static str,
    pub(super) country_code: &'static str,
    pub(super) state: Option<&'static str>,
    pub(super) city: &'static str,
    pub(super) isp: &'static str,
    pub(super) start_page: Text,
    pub(super) start_page_title: &'static str,
}

/// The main dialog, or a survey after it.
#[derive(Debug, Clone)]
pub(super) struct Dialog {
    pub(super) id: String,
    pub(super) start: i64,
    pub(super) end: Option<i64>,
    pub(super) close_reason: Option<(&'static str, Option<&'static str>)>,
    pub(super) skill: Arc<SkillCard>,
    /// `Some`: a `POST_SURVEY` dialog of the survey with this id.
    pub(super) survey: Option<String>,
}

/// An agent who joined or left.
#[derive(Debug, Clone)]
pub(super) struct Participation {
    pub(super) agent: Arc<AgentCard>,
    pub(super) permission: &'static str,
    pub(super) time: i64,
    /// Which of the conversation's dialogs.
    pub(super) dialog: usize,
}

/// A hand-over to a skill or an agent.
#[derive(Debug, Clone)]
pub(super) struct Transfer {
    pub(super) time: i64,
    pub(super) reason: &'static str,
    /// The id of who did it.
    pub(super) by: String,
    pub(super) source_skill: Arc<SkillCard>,
    pub(super) target_skill: Arc<SkillCard>,
    pub(super) source_agent: Option<Arc<AgentCard>>,
    /// `None`: `"null"`, nobody in particular.
    pub(super) target_agent: Option<Arc<AgentCard>>,
}

/// One stretch with one assigned agent.
#[derive(Debug, Clone)]
pub(super) struct Interaction {
    pub(super) time: i64,
    pub(super) agent: Arc<AgentCard>,
}

/// Agent and consumer looked at a page together.
#[derive(Debug, Clone)]
pub(super) struct CoBrowseSession {
    pub(super) id: String,
    pub(super) start: i64,
    pub(super) interactive: Option<i64>,
    pub(super) end: i64,
    pub(super) end_reason: &'static str,
    pub(super) in_app: bool,
    pub(super) agent: Option<Arc<AgentCard>>,
}

/// The note an agent or the automatic summary left.
#[derive(Debug, Clone)]
pub(super) struct Summary {
    pub(super) text: String,
    pub(super) updated: i64,
}

/// When the next answer is due.
#[derive(Debug, Clone)]
pub(super) struct ResponseTime {
    /// `None`: it is the consumer's turn.
    pub(super) due: Option<i64>,
    /// Milliseconds.
    pub(super) configured: i64,
}

/// What the classifier made of one message.
#[derive(Debug, Clone)]
pub(super) struct Intent {
    /// Which of the conversation's messages.
    pub(super) message: usize,
    pub(super) selected: Classification,
    /// The others that were weighed; the selected one is not among them.
    pub(super) others: Vec<Classification>,
}

/// One intent with the classifier's confidence.
#[derive(Debug, Clone)]
pub(super) struct Classification {
    pub(super) name: String,
    pub(super) label: &'static str,
    /// Thousandths.
    pub(super) confidence: u32,
}

/// A change of skill that is not a transfer, such as a fallback.
#[derive(Debug, Clone)]
pub(super) struct SkillChange {
    pub(super) time: i64,
    pub(super) reason: &'static str,
    pub(super) source: Arc<SkillCard>,
    pub(super) target: Arc<SkillCard>,
}

/// A page the consumer looked at.
#[derive(Debug, Clone)]
pub(super) struct PageView {
    pub(super) page: Text,
    pub(super) title: &'static str,
    pub(super) referrer: &'static str,
    pub(super) section: &'static str,
    pub(super) time: i64,
}
