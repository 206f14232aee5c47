//! What one holds of a running bot.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use le_core::id::{ConsumerId, ConversationId};
use le_core::{Error, ErrorKind, Timestamp};
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::Shutdown;
use crate::bot::context::{Cause, Context};
use crate::bot::hub::Hub;
use crate::bot::journal::Turn;
use crate::bot::standing;
use crate::conversation::AgentRequestConversation;
use crate::supervisor::{AgentLink, LinkState};

/// A running bot. Dropping it stops the bot at once and keeps its conversations: see [`Shutdown::Keep`].
pub struct BotHandle {
    hub: Arc<Hub>,
    orders: mpsc::Sender<Shutdown>,
    task: JoinHandle<Result<(), Error>>,
}

impl BotHandle {
    pub(super) fn new(hub: Arc<Hub>, orders: mpsc::Sender<Shutdown>, task: JoinHandle<Result<(), Error>>) -> Self {
        Self { hub, orders, task }
    }

    /// The bot's link.
    #[must_use]
    pub fn link(&self) -> &AgentLink {
        &self.hub.link
    }

    /// What the link is doing, to look at and to wait for.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<LinkState> {
        self.hub.link.state()
    }

    /// How the bot is at this moment.
    #[must_use]
    pub fn health(&self) -> Health {
        let counters = &self.hub.counters;
        let open = counters.open.load(Ordering::Relaxed);
        let state = self.hub.link.state();
        let state = state.borrow();
        let last = counters.last_delivery.load(Ordering::Relaxed);
        Health {
            link: name_of(&state),
            online: state.is_online(),
            closing: self.hub.closing.load(Ordering::Relaxed),
            reconnects: counters.connects.load(Ordering::Relaxed).saturating_sub(1),
            conversations: open,
            recommended: self.hub.options.limits.recommended,
            most: self.hub.options.limits.conversations,
            overloaded: open > self.hub.options.limits.recommended,
            running: counters.running.load(Ordering::Relaxed),
            outbox: counters.outbox.load(Ordering::Relaxed),
            rings_accepted: counters.accepted.load(Ordering::Relaxed),
            handled: counters.handled.load(Ordering::Relaxed),
            failures: counters.failures.load(Ordering::Relaxed),
            overflows: counters.overflows.load(Ordering::Relaxed),
            last_delivery: i64::try_from(last)
                .ok()
                .filter(|last| *last > 0)
                .map(Timestamp::from_millis),
        }
    }

    /// Counts the open conversations, without keeping the bot alive.
    pub(crate) fn gauge(&self) -> Arc<dyn Fn() -> usize + Send + Sync> {
        let hub = Arc::downgrade(&self.hub);
        Arc::new(move || hub.upgrade().map_or(0, |hub| hub.counters.open.load(Ordering::Relaxed)))
    }

    /// A conversation of the bot, to speak in it from outside of the handlers: a timer, a back office. `None` where the bot does not have
    /// it. What is said is settled where its answer is lost, but no journal remembers it after a restart.
    #[must_use]
    pub fn conversation(&self, id: &ConversationId) -> Option<Context> {
        let lane = self.hub.lane(id)?;
        let now = lane.conversation();
        if !standing::takes_part(&now, &self.hub.me, &self.hub.duty) {
            return None;
        }
        let dialog = standing::dialog_of(&now, &self.hub.duty)?;
        let (hub, turn) = (Arc::clone(&self.hub), Turn::default());
        Some(Context::new(hub, lane, turn, Cause::Outside, dialog, -1, None))
    }

    /// Opens a conversation with a consumer whose former one is closed (proactive). Gives its id; the bot is told by
    /// [`Bot::started`](crate::bot::Bot::started) as soon as it has it.
    ///
    /// # Errors
    /// As the request: the server refuses it where the former one is open, or the user may not do this.
    pub async fn request_conversation(
        &self,
        consumer: impl Into<ConsumerId>,
        after: impl Into<ConversationId>,
    ) -> Result<ConversationId, Error> {
        let request = AgentRequestConversation::after(consumer, after);
        let answer = self.hub.link.request(request).await?;
        answer.conversation_id.ok_or_else(|| {
            let message = "the answer names no conversation";
            Error::new(ErrorKind::Decode, message).with_disposition(le_core::Disposition::Applied)
        })
    }

    /// The conversations that the bot has, in the order of their ids.
    #[must_use]
    pub fn conversations(&self) -> Vec<ConversationId> {
        let lanes = self.hub.sorted_lanes();
        let mine = lanes.iter().filter(|lane| lane.is_active() != Some(false));
        let mine = mine.filter(|lane| standing::takes_part(&lane.conversation(), &self.hub.me, &self.hub.duty));
        mine.map(|lane| lane.id.clone()).collect()
    }

    /// Ends the bot: no more rings; then what the order says; then the socket is closed.
    ///
    /// # Errors
    /// Why the bot had ended before: see [`ended`](Self::ended).
    ///
    /// # Cancel safety
    /// The end goes on where the future is dropped.
    pub async fn shutdown(self, how: Shutdown) -> Result<(), Error> {
        // Where the task is gone, the bot has ended already.
        let _ = self.orders.send(how).await;
        joined(self.task).await
    }

    /// Waits until the bot ends by itself, and tells why.
    ///
    /// # Errors
    /// The server refuses the bot user, another program uses the same user, or the store failed.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn ended(&mut self) -> Result<(), Error> {
        joined(&mut self.task).await
    }

    /// Stops everything at once: handlers are broken off where they wait for the link, nothing more is sent. As if the process were
    /// killed, but for the memory. For a bot that has lost the right to its user.
    pub fn abort(self) {
        let over = Error::new(ErrorKind::Cancelled, "the bot was stopped");
        let _ = self.hub.broken.set(over);
        self.task.abort();
        // A handler that waits for something else holds the link, which would go on and connect again.
        self.hub.link.stop();
    }
}

