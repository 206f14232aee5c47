//! A simulator, a tap before it, and links over it, in paused time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use le_bots::agent_state::Availability;
use le_bots::supervisor::{AgentLink, Deliveries, Delivery, LinkBuilder, LinkState};
use le_bots::{AgentConnector, DialogEvent, Settings};
use le_sim::{Behaviour, MessagingControl, NewConsumer, Sim, SimClock};

use crate::support::clients;
use crate::support::runtime::{BEGINNING, Chance, RuntimeClock};
use crate::wire::Wire;

pub(crate) struct Stage {
    pub(crate) sim: Arc<Sim>,
    pub(crate) wire: Wire,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Behaviour)) -> Self {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour);
        let sim = Sim::builder()
            .conversations(0)
            .clock(SimClock::runtime(BEGINNING))
            .behaviour(behaviour)
            .start_in_memory()
            .unwrap();
        let sim = Arc::new(sim);
        Self {
            wire: Wire::new(Arc::clone(&sim)),
            sim,
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        settings.clock = Arc::new(RuntimeClock::new());
        settings.entropy = Arc::new(Chance::new(7, 7));
        settings
    }

    pub(crate) fn connector(&self) -> AgentConnector {
        self.connector_with(self.settings())
    }

    pub(crate) fn connector_with(&self, settings: Settings) -> AgentConnector {
        let user = clients::bot_users(&self.sim)[0];
        clients::agent(&self.sim, user, Arc::new(self.wire.clone()), settings)
    }

    /// Logins of the bot so far.
    pub(crate) fn logins(&self) -> u64 {
        let user = clients::bot_users(&self.sim)[0];
        self.sim.control().logins_of(&user.login_name)
    }

    pub(crate) fn messaging(&self) -> MessagingControl {
        self.sim.control().messaging()
    }

    /// A consumer whom the simulator drives, with a conversation; gives both ids.
    pub(crate) fn conversation(&self) -> (String, String) {
        let consumer = self
            .messaging()
            .open_consumer(NewConsumer::default())
            .unwrap()
            .consumer_id;
        let conversation = self.messaging().start_conversation(&consumer, None).unwrap();
        (consumer, conversation)
    }

    /// A link that takes every ring, and what it is handed.
    pub(crate) fn link(&self) -> Party {
        self.link_of(AgentLink::builder(self.connector()))
    }

    pub(crate) fn link_of(&self, builder: LinkBuilder<AgentConnector>) -> Party {
        let (link, deliveries) = builder.availability(Availability::Online).rings(true).start().unwrap();
        let seen = Arc::new(Mutex::new(Handed::default()));
        tokio::spawn(read(link.clone(), deliveries, Arc::clone(&seen)));
        Party { link, seen }
    }

    /// What the simulator stored of a conversation.
    pub(crate) fn texts(&self, conversation: &str) -> Vec<String> {
        let stored = self.messaging().conversation(conversation).unwrap();
        let events = stored["events"].as_array().unwrap().iter();
        events
            .filter_map(|event| event["event"]["message"].as_str().map(str::to_owned))
            .collect()
    }
}

/// What a link handed over.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    pub(crate) events: BTreeMap<String, Vec<(i64, String)>>,
    pub(crate) rings: Vec<String>,
    pub(crate) rings_gone: Vec<String>,
    pub(crate) onlines: usize,
    pub(crate) offlines: usize,
}

/// A link, and what it handed over.
pub(crate) struct Party {
    pub(crate) link: AgentLink,
    pub(crate) seen: Arc<Mutex<Handed>>,
}

impl Party {
    pub(crate) async fn online(&self) {
        within(600, "online", async {
            self.link.state().wait_for(LinkState::is_online).await.unwrap();
        })
        .await;
    }

    /// The texts that it was handed of a conversation, in order.
    pub(crate) fn texts(&self, dialog: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let events = seen.events.get(dialog).into_iter().flatten();
        events
            .map(|(_, text)| text.clone())
            .filter(|text| !text.is_empty())
            .collect()
    }

    /// Waits until it was handed this text.
    pub(crate) async fn hears(&self, dialog: &str, text: &str) {
        within(900, text, async {
            while !self.texts(dialog).iter().any(|one| one == text) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        })
        .await;
    }

    /// Each sequence was handed over once, and in order.
    pub(crate) fn assert_in_order(&self) {
        for (dialog, events) in &self.seen.lock().unwrap().events {
            let sequences: Vec<i64> = events.iter().map(|(sequence, _)| *sequence).collect();
            let expected: Vec<i64> = (0..).take(sequences.len()).collect();
            assert_eq!(sequences, expected, "{dialog}");
        }
    }
}

async fn read(link: AgentLink, mut deliveries: Deliveries, seen: Arc<Mutex<Handed>>) {
    while let Some(delivery) = deliveries.next().await {
        let mut seen = seen.lock().unwrap();
        match delivery {
            Delivery::Ring(ring) => {
                let id = ring.ring_id.clone().unwrap();
                seen.rings.push(id.clone());
                let link = link.clone();
                tokio::spawn(async move { link.accept(id).await.map(drop).ok() });
            }
            Delivery::RingGone(id) => seen.rings_gone.push(id),
            Delivery::Event(event) => {
                let (dialog, entry) = entry(&event);
                link.handled(event.dialog_id.as_ref().unwrap(), entry.0);
                seen.events.entry(dialog).or_default().push(entry);
            }
            Delivery::Online => seen.onlines += 1,
            Delivery::Offline => seen.offlines += 1,
            _ => {}
        }
    }
}

fn entry(event: &DialogEvent) -> (String, (i64, String)) {
    let dialog = event.dialog_id.as_ref().unwrap().to_string();
    let text = event
        .event
        .as_ref()
        .and_then(|event| event.as_text())
        .unwrap_or_default();
    (dialog, (event.sequence.as_ref().unwrap().get(), text.to_owned()))
}

/// Fails where something takes longer than so many seconds of the paused time.
pub(crate) async fn within<T>(seconds: u64, what: &str, future: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(Duration::from_secs(seconds), future).await;
    done.unwrap_or_else(|_| panic!("waited {seconds} s for {what}"))
}

pub(crate) async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
