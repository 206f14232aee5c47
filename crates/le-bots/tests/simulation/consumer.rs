//! The consumers of a run: on a link of their own, or by the hand of the simulator.

use std::sync::Arc;
use std::time::Duration;

use le_bots::event::{Event, PublishEvent};
use le_bots::supervisor::{ConsumerLink, Deliveries, Delivery, Offline, Resume, Rivalry};
use le_core::{Disposition, ErrorKind};
use le_sim::NewConsumer;
use tokio::sync::watch;

use crate::account::Account;
use crate::ledger::Ledger;
use crate::plan::Script;
use crate::support::credential::Credential;

/// How long it takes until a consumer whose link ended looks again.
const REOPENED: Duration = Duration::from_secs(10);

/// Plays a script to its end.
pub(crate) async fn play(account: Arc<Account>, ledger: Ledger, number: usize, script: Script) {
    tokio::time::sleep(script.begins).await;
    if script.by_socket {
        by_socket(&account, &ledger, number, &script).await;
    } else {
        by_hand(&account, &ledger, number, &script).await;
    }
}

async fn by_hand(account: &Account, ledger: &Ledger, number: usize, script: &Script) {
    let messaging = account.sim.control().messaging();
    let consumer = messaging.open_consumer(NewConsumer::default()).unwrap().consumer_id;
    messaging.start_conversation(&consumer, None).unwrap();
    for (turn, pause) in script.pauses.iter().enumerate() {
        tokio::time::sleep(*pause).await;
        let text = format!("c{number} m{turn}");
        messaging.say(&consumer, &text).unwrap();
        let mut seen = ledger.seen();
        seen.said.insert(text.clone());
        seen.settled.insert(text);
    }
    if let Some(pause) = script.closes {
        tokio::time::sleep(pause).await;
        messaging.close(&consumer).unwrap();
    }
    ledger.seen().through += 1;
}

async fn by_socket(account: &Arc<Account>, ledger: &Ledger, number: usize, script: &Script) {
    let credential = account.consumer_credential(number as u64);
    let window = Window::open(account, ledger, number as u64, credential);
    let conversation = window.start().await;
    for (turn, pause) in script.pauses.iter().enumerate() {
        tokio::time::sleep(*pause).await;
        let text = format!("c{number} m{turn}");
        ledger.seen().said.insert(text.clone());
        window.say(&conversation, &text).await;
        ledger.seen().settled.insert(text);
    }
    if let Some(pause) = script.closes {
        tokio::time::sleep(pause).await;
        window.close(&conversation).await;
    }
    ledger.seen().through += 1;
    // It stays open.
    std::future::pending().await
}

/// What a consumer looks at: a link, and another one where that ended.
struct Window {
    links: watch::Receiver<ConsumerLink>,
    known: watch::Receiver<Option<String>>,
    ledger: Ledger,
}

impl Window {
    fn open(account: &Arc<Account>, ledger: &Ledger, number: u64, credential: Arc<Credential>) -> Self {
        let (account, shown) = (Arc::clone(account), ledger.clone());
        let begin = move |resume| {
            let connector = account.consumer_connector(number, Arc::clone(&credential));
            let patience = Offline::Wait {
                at_most: 1_000,
                deadline: Duration::from_secs(3_600),
            };
            let rivalry = Rivalry::new(u32::MAX, Duration::ZERO);
            let link = ConsumerLink::builder(connector)
                .offline(patience)
                .rivalry(rivalry)
                .resume(resume);
            link.start().unwrap()
        };
        let (link, mut deliveries) = begin(Resume::default());
        let (tell_link, links) = watch::channel(link);
        let (tell_known, known) = watch::channel(None);
        tokio::spawn(async move {
            loop {
                let link = tell_link.borrow().clone();
                read(deliveries, &link, &tell_known, &shown).await;
                shown.note(format_args!("a consumer's link ended: {:?}", link.state().borrow()));
                tokio::time::sleep(REOPENED).await;
                let again = begin(link.resume());
                tell_link.send_replace(again.0);
                deliveries = again.1;
            }
        });
        Self {
            links,
            known,
            ledger: ledger.clone(),
        }
    }

    fn link(&self) -> ConsumerLink {
        self.links.borrow().clone()
    }

    /// Opens a conversation. Where the answer was lost it may be open already, which the consumer's subscription tells.
    async fn start(&self) -> String {
        let mut known = self.known.clone();
        loop {
            if let Err(error) = self.link().request_conversation("-1").await {
                self.ledger.note(format_args!("request of a conversation: {error}"));
            }
            let told = tokio::time::timeout(Duration::from_secs(5), known.wait_for(Option::is_some)).await;
            if let Ok(Ok(id)) = told {
                return id.clone().unwrap();
            }
        }
    }

    async fn say(&self, conversation: &str, text: &str) {
        let event = PublishEvent::new(conversation, Event::text(text));
        loop {
            let link = self.link();
            let Err(error) = link.publish(event.clone()).await else {
                return;
            };
            let ended = link.state().borrow().ended().is_some();
            self.ledger
                .note(format_args!("publish of a consumer: {error} {:?}", error.disposition()));
            if error.disposition() == Disposition::MaybeApplied {
                if !ended {
                    self.ledger
                        .offence(format!("a consumer's publish was not settled: {error}"));
                } else if self.was_said(conversation, text).await {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Whether the next link, once it has caught up, was handed the text.
    async fn was_said(&self, conversation: &str, text: &str) -> bool {
        loop {
            let link = self.link();
            let mut state = link.state();
            let settled = state
                .wait_for(|state| state.is_online() || state.ended().is_some())
                .await;
            let online = settled.is_ok_and(|state| state.is_online());
            // Whatever waits in the queue is read, or the next link is there.
            tokio::time::sleep(Duration::from_secs(2)).await;
            if online {
                let seen = self.ledger.seen();
                let story = seen.received.get(conversation);
                return story.is_some_and(|story| story.iter().any(|(_, said)| said == text));
            }
        }
    }

    async fn close(&self, conversation: &str) {
        while let Err(error) = self.link().close_conversation(conversation).await {
            self.ledger.note(format_args!("close: {error}"));
            if error.kind() == ErrorKind::InvalidRequest {
                return;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
}

async fn read(mut deliveries: Deliveries, link: &ConsumerLink, known: &watch::Sender<Option<String>>, ledger: &Ledger) {
    while let Some(delivery) = deliveries.next().await {
        match delivery {
            Delivery::Conversation(state) => {
                if let Some(id) = state.id() {
                    ledger.seen().received.entry(id.to_string()).or_default();
                    known.send_replace(Some(id.to_string()));
                }
            }
            Delivery::Event(event) => {
                ledger.received(&event);
                link.handled(
                    event.dialog_id.as_ref().unwrap(),
                    event.sequence.as_ref().unwrap().get(),
                );
            }
            Delivery::Left(id, _) => link.left_handled(&id),
            other => ledger.note(format_args!("consumer's delivery {other:?}")),
        }
    }
}
