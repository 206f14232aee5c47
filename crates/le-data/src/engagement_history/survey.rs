//! The surveys of a chat.

use le_core::id::SurveyId;
use le_core::wire::{Int, List, TimeText, present};

use crate::times::times;

le_core::record! {
    /// The surveys of a chat.
    pub struct ChatSurveys {
        /// Before the chat.
        pre_chat: List<ChatSurveyAnswer> = "preChat" [safe],
        /// After it.
        post_chat: List<ChatSurveyAnswer> = "postChat" [safe],
        /// The agent's.
        operator: List<ChatSurveyAnswer> = "operator" [safe],
    }
}

impl ChatSurveys {
    /// All answers, those of the visitor first.
    pub fn answers(&self) -> impl Iterator<Item = &ChatSurveyAnswer> {
        self.pre_chat.iter().chain(&self.post_chat).chain(&self.operator)
    }
}

le_core::record! {
    /// A question of a survey and its answer.
    pub struct ChatSurveyAnswer {
        /// `Session`, or another.
        scope: Option<String> = "scope" [safe],
        /// Which survey: `Pre-Chat`, `Exit`; the vendor's table has `pre-chat`, `post-chat`, `operator`.
        source: Option<String> = "source" [safe],
        /// The question.
        display_name: Option<String> = "displayName",
        /// The answer.
        value: Option<String> = "value",
        /// The answers, where several can be chosen.
        values: List<String> = "values",
        /// Places of the answers: 0 none chosen, -1 not by place, -2 not valid.
        answers_id: List<Int> = "answersId" [safe],
        /// The survey's name.
        name: Option<String> = "name" [safe],
        /// See [`ChatSurveyAnswer::at`].
        time: Option<TimeText> = "time" [safe],
        /// See [`ChatSurveyAnswer::at`].
        time_l: Option<Int> = "timeL" [safe],
        /// The question.
        question_id: Option<Int> = "questionID" | "questionId" [safe],
        /// The survey.
        survey_id: Option<SurveyId> = "surveyID" | "surveyId" [safe],
    }
}

times!(ChatSurveyAnswer {
    /// When it was answered.
    at: time_l, time;
});

impl ChatSurveyAnswer {
    /// The answer, unless it is one of the spellings of "none".
    #[must_use]
    pub fn answer(&self) -> Option<&str> {
        present(self.value.as_deref()?)
    }
}
