//! Links that come and go, and the availability of agents.

use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};

use super::{Draft, Engine, EventKind, Link, LinkId, Outcome, Refusal, Reply, Version, Who, party};

/// What an agent can set itself to. Sources know `BACK_SOON` or `OCCUPIED` as the third; both are taken.
pub(crate) const AVAILABILITIES: &[&str] = &["ONLINE", "OCCUPIED", "BACK_SOON", "AWAY", "OFFLINE"];

impl Engine {
    /// A link is there and known.
    pub(crate) fn connect(&mut self, id: LinkId, who: Who, version: Version, properties: Option<Box<RawValue>>) {
        let properties: Option<Arc<RawValue>> = properties.map(Into::into);
        match who {
            Who::Agent(agent) => self.agents[agent].links.push(id),
            Who::Consumer(consumer) => {
                let back = self.consumers[consumer].links.is_empty();
                self.consumers[consumer].links.push(id);
                if let Some(properties) = &properties {
                    self.consumers[consumer].features = party::features(properties);
                }
                if back {
                    self.tell_presence(consumer, "ACTIVE");
                }
            }
        }
        self.links.insert(
            id,
            Link {
                who,
                version,
                properties,
            },
        );
        self.settle();
    }

    /// A link is gone.
    pub(crate) fn disconnect(&mut self, id: LinkId) {
        let Some(link) = self.links.remove(&id) else { return };
        self.drop_subscriptions_of(id);
        match link.who {
            Who::Agent(agent) => {
                self.agents[agent].links.retain(|other| *other != id);
                if self.agents[agent].links.is_empty() {
                    // Availability does not outlive the connection: it is to be set again after a reconnect.
                    self.set_availability(agent, "OFFLINE");
                }
            }
            Who::Consumer(consumer) => {
                self.consumers[consumer].links.retain(|other| *other != id);
                for place in self.consumers[consumer].conversations.clone() {
                    for dialog in &mut self.conversations[place].dialogs {
                        dialog.subscribers.retain(|other| *other != id);
                    }
                }
                if self.consumers[consumer].links.is_empty() {
                    self.tell_presence(consumer, "BACKGROUND");
                }
            }
        }
        self.settle();
    }

    /// Tells those in the consumer's open dialogs that it went or came back.
    fn tell_presence(&mut self, consumer: usize, state: &str) {
        if !self.rules().background_states {
            return;
        }
        let open: Vec<(usize, usize)> = self.consumers[consumer]
            .conversations
            .iter()
            .flat_map(|place| {
                let dialogs = self.conversations[*place].dialogs.iter().enumerate();
                dialogs
                    .filter(|(_, dialog)| dialog.open)
                    .map(|(number, _)| (*place, number))
            })
            .collect();
        for at in open {
            let body = serde_json::json!({ "type": "ChatStateEvent", "chatState": state });
            let Ok(body) = to_raw_value(&body) else { continue };
            let draft = Draft {
                kind: EventKind::ChatState,
                body,
                metadata: None,
                private: false,
            };
            self.store(at, Who::Consumer(consumer), None, draft);
        }
    }

    pub(super) fn set_agent_state(&mut self, caller: usize, named: Option<&str>, availability: &str) -> Outcome {
        let agent = named.map_or(Some(caller), |id| self.find_agent(id));
        if agent != Some(caller) {
            return Err(Refusal::bad("agentUserId must be the agent of this connection"));
        }
        if !AVAILABILITIES.contains(&availability) {
            return Err(Refusal::bad(format!(
                "availability must be one of {}",
                AVAILABILITIES.join(", ")
            )));
        }
        self.set_availability(caller, availability);
        Ok(Reply::Text(202, "Agent state updated successfully"))
    }

    /// Who became what when, oldest first: what Agent Activity tells.
    pub(crate) fn availability_changes(&self) -> Vec<(usize, i64, String)> {
        self.availability_log.clone()
    }

    /// Sets an agent's availability, whoever asks for it.
    pub(crate) fn set_availability(&mut self, agent: usize, availability: &str) {
        self.routing_due = true;
        if self.agents[agent].availability != availability {
            self.agents[agent].availability = availability.to_owned();
            self.availability_log.push((agent, self.now, availability.to_owned()));
            self.tell_agent_state(agent);
        }
    }
}
