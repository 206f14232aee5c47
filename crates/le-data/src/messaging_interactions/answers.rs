//! What consumers answered in surveys.

use le_core::wire::{Float, Int, present};

use super::conversation::Conversation;
use super::survey::{ConversationSurvey, SurveyAnswer};
use crate::generated::enums::QuestionType;

impl SurveyAnswer {
    /// The answer, unless it is one of the spellings of "none" or does not fit the question.
    #[must_use]
    pub fn valid(&self) -> Option<&str> {
        let refused = self.is_valid_answer.as_ref().is_some_and(|flag| !flag.get())
            || self.answer_id.as_deref() == Some("InvalidAnswer");
        present(self.answer.as_deref()?).filter(|_| !refused)
    }

    /// The answer as a number.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        self.valid()?.trim().parse().ok()
    }

    /// The answer as yes or no: `yes`, `no`, `true`, `false`, `1`, `0`, in any case.
    #[must_use]
    pub fn yes_or_no(&self) -> Option<bool> {
        match self.valid()?.trim().to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => Some(true),
            "no" | "false" | "0" => Some(false),
            _ => None,
        }
    }
}

impl Conversation {
    /// All answers with their surveys, in the order of the record.
    pub fn survey_answers(&self) -> impl Iterator<Item = (&ConversationSurvey, &SurveyAnswer)> {
        self.surveys
            .iter()
            .flat_map(|survey| survey.answers.iter().map(move |answer| (survey, answer)))
    }

    /// The answers to questions of a type; of several the last in the record counts most.
    fn answers_of(&self, kind: &QuestionType) -> impl Iterator<Item = &SurveyAnswer> {
        let mut answers: Vec<&SurveyAnswer> = self
            .survey_answers()
            .map(|(_, answer)| answer)
            .filter(|answer| {
                let own = answer.question_type.as_ref();
                own.is_some_and(|own| own.as_str().eq_ignore_ascii_case(kind.as_str()))
            })
            .collect();
        answers.sort_by_key(|answer| answer.answer_seq.as_ref().map_or(0, Int::get));
        answers.into_iter().rev()
    }

    /// Customer satisfaction, 1 to 5: from the head of the record, or else from a survey.
    #[must_use]
    pub fn csat(&self) -> Option<f64> {
        let head = self
            .info
            .as_ref()
            .and_then(|info| info.csat_rate.as_ref())
            .map(Float::get);
        head.filter(|rate| *rate > 0.0)
            .or_else(|| self.answers_of(&QuestionType::Csat).find_map(SurveyAnswer::number))
    }

    /// Net promoter score, 0 to 10, from a survey.
    #[must_use]
    pub fn nps(&self) -> Option<f64> {
        self.answers_of(&QuestionType::Nps).find_map(SurveyAnswer::number)
    }

    /// Whether the matter was resolved at the first contact, from a survey.
    #[must_use]
    pub fn fcr(&self) -> Option<bool> {
        self.answers_of(&QuestionType::Fcr).find_map(SurveyAnswer::yes_or_no)
    }
}
