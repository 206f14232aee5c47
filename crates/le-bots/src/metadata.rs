//! Objects beside the body of a message: why a bot hands over, which survey question was asked, what a click stood for.
//!
//! They are written from these types and read as JSON texts, since channels bring many more of them.

use std::time::Duration;

use le_core::Error;
use le_core::wire::{Float, Int, List, RawRecord};

le_core::record! {
    /// Marks a message or a clicked element, for reports.
    pub struct ExternalId {
        /// Always `ExternalId`.
        kind: Option<String> = "type" [safe],
        /// At most 64 characters.
        id: Option<String> = "id" [safe],
    }
}

le_core::record! {
    /// Why a conversation is handed over.
    pub struct ActionReason {
        /// Always `ActionReason`.
        kind: Option<String> = "type" [safe],
        /// At most 64 characters; the vendor suggests `escalated_by_user`, `escalated_by_bot`, `escalated_by_configuration` and
        /// `escalated_by_error`.
        reason: Option<String> = "reason" [safe],
        /// At most 64 characters.
        reason_id: Option<String> = "reasonId" [safe],
    }
}

le_core::record! {
    /// An intent that a bot recognised.
    pub struct Intent {
        /// Id.
        id: Option<String> = "id" [safe],
        /// Name.
        name: Option<String> = "name" [safe],
        /// From 0 to 1.
        confidence_score: Option<Float> = "confidenceScore" [safe],
        /// As the schema has it a number, as the page has it a word.
        confidence: Option<RawRecord> = "confidence" [safe],
    }
}

le_core::record! {
    /// What a bot made of a message.
    pub struct BotResponse {
        /// Always `BotResponse`.
        kind: Option<String> = "type" [safe],
        /// At most 64 characters.
        external_conversation_id: Option<String> = "externalConversationId" [safe],
        /// Business cases, at most 64 characters each.
        business_cases: List<String> = "businessCases" [safe],
        /// At most 16.
        intents: List<Intent> = "intents" [safe],
    }
}

le_core::record! {
    /// What went before the hand-over to a person.
    pub struct EscalationSummary {
        /// Always `EscalationSummary`.
        kind: Option<String> = "type" [safe],
        /// Cause.
        cause: Option<String> = "escalationCause" [safe],
        /// Business cases with their times.
        business_cases: List<RawRecord> = "businessCases" [safe],
        /// Milliseconds.
        conversation_duration: Option<Int> = "conversationDuration" [safe],
        /// Business case during which it happened.
        during_business_case: Option<String> = "escalatedDuringBusinessCase" [safe],
    }
}

le_core::record! {
    /// Marks a dialog as a survey, a message as its question, and a click or text as an answer: the type says which.
    pub struct SurveyMark {
        /// `Survey`, `Question`, `Answer` or `InvalidAnswer`.
        kind: Option<String> = "type" [safe],
        /// Id of the survey, question or answer.
        id: Option<String> = "id" [safe],
        /// Revision of the survey.
        revision: Option<String> = "revision" [safe],
        /// `External` for one's own bots.
        provider: Option<String> = "provider" [safe],
        /// Survey that a question or answer belongs to.
        survey_id: Option<String> = "surveyId" [safe],
        /// Question that an answer belongs to.
        question_id: Option<String> = "questionId" [safe],
        /// Group of questions.
        group_id: Option<String> = "groupId" [safe],
        /// Ids of possible answers.
        replies: List<String> = "replies" [safe],
    }
}

impl ExternalId {
    /// Marks with this id.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it has more than 64 characters.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        Ok(Self {
            kind: Some("ExternalId".to_owned()),
            id: Some(within("ExternalId", "id", id.into())?),
            ..Self::default()
        })
    }
}

impl ActionReason {
    /// For this reason.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it has more than 64 characters.
    pub fn new(reason: impl Into<String>) -> Result<Self, Error> {
        Ok(Self {
            kind: Some("ActionReason".to_owned()),
            reason: Some(within("ActionReason", "reason", reason.into())?),
            ..Self::default()
        })
    }
}

impl EscalationSummary {
    /// With this cause: at most 64 characters.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it is longer.
    pub fn new(cause: impl Into<String>) -> Result<Self, Error> {
        Ok(Self {
            kind: Some("EscalationSummary".to_owned()),
            cause: Some(within("EscalationSummary", "escalationCause", cause.into())?),
            ..Self::default()
        })
    }

    /// How long the bot had the conversation.
    #[must_use]
    pub fn lasting(mut self, time: Duration) -> Self {
        self.conversation_duration = i64::try_from(time.as_millis()).ok().map(Int::from);
        self
    }

    /// The business case during which it happened: at most 256 characters.
    #[must_use]
    pub fn during(mut self, business_case: impl Into<String>) -> Self {
        self.during_business_case = Some(business_case.into());
        self
    }
}

impl BotResponse {
    /// With the intents that were recognised; at most 16.
    #[must_use]
    pub fn new(intents: impl IntoIterator<Item = Intent>) -> Self {
        Self {
            kind: Some("BotResponse".to_owned()),
            intents: intents.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Business cases, at most 256 characters each.
    #[must_use]
    pub fn business_cases(mut self, cases: impl IntoIterator<Item = String>) -> Self {
        self.business_cases = cases.into_iter().collect();
        self
    }
}

impl Intent {
    /// An intent, and how sure the bot is of it: from 0 to 1.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where the score is outside of that.
    pub fn new(id: impl Into<String>, score: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&score) {
            let message = format!("metadata `Intent.confidenceScore` is {score}, it must be 0 to 1");
            return Err(Error::validation(message));
        }
        Ok(Self {
            id: Some(id.into()),
            confidence_score: Some(Float::from(score)),
            ..Self::default()
        })
    }
}

impl SurveyMark {
    /// Marks a dialog as a survey of one's own.
    #[must_use]
    pub fn survey(id: impl Into<String>, revision: impl Into<String>) -> Self {
        Self {
            revision: Some(revision.into()),
            ..Self::of("Survey", id)
        }
    }

    /// Marks a message as a question, with the ids of its answers.
    #[must_use]
    pub fn question(
        id: impl Into<String>,
        survey: impl Into<String>,
        replies: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            survey_id: Some(survey.into()),
            replies: replies.into_iter().collect(),
            ..Self::of("Question", id)
        }
    }

    /// Marks a click or a text as an answer.
    #[must_use]
    pub fn answer(id: impl Into<String>, question: impl Into<String>) -> Self {
        Self {
            question_id: Some(question.into()),
            ..Self::of("Answer", id)
        }
    }

    fn of(kind: &str, id: impl Into<String>) -> Self {
        Self {
            kind: Some(kind.to_owned()),
            id: Some(id.into()),
            provider: Some("External".to_owned()),
            ..Self::default()
        }
    }
}

fn within(name: &str, field: &str, text: String) -> Result<String, Error> {
    let length = text.chars().count();
    if length > 64 {
        let message = format!("metadata `{name}.{field}` has {length} characters, the most is 64");
        return Err(Error::validation(message).with_advice("shorten it"));
    }
    Ok(text)
}
