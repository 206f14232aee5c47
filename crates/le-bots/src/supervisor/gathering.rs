//! Conversations of a session: the first list, and what became of those that it does not have.

use std::sync::Arc;
use std::time::Duration;

use le_core::Error;

use super::delivery::Gone;
use super::glimpse::{Glimpse, Kept};
use super::listing::Missing;
use super::session::{Done, Session, Which};
use crate::conversation::{ChangeKind, Subscribed};
use crate::notification::ConversationsChanged;

/// How far before the last known change it is asked what changed since.
const MARGIN: Duration = Duration::from_secs(60);
/// How far back it is asked where no change is known.
const UNKNOWN: Duration = Duration::from_secs(7 * 24 * 3600);
/// Notifications that are kept until it is known whose they are.
const MOST_EARLY: usize = 16;

impl Session<'_> {
    /// Conversations came, changed or left.
    pub(super) fn conversations(&mut self, changed: ConversationsChanged, text: Option<Kept>) {
        let id = changed.subscription_id.as_ref();
        if id.is_some_and(|id| self.retired.contains(id)) {
            return;
        }
        if let Some(missing) = &mut self.missing
            && id.is_some()
            && id != self.listing.id()
        {
            if missing.listing.is_answered() {
                return self.found(changed);
            }
            if missing.early.len() < MOST_EARLY {
                missing.early.push(changed);
            }
            return;
        }
        let changes = changed.changes.into_vec();
        self.listing.came(id, changes.len());
        let hints = self.shared.with(|core| {
            core.changes(changes, text);
            core.has_hints()
        });
        self.await_hints(hints);
        self.listed();
    }

    fn await_hints(&mut self, hints: bool) {
        if hints && !std::mem::replace(&mut self.hints_due, true) {
            self.later(self.connection.settings().throttled_pause, Done::HintsDue);
        }
    }

    /// What there is to see of a state that came by itself, once everything is caught up: until then each may be part of a list.
    pub(super) fn glimpse<'n>(&self, text: &'n str) -> Option<Glimpse<'n>> {
        if !self.online || self.missing.is_some() {
            return None;
        }
        let glimpse = Glimpse::of(text)?;
        let retired = self.retired.iter().any(|id| id.as_str() == glimpse.subscription);
        (!retired).then_some(glimpse)
    }

    /// Takes a state in which nothing but times is new; gives whether it is one.
    pub(super) fn renewed(&mut self, glimpse: &Glimpse<'_>, text: &Arc<str>) -> bool {
        let (renewed, hints) = self.shared.with(|core| (core.glimpse(glimpse, text), core.has_hints()));
        if renewed {
            self.await_hints(hints);
        }
        renewed
    }

    /// The list was told, perhaps: asks what became of the conversations that it does not have.
    pub(super) fn listed(&mut self) {
        if !self.listing.is_told() || self.looked {
            return;
        }
        self.looked = true;
        if !self.listing.is_whole() {
            return;
        }
        let (absent, since) = self.shared.read(|core| (core.absent(), core.absent_since()));
        if absent.is_empty() {
            return;
        }
        let since = since.map_or_else(|| self.shared.server_now() - UNKNOWN, |since| since - MARGIN);
        let filter = self.side.changed_since(since);
        self.missing = Some(Missing::new(absent));
        let connection = self.connection.clone();
        self.jobs.push(Box::pin(async move {
            Done::Subscribed(Which::Missing, connection.request(filter).await)
        }));
    }

    pub(super) fn missing_answered(&mut self, answer: Result<Subscribed, Error>) {
        let Some(missing) = &mut self.missing else { return };
        match answer {
            Ok(subscribed) => {
                missing.listing.answered(subscribed.subscription_id);
                for changed in std::mem::take(&mut missing.early) {
                    self.found(changed);
                }
            }
            Err(_) if self.connection.is_closed() => {}
            Err(error) => {
                tracing::info!(%error, "the server does not say what became of conversations that are gone");
                self.let_go();
            }
        }
    }

    /// What became of those that are missing.
    fn found(&mut self, changed: ConversationsChanged) {
        let Some(missing) = &mut self.missing else { return };
        let id = changed.subscription_id.as_ref();
        if id.is_some() && id != missing.listing.id() {
            return;
        }
        let changes = changed.changes.into_vec();
        missing.listing.came(id, changes.len());
        let told = missing.listing.is_told();
        for change in changes {
            let conversation = change.conversation.as_ref();
            let Some(id) = conversation.and_then(|conversation| conversation.id()).cloned() else {
                continue;
            };
            if !missing.ids.remove(&id) {
                continue;
            }
            let open = conversation.is_some_and(crate::conversation::Conversation::is_open);
            self.shared.with(|core| match (&change.kind, open) {
                (Some(ChangeKind::Delete), _) => core.leave(&id, Gone::Elsewhere, change.conversation),
                (_, true) => core.change(change),
                (_, false) => core.leave(&id, Gone::Closed, change.conversation),
            });
        }
        if told {
            self.let_go();
        }
    }

    /// Those of which nothing is known are gone.
    fn let_go(&mut self) {
        let Some(missing) = self.missing.take() else { return };
        if let Some(id) = missing.listing.id().cloned() {
            self.retire(id.clone());
            self.unsubscribe(id);
        }
        self.shared
            .with(|core| missing.ids.iter().for_each(|id| core.leave(id, Gone::Unknown, None)));
        self.shared.advance();
    }
}
