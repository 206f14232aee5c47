//! The two sides of a conversation, each on a link of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use le_bots::agent_state::Availability;
use le_bots::connector::Introduction;
use le_bots::event::{Event, PublishEvent};
use le_bots::supervisor::{AgentLink, Backoff, ConsumerLink, Deliveries, Delivery, Rivalry};
use le_bots::{AgentIdentity, DialogEvent, Settings};
use le_core::transport::HttpTransport;
use le_core::{Disposition, Error};
use le_sim::Sim;
use tokio::sync::{mpsc, watch};

use crate::support::clients;

/// Sequence and text.
type Story = Vec<(i64, String)>;

/// What came of one conversation.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) conversation: String,
    pub(crate) received: Story,
    number: usize,
}

impl Talk {
    /// Question and answer.
    pub(crate) fn round(&self, round: usize) -> [String; 2] {
        let question = question(self.number, round);
        let answer = answer(&question);
        [question, answer]
    }
}

fn question(number: usize, round: usize) -> String {
    format!("c{number} m{round}")
}

fn answer(question: &str) -> String {
    format!("re: {question}")
}

/// A bot that answers each question.
pub(crate) struct Bot {
    link: AgentLink,
    handled: Arc<Mutex<BTreeMap<String, Story>>>,
}

impl Bot {
    pub(crate) async fn online(&self) {
        let mut state = self.link.state();
        state.wait_for(le_bots::supervisor::LinkState::is_online).await.unwrap();
    }

    /// What it was handed of a conversation, if anything.
    pub(crate) fn handled(&self, conversation: &str) -> Option<Story> {
        self.handled.lock().unwrap().get(conversation).cloned()
    }
}

/// Starts the bot of this number.
pub(crate) fn bot(sim: &Sim, number: usize) -> Bot {
    let user = clients::bot_users(sim)[number];
    let me = clients::identity(sim, user);
    let connector = clients::agent(sim, user, transport(), settings());
    let (link, deliveries) = AgentLink::builder(connector)
        .availability(Availability::Online)
        .rings(true)
        .backoff(Backoff::new(Duration::from_millis(50), Duration::from_millis(400)))
        .rivalry(Rivalry::new(u32::MAX, Duration::ZERO))
        .start()
        .unwrap();
    let handled = Arc::new(Mutex::new(BTreeMap::new()));
    tokio::spawn(serve(link.clone(), deliveries, Arc::clone(&handled), me));
    Bot { link, handled }
}

async fn serve(
    link: AgentLink,
    mut deliveries: Deliveries,
    handled: Arc<Mutex<BTreeMap<String, Story>>>,
    me: AgentIdentity,
) {
    let mut lanes: BTreeMap<String, mpsc::UnboundedSender<DialogEvent>> = BTreeMap::new();
    while let Some(delivery) = deliveries.next().await {
        match delivery {
            Delivery::Ring(ring) => {
                let link = link.clone();
                // A ring that is gone by now comes again.
                tokio::spawn(async move { link.accept(ring.ring_id.clone().unwrap()).await.map(drop).ok() });
            }
            Delivery::Event(event) => {
                let dialog = event.dialog_id.as_ref().unwrap().to_string();
                let lane = lanes.entry(dialog).or_insert_with(|| {
                    let (lane, events) = mpsc::unbounded_channel();
                    tokio::spawn(reply(link.clone(), events, Arc::clone(&handled), me.clone()));
                    lane
                });
                lane.send(*event).unwrap();
            }
            _ => {}
        }
    }
}

