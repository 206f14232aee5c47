//! One connection of a link: says who is there, subscribes, catches up, and takes what comes until it ends.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use le_core::Error;

use super::glimpse::{self, Kept};
use super::junction::Shared;
use super::ledger::Question;
use super::listing::{Listing, Missing};
use super::mailbox::Item;
use super::owner::Stopping;
use super::replay::Replay;
use super::side::Side;
use super::state::LinkState;
use crate::close::Close;
use crate::connection::{Came, Connection, Events, Incoming};
use crate::conversation::{Subscribed, UnsubscribeConversations};
use crate::event::DialogEvent;
use crate::identity::SubscriptionId;
use crate::notification::{News, Notification};
use crate::request::{Acknowledged, names};
use crate::server_clock::ClockReading;

/// Incoming frames that are taken in one go.
const BURST: usize = 64;

/// How a session ended.
#[derive(Debug)]
pub(super) enum Over {
    /// The owner of the link wanted it.
    Stopped,
    /// The socket ended.
    Closed(Close),
    /// The server refuses what the link is for.
    Refused(Error),
}

/// A subscription that is being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Conversations,
    Missing,
    Rings,
    States,
}

/// What a job of the session came to.
pub(super) enum Done {
    Clock(Result<ClockReading, Error>),
    Said(Result<Acknowledged, Error>),
    Subscribed(Which, Result<Subscribed, Error>),
    /// A page of the history.
    Told(Question, Result<Vec<DialogEvent>, Error>),
    /// A consumer's subscription of a dialog.
    ReplayAsked(u64, Question, Result<Acknowledged, Error>),
    ReplayLate(u64),
    /// It is time to ask again.
    Retry(Question),
    /// The first list should have been told by now.
    ListDue(u32),
    /// Events that were spoken of should have come by now.
    HintsDue,
    Resync,
    Nothing,
}

pub(super) type Job = Pin<Box<dyn Future<Output = Done> + Send>>;

/// One connection.
pub(super) struct Session<'a> {
    pub(super) side: &'a Side,
    pub(super) shared: &'a Shared,
    pub(super) connection: Connection,
    events: Events,
    pub(super) jobs: FuturesUnordered<Job>,
    /// Questions about the history that are under way.
    pub(super) asking: usize,
    /// Requests of the beginning that have no answer yet.
    pub(super) setup: u32,
    pub(super) listing: Listing,
    pub(super) missing: Option<Missing>,
    /// It was looked for conversations that the list does not have.
    pub(super) looked: bool,
    /// Subscriptions that are given up: what still comes of them is not looked at.
    pub(super) retired: VecDeque<SubscriptionId>,
    pub(super) rings_told: bool,
    pub(super) replay: Option<Replay>,
    pub(super) replays: u64,
    pub(super) proven: bool,
    pub(super) connected: bool,
    pub(super) online: bool,
    /// How often it has begun; more than once where something was missed.
    pub(super) round: u32,
    resyncing: bool,
    pub(super) hints_due: bool,
}

impl<'a> Session<'a> {
    pub(super) fn new(side: &'a Side, shared: &'a Shared, connection: Connection, events: Events) -> Self {
        Self {
            side,
            shared,
            connection,
            events,
            jobs: FuturesUnordered::new(),
            asking: 0,
            setup: 0,
            listing: Listing::default(),
            missing: None,
            looked: false,
            retired: VecDeque::new(),
            rings_told: false,
            replay: None,
            replays: 0,
            proven: false,
            connected: false,
            online: false,
            round: 0,
            resyncing: false,
            hints_due: false,
        }
    }

    /// Whether the server answered anything: only that shows that the credential is good.
    pub(super) fn is_proven(&self) -> bool {
        self.proven
    }

    pub(super) async fn attend(&mut self, stopping: &mut Stopping) -> Over {
        self.begin();
        let over = self.take_what_comes(stopping).await;
        self.shared.set_connection(None);
        self.shared.with(|core| {
            core.disconnected();
            if self.online {
                core.mailbox.push(Item::Offline);
            }
        });
        over
    }

    async fn take_what_comes(&mut self, stopping: &mut Stopping) -> Over {
        let mut wanted = pin!(stopping.wanted());
        let shared = self.shared;
        let mut woken = pin!(shared.wake.notified());
        loop {
            self.ask();
            tokio::select! {
                biased;
                () = &mut wanted => {
                    self.connection.close().await;
                    return Over::Stopped;
                }
                Some(done) = self.jobs.next(), if !self.jobs.is_empty() => {
                    if let Err(over) = self.done(done) {
                        self.connection.close().await;
                        return over;
                    }
                }
                () = &mut woken => woken.set(shared.wake.notified()),
                came = self.events.next_unread() => match came {
                    Some(came) => self.take(came),
                    None => return Over::Closed(self.connection.closed().await),
                },
            }
        }
    }

    /// Takes this and what else is there.
    fn take(&mut self, first: Came) {
        let mut next = Some(first);
        for _ in 0..BURST {
            let Some(came) = next else { return };
            self.take_one(came);
            next = futures_util::FutureExt::now_or_never(self.events.next_unread()).flatten();
        }
        next.into_iter().for_each(|came| self.take_one(came));
    }

