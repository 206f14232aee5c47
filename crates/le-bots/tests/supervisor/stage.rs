//! An agent's link with everything that it delivered, and consumers that are driven from inside the simulator.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use le_bots::ring::Ring;
use le_bots::supervisor::{AgentLink, Backoff, Deliveries, Delivery, LinkBuilder, LinkState, Offline};
use le_bots::{AgentConnector, DialogEvent, Settings};
use le_core::id::{ConversationId, DialogId};
use le_sim::account::User;
use le_sim::{FaultAction, FaultRule, NewConsumer, Sim};

use crate::party::{agents_of, busy_skills};

/// Nothing here takes longer, however busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Pauses that a test can wait for.
pub(crate) fn quick() -> Backoff {
    Backoff::new(Duration::from_millis(20), Duration::from_millis(200))
}

/// Times that a test can wait for.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.request_timeout = Duration::from_millis(400);
    settings.throttled_pause = Duration::from_millis(30);
    settings.close_timeout = Duration::from_millis(300);
    settings.ping_interval = None;
    settings.clock_interval = None;
    settings
}

pub(crate) struct Stage {
    pub(crate) sim: Sim,
    pub(crate) skill: i64,
    pub(crate) user: User,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::of(crate::party::sim().await)
    }

    pub(crate) fn of(sim: Sim) -> Self {
        let skill = busy_skills(&sim)[0];
        let user = agents_of(&sim, skill).next().unwrap().clone();
        Self { sim, skill, user }
    }

    pub(crate) fn old_id(&self) -> String {
        crate::party::identity(&self.user).old_id().as_str().to_owned()
    }

    pub(crate) async fn connector(&self) -> AgentConnector {
        crate::party::agent_connector(&self.sim, &self.user)
            .await
            .settings(settings())
    }

    pub(crate) async fn link(&self) -> Agent {
        self.link_with(|builder| builder).await
    }

    pub(crate) async fn link_with(
        &self,
        change: impl FnOnce(LinkBuilder<AgentConnector>) -> LinkBuilder<AgentConnector>,
    ) -> Agent {
        self.link_over(self.connector().await, change)
    }

    pub(crate) fn link_over(
        &self,
        connector: AgentConnector,
        change: impl FnOnce(LinkBuilder<AgentConnector>) -> LinkBuilder<AgentConnector>,
    ) -> Agent {
        let builder = AgentLink::builder(connector).backoff(quick()).offline(Offline::Wait {
            at_most: 100,
            deadline: PATIENCE,
        });
        let (link, deliveries) = change(builder).start().unwrap();
        Agent {
            link,
            deliveries,
            seen: VecDeque::new(),
            heard: BTreeMap::new(),
        }
    }

    /// A consumer opens a conversation and says something; gives consumer and conversation.
    pub(crate) fn consumer(&self, text: &str) -> (String, String) {
        let messaging = self.sim.control().messaging();
        let consumer = messaging.open_consumer(NewConsumer::default()).unwrap().consumer_id;
        let id = messaging.start_conversation(&consumer, Some(self.skill)).unwrap();
        messaging.say(&consumer, text).unwrap();
        (consumer, id)
    }

    pub(crate) fn say(&self, consumer: &str, text: &str) {
        self.sim.control().messaging().say(consumer, text).unwrap();
    }

    /// Closes the agent's sockets with this code.
    pub(crate) fn close(&self, code: u16) {
        let closed = self
            .sim
            .control()
            .messaging()
            .close_sockets(Some(&self.old_id()), code, "");
        assert!(closed > 0);
    }

    pub(crate) fn fault(&self, rule: FaultRule) {
        self.sim.control().add_fault(rule).unwrap();
    }

    /// Refuses the next upgrades of agents with this status.
    pub(crate) fn refuse(&self, status: u16, times: u64) {
        let rule = FaultRule::new(FaultAction::status(status))
            .route("messaging.agent_socket")
            .first(times);
        self.fault(rule);
    }

    /// All texts that the dialog of a conversation holds, in order.
    pub(crate) fn texts(&self, id: &str) -> Vec<String> {
        let conversation = self.sim.control().messaging().conversation(id).unwrap();
        let mut texts = Vec::new();
        collect_texts(&conversation, &mut texts);
        texts
    }
}

