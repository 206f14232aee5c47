//! `conversationSurveys`, `latestAgentSurvey`, `previouslySubmittedAgentSurveys`.

use serde::Serialize;

use super::super::conversation::Conversation;
use super::super::survey::AgentSurvey;
use super::values::{List, dialog_id};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireSurvey<'a, D> {
    survey_type: &'static str,
    survey_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    survey_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialog_id: Option<&'a str>,
    survey_data: D,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireAnswer<'a> {
    question: &'a str,
    answer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    question_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    question_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    question_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    question_format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_seq: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_valid_answer: Option<bool>,
}

/// The older form of survey tells only questions and answers.
pub(super) fn surveys(conversation: &Conversation) -> impl Serialize {
    List(conversation.surveys.iter().map(move |survey| {
        let by_bot = survey.dialog.is_some();
        let answers = survey
            .answers
            .iter()
            .enumerate()
            .map(move |(place, answer)| WireAnswer {
                question: &answer.question,
                answer: &answer.answer,
                question_id: by_bot.then_some(&*answer.question_id),
                question_name: by_bot.then_some(&*answer.question_name),
                answer_id: by_bot.then(|| {
                    if answer.valid {
                        format!("a{}", place + 1)
                    } else {
                        "InvalidAnswer".to_owned()
                    }
                }),
                question_type: by_bot.then_some(answer.question_type),
                question_format: by_bot.then_some(answer.question_format),
                answer_seq: by_bot.then(|| (place + 1).to_string()),
                is_valid_answer: by_bot.then_some(answer.valid),
            });
        WireSurvey {
            survey_type: survey.kind,
            survey_status: survey.status,
            survey_id: survey.id.as_deref(),
            dialog_id: survey.dialog.map(|dialog| dialog_id(conversation, dialog)),
            survey_data: List(answers),
        }
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireAgentSurvey<'a> {
    survey_status: &'static str,
    status_reason: &'static str,
    dialog_id: &'a str,
    survey_id: &'a str,
    ac_survey_id: String,
    ac_survey_name: &'static str,
    ac_survey_revision: u32,
    survey_skill_id: i64,
    survey_skill_name: &'a str,
    assigned_agent_id: &'a str,
    assigned_agent_nick_name: &'a str,
    assigned_agent_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    performed_by_agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performed_by_agent_nick_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performed_by_agent_name: Option<&'a str>,
    last_update_time: i64,
    submitted_answers: Vec<WireAgentAnswer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireAgentAnswer {
    question_text: &'static str,
    question_id: &'static str,
    question_definition: &'static str,
    question_category: &'static str,
    answers: [Choice; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Choice {
    answer: &'static str,
    answer_id: &'static str,
}

pub(super) fn agent_survey<'a>(conversation: &'a Conversation, survey: &'a AgentSurvey) -> WireAgentSurvey<'a> {
    let performer = survey.performer.as_deref();
    WireAgentSurvey {
        survey_status: survey.status,
        status_reason: survey.reason,
        dialog_id: dialog_id(conversation, 0),
        survey_id: &survey.id,
        ac_survey_id: survey.definition.to_string(),
        ac_survey_name: survey.name,
        ac_survey_revision: survey.revision,
        survey_skill_id: survey.skill.id,
        survey_skill_name: &survey.skill.name,
        assigned_agent_id: &survey.assigned.id,
        assigned_agent_nick_name: &survey.assigned.nickname,
        assigned_agent_name: &survey.assigned.full_name,
        performed_by_agent_id: performer.map(|agent| agent.id.as_str()),
        performed_by_agent_nick_name: performer.map(|agent| agent.nickname.as_str()),
        performed_by_agent_name: performer.map(|agent| agent.full_name.as_str()),
        last_update_time: survey.updated,
        submitted_answers: survey
            .answers
            .iter()
            .map(|answer| WireAgentAnswer {
                question_text: answer.question,
                question_id: answer.question_id,
                question_definition: "REGULAR_QUESTION",
                question_category: answer.category,
                answers: [Choice {
                    answer: answer.answer,
                    answer_id: "1",
                }],
            })
            .collect(),
    }
}

pub(super) fn previous_agent_surveys(conversation: &Conversation) -> impl Serialize {
    List(
        conversation
            .previous_agent_surveys
            .iter()
            .map(|survey| agent_survey(conversation, survey)),
    )
}
