//! How conversations begin and end.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    Conversation, Dialog, DialogKind, Engine, LinkId, NewConversation, Outcome, Participant, Presence, Refusal, Reply,
    Role, Ttr, Who, conversation::Story,
};
use crate::account::uuid;

impl Engine {
    pub(super) fn request_conversation(&mut self, link: LinkId, consumer: usize, opening: NewConversation) -> Outcome {
        let properties = self.links.get(&link).and_then(|link| link.properties.clone());
        let place = self.begin(consumer, opening)?;
        self.conversations[place].properties = properties;
        self.queue(place, false);
        self.touch(place);
        Ok(Reply::Conversation(Arc::clone(&self.conversations[place].id)))
    }

    /// An agent writes first, to a consumer who was here before.
    pub(super) fn proactive(&mut self, agent: usize, consumer: &str, mut opening: NewConversation) -> Outcome {
        if !self.rules().proactive {
            return Err(Refusal::new(401, "The agent is not allowed to start a conversation"));
        }
        let consumer = self
            .find_consumer(consumer)
            .ok_or_else(|| Refusal::bad("Consumer does not exist"))?;
        let before = self.consumers[consumer].conversations.last().copied();
        let before = before.ok_or_else(|| Refusal::bad("The consumer has no former conversation"))?;
        if self.conversations[before].open {
            return Err(Refusal::bad("The consumer has an open conversation"));
        }
        if opening.skill.is_none() {
            opening.skill = Some(self.conversations[before].skill.to_string());
        }
        opening.context.get_or_insert_with(|| {
            let origin = Value::from(&*self.conversations[before].id);
            Map::from_iter([
                ("type".to_owned(), Value::from("ProactiveContext")),
                ("originConversationId".to_owned(), origin),
            ])
        });
        let place = self.begin(consumer, opening)?;
        // Nothing is due: the agent speaks first.
        self.conversations[place].pending_since = None;
        self.assign(place, agent);
        self.touch(place);
        Ok(Reply::Conversation(Arc::clone(&self.conversations[place].id)))
    }

    fn begin(&mut self, consumer: usize, opening: NewConversation) -> Result<usize, Refusal> {
        self.check_opening(consumer, &opening)?;
        let kind = opening.ttr.unwrap_or_else(|| "NORMAL".to_owned());
        let value = self
            .ttr_value(&kind)
            .ok_or_else(|| Refusal::bad("ttrDefName must be NORMAL, URGENT or PRIORITIZED"))?;
        let skill = self.skill(opening.skill.as_deref().unwrap_or("-1"))?;
        let id: Arc<str> = uuid(&mut self.random).into();
        let mut main = Dialog::new(Arc::clone(&id), DialogKind::Main, self.now);
        main.participants
            .push(Participant::new(Who::Consumer(consumer), Role::Consumer));
        let place = self.conversations.len();
        self.conversation_places.insert(Arc::clone(&id), place);
        self.dialog_places.insert(Arc::clone(&id), (place, 0));
        self.conversations.push(Conversation {
            id,
            consumer,
            skill,
            dialogs: vec![main],
            open: true,
            stage_open: true,
            close_reason: None,
            started: self.now,
            ended: None,
            updated: self.now - 1,
            first: self.consumers[consumer].conversations.is_empty(),
            ttr: Ttr { kind, value },
            pending_since: Some(self.now),
            consumer_waits: false,
            manual_ettr: None,
            delay: None,
            note: String::new(),
            topic: None,
            campaign: opening.campaign,
            context: opening.context.unwrap_or_default(),
            properties: None,
            csat: None,
            last_content: None,
            last_activity: self.now,
            held_by: Vec::new(),
            story: Story::default(),
        });
        self.consumers[consumer].conversations.push(place);
        self.watch_reports(place);
        Ok(place)
    }

    fn check_opening(&self, consumer: usize, opening: &NewConversation) -> Result<(), Refusal> {
        if opening.brand.as_deref().is_some_and(|brand| brand != &*self.brand) {
            return Err(Refusal::bad("brandId is not the account of this connection"));
        }
        if opening.channel.as_deref().is_some_and(|channel| channel != "MESSAGING") {
            return Err(Refusal::bad("channelType must be MESSAGING"));
        }
        let open = self.consumers[consumer]
            .conversations
            .iter()
            .filter(|place| self.conversations[**place].open)
            .count();
        match self.rules().open_conversations_per_consumer {
            Some(most) if open >= most => Err(Refusal::bad("The consumer has an open conversation already")),
            _ => Ok(()),
        }
    }

    /// The number of a skill that is named as text.
    pub(super) fn skill(&self, text: &str) -> Result<i64, Refusal> {
        // Whether the skill exists is not asked: brands delete skills that old campaigns still name.
        text.trim()
            .parse()
            .map_err(|_| Refusal::bad("the skill must be a number, -1 for none"))
    }

    /// Makes an agent the assigned one.
    pub(super) fn assign(&mut self, place: usize, agent: usize) {
        let conversation = &mut self.conversations[place];
        let handover = conversation.story.transfers.last_mut();
        if let Some(handover) = handover.filter(|handover| handover.to_agent.is_none()) {
            handover.to_agent = Some(agent);
        }
        conversation.main_mut().participants.retain(|participant| {
            let again = participant.who == Who::Agent(agent) && participant.role == Role::AssignedAgent;
            !participant.suggested && !again
        });
        self.join(place, 0, agent, Role::AssignedAgent);
        self.agents[agent].assigned += 1;
        self.end_task(place);
    }

