//! Subscriptions, and telling them what changed.

use std::{collections::HashMap, sync::Arc};

use super::{Conversation, Delivery, Engine, Filter, LinkId, Notice, Outcome, Refusal, Reply, Version, Who};
use crate::account::uuid;

/// The first notification of a subscription holds at most so many conversations.
const INITIAL_FILL: usize = 1000;

/// All subscriptions of all links.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    pub(super) next: u64,
    pub(super) all: HashMap<u64, Subscription>,
    by_text: HashMap<Arc<str>, u64>,
    by_link: HashMap<LinkId, Vec<u64>>,
    /// Conversation subscriptions by what can bring a conversation to them.
    of_agent: HashMap<usize, Vec<u64>>,
    of_consumer: HashMap<usize, Vec<u64>>,
    broad: Vec<u64>,
    /// Routing and state subscriptions by the agent they watch.
    pub(super) routing: HashMap<usize, Vec<u64>>,
    pub(super) states: HashMap<usize, Vec<u64>>,
}

#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) text: Arc<str>,
    pub(super) link: LinkId,
    pub(super) subject: Subject,
}

#[derive(Debug)]
pub(super) enum Subject {
    Conversations {
        scope: Scope,
        filter: Filter,
    },
    Routing {
        agent: usize,
        skill: Option<String>,
        conversation: Option<String>,
    },
    State {
        agent: usize,
        availability: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scope {
    All,
    Agents(Vec<usize>),
    Consumer(usize),
}

impl Subscriptions {
    pub(super) fn insert(&mut self, text: Arc<str>, link: LinkId, subject: Subject) {
        self.next += 1;
        let id = self.next;
        match &subject {
            Subject::Conversations { scope, .. } => match scope {
                Scope::All => self.broad.push(id),
                Scope::Agents(agents) => {
                    for agent in agents {
                        self.of_agent.entry(*agent).or_default().push(id);
                    }
                }
                Scope::Consumer(consumer) => self.of_consumer.entry(*consumer).or_default().push(id),
            },
            Subject::Routing { agent, .. } => self.routing.entry(*agent).or_default().push(id),
            Subject::State { agent, .. } => self.states.entry(*agent).or_default().push(id),
        }
        self.by_text.insert(Arc::clone(&text), id);
        self.by_link.entry(link).or_default().push(id);
        self.all.insert(id, Subscription { text, link, subject });
    }

    fn remove(&mut self, id: u64) {
        let Some(gone) = self.all.remove(&id) else { return };
        self.by_text.remove(&gone.text);
        let without = |list: Option<&mut Vec<u64>>| {
            if let Some(list) = list {
                list.retain(|other| *other != id);
            }
        };
        without(self.by_link.get_mut(&gone.link));
        match &gone.subject {
            Subject::Conversations { scope, .. } => match scope {
                Scope::All => self.broad.retain(|other| *other != id),
                Scope::Agents(agents) => agents.iter().for_each(|agent| without(self.of_agent.get_mut(agent))),
                Scope::Consumer(consumer) => without(self.of_consumer.get_mut(consumer)),
            },
            Subject::Routing { agent, .. } => without(self.routing.get_mut(agent)),
            Subject::State { agent, .. } => without(self.states.get_mut(agent)),
        }
    }

    pub(super) fn remove_link(&mut self, link: LinkId) {
        for id in self.by_link.remove(&link).unwrap_or_default() {
            self.remove(id);
        }
    }

    /// How many a link has.
    pub(super) fn count(&self, link: LinkId) -> usize {
        self.by_link.get(&link).map_or(0, Vec::len)
    }

    fn of_link(&self, link: LinkId, text: &str) -> Option<u64> {
        let id = *self.by_text.get(text)?;
        (self.all.get(&id)?.link == link).then_some(id)
    }

    /// Conversation subscriptions that may want to hear of a conversation.
    fn candidates(&self, conversation: &Conversation) -> Vec<u64> {
        let mut ids = conversation.held_by.clone();
        ids.extend(&self.broad);
        for (who, _) in conversation.participants() {
            let list = match who {
                Who::Agent(agent) => self.of_agent.get(&agent),
                Who::Consumer(consumer) => self.of_consumer.get(&consumer),
            };
            ids.extend(list.into_iter().flatten());
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

impl Engine {
    pub(super) fn new_subscription_id(&mut self) -> Arc<str> {
        uuid(&mut self.random).into()
    }

    pub(super) fn subscribe_conversations(&mut self, link: LinkId, filter: Filter) -> Outcome {
        let text = self.new_subscription_id();
        self.add_conversation_subscription(link, filter, Arc::clone(&text))?;
        Ok(Reply::Conversations(text))
    }

    pub(super) fn update_conversation_subscription(&mut self, link: LinkId, text: &str, filter: Filter) -> Outcome {
        let id = self.known_subscription(link, text)?;
        self.drop_subscription(id);
        self.add_conversation_subscription(link, filter, text.into())?;
        Ok(Reply::Text(200, "OK"))
    }

    pub(super) fn unsubscribe(&mut self, link: LinkId, text: &str) -> Outcome {
        let id = self.known_subscription(link, text)?;
        self.drop_subscription(id);
        Ok(Reply::Text(200, "OK"))
    }

    pub(super) fn known_subscription(&self, link: LinkId, text: &str) -> Result<u64, Refusal> {
        self.subscriptions
            .of_link(link, text)
            .ok_or_else(|| Refusal::bad("Subscription does not exist"))
    }

    fn drop_subscription(&mut self, id: u64) {
        self.subscriptions.remove(id);
        for conversation in &mut self.conversations {
            conversation.held_by.retain(|holder| *holder != id);
        }
    }

    /// Forgets the subscriptions of a link that went.
    pub(super) fn drop_subscriptions_of(&mut self, link: LinkId) {
        self.subscriptions.remove_link(link);
        // Conversations keep the numbers of subscriptions that are gone until they change next; closed ones are cheap.
    }

    /// How many subscriptions a link has.
    pub(crate) fn subscriptions_of(&self, link: LinkId) -> usize {
        self.subscriptions.count(link)
    }

    fn add_conversation_subscription(&mut self, link: LinkId, filter: Filter, text: Arc<str>) -> Result<(), Refusal> {
        if filter.brand.as_deref().is_some_and(|brand| brand != &*self.brand) {
            return Err(Refusal::bad("The brand is not the one of this connection"));
        }
        let scope = self.scope(link, &filter)?;
        let subject = Subject::Conversations { scope, filter };
        self.subscriptions.insert(Arc::clone(&text), link, subject);
        let id = self.subscriptions.next;
        let mut places = self.initial_fill(id);
        places.sort_by_key(|place| self.conversations[*place].updated);
        places.truncate(INITIAL_FILL);
        for place in &places {
            self.conversations[*place].held_by.push(id);
        }
        self.notices.push(Notice::Conversations {
            to: link,
            subscription: text,
            places,
        });
        Ok(())
    }

    /// Conversations that a new subscription begins with.
    fn initial_fill(&self, id: u64) -> Vec<usize> {
        let Some(subscription) = self.subscriptions.all.get(&id) else {
            return Vec::new();
        };
        let Subject::Conversations { scope, .. } = &subscription.subject else {
            return Vec::new();
        };
        let wanted = |place: &usize| self.wants(subscription, &self.conversations[*place], true);
        match scope {
            Scope::Consumer(consumer) => {
                let own = self.consumers[*consumer].conversations.iter().copied();
                own.filter(wanted).collect()
            }
            _ => (0..self.conversations.len()).filter(wanted).collect(),
        }
    }

    /// Which conversations a link can see through a filter at all.
    fn scope(&self, link: LinkId, filter: &Filter) -> Result<Scope, Refusal> {
        let own = match self.links.get(&link).map(|link| link.who) {
            Some(Who::Consumer(consumer)) => return Ok(Scope::Consumer(consumer)),
            Some(Who::Agent(agent)) => agent,
            None => return Err(Refusal::new(401, "The connection is not initialized")),
        };
        let restricted = self.rules().own_conversations_only && !self.agents[own].manager;
        if let Some(agents) = &filter.agents {
            let known = agents.iter().filter_map(|id| self.find_agent(id));
            return Ok(Scope::Agents(
                known.filter(|agent| !restricted || *agent == own).collect(),
            ));
        }
        if restricted {
            return Ok(Scope::Agents(vec![own]));
        }
        Ok(match &filter.consumer {
            Some(id) => self.find_consumer(id).map_or(Scope::All, Scope::Consumer),
            None => Scope::All,
        })
    }

    /// Whether a conversation belongs to a subscription. The window of update times counts at the beginning only.
    fn wants(&self, subscription: &Subscription, conversation: &Conversation, initial: bool) -> bool {
        let Subject::Conversations { scope, filter } = &subscription.subject else {
            return false;
        };
        let named = |open: bool, wanted: &[String]| {
            let name = if open { "OPEN" } else { "CLOSE" };
            wanted.is_empty() || wanted.iter().any(|wanted| wanted == name)
        };
        let in_scope = match scope {
            Scope::All => true,
            Scope::Agents(agents) => agents.iter().any(|agent| conversation.has_agent(*agent)),
            Scope::Consumer(consumer) => conversation.consumer == *consumer,
        };
        let consumer = || &*self.consumers[conversation.consumer].id;
        in_scope
            && named(conversation.open, &filter.states)
            && named(conversation.stage_open, &filter.stages)
            && filter.consumer.as_deref().is_none_or(|id| id == consumer())
            && filter.updated_from.is_none_or(|from| conversation.updated >= from)
            && (!initial || filter.updated_to.is_none_or(|to| conversation.updated <= to))
            && filter.due_before.is_none_or(|before| {
                let due = self.effective_ttr(conversation);
                due >= 0 && due <= before
            })
    }

    /// Marks a conversation as changed: it gets a new time, and whoever watches it is told at the end.
    pub(super) fn touch(&mut self, place: usize) {
        let conversation = &mut self.conversations[place];
        // Two states of one millisecond must not look the same to a client that keeps the newest.
        conversation.updated = self.now.max(conversation.updated + 1);
        self.publish_later(place);
        if !self.changed.contains(&place) {
            self.changed.push(place);
        }
    }

    /// Tells what changed to every subscription that holds it, held it, or wants it now.
    pub(super) fn tell_changes(&mut self) {
        for place in std::mem::take(&mut self.changed) {
            let conversation = &self.conversations[place];
            let mut to = Vec::new();
            let mut holders = Vec::new();
            for id in self.subscriptions.candidates(conversation) {
                let Some(subscription) = self.subscriptions.all.get(&id) else {
                    continue;
                };
                let wanted = self.wants(subscription, conversation, false);
                if wanted {
                    holders.push(id);
                }
                if wanted || conversation.held_by.contains(&id) {
                    to.push(Delivery {
                        link: subscription.link,
                        subscription: Arc::clone(&subscription.text),
                        deleted: !wanted,
                    });
                }
            }
            self.conversations[place].held_by = holders;
            if !to.is_empty() {
                self.notices.push(Notice::Conversation { place, to });
            }
        }
    }

    /// The version that a link speaks.
    pub(crate) fn version(&self, link: LinkId) -> Option<Version> {
        self.links.get(&link).map(|link| link.version)
    }
}
