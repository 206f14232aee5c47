//! `SurveyData`.

use serde_json::{Value, json};

use super::Body;
use super::avro::{array, double, int, long, named, optional, string, visitor_header};
use crate::history::chats::Chat;
use crate::history::conversation::Conversation;

/// Kinds of surveys.
const EXIT: i64 = 2;
const AGENT: i64 = 3;

pub(super) fn of_chat(chat: &Chat) -> Option<Body> {
    of(&chat.story, &chat.id, &chat.visitor(), chat.ended, 501)
}

pub(super) fn of_conversation(story: &Conversation) -> Option<Body> {
    let visitor = story.channel.visitor_id.as_deref().unwrap_or("");
    of(story, &story.id, visitor, story.end()?, 8_800)
}

fn of(story: &Conversation, id: &str, visitor: &str, at: i64, survey: i64) -> Option<Body> {
    let mut surveys = Vec::new();
    let answers = story.surveys.iter().flat_map(|survey| &survey.answers);
    let contents: Vec<Value> = answers
        .map(|answer| {
            let rating = answer.question_type == "csat";
            content(
                &answer.question,
                &answer.answer,
                at,
                "Exit survey",
                if rating { 4.0 } else { -1.0 },
            )
        })
        .collect();
    if !contents.is_empty() {
        surveys.push(entry(survey, EXIT, id, contents));
    }
    if let Some(wrap_up) = story.agent_survey.as_ref().filter(|survey| !survey.answers.is_empty()) {
        let contents = wrap_up
            .answers
            .iter()
            .map(|answer| content(answer.question, answer.answer, wrap_up.updated, wrap_up.name, -1.0));
        surveys.push(entry(i64::from(wrap_up.definition), AGENT, id, contents.collect()));
    }
    let header = visitor_header(story.channel.session_id.as_deref(), visitor);
    (!surveys.is_empty()).then(|| Body {
        at,
        body: named("SurveyData", json!({ "header": header, "surveys": array(surveys) })),
    })
}

fn entry(id: i64, kind: i64, conversation: &str, contents: Vec<Value>) -> Value {
    json!({ "id": long(id), "type": int(kind), "viewTime": optional(None, long), "conversationId": string(conversation),
        "contents": array(contents) })
}

fn content(question: &str, answer: &str, at: i64, survey: &str, threshold: f64) -> Value {
    json!({ "question": string(question), "answer": string(answer), "answerSubmitTime": long(at),
        "surveyName": string(survey), "answerType": int(4), "csatThreshold": double(threshold) })
}
