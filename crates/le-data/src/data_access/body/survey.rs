//! Surveys.

use le_core::id::{ConversationId, SurveyId};
use le_core::wire::{Float, Int, List};

use super::engagement::VisitorHeader;

le_core::record! {
    /// Surveys of a visitor.
    pub struct SurveyData {
        /// Whose.
        header: Option<VisitorHeader> = "header" [safe],
        /// The surveys.
        surveys: List<SurveyDetails> = "surveys" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A survey. The same answers may come several times, with other times: questions are no keys.
    pub struct SurveyDetails {
        /// The survey.
        id: Option<SurveyId> = "id" [safe],
        /// Which: 1 before the chat, 2 at its end, 3 of the agent, 4 offline.
        r#type: Option<Int> = "type" [safe],
        /// When it was seen, in milliseconds since 1970.
        view_time: Option<Int> = "viewTime" [safe],
        /// The chat or conversation.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
        /// Questions and answers.
        contents: List<SurveyContent> = "contents" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A question and its answer.
    pub struct SurveyContent {
        /// The question.
        question: Option<String> = "question",
        /// The answer.
        answer: Option<String> = "answer",
        /// When it was given, in milliseconds since 1970.
        answer_submit_time: Option<Int> = "answerSubmitTime" [safe],
        /// The survey's name.
        survey_name: Option<String> = "surveyName" [safe],
        /// The kind of answer, as a code.
        answer_type: Option<Int> = "answerType" [safe],
        /// The least answer that counts as satisfied; -1 is none.
        csat_threshold: Option<Float> = "csatThreshold" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}