    fn take_one(&mut self, came: Came) {
        let state = match &came {
            Came::Read(_) => None,
            Came::Unread(text) => match self.looked_at(text) {
                Ok(()) => return,
                Err(state) => state,
            },
        };
        match came.read() {
            Incoming::Notification(notification) => self.notification(notification, state),
            // A late answer; whoever waited for it finds out by itself.
            Incoming::Unmatched(_) => {}
            Incoming::Missed(count) => {
                tracing::warn!(count, "a link was too slow for its socket");
                self.resync();
            }
            // What it was cannot be known, so everything is looked at again.
            Incoming::Unreadable(_) => self.resync(),
        }
    }

    /// Comes to this after a time.
    pub(super) fn later(&mut self, after: Duration, done: Done) {
        let sleep = self.shared.clock.sleep(after);
        self.jobs.push(Box::pin(async move {
            sleep.await;
            done
        }));
    }

    /// Something was missed: begins anew on the same connection, a little later.
    fn resync(&mut self) {
        if !std::mem::replace(&mut self.resyncing, true) {
            self.later(self.connection.settings().throttled_pause, Done::Resync);
        }
    }

    fn done(&mut self, done: Done) -> Result<(), Over> {
        match done {
            Done::Clock(answer) => {
                if let Some(reading) = self.first_answers(answer, false)?
                    && let Some(time) = reading.current_time
                {
                    self.shared.learn_time(time);
                }
            }
            Done::Said(answer) => drop(self.first_answers(answer, true)?),
            Done::Subscribed(which, answer) => self.subscribed(which, answer)?,
            Done::Told(question, answer) => self.told(&question, answer),
            Done::ReplayAsked(number, question, answer) => self.replay_asked(number, question, answer),
            Done::ReplayLate(number) => self.replay_late(number),
            Done::Retry(question) => {
                self.asking -= 1;
                self.shared.with(|core| core.ledger.unanswered(&question.dialog));
            }
            Done::ListDue(round) => self.list_due(round),
            Done::HintsDue => {
                self.hints_due = false;
                self.shared.with(super::core::Core::pursue_hints);
            }
            Done::Resync => {
                self.resyncing = false;
                self.shared.with(super::core::Core::disconnected);
                if let Some(id) = self.listing.id().cloned() {
                    self.unsubscribe(id);
                }
                self.shared.set_state(LinkState::CatchingUp);
                self.begin();
            }
            Done::Nothing => {}
        }
        self.settle();
        Ok(())
    }

    pub(super) fn unsubscribe(&mut self, id: SubscriptionId) {
        let connection = self.connection.clone();
        self.jobs.push(Box::pin(async move {
            // Where this fails, more is told than is needed, and not looked at.
            let _ = connection.request(UnsubscribeConversations::new(id)).await;
            Done::Nothing
        }));
    }

    /// Deals with what most notifications are. Where it is to be read whole, gives the state in it, if it is the only one.
    fn looked_at(&mut self, text: &Arc<str>) -> Result<(), Option<Kept>> {
        let name = glimpse::name_of(text);
        if name == names::ONLINE_EVENT.agent && self.replay.is_none() {
            if !self.shared.with(|core| core.own_event(text)) {
                let event = glimpse::event(text).ok_or(None)?;
                self.shared.with(|core| core.event(event));
            }
            return Ok(());
        }
        let changed = names::CONVERSATIONS_CHANGED;
        if name != changed.agent && name != changed.consumer {
            return Err(None);
        }
        match self.glimpse(text) {
            Some(glimpse) if self.renewed(&glimpse, text) => Ok(()),
            seen => Err(seen.map(|glimpse| Kept::new(text, &glimpse))),
        }
    }

    fn notification(&mut self, notification: Notification, state: Option<Kept>) {
        match notification.read() {
            Ok(News::Events(news)) => self.dialog_events(news),
            Ok(News::Conversations(changed)) => {
                self.conversations(changed.into_inner(), state);
                self.settle();
            }
            Ok(News::RoutingTasks(tasks)) => {
                let first = !std::mem::replace(&mut self.rings_told, true);
                self.shared.with(|core| {
                    for change in tasks.into_inner().changes.into_vec() {
                        core.routing(change);
                    }
                    if first {
                        core.rings_listed();
                    }
                });
            }
            Ok(News::AgentStates(states)) => self.shared.with(|core| {
                let changes = states.into_inner().changes.into_vec().into_iter();
                changes
                    .filter_map(|change| change.state)
                    .for_each(|state| core.agent_state(state));
            }),
            Ok(News::Other(_)) => {
                // The twin of a notification that is read anyway says nothing more.
                if notification.known().is_none() {
                    self.shared
                        .with(|core| core.mailbox.push(Item::Other(Box::new(notification))));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a notification that cannot be read");
                self.resync();
            }
        }
    }

    /// Says that everything is caught up, as soon as it is.
    pub(super) fn settle(&mut self) {
        let begun = self.connected && self.setup == 0 && self.listing.is_told() && self.missing.is_none();
        if self.online || !begun || self.asking > 0 {
            return;
        }
        let online = self.shared.with(|core| {
            let online = core.is_caught_up();
            if online {
                core.mailbox.push(Item::Online);
                core.release_rings();
            }
            online
        });
        if online {
            self.online = true;
            self.shared.set_state(LinkState::Online);
            self.shared.advance();
        }
    }
}
