//! What all conversations of a bot share.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use le_core::clock::Clock;
use le_core::id::ConversationId;
use le_core::{Discover, Error, Transport, TrustedHosts};
use tokio::sync::{Notify, Semaphore, SetOnce};

use super::handlers::Bot;
use super::lane::Lane;
use super::options::{Duty, Options};
use super::record::Keys;
use super::telemetry::Counters;
use crate::identity::AgentIdentity;
use crate::store::Store;
use crate::supervisor::AgentLink;

/// How files are fetched and stored.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) discover: Arc<dyn Discover>,
    pub(super) trusted: TrustedHosts,
}

/// What all conversations of a bot share.
pub(super) struct Hub {
    pub(super) bot: Arc<dyn Bot>,
    pub(super) link: AgentLink,
    pub(super) me: AgentIdentity,
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Keys,
    pub(super) duty: Duty,
    pub(super) options: Options,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) files: Files,
    /// Room for conversations with a running handler.
    pub(super) room: Semaphore,
    pub(super) counters: Counters,
    /// Whether a journal is kept.
    pub(super) journals: bool,
    lanes: Mutex<HashMap<ConversationId, Arc<Lane>>>,
    /// Conversations whose rings were accepted, and which have not come yet.
    coming: Mutex<BTreeSet<ConversationId>>,
    /// Conversations of an earlier process that nothing was heard of yet.
    known: Mutex<BTreeSet<ConversationId>>,
    /// Something came to rest: whoever waits for the end looks again.
    pub(super) rest: Notify,
    /// No more rings are taken.
    pub(super) closing: AtomicBool,
    /// Why the bot cannot go on.
    pub(super) broken: SetOnce<Error>,
    warned: AtomicBool,
}

/// What a hub is made of.
pub(super) struct Parts {
    pub(super) bot: Arc<dyn Bot>,
    pub(super) link: AgentLink,
    pub(super) me: AgentIdentity,
    pub(super) store: Arc<dyn Store>,
    pub(super) duty: Duty,
    pub(super) options: Options,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) files: Files,
    pub(super) known: BTreeSet<ConversationId>,
}

impl Hub {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            keys: Keys::of(parts.me.old_id().as_str()),
            journals: parts.store.survives(),
            room: Semaphore::new(parts.options.limits.running.min(Semaphore::MAX_PERMITS)),
            bot: parts.bot,
            link: parts.link,
            me: parts.me,
            store: parts.store,
            duty: parts.duty,
            options: parts.options,
            clock: parts.clock,
            files: parts.files,
            counters: Counters::default(),
            lanes: Mutex::default(),
            coming: Mutex::default(),
            known: Mutex::new(parts.known),
            rest: Notify::new(),
            closing: AtomicBool::new(false),
            broken: SetOnce::new(),
            warned: AtomicBool::new(false),
        }
    }

    pub(super) fn lanes(&self) -> MutexGuard<'_, HashMap<ConversationId, Arc<Lane>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with a conversation, which cannot leave meanwhile.
    pub(super) fn with_lane<T>(&self, id: &ConversationId, act: impl FnOnce(&Arc<Lane>) -> T) -> Option<T> {
        self.lanes().get(id).map(act)
    }

    pub(super) fn lane(&self, conversation: &ConversationId) -> Option<Arc<Lane>> {
        self.lanes().get(conversation).cloned()
    }

    /// All conversations, in the order of their ids: no order of a hash may show outside.
    pub(super) fn sorted_lanes(&self) -> Vec<Arc<Lane>> {
        let mut all: Vec<_> = self.lanes().values().cloned().collect();
        all.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
        all
    }

    pub(super) fn coming(&self) -> MutexGuard<'_, BTreeSet<ConversationId>> {
        self.coming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the conversation is one of an earlier process that nothing was heard of yet; from now on it is not.
    pub(super) fn take_known(&self, conversation: &ConversationId) -> bool {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(conversation)
    }

    /// The bot cannot go on: the first reason counts.
    pub(super) fn give_up(&self, error: Error) {
        tracing::error!(error = %error, "the bot cannot go on");
        let _ = self.broken.set(error);
        self.rest.notify_waiters();
    }

    /// Whether nothing that runs now may be taken as finished: the link is gone or the store is.
    pub(super) fn is_over(&self) -> bool {
        self.broken.get().is_some() || self.link.state().borrow().ended().is_some()
    }

    /// A conversation is the bot's from now on.
    pub(super) fn opened(&self, conversation: &ConversationId) {
        self.coming().remove(conversation);
        let open = self.counters.opened();
        let recommended = self.options.limits.recommended;
        if open > recommended && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                open,
                recommended,
                "the bot has more open conversations than recommended; add bot users"
            );
        }
    }

    /// A conversation is not the bot's any more.
    pub(super) fn ended(&self) {
        self.counters.ended();
        let open = self.counters.open.load(Ordering::Relaxed);
        // Warns again only after a real decline.
        if open < self.options.limits.recommended / 10 * 9 {
            self.warned.store(false, Ordering::Relaxed);
        }
        self.rest.notify_waiters();
    }

    /// Whether nothing runs and nothing waits for a handler.
    pub(super) fn is_idle(&self) -> bool {
        self.lanes().values().all(|lane| lane.is_idle())
    }
}
