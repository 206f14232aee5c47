//! A process that runs a bot on a bare link: it replies to each message, and goes on where it was after a restart.

use std::collections::BTreeMap;
use std::time::Duration;

use le_bots::agent_state::Availability;
use le_bots::event::{Event, PublishEvent};
use le_bots::supervisor::{AgentLink, Deliveries, Delivery, Gone, Mutation, Offline, Resume};
use le_bots::{AgentIdentity, DialogEvent};
use le_core::id::{ConversationId, DialogId};
use le_core::{Disposition, Error, ErrorKind};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::account::{Account, Stream};
use crate::ledger::Ledger;
use crate::plan::Plan;
use crate::support::clients;
use crate::support::runtime::{rng, within};

/// How long the machine takes to start a process whose link ended.
pub(crate) const RESTART: Duration = Duration::from_secs(15);

/// How often the figures of the link are looked at while nothing happens.
const LOOK: Duration = Duration::from_secs(10);

/// How the process works.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    seed: u64,
    queue: usize,
    dawdles: Duration,
    mutation: Mutation,
}

impl Way {
    pub(crate) fn of(plan: &Plan, mutation: Mutation) -> Self {
        Self {
            seed: plan.seed,
            queue: plan.queue,
            dawdles: plan.dawdles,
            mutation,
        }
    }
}

/// What is asked of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Run,
    /// Stop between two events, and start again after this pause.
    Restart(u64, Duration),
    /// Die at once, and start again after this pause.
    Kill(u64, Duration),
}

/// Runs the bot for as long as the run takes.
pub(crate) async fn run(
    account: std::sync::Arc<Account>,
    ledger: Ledger,
    mut orders: watch::Receiver<Order>,
    way: Way,
) {
    let mut resume = Resume::default();
    let me = clients::identity(&account.sim, account.bot_user());
    for process in 0.. {
        let connector = account.bot_connector(process);
        let patience = Offline::Wait {
            at_most: 1_000,
            deadline: Duration::from_secs(3_600),
        };
        let (link, deliveries) = AgentLink::builder(connector)
            .availability(Availability::Online)
            .rings(true)
            .offline(patience)
            .resume(resume)
            .queue(way.queue)
            .mutation(way.mutation)
            .start()
            .unwrap();
        ledger.note(format_args!("process {process} starts"));
        let mut lanes = Lanes::new(link.clone(), ledger.clone(), me.clone());
        let pause = tokio::select! {
            biased;
            pause = ordered(&mut orders) => pause,
            () = read(deliveries, &mut lanes, &way) => {
                ledger.note(format_args!("process {process}: {:?}", link.state().borrow()));
                RESTART
            }
        };
        lanes.finish().await;
        resume = link.resume();
        drop(link);
        ledger.note(format_args!("process {process} ends"));
        tokio::time::sleep(pause).await;
    }
}

async fn ordered(orders: &mut watch::Receiver<Order>) -> Duration {
    loop {
        if orders.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        // Without a journal a process may only end between two events.
        if let Order::Restart(_, pause) | Order::Kill(_, pause) = *orders.borrow_and_update() {
            return pause;
        }
    }
}

/// Reads until the link ends.
async fn read(mut deliveries: Deliveries, lanes: &mut Lanes, way: &Way) {
    let mut rng = rng(way.seed, Stream::Bot as u64);
    loop {
        let next = tokio::time::timeout(LOOK, deliveries.next()).await;
        lanes.ledger.measured(lanes.link.figures(), way.queue);
        let delivery = match next {
            Err(_) => continue,
            Ok(None) => return,
            Ok(Some(delivery)) => delivery,
        };
        if !way.dawdles.is_zero() {
            tokio::time::sleep(within(&mut rng, way.dawdles)).await;
        }
        match delivery {
            Delivery::Ring(ring) => lanes.accept(ring.ring_id.clone().unwrap_or_default()),
            Delivery::Conversation(state) => {
                if let Some(id) = state.id() {
                    lanes.ledger.seen().known.insert(id.to_string());
                }
            }
            Delivery::Event(event) => {
                let dialog = event.dialog_id.as_ref().map(ToString::to_string).unwrap_or_default();
                lanes.take(dialog, Work::Event(event));
            }
            // The lane of the main dialog, which has the id of the conversation.
            Delivery::Left(id, how) => lanes.take(id.to_string(), Work::Left(id, how)),
            other => lanes.ledger.note(format_args!("delivery {other:?}")),
        }
    }
}

