//! Finding out what became of a publish whose answer was lost.

use std::sync::Arc;
use std::time::Duration;

use le_core::id::{ConversationId, DialogId};
use le_core::wire::Int;
use le_core::{Disposition, Error, ErrorKind};
use serde_json::json;

use super::core::Who;
use super::figures::count;
use super::junction::Shared;
use super::ledger::Telling;
use super::policy::Mutation;
use super::publishing::{HoldsPublish, Since, Ticket};
use super::way::Way;
use crate::connection::Connection;
use crate::event::{DialogEvent, Published};
use crate::frame::{Envelope, raw};
use crate::history::QueryMessages;
use crate::request::Request;

/// How far the clocks of this machine and the server may differ, where only times tell an event from an older one.
const CLOCK_MARGIN: Duration = Duration::from_secs(2);

/// A publish until it is certain what became of it.
pub(super) struct Settling {
    shared: Arc<Shared>,
    dialog: DialogId,
    conversation: Option<ConversationId>,
    ticket: Ticket,
    since: Since,
}

impl Settling {
    pub(super) fn new<R: Request + 'static>(way: &Way<R>) -> Self {
        let publish = way.request.as_publish();
        let dialog = publish.and_then(|publish| publish.dialog_id.clone());
        let dialog = dialog.unwrap_or_else(|| DialogId::new(""));
        let held: Arc<dyn HoldsPublish> = Arc::<R>::clone(&way.request);
        let now = way.shared.server_now();
        let (ticket, since) = way.shared.read(|core| {
            let known = core.ledger.telling(&dialog) == Some(Telling::Whole);
            let last = core
                .ledger
                .last_known(dialog.as_str())
                .max(core.publishing.last_claimed(&dialog));
            let since = match last.filter(|_| known) {
                Some(last) => Since::Sequence(last),
                None => Since::Time(now - CLOCK_MARGIN),
            };
            (core.publishing.begin(&dialog, held, since), since)
        });
        Self {
            shared: Arc::clone(&way.shared),
            conversation: publish.and_then(|publish| publish.conversation_id.clone()),
            dialog,
            ticket,
            since,
        }
    }

    /// Whether everything that was published into the dialog before has a certain outcome.
    pub(super) fn may_send(&self) -> bool {
        self.shared
            .read(|core| core.publishing.may_send(&self.dialog, self.ticket))
    }

    /// It goes out, for the first time or again.
    pub(super) fn sent(&self) {
        self.shared.read(|core| core.publishing.sent(&self.dialog, self.ticket));
    }

    pub(super) fn lost(&self) {
        self.shared.read(|core| core.publishing.lost(&self.dialog, self.ticket));
    }

    /// Its answer came.
    pub(super) fn answered(&self, response: Envelope) -> Envelope {
        let published = response.decode_body::<Published>().ok();
        let sequence = published
            .and_then(|published| published.sequence)
            .map(|sequence| sequence.get());
        let held_others = self.shared.read(|core| {
            if let Some(sequence) = sequence {
                core.ledger.published(&self.dialog, sequence);
            }
            core.publishing.end(&self.dialog, self.ticket, sequence)
        });
        if held_others {
            self.shared.advance();
        }
        response
    }

    /// It is in the history: the answer that it would have had.
    pub(super) fn found(&self, sequence: i64) -> Result<Envelope, Error> {
        tracing::info!("a publish without an answer is in the history");
        count(&self.shared.counters.found);
        Ok(Envelope {
            body: Some(raw("body", &json!({ "sequence": sequence }))?),
            ..Envelope::default()
        })
    }

    /// Looks for it in the history of a dialog: its sequence, or that it is not there.
    pub(super) async fn look<R: Request + 'static>(
        &self,
        way: &Way<R>,
        connection: &Connection,
        epoch: u64,
        lost_in: u64,
    ) -> Result<Option<i64>, Error> {
        if self.shared.mutation == Mutation::SkipSettlement {
            return Ok(None);
        }
        let mut progress = self.shared.progress.subscribe();
        while !self.may_send() && !connection.is_closed() {
            way.within(progress.changed()).await?;
        }
        let agent = self.shared.read(|core| matches!(core.who, Who::Agent { .. }));
        if agent {
            self.query(connection).await
        } else {
            self.await_replay(way, epoch, lost_in).await
        }
    }

    /// Asks for the history, page by page.
    async fn query(&self, connection: &Connection) -> Result<Option<i64>, Error> {
        let mut from = match self.since {
            Since::Sequence(last) => last.max(0),
            Since::Time(_) => 0,
        };
        loop {
            let mut query = QueryMessages::from(self.dialog.clone(), from);
            query.newer_than = Some(Int::from(from)).filter(|_| from > 0);
            query.conversation_id.clone_from(&self.conversation);
            let events = connection.request(query).await?;
            let found = self.shared.read(|core| {
                let who = &core.who;
                let own = events.iter().filter(|event| who.wrote(event));
                let own: Vec<(i64, &DialogEvent)> = own.filter_map(|event| Some((event.key()?.1, event))).collect();
                core.publishing.find(&self.dialog, self.ticket, own.into_iter())
            });
            let last = events.iter().filter_map(|event| Some(event.key()?.1)).max();
            match (found, last) {
                (Some(found), _) => return Ok(Some(found)),
                (None, Some(last)) if last > from => from = last,
                _ => return Ok(None),
            }
        }
    }

    /// A consumer is told the history when it subscribes again: waits until that has happened on a later connection than the one
    /// that it was lost with.
    async fn await_replay<R: Request + 'static>(
        &self,
        way: &Way<R>,
        epoch: u64,
        lost_in: u64,
    ) -> Result<Option<i64>, Error> {
        let mut progress = self.shared.progress.subscribe();
        loop {
            let current = self.shared.gate.borrow().epoch;
            let told = self.shared.read(|core| {
                if let Some(found) = core.publishing.find_noticed(&self.dialog, self.ticket) {
                    return Some(Ok(Some(found)));
                }
                match core.ledger.telling(&self.dialog) {
                    Some(Telling::Whole) if current > lost_in => Some(Ok(None)),
                    Some(Telling::Refused) => Some(Err(self.unknown())),
                    Some(_) => {
                        core.urge(&self.dialog);
                        None
                    }
                    None if self.shared.state.borrow().is_online() => Some(Err(self.unknown())),
                    None => None,
                }
            });
            if let Some(result) = told {
                return result;
            }
            if current != epoch || self.shared.gate.borrow().connection.is_none() {
                return Err(Error::new(ErrorKind::Transport, "the connection ended"));
            }
            self.shared.wake.notify_one();
            way.within(progress.changed()).await?;
        }
    }

    /// The server answered with a failure of its own: looks whether it was carried out all the same.
    pub(super) async fn after_failure<R: Request + 'static>(
        &self,
        way: &Way<R>,
        connection: &Connection,
        epoch: u64,
        error: Error,
    ) -> Result<Envelope, Error> {
        if self.shared.mutation == Mutation::SkipSettlement {
            return Err(error);
        }
        self.shared.with(|core| core.ledger.recheck(&self.dialog));
        self.lost();
        match self.look(way, connection, epoch, epoch.saturating_sub(1)).await {
            Ok(Some(sequence)) => self.found(sequence),
            Ok(None) => Err(error
                .with_disposition(Disposition::Rejected)
                .with_advice("it was not carried out; try again later")),
            Err(_) => Err(error),
        }
    }

    fn unknown(&self) -> Error {
        Error::new(
            ErrorKind::NotFound,
            "the dialog is not among those of the link, so its history cannot be looked at",
        )
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        let was_lost = self
            .shared
            .read(|core| core.publishing.end(&self.dialog, self.ticket, None));
        if was_lost {
            self.shared.advance();
        }
    }
}
