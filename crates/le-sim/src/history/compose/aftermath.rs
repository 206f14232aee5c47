//! What follows the conversation: its end, the consumer's survey, the agent's survey, the summary.

use std::sync::Arc;

use super::super::conversation::{Close, Dialog, Summary};
use super::super::message::Content;
use super::super::survey::{AgentAnswer, AgentSurvey, Survey, SurveyAnswer};
use super::super::vocabulary::pick;
use super::{Composer, DAY, HOUR, MINUTE, SECOND};
use crate::account::{UserType, uuid};

/// A question of the survey bot: text, id, name, type, format.
type Question = (&'static str, &'static str, &'static str, &'static str, &'static str);

const RATING: Question = (
    "How did we do? (1-5)",
    "brick_csat_1",
    "satisfaction with the agent",
    "csat",
    "single",
);
const RECOMMENDATION: Question = (
    "Would you recommend us? (0-10)",
    "brick_nps_2",
    "recommendation",
    "nps",
    "single",
);
const RESOLUTION: Question = (
    "Was your question solved?",
    "brick_fcr_3",
    "first contact resolution",
    "fcr",
    "single",
);
const OPINION: Question = (
    "What could we do better?",
    "brick_text_4",
    "free opinion",
    "custom",
    "open",
);

impl Composer<'_> {
    /// Ends the main dialog at the current instant.
    pub(super) fn close(&mut self) {
        let nobody = self.assigned.is_none();
        let (reason, description) = match self.random.u8(..20) {
            0..=9 if !nobody => ("AGENT", Some("MANUAL_CLOSE")),
            10 if !nobody => ("AGENT", None),
            0..=13 => ("CONSUMER", Some("MANUAL_CLOSE")),
            14 => ("CONSUMER", Some("undefined")),
            15..=17 => ("SYSTEM", Some("AUTO_CLOSE")),
            18 => ("SYSTEM", Some("SYSTEM_CLOSE")),
            _ => ("TIMEOUT", Some("")),
        };
        if reason == "TIMEOUT" {
            let system = Arc::clone(&self.cast.system);
            self.join(&system, "READER");
            self.clock += SECOND;
        }
        self.draft.close = Some(Close {
            time: self.clock,
            reason,
            description,
        });
        self.draft.dialogs[0].end = Some(self.clock);
        self.draft.dialogs[0].close_reason = Some((reason, description));
        self.draft.full_end = Some(self.clock);
    }

    /// Some consumers are asked for their opinion, some of them answer.
    pub(super) fn consumer_survey(&mut self) {
        if self.draft.latest_agent.is_none() {
            return;
        }
        if self.draft.before_dialogs || self.chance(6) {
            self.older_survey();
        } else if self.chance(30) {
            self.survey_bot();
        }
    }

    /// The form from before the survey bot: no dialog, no ids.
    fn older_survey(&mut self) {
        if !self.chance(50) {
            return;
        }
        let rate = self.random.u8(1..6).to_string();
        let resolved = pick(&mut self.random, &["yes", "no"]);
        let answer = |text: String, (question, id, name, question_type, format): Question| SurveyAnswer {
            question: question.into(),
            question_id: id.into(),
            question_name: name.into(),
            question_type,
            question_format: format,
            answer: text.into(),
            valid: true,
        };
        let kind = pick(&mut self.random, &["CSAT", "Satisfaction"]);
        let answers = vec![answer(rate, RATING), answer(resolved.to_owned(), RESOLUTION)];
        self.draft.surveys.push(Survey {
            kind,
            status: "FILLED",
            id: None,
            dialog: None,
            answers,
        });
    }

    /// A dialog of its own, in which the survey bot asks and the consumer answers, or does not.
    fn survey_bot(&mut self) {
        self.clock += self.random.i64(50..400);
        let id = format!("{}", 8_800 + self.random.u32(..6));
        self.draft.dialogs.push(Dialog {
            id: uuid(&mut self.random),
            start: self.clock,
            end: None,
            close_reason: None,
            skill: Arc::clone(&self.cast.unassigned),
            survey: Some(id.clone()),
        });
        self.seq = 0;
        let bot = Arc::clone(&self.cast.survey_bot);
        self.join(&bot, "AGENT");
        // A survey stays open for a day, so that a recent one may still be.
        let pending = self.now - self.clock < DAY && self.random.bool();
        let mut answers = Vec::new();
        let mut complete = true;
        for question in self.questions() {
            self.clock += self.random.i64(5 * SECOND..40 * SECOND);
            self.say(Some(Arc::clone(&bot)), Content::Plain(question.0.into()), false);
            if pending || self.chance(15) {
                complete = false;
                break;
            }
            self.clock += self.random.i64(5 * SECOND..40 * SECOND);
            let answer = self.answer(question);
            self.say(None, Content::Plain(answer.answer.clone()), false);
            answers.push(answer);
        }
        let status = match (pending, complete, answers.is_empty()) {
            (true, ..) => "PENDING",
            (_, true, _) => "FILLED",
            (_, _, false) => "PARTIALLY_FILLED",
            _ => "NOT_FILLED",
        };
        self.draft.surveys.push(Survey {
            kind: "PostSurvey",
            status,
            id: Some(id),
            dialog: Some(1),
            answers,
        });
        if pending {
            self.draft.full_end = None
        } else {
            self.end_survey(complete)
        }
    }

    fn end_survey(&mut self, complete: bool) {
        let reason = if complete {
            self.clock += self.random.i64(SECOND..5 * SECOND);
            ("AGENT", Some("SURVEY_COMPLETED"))
        } else {
            self.clock += if self.now - self.clock > DAY + HOUR {
                DAY
            } else {
                5 * MINUTE
            };
            ("SYSTEM", Some("TIMEOUT"))
        };
        self.draft.dialogs[1].end = Some(self.clock);
        self.draft.dialogs[1].close_reason = Some(reason);
        self.draft.full_end = Some(self.clock);
    }

    fn questions(&mut self) -> Vec<Question> {
        let mut questions = vec![RATING];
        for (question, percent) in [(RECOMMENDATION, 22), (RESOLUTION, 18), (OPINION, 20)] {
            if self.chance(percent) {
                questions.push(question);
            }
        }
        questions
    }

    fn answer(&mut self, (question, id, name, question_type, format): Question) -> SurveyAnswer {
        let invalid = question_type != "fcr" && self.chance(4);
        let answer = match question_type {
            _ if invalid => "🤷".into(),
            "csat" => self.random.u8(1..6).to_string().into(),
            "nps" => self.random.u8(..11).to_string().into(),
            "fcr" => pick(&mut self.random, &["yes", "no", "1", "0"]).into(),
            _ => {
                let opinions = self.draft.consumer.language.opinions;
                self.line(opinions)
            }
        };
        SurveyAnswer {
            question: question.into(),
            question_id: id.into(),
            question_name: name.into(),
            question_type,
            question_format: format,
            answer,
            valid: !invalid,
        }
    }

    /// The wrap-up form that the agent fills, or should.
    pub(super) fn agent_survey(&mut self) {
        let human = self
            .draft
            .latest_agent
            .as_ref()
            .is_some_and(|agent| agent.user_type == UserType::Human);
        if !human || !self.chance(12) {
            return;
        }
        let earliest = self.draft.close.as_ref().map_or(self.clock, |close| close.time);
        let updated = (earliest + self.random.i64(SECOND..10 * MINUTE)).min(self.now);
        let (status, reason) = match self.random.u8(..10) {
            0..=5 => ("SUBMITTED", "SUBMITTED"),
            6 => ("DISMISSED", "DISMISSED"),
            7 => ("CLOSED", "timeout"),
            8 => ("SUBMITTED", "PARTIALLY_SUBMITTED"),
            _ => ("OPEN", "OPEN"),
        };
        let survey = self.wrap_up(status, reason, updated);
        if !self.draft.transfers.is_empty() && self.chance(40) {
            // An earlier agent's form, closed when the conversation moved on.
            let earlier = self.draft.transfers.last().map_or(self.clock, |transfer| transfer.time);
            let reason = if self.random.bool() { "skillChanged" } else { "timeout" };
            let previous = self.wrap_up("CLOSED", reason, earlier);
            self.draft.previous_agent_surveys.push(previous);
        }
        if status == "SUBMITTED" {
            self.draft.previous_agent_surveys.push(survey.clone());
        }
        self.draft.agent_survey = Some(survey);
    }

    fn wrap_up(&mut self, status: &'static str, reason: &'static str, updated: i64) -> AgentSurvey {
        let agent = self
            .draft
            .latest_agent
            .clone()
            .unwrap_or_else(|| Arc::clone(&self.cast.system));
        let submitted = status == "SUBMITTED";
        let definition = 510 + self.random.u32(..3);
        let mut answers = Vec::new();
        if submitted {
            let answer = pick(
                &mut self.random,
                &["tracking", "double charge", "wrong size", "sonstiges – „Paket“"],
            );
            let category = "FREE_TEXT";
            answers.push(AgentAnswer {
                question_id: "1",
                question: "What was the topic?",
                category,
                answer,
            });
            if reason == "SUBMITTED" {
                let answer = pick(&mut self.random, &["1", "2", "3"]);
                let question = "How many steps did it take?";
                answers.push(AgentAnswer {
                    question_id: "2",
                    question,
                    category: "NUMBER",
                    answer,
                });
            }
        }
        AgentSurvey {
            id: uuid(&mut self.random),
            status,
            reason,
            definition,
            name: ["Wrap-up", "Quality check", "Résumé d'appel"][(definition - 510) as usize],
            revision: self.random.u32(1..9),
            skill: Arc::clone(&self.skill),
            performer: (reason != "timeout").then(|| Arc::clone(&agent)),
            assigned: agent,
            updated,
            answers,
        }
    }

    /// The agent's note, or the automatic ones as JSON inside the text.
    pub(super) fn write_summary(&mut self) {
        let Some(agent) = self.draft.latest_agent.clone() else {
            return;
        };
        if !self.chance(35) {
            return;
        }
        let summaries = self.draft.consumer.language.summaries;
        let note = self.line(summaries);
        let updated = self.draft.close.as_ref().map_or(self.clock, |close| close.time);
        let text = if self.chance(30) {
            let notes = serde_json::json!([{
                "agentId": agent.id, "name": agent.nickname, "noteContent": note, "time": updated,
                "noteId": uuid(&mut self.random), "isAutoSummary": self.random.bool(),
            }]);
            notes.to_string()
        } else {
            note.into_owned()
        };
        self.draft.summary = Some(Summary { text, updated });
    }
}
