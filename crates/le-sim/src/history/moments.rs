//! When which agent did something, for what has to agree with it.

use std::collections::HashSet;

use super::conversation::Conversation;
use super::{Chats, History};

/// An agent did something: the user id, and when in epoch milliseconds.
pub(crate) type Moment = (String, i64);

impl History {
    /// What agents did in the conversations that were made from the seed.
    pub(crate) fn moments(&self, agents: &HashSet<&str>) -> Vec<Moment> {
        let mut moments = Vec::new();
        for conversation in self.read().generated() {
            collect(&conversation, agents, &mut moments);
        }
        moments
    }
}

impl Chats {
    /// What agents did in chats.
    pub(crate) fn moments(&self, agents: &HashSet<&str>) -> Vec<Moment> {
        let mut moments = Vec::new();
        for place in 0..self.len() {
            let chat = self.chat(place);
            collect(&chat.story, agents, &mut moments);
            moments.extend(
                chat.agent()
                    .filter(|agent| agents.contains(agent.id.as_str()))
                    .map(|agent| (agent.id.clone(), chat.ended)),
            );
        }
        moments
    }

    /// When which of these agents had a chat: from, to.
    pub(crate) fn busy(&self, from: i64, to: i64) -> Vec<(String, i64, i64)> {
        let chats = self.started(from - super::DAY, to);
        chats
            .filter_map(|chat| Some((chat.agent()?.id.clone(), chat.connected, chat.ended)))
            .collect()
    }
}

fn collect(conversation: &Conversation, agents: &HashSet<&str>, moments: &mut Vec<Moment>) {
    let said = conversation
        .messages
        .iter()
        .filter_map(|message| Some((&message.agent.as_ref()?.id, message.time)));
    let came = conversation
        .joins
        .iter()
        .filter(|join| join.permission != "SUGGESTED_ASSIGNED_AGENT")
        .chain(&conversation.leaves)
        .map(|one| (&one.agent.id, one.time));
    let known = said.chain(came).filter(|(id, _)| agents.contains(id.as_str()));
    moments.extend(known.map(|(id, at)| (id.clone(), at)));
}
