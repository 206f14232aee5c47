//! What consumers answered in survey dialogs: to the built-in bot, or to one that joined.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{
    super::engine::{Conversation, Dialog, DialogKind, Event, QUESTIONS, Who, message_text},
    survey_id,
};
use crate::history::{LiveAnswer, LiveSurvey};

/// An entry of envelope metadata that a survey bot or a consumer's client sends.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    question_id: String,
    replies: Vec<Value>,
}

/// The surveys of a conversation that got that far.
pub(super) fn surveys(conversation: &Conversation) -> Vec<LiveSurvey> {
    let asked = conversation.dialogs.iter().enumerate();
    asked
        .filter(|(_, dialog)| dialog.kind == DialogKind::Survey && !dialog.events.is_empty())
        .map(|(number, dialog)| {
            let (answers, questions) = answers(dialog);
            LiveSurvey {
                id: survey_id(dialog),
                dialog: number,
                status: status(dialog, answers.len(), questions),
                answers,
            }
        })
        .collect()
}

/// A survey that still runs is pending, however much of it is answered.
fn status(dialog: &Dialog, answers: usize, questions: usize) -> &'static str {
    match (dialog.open, answers) {
        (true, _) => "PENDING",
        (false, 0) => "NOT_FILLED",
        (false, answers) if answers < questions => "PARTIALLY_FILLED",
        _ => "FILLED",
    }
}

/// The answers, and how many questions were asked.
fn answers(dialog: &Dialog) -> (Vec<LiveAnswer>, usize) {
    let mut answers: Vec<LiveAnswer> = Vec::new();
    let mut questions = 0;
    let mut open: Option<(Entry, String)> = None;
    for event in &dialog.events {
        let entries = entries(event);
        if let Some(invalid) = entries.iter().find(|entry| entry.kind == "InvalidAnswer") {
            let about = answers.iter_mut().rev().find(|answer| answer.id == invalid.question_id);
            about.into_iter().for_each(|answer| answer.valid = false);
        }
        if !event.kind.is_message() {
            continue;
        }
        match event.author.who {
            Who::Agent(_) => {
                if let Some(question) = entries.into_iter().find(|entry| entry.kind == "Question") {
                    questions += 1;
                    open = Some((question, message_text(event).unwrap_or_default()));
                }
            }
            Who::Consumer(_) => {
                let answered = entries.iter().find(|entry| entry.kind == "Answer");
                let Some((question, text)) = &open else { continue };
                // A click on a reply of an older question answers that one, which is not asked any more.
                if answered.is_some_and(|answer| !answer.question_id.is_empty() && answer.question_id != question.id) {
                    continue;
                }
                let answer = answer(question, text, message_text(event).unwrap_or_default());
                // Who answers again, because the answer was no good, replaces it.
                answers.retain(|known| known.id != answer.id);
                answers.push(answer);
            }
        }
    }
    (answers, questions)
}

fn answer(question: &Entry, text: &str, answer: String) -> LiveAnswer {
    let built_in = QUESTIONS.iter().find(|known| known.id == question.id);
    LiveAnswer {
        question: text.to_owned().into(),
        id: question.id.clone().into(),
        name: built_in
            .map_or(question.id.clone(), |known| known.name.to_owned())
            .into(),
        kind: built_in.map_or_else(|| kind(&question.id), |known| known.kind),
        closed: !question.replies.is_empty(),
        valid: built_in.is_none_or(|known| known.rating(&answer).is_some()),
        answer,
    }
}

/// The wire does not tell of what type a question is, only LiveEngage's configuration does; its id often gives it away.
fn kind(question: &str) -> &'static str {
    let question = question.to_ascii_lowercase();
    ["csat", "nps", "fcr"]
        .into_iter()
        .find(|kind| question.contains(kind))
        .unwrap_or("custom")
}

fn entries(event: &Arc<Event>) -> Vec<Entry> {
    event
        .metadata
        .as_deref()
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default()
}
