//! What happens to the history while clients read it: conversations close, are answered, arrive late, go.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cast::Cast;
use super::conversation::{Close, Conversation, Dialog, Participation, Summary};
use super::index::Index;
use super::message::{Content, Message};
use super::schedule::{SHORTEST_CLOSED, Slot};
use super::survey::{Survey, SurveyAnswer};
use super::{History, MINUTE};
use crate::account::{mix, uuid};

/// What LiveEngage writes over personal data on request
/// (<https://developers.liveperson.com/personal-data-deletion-api-overview.html>).
const DELETED: &str = "** LP deleted data **";

/// Something that happens to the history. All but `remove` and `forget` move the time that the filter `latestUpdateTime`
/// asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HistoryChange {
    /// An open conversation is closed by its agent.
    Close,
    /// The consumer answers the survey of a closed conversation, which moves its end.
    AnswerSurvey,
    /// The consumer writes once more in an open conversation.
    Say,
    /// The summary of a conversation is written anew, however long ago it was closed.
    Touch,
    /// A conversation that began ten minutes ago and is open becomes known.
    Start,
    /// A closed conversation that began two hours ago becomes known only now: it takes its place between others.
    Arrive,
    /// A conversation is gone, as at the end of the retention: those behind it move up.
    Remove,
    /// Personal data of a conversation is overwritten. Nothing tells of it, no update time either.
    Forget,
}

impl History {
    /// Lets a change happen to the conversation with this id, or to one that fits. Returns the id of the conversation;
    /// `None` if there is none that it can happen to.
    pub(crate) fn change(&self, change: HistoryChange, id: Option<&str>, now: i64) -> Option<String> {
        let mut index = self.write();
        let place = match change {
            HistoryChange::Start => return Some(self.add(&mut index, now - 10 * MINUTE, true, now)),
            HistoryChange::Arrive => {
                let start = now - SHORTEST_CLOSED - 30 * MINUTE;
                return Some(self.add(&mut index, start, false, now));
            }
            _ => match id {
                Some(id) => index.find(id)? as usize,
                None => index.fitting(change)?,
            },
        };
        let mut conversation = index.conversation(place);
        let id = conversation.id.clone();
        let done = match change {
            HistoryChange::Close => close(&mut conversation, now),
            HistoryChange::AnswerSurvey => answer_survey(&index.cast, &mut conversation, now),
            HistoryChange::Say => say(&mut conversation, now),
            HistoryChange::Touch => touch(&mut conversation, now),
            HistoryChange::Forget => forget(&mut conversation),
            _ => {
                index.remove(place);
                self.remembered.clear();
                self.mark_changed();
                return Some(id);
            }
        };
        if !done {
            return None;
        }
        index.put(Arc::new(conversation));
        self.remembered.clear();
        self.mark_changed();
        Some(id)
    }

    fn add(&self, index: &mut Index, start: i64, open: bool, now: i64) -> String {
        let conversation = index.one_more(start, open, now);
        let id = conversation.id.clone();
        index.put(Arc::new(conversation));
        self.remembered.clear();
        self.mark_changed();
        id
    }
}

impl Index {
    /// Where a conversation is that the change can happen to. The last of several, as it is in reality mostly recent
    /// conversations that change; one in the middle is touched, removed or forgotten.
    fn fitting(&self, change: HistoryChange) -> Option<usize> {
        let count = self.entries.len();
        match change {
            HistoryChange::Close | HistoryChange::Say => (0..count).rev().find(|place| self.entries[*place].is_open()),
            HistoryChange::AnswerSurvey => (0..count).rev().find(|place| {
                !self.entries[*place].is_open() && {
                    let conversation = self.conversation(*place);
                    conversation.latest_agent.is_some() && conversation.csat().is_none()
                }
            }),
            _ => (count > 0).then_some(count / 2),
        }
    }

    /// A conversation that was not there before.
    fn one_more(&mut self, start: i64, open: bool, now: i64) -> Conversation {
        self.added += 1;
        let slot = Slot {
            start,
            consumer: 0x4000_0000 + self.added,
            first: true,
            open,
        };
        let number = 0x4000_0000 + self.added as usize;
        let mut conversation = super::compose::conversation(&self.cast, slot, number, now);
        conversation.updated = now;
        conversation
    }
}

