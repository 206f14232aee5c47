//! Surveys: what the consumer answered after the conversation, and what the agent did.

use std::sync::Arc;

use super::cast::{AgentCard, SkillCard};
use super::conversation::Text;

/// One entry of `conversationSurveys`.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    /// `PostSurvey` of the survey bot, `CSAT` or `Satisfaction` of the older form.
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) id: Option<String>,
    /// Which of the conversation's dialogs; `None` for the older form.
    pub(super) dialog: Option<usize>,
    pub(super) answers: Vec<SurveyAnswer>,
}

impl Survey {
    /// The number that was answered to the question of this type.
    pub(super) fn rating(&self, question_type: &str) -> Option<i64> {
        self.answers
            .iter()
            .find(|answer| answer.question_type == question_type && answer.valid)
            .and_then(|answer| answer.answer.parse().ok())
    }
}

/// One answered question.
#[derive(Debug, Clone)]
pub(super) struct SurveyAnswer {
    pub(super) question: Text,
    pub(super) question_id: Text,
    pub(super) question_name: Text,
    /// `csat`, `nps`, `fcr` or `custom`.
    pub(super) question_type: &'static str,
    /// `single` or `open`.
    pub(super) question_format: &'static str,
    pub(super) answer: Text,
    pub(super) valid: bool,
}

/// `latestAgentSurvey`, and an entry of `previouslySubmittedAgentSurveys`.
#[derive(Debug, Clone)]
pub(super) struct AgentSurvey {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) reason: &'static str,
    pub(super) definition: u32,
    pub(super) name: &'static str,
    pub(super) revision: u32,
    pub(super) skill: Arc<SkillCard>,
    pub(super) assigned: Arc<AgentCard>,
    /// `None`: it ran out of time.
    pub(super) performer: Option<Arc<AgentCard>>,
    pub(super) updated: i64,
    pub(super) answers: Vec<AgentAnswer>,
}

/// One question the agent answered.
#[derive(Debug, Clone)]
pub(super) struct AgentAnswer {
    pub(super) question_id: &'static str,
    pub(super) question: &'static str,
    pub(super) category: &'static str,
    pub(super) answer: &'static str,
}