/// The events of one dialog, one after the other.
async fn reply(
    link: AgentLink,
    mut events: mpsc::UnboundedReceiver<DialogEvent>,
    handled: Arc<Mutex<BTreeMap<String, Story>>>,
    me: AgentIdentity,
) {
    while let Some(event) = events.recv().await {
        let dialog = event.dialog_id.clone().unwrap();
        let sequence = event.sequence.as_ref().unwrap().get();
        if let Some(text) = text(&event) {
            let entry = (sequence, text.to_owned());
            handled
                .lock()
                .unwrap()
                .entry(dialog.to_string())
                .or_default()
                .push(entry);
            if !event.is_by(&me) {
                let reply = PublishEvent::new(dialog.clone(), Event::text(answer(text)));
                published(|| link.publish(reply.clone())).await;
            }
        }
        link.handled(&dialog, sequence);
    }
}

/// Tries until it is settled.
async fn published<F: IntoFuture<Output = Result<T, Error>>, T>(mut publish: impl FnMut() -> F) {
    while let Err(error) = publish().await {
        assert!(error.disposition() != Disposition::MaybeApplied, "not settled: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn text(event: &DialogEvent) -> Option<&str> {
    event.event.as_ref().and_then(|event| event.as_text())
}

/// A consumer asks, and asks on when it has the answer.
pub(crate) fn consumer(sim: &Sim, number: usize, rounds: usize) -> impl Future<Output = Talk> + Send + use<> {
    let connector = clients::consumer(sim, transport(), settings()).introduction(Introduction::Request);
    async move {
        let (link, deliveries) = ConsumerLink::builder(connector)
            .backoff(Backoff::new(Duration::from_millis(20), Duration::from_millis(200)))
            .start()
            .unwrap();
        let (known, answered) = (watch::Sender::new(None), watch::Sender::new(0));
        let reader = tokio::spawn(listen(deliveries, known.clone(), answered.clone(), number, rounds));
        let conversation = start(&link, known.subscribe()).await;
        let mut answered = answered.subscribe();
        for round in 0..rounds {
            let event = PublishEvent::new(conversation.as_str(), Event::text(question(number, round)));
            published(|| link.publish(event.clone())).await;
            answered.wait_for(|answers| *answers > round).await.unwrap();
        }
        Talk {
            conversation,
            received: reader.await.unwrap(),
            number,
        }
    }
}

async fn start(link: &ConsumerLink, mut known: watch::Receiver<Option<String>>) -> String {
    loop {
        // Where the answer was lost, the subscription tells.
        let _ = link.request_conversation("-1").await;
        let told = tokio::time::timeout(Duration::from_millis(500), known.wait_for(Option::is_some)).await;
        if let Ok(Ok(id)) = told {
            return id.clone().unwrap();
        }
    }
}

/// Gives what it was handed, when the last answer is there.
async fn listen(
    mut deliveries: Deliveries,
    known: watch::Sender<Option<String>>,
    answered: watch::Sender<usize>,
    number: usize,
    rounds: usize,
) -> Story {
    let mut story = Story::new();
    while let Some(delivery) = deliveries.next().await {
        match delivery {
            Delivery::Conversation(state) => {
                known.send_if_modified(|known| {
                    known.is_none() && {
                        *known = state.id().map(ToString::to_string);
                        true
                    }
                });
            }
            Delivery::Event(event) => {
                let Some(text) = text(&event) else { continue };
                story.push((event.sequence.as_ref().unwrap().get(), text.to_owned()));
                let round = *answered.borrow();
                if text == answer(&question(number, round)) {
                    answered.send_replace(round + 1);
                    if round + 1 == rounds {
                        return story;
                    }
                }
            }
            _ => {}
        }
    }
    panic!("the link of consumer {number} ended");
}

/// One for all: each would read the machine's certificates again.
fn transport() -> Arc<HttpTransport> {
    static TRANSPORT: LazyLock<Arc<HttpTransport>> =
        LazyLock::new(|| Arc::new(HttpTransport::builder().no_proxy().build().unwrap()));
    Arc::clone(&TRANSPORT)
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    // A machine that does eight other things is slow, and that is no reason to give up.
    settings.request_timeout = Duration::from_secs(20);
    settings
}
