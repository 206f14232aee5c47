//! Whether a conversation meets a condition.

use super::super::conversation::{Classification, Conversation, Intent};
use super::super::survey::{AgentAnswer, AgentSurvey, SurveyAnswer};
use super::super::{HOUR, sde::SdeEvent};
use super::criterion::{AgentSurveySearch, Criterion, SdeTarget};
use super::text::Words;

/// Engagement attributes are found this long after they came.
const SDE_SEARCH_LAG: i64 = 2 * HOUR;

impl Criterion {
    /// Whether `conversation` meets the condition at `now`.
    pub(in crate::history) fn met_by(&self, conversation: &Conversation, now: i64) -> bool {
        match self {
            Self::Status(list) => list.iter().any(|status| has_status(conversation, status, now)),
            Self::Skills(ids) => conversation.skills().any(|skill| ids.contains(&skill)),
            Self::LatestSkills(ids) => ids.contains(&conversation.latest_skill.id),
            Self::Agents { ids, permissions } => took_part(conversation, ids.as_deref(), permissions),
            Self::LatestAgents(ids) => conversation
                .latest_agent
                .as_ref()
                .is_some_and(|agent| has(ids, &agent.id) || has(ids, &agent.pid)),
            Self::AgentGroups(ids) => conversation.joins.iter().any(|join| ids.contains(&join.agent.group_id)),
            Self::Keyword(words) => words.within(
                conversation
                    .messages
                    .iter()
                    .filter_map(|message| message.content.searchable()),
            ),
            Self::Summary(words) => words.within(conversation.summary.as_ref().map(|summary| summary.text.as_str())),
            Self::Duration(range) => range.contains((conversation.duration(now) / 1_000) as f64),
            Self::Mcs(range) => conversation.mcs().is_some_and(|mcs| range.contains(mcs as f64)),
            Self::AlertedMcs(values) => conversation.alerted_mcs().is_some_and(|value| values.contains(&value)),
            Self::Csat(range) => conversation.csat().is_some_and(|csat| range.contains(csat as f64)),
            Self::Nps(range) => conversation.nps().is_some_and(|nps| range.contains(nps as f64)),
            Self::Source(list) => list.iter().any(|source| is_source(conversation.channel.source, source)),
            Self::Device(list) => conversation.channel.device.is_some_and(|device| has(list, device)),
            Self::ContentTypes(list) => conversation
                .messages
                .iter()
                .any(|message| has(list, message.content.kind())),
            Self::QueueState(state) => state == if conversation.in_queue { "IN_QUEUE" } else { "ACTIVE" },
            Self::Sdes(wanted) => wanted
                .iter()
                .any(|(target, words)| in_attributes(conversation, *target, words, now)),
            Self::ResponseTime(range) => conversation
                .response_time
                .due
                .is_some_and(|due| range.contains(due as f64)),
            Self::StepUp => conversation.stepped_up,
            Self::Intent {
                names,
                confidence,
                selected_only,
            } => {
                let classified = |intent| has_intent(intent, names.as_deref(), *confidence, *selected_only);
                conversation.intents.iter().any(classified)
            }
            Self::AgentSurvey(search) => search.met_by(conversation),
            Self::Annotation(states) => conversation.annotation.is_some_and(|state| has(states, state)),
            _ => self.met_by_survey(conversation),
        }
    }

    /// The conditions on what the consumer answered.
    fn met_by_survey(&self, conversation: &Conversation) -> bool {
        let answers = || conversation.surveys.iter().flat_map(|survey| &survey.answers);
        match self {
            Self::QuestionBrick(words) => {
                bot_answers(conversation).any(|answer| words.within([&*answer.question_name, &*answer.question_id]))
            }
            Self::InvalidFreeTextAnswer => answers().any(|answer| !answer.valid),
            Self::SurveyBot => conversation.dialogs.iter().any(|dialog| dialog.survey.is_some()),
            Self::SurveyIds(ids) => conversation
                .surveys
                .iter()
                .any(|survey| survey.id.as_ref().is_some_and(|id| has(ids, id))),
            Self::Fcr(values) => answers().any(|answer| {
                answer.question_type == "fcr"
                    && answer.valid
                    && values.iter().any(|value| yes(value) == yes(&answer.answer))
            }),
            Self::Question { question_type, format } => bot_answers(conversation).any(|answer| {
                question_type
                    .as_ref()
                    .is_none_or(|wanted| wanted.eq_ignore_ascii_case(answer.question_type))
                    && format
                        .as_ref()
                        .is_none_or(|wanted| wanted.eq_ignore_ascii_case(answer.question_format))
            }),
            Self::AnswerText(texts) => answers()
                .filter(|answer| answer.question_format == "open")
                .any(|answer| texts.iter().any(|words| words.within([answer.answer.as_ref()]))),
            _ => false,
        }
    }
}

