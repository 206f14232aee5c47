//! What is known of a bot user at any time: written by its task, read by whoever asks.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use le_core::clock::Clock;
use le_core::{Error, Timestamp};
use tokio::sync::watch;

use super::health::{BotHealth, BotState};
use super::member::Gauge;
use crate::supervisor::LinkState;

/// Told of the changes of all bots of a fleet.
#[derive(Clone)]
pub(super) struct Told {
    /// How many changes there were.
    pub(super) changes: watch::Sender<u64>,
    /// How many bots are online: counted along, since a thousand bots that come online would count a thousand each.
    pub(super) online: watch::Sender<usize>,
}

pub(super) struct Status {
    name: Arc<str>,
    clock: Arc<dyn Clock>,
    told: Told,
    facts: Mutex<Facts>,
}

struct Facts {
    state: BotState,
    since: Timestamp,
    restarts: u64,
    fence: Option<u64>,
    error: Option<Error>,
    gauge: Option<Gauge>,
}

impl Status {
    pub(super) fn new(name: Arc<str>, clock: Arc<dyn Clock>, told: Told) -> Self {
        let facts = Facts {
            state: BotState::Starting,
            since: clock.now(),
            restarts: 0,
            fence: None,
            error: None,
            gauge: None,
        };
        Self {
            name,
            clock,
            told,
            facts: Mutex::new(facts),
        }
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bot is in this state from now on, for this reason.
    pub(super) fn is(&self, state: BotState, error: Option<Error>) {
        let mut facts = self.facts();
        let before = facts.state;
        let changed = before != state;
        if changed {
            facts.state = state;
            facts.since = self.clock.now();
            tracing::debug!(bot = %self.name, %state, "a bot of the fleet");
        }
        facts.error = error;
        drop(facts);
        if !changed {
            return;
        }
        match (before, state) {
            (BotState::Online, _) => self
                .told
                .online
                .send_modify(|online| *online = online.saturating_sub(1)),
            (_, BotState::Online) => self.told.online.send_modify(|online| *online += 1),
            _ => {}
        }
        self.told.changes.send_modify(|count| *count += 1);
    }

    /// What its link does, where nobody told it to end.
    pub(super) fn link_is(&self, link: &LinkState) {
        match link {
            LinkState::Online => self.is(BotState::Online, None),
            LinkState::Waiting { why, .. } => self.is(BotState::Connecting, Some(why.clone())),
            LinkState::Connecting | LinkState::CatchingUp if self.facts().state == BotState::Online => {
                self.is(BotState::Connecting, None);
            }
            _ => {}
        }
    }

    pub(super) fn restarted(&self) {
        self.facts().restarts += 1;
    }

    pub(super) fn has(&self, fence: Option<u64>) {
        self.facts().fence = fence;
    }

    /// What counts the conversations of the bot that runs.
    pub(super) fn counts(&self, gauge: Option<Gauge>) {
        self.facts().gauge = gauge;
    }

    pub(super) fn health(&self) -> BotHealth {
        let facts = self.facts();
        let conversations = facts.gauge.as_ref().map(|gauge| gauge());
        BotHealth {
            name: Arc::clone(&self.name),
            state: facts.state,
            since: facts.since,
            restarts: facts.restarts,
            fence: facts.fence,
            conversations,
            error: facts.error.clone(),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Status")
            .field("name", &self.name)
            .field("state", &self.facts().state)
            .finish_non_exhaustive()
    }
}