fn close(conversation: &mut Conversation, now: i64) -> bool {
    if !conversation.is_open() {
        return false;
    }
    let reason = "AGENT";
    let description = Some("MANUAL_CLOSE");
    conversation.close = Some(Close {
        time: now,
        reason,
        description,
    });
    if let Some(main) = conversation.dialogs.first_mut() {
        main.end = Some(now);
        main.close_reason = Some((reason, description));
    }
    conversation.full_end = Some(now);
    conversation.response_time.due = None;
    conversation.updated = now;
    true
}

/// A survey of the survey bot, with a rating: a new one, or the answer that one still waited for.
fn answer_survey(cast: &Cast, conversation: &mut Conversation, now: i64) -> bool {
    let Some(close) = &conversation.close else { return false };
    if conversation.csat().is_some() {
        return false;
    }
    let rating = (mix(now.unsigned_abs(), conversation.start.unsigned_abs()) % 5 + 1).to_string();
    let asked = conversation.surveys.iter().position(|survey| survey.dialog.is_some());
    let dialog = match asked.and_then(|place| conversation.surveys[place].dialog) {
        Some(dialog) => dialog,
        None => {
            let mut random = fastrand::Rng::with_seed(mix(close.time.unsigned_abs(), 0x5e));
            conversation.dialogs.push(Dialog {
                id: uuid(&mut random),
                start: close.time,
                end: None,
                close_reason: None,
                skill: Arc::clone(&cast.unassigned),
                survey: Some("8800".to_owned()),
            });
            let dialog = conversation.dialogs.len() - 1;
            conversation.joins.push(Participation {
                agent: Arc::clone(&cast.survey_bot),
                permission: "AGENT",
                time: close.time,
                dialog,
            });
            dialog
        }
    };
    let id = conversation.dialogs[dialog].survey.clone();
    conversation.surveys.retain(|survey| survey.dialog != Some(dialog));
    conversation.surveys.push(Survey {
        kind: "PostSurvey",
        status: "FILLED",
        id,
        dialog: Some(dialog),
        answers: vec![SurveyAnswer {
            question: "How did we do? (1-5)".into(),
            question_id: "brick_csat_1".into(),
            question_name: "satisfaction with the agent".into(),
            question_type: "csat",
            question_format: "single",
            answer: rating.clone().into(),
            valid: true,
        }],
    });
    write(conversation, dialog, rating, now);
    conversation.dialogs[dialog].end = Some(now);
    conversation.dialogs[dialog].close_reason = Some(("AGENT", Some("SURVEY_COMPLETED")));
    conversation.full_end = Some(now);
    conversation.updated = now;
    true
}

fn say(conversation: &mut Conversation, now: i64) -> bool {
    if !conversation.is_open() {
        return false;
    }
    write(conversation, 0, "Is there any news?".to_owned(), now);
    conversation.response_time.due = Some(now + conversation.response_time.configured);
    conversation.updated = now;
    true
}

/// A message of the consumer.
fn write(conversation: &mut Conversation, dialog: usize, text: String, now: i64) {
    let same = conversation.messages.iter().filter(|message| message.dialog == dialog);
    let seq = same.map(|message| message.seq + 1).max().unwrap_or(0);
    conversation.messages.push(Message {
        seq,
        dialog,
        time: now,
        agent: None,
        internal: false,
        content: Content::Plain(text.into()),
        context: None,
        predefined: None,
    });
}

fn touch(conversation: &mut Conversation, now: i64) -> bool {
    conversation.summary = Some(Summary {
        text: "Looked at again.".to_owned(),
        updated: now,
    });
    conversation.updated = now;
    true
}

fn forget(conversation: &mut Conversation) -> bool {
    for message in conversation
        .messages
        .iter_mut()
        .filter(|message| message.agent.is_none())
    {
        if let Content::Plain(text) | Content::Html(text) = &mut message.content {
            *text = DELETED.into();
        }
    }
    conversation.consumer = Arc::new(conversation.consumer.forgotten(DELETED));
    true
}