fn has(list: &[String], value: &str) -> bool {
    list.iter().any(|entry| entry == value)
}

/// The answers that the survey bot asked for: only these tell their question's name, type and format.
fn bot_answers(conversation: &Conversation) -> impl Iterator<Item = &SurveyAnswer> {
    conversation
        .surveys
        .iter()
        .filter(|survey| survey.dialog.is_some())
        .flat_map(|survey| &survey.answers)
}

/// `OVERDUE` stands in client types only: open, and the answer should have come by now.
fn has_status(conversation: &Conversation, status: &str, now: i64) -> bool {
    match status {
        "OPEN" => conversation.is_open(),
        "CLOSE" => !conversation.is_open(),
        "OVERDUE" => conversation.is_open() && conversation.response_time.due.is_some_and(|due| due < now),
        _ => false,
    }
}

fn took_part(conversation: &Conversation, ids: Option<&[String]>, permissions: &[String]) -> bool {
    conversation.joins.iter().any(|join| {
        has(permissions, join.permission) && ids.is_none_or(|ids| has(ids, &join.agent.id) || has(ids, &join.agent.pid))
    })
}

/// The filter names some channels otherwise than the record: `WhatsApp Business` for `WHATSAPP`, once `WEB` for `SHARK`.
fn is_source(source: &str, wanted: &str) -> bool {
    source == wanted || matches!((source, wanted), ("WHATSAPP", "WhatsApp Business") | ("SHARK", "WEB"))
}

fn in_attributes(conversation: &Conversation, target: SdeTarget, words: &Words, now: i64) -> bool {
    if words.has_long_number() {
        return false;
    }
    match target {
        SdeTarget::Kind(kind) => {
            let searchable = |event: &&SdeEvent| event.kind == kind && event.server_time <= now - SDE_SEARCH_LAG;
            let mut events = conversation
                .sdes
                .iter()
                .chain(&conversation.unauthenticated_sdes)
                .filter(searchable);
            events.any(|event| {
                let mut found = false;
                event.visit_text(&mut |text| found = found || words.within([text]));
                found
            })
        }
        SdeTarget::Profile => {
            let consumer = &conversation.consumer;
            words.within([
                &*consumer.given_name,
                consumer.family_name.as_deref().unwrap_or(""),
                consumer.email.as_deref().unwrap_or(""),
                consumer.phone.as_deref().unwrap_or(""),
            ])
        }
    }
}

/// Names are ids or labels; the confidence is the least that counts.
fn has_intent(intent: &Intent, names: Option<&[String]>, confidence: Option<f64>, selected_only: bool) -> bool {
    let wanted = |class: &Classification| {
        names.is_none_or(|names| has(names, &class.name) || has(names, class.label))
            && confidence.is_none_or(|least| f64::from(class.confidence) / 1_000.0 >= least)
    };
    wanted(&intent.selected) || (!selected_only && intent.others.iter().any(wanted))
}

/// `yes` and `1` are the same answer, so are `no` and `0`; nothing else is one.
fn yes(text: &str) -> Option<bool> {
    match text {
        "yes" | "1" => Some(true),
        "no" | "0" => Some(false),
        _ => None,
    }
}

impl AgentSurveySearch {
    fn met_by(&self, conversation: &Conversation) -> bool {
        let surveys = || {
            conversation
                .agent_survey
                .iter()
                .chain(&conversation.previous_agent_surveys)
        };
        let pending = conversation
            .agent_survey
            .as_ref()
            .is_some_and(|survey| survey.status == "OPEN");
        self.pending.as_ref().is_none_or(|wanted| wanted.contains(&pending))
            && (self.asks_nothing_of_surveys() || surveys().any(|survey| self.met_by_survey(survey)))
    }

    fn asks_nothing_of_surveys(&self) -> bool {
        self.survey_ids.is_none()
            && self.question_ids.is_none()
            && self.question_names.is_none()
            && self.question_keywords.is_none()
            && self.answer_keywords.is_none()
    }

    fn met_by_survey(&self, survey: &AgentSurvey) -> bool {
        let any = |met: &dyn Fn(&AgentAnswer) -> bool| survey.answers.iter().any(met);
        self.survey_ids
            .as_ref()
            .is_none_or(|ids| ids.contains(&i64::from(survey.definition)))
            && self
                .question_ids
                .as_ref()
                .is_none_or(|ids| any(&|answer| has(ids, answer.question_id)))
            && self
                .question_names
                .as_ref()
                .is_none_or(|names| any(&|answer| has(names, answer.question)))
            && self
                .question_keywords
                .as_ref()
                .is_none_or(|all| any(&|answer| found(all, answer.question)))
            && self
                .answer_keywords
                .as_ref()
                .is_none_or(|all| any(&|answer| found(all, answer.answer)))
    }
}

fn found(searches: &[Words], text: &str) -> bool {
    searches.iter().any(|words| words.within([text]))
}
