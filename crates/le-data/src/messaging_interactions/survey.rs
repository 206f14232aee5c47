//! Surveys: of consumers and of agents.

use le_core::id::{DialogId, SkillId, SurveyId, UserId};
use le_core::wire::{Flag, Int, List};

use crate::generated::enums::{
    AgentSurveyStatus, AgentSurveyStatusReason, QuestionFormat, QuestionType, SurveyStatus, SurveyType,
};

le_core::record! {
    /// A survey that the consumer was asked to fill in.
    pub struct ConversationSurvey {
        /// The kind.
        survey_type: Option<SurveyType> = "surveyType" [safe],
        /// Filled in or not.
        survey_status: Option<SurveyStatus> = "surveyStatus" [safe],
        /// The survey.
        survey_id: Option<SurveyId> = "surveyId" | "surveyID" [safe],
        /// The dialog it ran in.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Questions and answers.
        answers: List<SurveyAnswer> = "surveyData" [safe],
    }
}

le_core::record! {
    /// A question of a survey and its answer.
    pub struct SurveyAnswer {
        /// The question.
        question: Option<String> = "question",
        /// The answer.
        answer: Option<String> = "answer",
        /// The question's id.
        question_id: Option<String> = "questionId" | "questionID" [safe],
        /// The question's name. Not documented; seen in clients.
        question_name: Option<String> = "questionName",
        /// The answer's id; `InvalidAnswer` for one that does not fit.
        answer_id: Option<String> = "answerId" | "answerID" [safe],
        /// What is asked.
        question_type: Option<QuestionType> = "questionType" [safe],
        /// Choice or free text.
        question_format: Option<QuestionFormat> = "questionFormat" [safe],
        /// The answer's place.
        answer_seq: Option<Int> = "answerSeq" [safe],
        /// Whether the answer fits the question.
        is_valid_answer: Option<Flag> = "isValidAnswer" [safe],
    }
}

le_core::record! {
    /// A survey that an agent fills in about the conversation.
    pub struct AgentSurvey {
        /// Where it stands.
        survey_status: Option<AgentSurveyStatus> = "surveyStatus" [safe],
        /// Why.
        status_reason: Option<AgentSurveyStatusReason> = "statusReason" [safe],
        /// The dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// This run of the survey.
        survey_id: Option<SurveyId> = "surveyId" | "surveyID" [safe],
        /// The survey as set up.
        ac_survey_id: Option<SurveyId> = "acSurveyId" [safe],
        /// Its name.
        ac_survey_name: Option<String> = "acSurveyName" [safe],
        /// Its revision.
        ac_survey_revision: Option<Int> = "acSurveyRevision" [safe],
        /// The skill.
        survey_skill_id: Option<SkillId> = "surveySkillId" [safe],
        /// Its name.
        survey_skill_name: Option<String> = "surveySkillName" [safe],
        /// Who was to fill it in.
        assigned_agent_id: Option<UserId> = "assignedAgentId" [safe],
        /// Their nickname.
        assigned_agent_nick_name: Option<String> = "assignedAgentNickName",
        /// Their name.
        assigned_agent_name: Option<String> = "assignedAgentName",
        /// Who did; missing where it timed out.
        performed_by_agent_id: Option<UserId> = "performedByAgentId" [safe],
        /// Their nickname.
        performed_by_agent_nick_name: Option<String> = "performedByAgentNickName",
        /// Their name.
        performed_by_agent_name: Option<String> = "performedByAgentName",
        /// When it last changed, in milliseconds since 1970.
        last_update_time: Option<Int> = "lastUpdateTime" [safe],
        /// What was answered.
        submitted_answers: List<AgentSurveyQuestion> = "submittedAnswers" [safe],
    }
}

le_core::record! {
    /// A question of an agent survey and its answers.
    pub struct AgentSurveyQuestion {
        /// The question.
        question_text: Option<String> = "questionText",
        /// Its id.
        question_id: Option<String> = "questionId" [safe],
        /// `REGULAR_QUESTION`, or another.
        question_definition: Option<String> = "questionDefinition" [safe],
        /// `FREE_TEXT`, `NUMBER`, or another.
        question_category: Option<String> = "questionCategory" [safe],
        /// The answers.
        answers: List<AgentSurveyAnswer> = "answers" [safe],
    }
}

le_core::record! {
    /// An answer of an agent survey.
    pub struct AgentSurveyAnswer {
        /// The answer.
        answer: Option<String> = "answer",
        /// Its id.
        answer_id: Option<String> = "answerId" [safe],
    }
}
