//! The survey after a conversation: the dialog, and the bot that asks when no other does.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json, value::to_raw_value};

use super::{Dialog, DialogKind, Draft, Engine, Event, EventKind, Participant, Role, Who};

/// The id of the built-in survey.
pub(crate) const SURVEY_ID: &str = "sim-survey";

/// A question of the built-in survey.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// `csat` or `nps`.
    pub(crate) kind: &'static str,
    pub(crate) text: &'static str,
    lowest: u8,
    highest: u8,
}

impl Question {
    /// The rating that a text is, if it is one.
    pub(crate) fn rating(&self, text: &str) -> Option<u8> {
        let rating = text.trim().parse().ok()?;
        (self.lowest..=self.highest).contains(&rating).then_some(rating)
    }
}

/// What the built-in survey asks.
pub(crate) const QUESTIONS: &[Question] = &[
    Question {
        id: "sim-csat",
        name: "Satisfaction",
        kind: "csat",
        text: "How satisfied are you with our service? (1 to 5)",
        lowest: 1,
        highest: 5,
    },
    Question {
        id: "sim-nps",
        name: "Recommendation",
        kind: "nps",
        text: "How likely are you to recommend us? (0 to 10)",
        lowest: 0,
        highest: 10,
    },
];

impl Engine {
    /// The place of the survey bot: it stands behind the users of the account.
    pub(crate) fn survey_bot(&self) -> usize {
        self.agents.len() - 1
    }

    /// Opens a survey dialog if the account, the skill and the consumer's client allow one.
    pub(super) fn begin_survey(&mut self, place: usize) -> bool {
        let Some(survey) = self.rules().survey.clone() else {
            return false;
        };
        let conversation = &self.conversations[place];
        let consumer = &self.consumers[conversation.consumer];
        let supported = !survey.needs_multi_dialog || consumer.features.iter().any(|feature| feature == "MULTI_DIALOG");
        let asked =
            conversation.skill != -1 && (survey.skills.is_empty() || survey.skills.contains(&conversation.skill));
        if !supported || !asked {
            return false;
        }
        let former = conversation.assigned();
        let consumer = conversation.consumer;
        let id = self.survey_id();
        let number = self.conversations[place].dialogs.len();
        let mut dialog = Dialog::new(Arc::clone(&id), DialogKind::Survey, self.now);
        dialog
            .metadata
            .insert("appInstallId".to_owned(), Value::from(survey.app_install_id.as_str()));
        dialog
            .participants
            .push(Participant::new(Who::Consumer(consumer), Role::Consumer));
        self.conversations[place].dialogs.push(dialog);
        self.dialog_places.insert(id, (place, number));
        let ends = self
            .now
            .saturating_add(i64::try_from(survey.timeout_ms).unwrap_or(i64::MAX));
        self.surveys.push((ends, place));
        if let Some(agent) = former {
            self.join(place, number, agent, Role::Reader);
        }
        if survey.built_in_bot {
            self.join(place, number, self.survey_bot(), Role::Agent);
            self.ask(place, number, 0);
        }
        self.touch(place);
        true
    }

    /// 22 characters, as the ids of survey dialogs have.
    fn survey_id(&mut self) -> Arc<str> {
        let bytes: [u8; 16] = self.random.u128(..).to_be_bytes();
        URL_SAFE_NO_PAD.encode(bytes).into()
    }

    fn ask(&mut self, place: usize, number: usize, question: usize) {
        let question = &QUESTIONS[question];
        let replies: Vec<Value> = (question.lowest..=question.highest)
            .map(|rating| {
                let answer = json!([{ "type": "Answer", "id": format!("{}-{rating}", question.id),
                    "questionId": question.id, "surveyId": SURVEY_ID, "provider": "LivePerson" }]);
                let text = rating.to_string();
                json!({ "type": "button", "title": text, "tooltip": text,
                    "click": { "metadata": answer, "actions": [{ "type": "publishText", "text": text }] } })
            })
            .collect();
        let ids: Vec<String> = (question.lowest..=question.highest)
            .map(|rating| format!("{}-{rating}", question.id))
            .collect();
        let metadata = json!([{ "type": "Question", "id": question.id, "surveyId": SURVEY_ID,
            "provider": "LivePerson", "replies": ids }]);
        let body = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": question.text,
            "quickReplies": { "type": "quickReplies", "itemsPerRow": 5, "replies": replies } });
        self.bot_says(place, number, &body, Some(&metadata), question.text.len());
    }

    fn bot_says(&mut self, place: usize, number: usize, body: &Value, metadata: Option<&Value>, length: usize) {
        // Values made here serialise; an empty draft would only be a lost question.
        let Ok(body) = to_raw_value(body) else { return };
        let metadata = metadata.and_then(|metadata| to_raw_value(metadata).ok());
        let draft = Draft {
            kind: EventKind::Content { length },
            body,
            metadata,
            private: false,
        };
        let bot = Who::Agent(self.survey_bot());
        self.store((place, number), bot, None, draft);
    }

    /// The bot listens: a rating leads to the next question, the last one to the end.
    pub(super) fn survey_heard(&mut self, at: (usize, usize), event: &Arc<Event>) {
        let (place, number) = at;
        let bot = Who::Agent(self.survey_bot());
        let dialog = &self.conversations[place].dialogs[number];
        let answers = dialog.kind == DialogKind::Survey
            && matches!(event.author.who, Who::Consumer(_))
            && event.kind.is_message()
            && dialog.role_of(bot).is_some();
        if !answers {
            return;
        }
        let current = dialog.answers.len().min(QUESTIONS.len() - 1);
        let rating = message_text(event).and_then(|text| QUESTIONS[current].rating(&text));
        self.bot_reads(at, event.sequence.unwrap_or(0));
        let Some(rating) = rating else {
            self.bot_says_text(at, "Please answer with one of the numbers.");
            return;
        };
        self.conversations[place].dialogs[number].answers.push(rating);
        if current + 1 < QUESTIONS.len() {
            self.ask(place, number, current + 1);
        } else {
            self.bot_says_text(at, "Thank you for your answers.");
            self.close_side_dialog(place, number, "AGENT", Some("Completed".to_owned()));
        }
    }

    fn bot_says_text(&mut self, (place, number): (usize, usize), text: &str) {
        let body = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": text });
        self.bot_says(place, number, &body, None, text.len());
    }

    fn bot_reads(&mut self, at: (usize, usize), sequence: i64) {
        let body = json!({ "type": "AcceptStatusEvent", "status": "READ", "sequenceList": [sequence] });
        let Ok(body) = to_raw_value(&body) else { return };
        let kind = EventKind::Accept {
            status: "READ".to_owned(),
            sequences: vec![sequence],
        };
        let draft = Draft {
            kind,
            body,
            metadata: None,
            private: false,
        };
        self.store(at, Who::Agent(self.survey_bot()), None, draft);
    }

    pub(super) fn expire_surveys(&mut self) {
        let now = self.now;
        let due: Vec<usize> = self
            .surveys
            .iter()
            .filter(|(at, _)| *at <= now)
            .map(|(_, place)| *place)
            .collect();
        for place in due {
            self.close_all(place, "SYSTEM");
        }
    }
}

/// The text of a content event.
pub(crate) fn message_text(event: &Event) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Text {
        message: Option<Value>,
    }
    let read: Text = serde_json::from_str(event.body.get()).ok()?;
    read.message?.as_str().map(str::to_owned)
}