    /// Adds an agent to a dialog.
    pub(super) fn join(&mut self, place: usize, number: usize, agent: usize, role: Role) {
        let conversation = &mut self.conversations[place];
        let dialog = &mut conversation.dialogs[number];
        let mut participant = Participant::new(Who::Agent(agent), role);
        // What the consumer wrote before is new to whoever comes.
        let written = dialog.events.iter().filter(|event| event.kind.is_message());
        participant.unread = written
            .filter(|event| matches!(event.author.who, Who::Consumer(_)))
            .filter_map(|event| event.sequence)
            .collect();
        dialog.participants.push(participant);
        conversation.story.joins.push(Presence {
            agent,
            role,
            at: self.now,
            dialog: number,
        });
        self.touch(place);
    }

    /// Takes an agent out of a dialog. `false` if it was not there in this role.
    pub(super) fn leave(&mut self, place: usize, number: usize, agent: usize, role: Role) -> bool {
        let conversation = &mut self.conversations[place];
        let participants = &mut conversation.dialogs[number].participants;
        let before = participants.len();
        participants.retain(|participant| {
            participant.suggested || participant.who != Who::Agent(agent) || participant.role != role
        });
        if participants.len() == before {
            return false;
        }
        conversation.story.leaves.push(Presence {
            agent,
            role,
            at: self.now,
            dialog: number,
        });
        if role == Role::AssignedAgent && number == 0 {
            self.agents[agent].assigned = self.agents[agent].assigned.saturating_sub(1);
            self.routing_due = true;
        }
        self.touch(place);
        true
    }

    /// Closes everything, without a survey.
    pub(super) fn close_all(&mut self, place: usize, by: &'static str) {
        for number in 0..self.conversations[place].dialogs.len() {
            if self.conversations[place].dialogs[number].open {
                self.close_dialog(place, number, by, None);
            }
        }
        self.close_main(place, by);
        self.finish(place);
    }

    /// Closes the main dialog; a survey may follow.
    pub(super) fn close_main_dialog(&mut self, place: usize, by: &'static str, cause: Option<String>) {
        self.close_dialog(place, 0, by, cause);
        self.close_main(place, by);
        if !self.begin_survey(place) {
            for number in 1..self.conversations[place].dialogs.len() {
                if self.conversations[place].dialogs[number].open {
                    self.close_dialog(place, number, by, None);
                }
            }
            self.finish(place);
        }
    }

    /// Closes a dialog that is not the main one; with the last one the conversation ends.
    pub(super) fn close_side_dialog(&mut self, place: usize, number: usize, by: &str, cause: Option<String>) {
        self.close_dialog(place, number, by, cause);
        let conversation = &self.conversations[place];
        if !conversation.open && conversation.dialogs.iter().all(|dialog| !dialog.open) {
            self.finish(place);
        }
    }

    fn close_dialog(&mut self, place: usize, number: usize, by: &str, cause: Option<String>) {
        let now = self.now;
        let dialog = &mut self.conversations[place].dialogs[number];
        dialog.open = false;
        dialog.ended = Some(now);
        dialog.updated = now;
        dialog.closed_by = Some(by.to_owned());
        dialog.closed_cause = cause.or_else(|| {
            let by = match by {
                "CONSUMER" => "consumer",
                "AGENT" => "agent",
                "TIMEOUT" => "timeout",
                _ => "system",
            };
            Some(format!("Closed by {by}"))
        });
        // Closing ends the subscriptions to its messages.
        dialog.subscribers.clear();
        self.touch(place);
    }

    fn close_main(&mut self, place: usize, by: &'static str) {
        let conversation = &mut self.conversations[place];
        if !conversation.open {
            return;
        }
        conversation.open = false;
        conversation.close_reason = Some(by);
        conversation.pending_since = None;
        if let Some(agent) = conversation.assigned() {
            self.agents[agent].assigned = self.agents[agent].assigned.saturating_sub(1);
            self.routing_due = true;
        }
        self.conversations[place]
            .main_mut()
            .participants
            .retain(|participant| !participant.suggested);
        self.cancel_task(place);
        self.touch(place);
    }

    fn finish(&mut self, place: usize) {
        let now = self.now;
        let conversation = &mut self.conversations[place];
        if conversation.stage_open {
            conversation.stage_open = false;
            conversation.ended = Some(now);
            self.surveys.retain(|(_, other)| *other != place);
            self.touch(place);
        }
    }

    /// Closes conversations in which nothing was said for long, if the account does so.
    pub(super) fn expire_idle_conversations(&mut self) {
        let Some(limit) = self.rules().inactivity_ms else {
            return;
        };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let idle: Vec<usize> = (0..self.conversations.len())
            .filter(|place| {
                let conversation = &self.conversations[*place];
                conversation.open && conversation.last_activity.saturating_add(limit) <= self.now
            })
            .collect();
        for place in idle {
            self.close_all(place, "TIMEOUT");
        }
    }

    pub(super) fn idle_due(&self) -> Option<i64> {
        let limit = i64::try_from(self.rules().inactivity_ms?).unwrap_or(i64::MAX);
        self.conversations
            .iter()
            .filter(|conversation| conversation.open)
            .map(|conversation| conversation.last_activity.saturating_add(limit))
            .min()
    }
}
