//! What an agent's commands do.

use le_bots::change::{FieldChange, UpdateConversation};
use le_bots::conversation::{CloseReason, Role};
use le_bots::event::{ChatState, PublishEvent};
use le_bots::ring::UpdateRing;
use le_bots::{AgentIdentity, Connection, Event};
use serde_json::{Value, json};

use crate::failure::Result;

use super::command::{Command, HELP};
use super::desk::Desk;

impl Desk {
    pub(super) async fn obey(&mut self, connection: &Connection, command: Command) -> Result<()> {
        match command {
            Command::Accept(number) => self.answer(connection, number, true).await,
            Command::Reject(number) => self.answer(connection, number, false).await,
            Command::TurnTo(number) => self.turn_to(number),
            Command::List => self.list(),
            Command::Help => self.output.line(HELP),
            Command::Be(availability) => self.be(connection, availability).await,
            Command::Quit => Ok(()),
            command => match self.front {
                Some(place) => self.act(connection, place, command).await,
                None => self.remark("you have no conversation; wait for a ring, then /accept"),
            },
        }
    }

    /// Does something in a conversation.
    async fn act(&mut self, connection: &Connection, place: usize, command: Command) -> Result<()> {
        let dialog = self.dialog(place);
        let publish = |event| PublishEvent::new(dialog.clone(), event);
        match command {
            Command::Say(text) => self.publish(connection, publish(Event::text(text))).await,
            Command::Note(text) => self.publish(connection, publish(Event::text(text)).private()).await,
            Command::Typing => {
                self.publish(connection, publish(Event::chat_state(ChatState::Composing)))
                    .await
            }
            Command::Card(file) => match card(&file) {
                Ok(event) => self.publish(connection, publish(event)).await,
                Err(wrong) => self.remark(&wrong),
            },
            Command::ToQueue => self.change(connection, place, vec![self.off()]).await,
            Command::ToSkill(skill) => {
                self.change(connection, place, vec![self.off(), FieldChange::skill(skill)])
                    .await
            }
            Command::ToAgent(user) => {
                let other = AgentIdentity::new(self.me.account().clone(), user);
                let skill = FieldChange::skill(self.cases[place].skill.clone());
                let suggested = FieldChange::suggest(other.old_id().clone());
                self.change(connection, place, vec![self.off(), suggested, skill]).await
            }
            Command::Close => {
                let closing = FieldChange::close_dialog(dialog.clone(), CloseReason::Agent, "Closed by agent");
                self.change(connection, place, vec![closing]).await
            }
            _ => Ok(()),
        }
    }

    /// Takes this agent off a conversation.
    fn off(&self) -> FieldChange {
        FieldChange::leave(Role::AssignedAgent).of_user(self.me.old_id().clone())
    }

    async fn publish(&mut self, connection: &Connection, event: PublishEvent) -> Result<()> {
        let published = connection.request(event).await;
        self.refused(published)
    }

    async fn change(&mut self, connection: &Connection, place: usize, changes: Vec<FieldChange>) -> Result<()> {
        let id = self.cases[place].id.clone();
        let changed = connection.request(UpdateConversation::new(id, changes)).await;
        self.refused(changed)
    }

    pub(super) async fn answer(&mut self, connection: &Connection, number: Option<usize>, accept: bool) -> Result<()> {
        let place = match number {
            Some(number) => number.checked_sub(1).filter(|place| *place < self.cases.len()),
            None => self.cases.iter().position(|case| case.ring.is_some()),
        };
        let Some((place, ring)) = place.and_then(|place| Some((place, self.cases[place].ring.take()?))) else {
            return self.remark("nothing rings");
        };
        let update = if accept {
            UpdateRing::accept(ring)
        } else {
            UpdateRing::reject(ring)
        };
        let answered = connection.request(update).await;
        if answered.is_ok() && !accept {
            self.say(place, json!({"kind": "rejected"}), "rejected")?;
        }
        self.refused(answered)
    }

    fn turn_to(&mut self, number: usize) -> Result<()> {
        let place = number.checked_sub(1);
        match place.and_then(|place| self.cases.get(place)).filter(|case| case.mine) {
            Some(_) => {
                self.front = place;
                self.remark(&format!("you speak to #{number}"))
            }
            None => self.remark(&format!(
                "conversation #{number} is not yours; /list shows those that are"
            )),
        }
    }

    fn list(&mut self) -> Result<()> {
        let current = self
            .cases
            .iter()
            .enumerate()
            .filter(|(_, case)| case.mine || case.ring.is_some());
        let lines: Vec<_> = current
            .map(|(place, case)| {
                let state = if case.mine { "yours" } else { "rings" };
                let front = if self.front == Some(place) { ", in front" } else { "" };
                format!("#{} {} (skill {}): {state}{front}", place + 1, case.id, case.skill)
            })
            .collect();
        if lines.is_empty() {
            return self.remark("no conversations and no rings");
        }
        lines.into_iter().try_for_each(|line| self.output.line(line))
    }
}

/// The card of a file: structured content, or an object with `content` and `quickReplies`.
fn card(file: &str) -> Result<Event, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{file} cannot be read: {e}"))?;
    let value: Value = serde_json::from_str(&text).map_err(|e| format!("{file} is not JSON: {e}"))?;
    let content = if value["type"].is_string() {
        &value
    } else {
        &value["content"]
    };
    if !content.is_object() {
        return Err(format!(
            "{file} holds no structured content: an object with `type`, or with `content`"
        ));
    }
    let event = Event::rich(content).map_err(|e| e.to_string())?;
    match &value["quickReplies"] {
        Value::Null => Ok(event),
        replies => event.with_quick_replies(replies).map_err(|e| e.to_string()),
    }
}