async fn joined(task: impl Future<Output = Result<Result<(), Error>, tokio::task::JoinError>>) -> Result<(), Error> {
    task.await
        .unwrap_or_else(|e| Err(Error::new(ErrorKind::Cancelled, "the bot was stopped").with_source(e)))
}

impl fmt::Debug for BotHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotHandle")
            .field("agent", &self.hub.me)
            .finish_non_exhaustive()
    }
}

/// How a bot is at one moment. It holds numbers and no ids, and can be shown to anybody as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// What the link is doing: `connecting`, `catching up`, `online`, `waiting`, `ended`.
    pub link: &'static str,
    /// Whether it is connected and has caught up.
    pub online: bool,
    /// Whether it takes no more rings.
    pub closing: bool,
    /// Connections after the first one.
    pub reconnects: u64,
    /// Open conversations.
    pub conversations: usize,
    /// How many are recommended.
    pub recommended: usize,
    /// How many there may be.
    pub most: usize,
    /// Whether there are more than recommended.
    pub overloaded: bool,
    /// Conversations with a running handler.
    pub running: usize,
    /// Effects under way.
    pub outbox: usize,
    /// Rings that were accepted.
    pub rings_accepted: u64,
    /// Handlers that have run.
    pub handled: u64,
    /// Handlers that failed or panicked.
    pub failures: u64,
    /// Conversations whose events were read again, since too many of them waited.
    pub overflows: u64,
    /// When something came last.
    pub last_delivery: Option<Timestamp>,
}

fn name_of(state: &LinkState) -> &'static str {
    match state {
        LinkState::Connecting => "connecting",
        LinkState::CatchingUp => "catching up",
        LinkState::Online => "online",
        LinkState::Waiting { .. } => "waiting",
        LinkState::Ended { .. } => "ended",
    }
}
