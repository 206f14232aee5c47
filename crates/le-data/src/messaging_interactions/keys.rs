//! By what records are told apart, for those who write them into tables.
//!
//! Within a conversation unless it says otherwise: put the conversation's id in front where many are kept together. A key is
//! `None` where the record lacks what it is made of.

use std::fmt::Display;

use super::conversation::Conversation;
use super::dialog::{Dialog, Interaction, Transfer};
use super::message::{Message, MessageScore, MessageStatus};
use super::participant::AgentParticipant;
use super::sde::SdeEvent;
use super::survey::{ConversationSurvey, SurveyAnswer};

/// The parts with bars between them; missing ones are empty.
fn joined<const N: usize>(parts: [Option<&dyn Display>; N]) -> String {
    let parts = parts.map(|part| part.map(ToString::to_string).unwrap_or_default());
    parts.join("|")
}

fn shown<T: Display>(part: &Option<T>) -> Option<&dyn Display> {
    part.as_ref().map(|part| part as &dyn Display)
}

impl Conversation {
    /// The key of the whole record: its id.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        self.id().map(ToString::to_string)
    }
}

impl Message {
    /// `messageId`, or else dialog and sequence.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        if let Some(id) = self.message_id.as_ref().and_then(|id| id.assigned()) {
            return Some(id.to_string());
        }
        self.seq.as_ref()?;
        Some(joined([shown(&self.dialog_id), shown(&self.seq)]))
    }
}

impl MessageStatus {
    /// Message, participant, status and time.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        self.message_id.as_ref()?;
        Some(joined([
            shown(&self.message_id),
            shown(&self.participant_id),
            shown(&self.message_delivery_status),
            self.at().as_ref().map(|at| at as &dyn Display),
        ]))
    }
}

impl MessageScore {
    /// The message.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        self.message_id.as_ref().map(ToString::to_string)
    }
}

impl AgentParticipant {
    /// Dialog, agent, time and permission: the same agent may join several times.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        self.agent_id.as_ref()?;
        Some(joined([
            shown(&self.dialog_id),
            shown(&self.agent_id),
            self.joined().as_ref().map(|at| at as &dyn Display),
            shown(&self.permission),
        ]))
    }
}

impl Transfer {
    /// Dialog, time, who did it, and the skill it went to.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        let at = self.at()?;
        Some(joined([
            shown(&self.dialog_id),
            Some(&at),
            shown(&self.by),
            shown(&self.target_skill_id),
        ]))
    }
}

impl Interaction {
    /// Dialog and sequence.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        self.interactive_sequence.as_ref()?;
        Some(joined([shown(&self.dialog_id), shown(&self.interactive_sequence)]))
    }
}

impl Dialog {
    /// Its id.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        self.dialog_id.as_ref().map(ToString::to_string)
    }
}

impl SurveyAnswer {
    /// Survey (or else its dialog), question, answer and sequence.
    #[must_use]
    pub fn key(&self, survey: &ConversationSurvey) -> Option<String> {
        let of_survey = shown(&survey.survey_id).or_else(|| shown(&survey.dialog_id))?;
        Some(joined([
            Some(of_survey),
            shown(&self.question_id),
            shown(&self.answer_id),
            shown(&self.answer_seq),
        ]))
    }
}

impl SdeEvent {
    /// Type and time of processing.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        let (kind, stamp) = (self.kind()?, self.stamp()?);
        Some(joined([Some(&kind), Some(stamp)]))
    }
}