/// What a lane does.
enum Work {
    Event(Box<DialogEvent>),
    Left(ConversationId, Gone),
}

/// One task for each dialog, so that a publish that waits holds up nobody else.
struct Lanes {
    link: AgentLink,
    ledger: Ledger,
    me: AgentIdentity,
    lanes: BTreeMap<String, mpsc::UnboundedSender<Work>>,
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Lanes {
    fn new(link: AgentLink, ledger: Ledger, me: AgentIdentity) -> Self {
        Self {
            link,
            ledger,
            me,
            lanes: BTreeMap::new(),
            tasks: JoinSet::new(),
            stop: watch::channel(false).0,
        }
    }

    fn accept(&mut self, ring: String) {
        let (link, ledger) = (self.link.clone(), self.ledger.clone());
        self.tasks.spawn(async move {
            let accepted = link.accept(ring).await;
            ledger.note(format_args!(
                "ring accepted: {:?}",
                accepted.map_err(|error| error.kind())
            ));
        });
    }

    fn take(&mut self, dialog: String, work: Work) {
        let lane = self.lanes.entry(dialog).or_insert_with(|| {
            let (lane, events) = mpsc::unbounded_channel();
            let worker = Worker {
                link: self.link.clone(),
                ledger: self.ledger.clone(),
                me: self.me.clone(),
                stop: self.stop.subscribe(),
            };
            self.tasks.spawn(worker.run(events));
            lane
        });
        // The worker of a link that ended is gone; what it left is delivered again.
        let _ = lane.send(work);
    }

    /// Ends between two events.
    async fn finish(mut self) {
        self.stop.send_replace(true);
        self.lanes.clear();
        while self.tasks.join_next().await.is_some() {}
    }
}

struct Worker {
    link: AgentLink,
    ledger: Ledger,
    me: AgentIdentity,
    stop: watch::Receiver<bool>,
}

impl Worker {
    async fn run(self, mut works: mpsc::UnboundedReceiver<Work>) {
        while let Some(work) = works.recv().await {
            if *self.stop.borrow() {
                return;
            }
            match work {
                Work::Event(event) if self.handle(&event).await => {}
                Work::Event(_) => return,
                Work::Left(id, how) => {
                    self.ledger.note(format_args!("left {id} {how:?}"));
                    self.link.left_handled(&id);
                }
            }
        }
    }

    /// Whether the event is done with.
    async fn handle(&self, event: &DialogEvent) -> bool {
        let dialog = event.dialog_id.clone().unwrap();
        let sequence = event.sequence.as_ref().unwrap().get();
        if let Some(text) = text(event).filter(|_| !event.is_by(&self.me))
            && !self.reply(&dialog, sequence, &format!("re: {text}")).await
        {
            return false;
        }
        self.ledger.handled(event);
        self.link.handled(&dialog, sequence);
        true
    }

    /// Whether the reply is out, or can never be; otherwise the link has ended.
    async fn reply(&self, dialog: &DialogId, sequence: i64, reply: &str) -> bool {
        let event = PublishEvent::new(dialog.clone(), Event::text(reply));
        loop {
            let outcome = self.attempt(dialog, sequence, reply, &event).await;
            let Err(error) = outcome else { return true };
            self.ledger
                .note(format_args!("reply: {error} {:?}", error.disposition()));
            if error.kind() == ErrorKind::InvalidRequest {
                // The dialog is closed.
                return true;
            }
            if self.link.state().borrow().ended().is_some() {
                return false;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn attempt(&self, dialog: &DialogId, from: i64, reply: &str, event: &PublishEvent) -> Result<(), Error> {
        // What an ended link left unsettled is looked for by the next one, as the journal of a bot does.
        if self.ledger.seen().unsure.contains(reply) {
            let events = self.link.messages(dialog.clone(), from).await?;
            if events.iter().any(|event| text(event) == Some(reply)) {
                return Ok(());
            }
        }
        let Err(error) = self.link.publish(event.clone()).await else {
            return Ok(());
        };
        if error.disposition() == Disposition::MaybeApplied {
            self.ledger.seen().unsure.insert(reply.to_owned());
            if self.link.state().borrow().ended().is_none() {
                self.ledger.offence(format!("a publish was not settled: {error}"));
            }
        }
        Err(error)
    }
}

fn text(event: &DialogEvent) -> Option<&str> {
    event.event.as_ref().and_then(|event| event.as_text())
}