fn collect_texts(value: &serde_json::Value, texts: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            if let Some(text) = members
                .get("event")
                .and_then(|event| event.get("message"))
                .and_then(|m| m.as_str())
                && members.contains_key("sequence")
            {
                texts.push(text.to_owned());
                return;
            }
            members
                .iter()
                .filter(|(name, _)| *name != "lastContentEventNotification")
                .for_each(|(_, value)| collect_texts(value, texts));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| collect_texts(value, texts)),
        _ => {}
    }
}

/// A link, and what it delivered.
pub(crate) struct Agent {
    pub(crate) link: AgentLink,
    pub(crate) deliveries: Deliveries,
    seen: VecDeque<Delivery>,
    /// The sequences that came of each dialog.
    pub(crate) heard: BTreeMap<DialogId, Vec<i64>>,
}

impl Agent {
    /// The first delivery that fits, of those that came and those that come; earlier ones are kept.
    pub(crate) async fn find<T>(&mut self, what: &str, fits: impl Fn(&Delivery) -> Option<T>) -> T {
        if let Some(at) = self.seen.iter().position(|delivery| fits(delivery).is_some()) {
            return fits(&self.seen.remove(at).unwrap()).unwrap();
        }
        loop {
            let next = tokio::time::timeout(PATIENCE, self.deliveries.next()).await;
            let next = next.unwrap_or_else(|_| panic!("waited for {what} in {:?}, saw {:#?}", self.link, self.seen));
            let Some(delivery) = next else {
                panic!("waited for {what}; the link ended: {:?}", self.link.state().borrow())
            };
            self.note(&delivery);
            match fits(&delivery) {
                Some(found) => return found,
                None => self.seen.push_back(delivery),
            }
        }
    }

    /// Each event of a dialog comes once and in order; the link says so of every test.
    fn note(&mut self, delivery: &Delivery) {
        if let Delivery::Event(event) = delivery {
            let (dialog, sequence) = event.key().unwrap();
            let heard = self.heard.entry(dialog.clone()).or_default();
            assert!(
                heard.last().is_none_or(|last| *last < sequence),
                "{sequence} came after {heard:?}"
            );
            heard.push(sequence);
        }
    }

    pub(crate) async fn online(&mut self) {
        self.find("being online", |delivery| {
            matches!(delivery, Delivery::Online).then_some(())
        })
        .await;
    }

    pub(crate) async fn ring(&mut self) -> Ring {
        let ring = |delivery: &Delivery| match delivery {
            Delivery::Ring(ring) => Some((**ring).clone()),
            _ => None,
        };
        self.find("a ring", ring).await
    }

    /// Takes the next ring; gives its conversation as soon as it is there.
    pub(crate) async fn take(&mut self) -> ConversationId {
        let ring = self.ring().await;
        self.link.accept(ring.ring_id.unwrap()).await.unwrap();
        let id = ring.conversation_id.unwrap();
        let wanted = id.clone();
        self.find("the conversation", move |delivery| match delivery {
            Delivery::Conversation(state) => (state.id() == Some(&wanted)).then_some(()),
            _ => None,
        })
        .await;
        id
    }

    pub(crate) async fn message(&mut self, text: &str) -> DialogEvent {
        self.find(text, |delivery| match delivery {
            Delivery::Event(event) => {
                let said = event.event.as_ref().and_then(|event| event.as_text());
                (said == Some(text)).then(|| (**event).clone())
            }
            _ => None,
        })
        .await
    }

    /// Waits for a state that fits.
    pub(crate) async fn state(&self, what: &str, fits: impl Fn(&LinkState) -> bool) -> LinkState {
        let mut state = self.link.state();
        let found = tokio::time::timeout(PATIENCE, state.wait_for(|state| fits(state))).await;
        let found = found.unwrap_or_else(|_| panic!("waited for {what} in {:?}", self.link));
        found.unwrap().clone()
    }

    /// Waits until the connection is noticed to be gone, and back.
    pub(crate) async fn comes_back(&mut self) {
        self.find("being offline", |delivery| {
            matches!(delivery, Delivery::Offline).then_some(())
        })
        .await;
        self.online().await;
    }

    /// The texts that came of a dialog and were not asked for, so far.
    pub(crate) fn texts(&self) -> Vec<String> {
        let texts = self.seen.iter().filter_map(|delivery| match delivery {
            Delivery::Event(event) => event.event.as_ref()?.as_text().map(str::to_owned),
            _ => None,
        });
        texts.collect()
    }

    pub(crate) fn has_seen(&self, fits: impl Fn(&Delivery) -> bool) -> bool {
        self.seen.iter().any(fits)
    }
}
