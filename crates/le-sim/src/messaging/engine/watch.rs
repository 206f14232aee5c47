//! Subscriptions to rings and to the availability of agents.

use std::sync::Arc;

use super::{
    Engine, LinkId, Notice, Outcome, Refusal, Reply, Ring, RingState,
    notice::RingNotice,
    subscription::{Subject, Subscription},
};

impl Engine {
    pub(super) fn subscribe_routing(
        &mut self,
        link: LinkId,
        agent: Option<String>,
        skill: Option<String>,
        conversation: Option<String>,
    ) -> Outcome {
        let own = self.links.get(&link).and_then(|link| link.who.agent());
        let named = agent.as_deref().map_or(own, |id| self.find_agent(id));
        let agent = named
            .filter(|agent| Some(*agent) == own)
            .ok_or_else(|| Refusal::bad("agentId must be the agent of this connection"))?;
        let text = self.new_subscription_id();
        let subject = Subject::Routing {
            agent,
            skill,
            conversation,
        };
        self.subscriptions.insert(Arc::clone(&text), link, subject);
        self.tell_waiting_rings(self.subscriptions.next);
        Ok(Reply::Generic(text))
    }

    pub(super) fn update_routing_subscription(
        &mut self,
        link: LinkId,
        text: &str,
        skill: Option<String>,
        conversation: Option<String>,
    ) -> Outcome {
        let id = self.known_subscription(link, text)?;
        if let Some(subscription) = self.subscriptions.all.get_mut(&id)
            && let Subject::Routing {
                skill: old_skill,
                conversation: old_conversation,
                ..
            } = &mut subscription.subject
        {
            (*old_skill, *old_conversation) = (skill, conversation);
            self.tell_waiting_rings(id);
            return Ok(Reply::Text(200, "OK"));
        }
        Err(Refusal::bad("Subscription does not exist"))
    }

    /// Tells a routing subscription which rings wait.
    fn tell_waiting_rings(&mut self, id: u64) {
        let Some(subscription) = self.subscriptions.all.get(&id) else {
            return;
        };
        let Subject::Routing { agent, .. } = &subscription.subject else {
            return;
        };
        let rings = self
            .tasks
            .iter()
            .filter_map(|(place, task)| task.waiting().map(|ring| (*place, ring)))
            .filter(|(place, ring)| ring.agent == *agent && self.shows(subscription, *place))
            .map(|(place, ring)| RingNotice {
                place,
                ring: ring.clone(),
                completed: false,
                deleted: false,
            })
            .collect();
        self.notices.push(Notice::Rings {
            to: subscription.link,
            subscription: Arc::clone(&subscription.text),
            rings,
        });
    }

    fn shows(&self, subscription: &Subscription, place: usize) -> bool {
        let conversation = &self.conversations[place];
        match &subscription.subject {
            Subject::Routing {
                skill,
                conversation: wanted,
                ..
            } => {
                skill
                    .as_ref()
                    .is_none_or(|skill| *skill == conversation.skill.to_string())
                    && wanted.as_deref().is_none_or(|id| id == &*conversation.id)
            }
            _ => false,
        }
    }

    /// Tells the agent of a ring how it stands.
    pub(super) fn tell_ring(&mut self, place: usize, ring: &Ring, completed: bool) {
        let deleted = ring.state == RingState::Cancelled && self.rules().dialect.taken_ring_is_deleted;
        for id in self.subscriptions.routing.get(&ring.agent).into_iter().flatten() {
            let Some(subscription) = self.subscriptions.all.get(id) else {
                continue;
            };
            if self.shows(subscription, place) {
                self.notices.push(Notice::Rings {
                    to: subscription.link,
                    subscription: Arc::clone(&subscription.text),
                    rings: vec![RingNotice {
                        place,
                        ring: ring.clone(),
                        completed,
                        deleted,
                    }],
                });
            }
        }
    }

    pub(super) fn subscribe_agents_state(
        &mut self,
        link: LinkId,
        agent: &str,
        availability: Option<String>,
    ) -> Outcome {
        let agent = self
            .find_agent(agent)
            .ok_or_else(|| Refusal::bad("agentId is not an agent of this account"))?;
        let text = self.new_subscription_id();
        let availability = availability.filter(|wanted| !wanted.is_empty());
        let subject = Subject::State { agent, availability };
        self.subscriptions.insert(Arc::clone(&text), link, subject);
        self.notices.push(Notice::AgentState {
            to: link,
            subscription: Arc::clone(&text),
            agent,
        });
        Ok(Reply::Generic(text))
    }

    /// Tells whoever watches an agent its availability.
    pub(super) fn tell_agent_state(&mut self, agent: usize) {
        for id in self.subscriptions.states.get(&agent).into_iter().flatten() {
            let Some(subscription) = self.subscriptions.all.get(id) else {
                continue;
            };
            let Subject::State { availability, .. } = &subscription.subject else {
                continue;
            };
            if availability
                .as_ref()
                .is_none_or(|wanted| *wanted == self.agents[agent].availability)
            {
                self.notices.push(Notice::AgentState {
                    to: subscription.link,
                    subscription: Arc::clone(&subscription.text),
                    agent,
                });
            }
        }
    }
}
