//! What the files of Data Access hold of chats and conversations
//! (<https://developers.liveperson.com/data-access-api-overview.html>): bodies in the JSON encoding of Avro.

pub(crate) mod avro;
mod engagement;
mod survey;
mod web;

use serde_json::Value;

use super::{Chats, History};

/// One body of a line, wrapped in the name of its record, and the session it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    /// When what it tells was over, epoch milliseconds: it stands in the file of that hour.
    pub(crate) at: i64,
    pub(crate) body: Value,
}

/// The kinds of files that are made of chats and conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileContent {
    Engagement,
    Survey,
    WebSession,
}

impl Chats {
    /// What chats that ended in a range tell, bounds included.
    pub(crate) fn bodies(&self, content: FileContent, from: i64, to: i64) -> Vec<Vec<Body>> {
        let ended = self
            .started(from - super::DAY, to)
            .filter(|chat| (from..=to).contains(&chat.ended));
        ended
            .map(|chat| match content {
                FileContent::Engagement => vec![engagement::of_chat(&chat)],
                FileContent::Survey => survey::of_chat(&chat).into_iter().collect(),
                FileContent::WebSession => web::of_chat(&chat),
            })
            .filter(|bodies| !bodies.is_empty())
            .collect()
    }
}

impl History {
    /// What conversations that were closed in a range tell, bounds included.
    pub(crate) fn bodies(&self, content: FileContent, from: i64, to: i64) -> Vec<Vec<Body>> {
        let index = self.read();
        let closed = |place: &usize| index.entries[*place].end.is_some_and(|end| (from..=to).contains(&end));
        (0..index.entries.len())
            .filter(closed)
            .map(|place| {
                let conversation = index.conversation(place);
                match content {
                    FileContent::Engagement => vec![engagement::of_conversation(&conversation)],
                    FileContent::Survey => survey::of_conversation(&conversation).into_iter().collect(),
                    FileContent::WebSession => web::of_conversation(&conversation),
                }
            })
            .filter(|bodies| !bodies.is_empty())
            .collect()
    }
}
