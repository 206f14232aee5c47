//! Reports of thousands of visitors from one process.
//!
//! A [`Reporter`] takes events at once and sends them in the background: the events of a visitor in order, several in one request,
//! many visitors at the same time. What it holds is bounded by events, by bytes and by visitors. What it could not deliver is
//! counted, told, and never silently gone.
//!
//! * An event stays until the service has acknowledged it. A failure keeps the visitor's events in order and sends them again after
//!   3, 10, 30 and then every 90 seconds; in trouble fewer requests are sent at once, until one succeeds.
//! * A request that the service finds fault with is sent again in smaller parts until the event at fault is alone. It is lost and
//!   told; the others are delivered.
//! * A session that the service does not know any more is begun anew, once, with the same events.
//!
//! It is one task with one owner: it stops when the last handle is dropped.

mod builder;
mod driver;
mod lane;
mod ledger;
mod loss;
pub mod metrics;
mod queue;
mod table;
mod verdict;

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use le_core::{Result, Timestamp};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use builder::{Delivery, ReporterBuilder};
pub use loss::{Loss, LossReason, NotTaken, Stats};

use crate::guard::Guard;
use crate::monitoring::{EntryPoint, Monitoring, SessionAnswer};
use crate::sde::Sde;
use crate::validate::{self, Route};
use crate::visitor::{Visitor, VisitorSession, VisitorState};
use builder::Limits;
use driver::Shared;
use queue::EventKind;
use table::Event;

/// Reports for many visitors. Cheap to clone; the clones share the bounds. See the [module](self).
///
/// ```
/// # async fn run(monitoring: le_attributes::monitoring::Monitoring) -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use le_attributes::{journey::SearchedContent, monitoring::Identity, reporter::Reporter, visitor::Visitor};
///
/// let reporter = Reporter::builder(monitoring)
///     .events(200_000)
///     .on_loss(|loss| eprintln!("{} events lost: {}", loss.events, loss.reason))
///     .start();
/// let visitor = Visitor::new("cu-7f31").identity(Identity::authenticated("https://id.example.org", "cu-7f31"));
/// reporter.report(&visitor, [SearchedContent::of(["return policy"])])?;
/// reporter.shutdown(Duration::from_secs(10)).await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Reporter(Arc<Owner>);

/// Ends the task with the last handle.
struct Owner {
    shared: Arc<Shared>,
    guard: Option<Guard>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Owner {
    fn end(&self) {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.abort();
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.end();
    }
}

/// The deadline passed, and so much still waits. It is still to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unsent {
    /// Events that wait or are on their way.
    pub events: usize,
}

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events still wait; the deadline passed", self.events)
    }
}

impl std::error::Error for Unsent {}

impl Reporter {
    /// Starts from the default settings.
    pub fn builder(api: Monitoring) -> ReporterBuilder {
        ReporterBuilder::new(api)
    }

    /// Reports events of one visitor, all or none, and returns at once. What `visitor` says of itself counts when they are seen
    /// for the first time; later see [`describe`](Self::describe).
    ///
    /// Impressions are taken for visitors with a [`session`](Self::session) that holds their context.
    ///
    /// # Errors
    /// See [`NotTaken`]. What was not taken is counted and told as a loss, too.
    pub fn report(&self, visitor: &Visitor, events: impl IntoIterator<Item = impl Into<Sde>>) -> Result<(), NotTaken> {
        let events: Vec<Sde> = events.into_iter().map(Into::into).collect();
        let shared = &self.0.shared;
        let outcome = self
            .checked(visitor, &events)
            .and_then(|events| shared.table().push(visitor, &events, shared.moment()));
        match outcome {
            Ok(()) => {
                shared.wake.notify_one();
                Ok(())
            }
            Err(refused) => {
                if let NotTaken::Invalid(error) = &refused {
                    let error = Some(error.clone());
                    let mut table = shared.table();
                    table
                        .ledger
                        .not_taken(visitor.key_arc(), events.len(), LossReason::Invalid, error);
                }
                shared.tell();
                Err(refused)
            }
        }
    }

    /// The events as they are kept, where they hold the rules.
    fn checked(&self, visitor: &Visitor, events: &[Sde]) -> Result<Vec<Event>, NotTaken> {
        visitor.check().map_err(NotTaken::Invalid)?;
        validate::attributes(events, Route::Report).map_err(NotTaken::Invalid)?;
        if let Some(guard) = &self.0.guard {
            guard.check(events).map_err(NotTaken::Invalid)?;
        }
        events.iter().map(event).collect()
    }

    /// The session of one visitor of this reporter. While the handle lives the visitor is not forgotten.
    ///
    /// # Errors
    /// See [`NotTaken`].
    pub fn session(&self, visitor: Visitor) -> Result<VisitorSession, NotTaken> {
        VisitorSession::of(self.clone(), visitor)
    }

    /// Tells who a visitor is, e.g. after a login: identities and properties take the place of those before.
    ///
    /// # Errors
    /// An identity or a client property breaks a rule.
    pub fn describe(&self, visitor: &Visitor) -> Result<(), NotTaken> {
        visitor.check().map_err(NotTaken::Invalid)?;
        self.0.shared.table().describe(visitor);
        Ok(())
    }

    /// Where a visitor stands, where they are remembered.
    #[must_use]
    pub fn state(&self, key: &str) -> Option<VisitorState> {
        self.0.shared.table().state(key, true)
    }

    /// The counts.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.shared.table().stats()
    }

    /// Waits until there is room for more, for those who would rather wait than lose.
    pub async fn room(&self) {
        let shared = &self.0.shared;
        let has_room = || {
            let table = shared.table();
            table.has_room() || table.closed
        };
        while !has_room() {
            let moved = shared.moved.notified();
            let mut moved = pin!(moved);
            moved.as_mut().enable();
            // What moved before the line above is not told any more.
            if has_room() {
                return;
            }
            moved.await;
        }
    }

    /// Sends what lingers, and waits until nothing waits any more.
    ///
    /// # Errors
    /// How much still waits, where the deadline passed. It stays to be delivered.
    pub async fn flush(&self, deadline: Duration) -> Result<(), Unsent> {
        let shared = &self.0.shared;
        shared.table().hurry();
        shared.wake.notify_one();
        let drained = async {
            loop {
                let moved = shared.moved.notified();
                let mut moved = pin!(moved);
                moved.as_mut().enable();
                if shared.table().is_drained() {
                    return;
                }
                moved.await;
            }
        };
        let clock = shared.api.client.clock();
        let in_time = tokio::select! {
            biased;
            () = drained => true,
            () = clock.sleep(deadline) => false,
        };
        let mut table = shared.table();
        table.hurry -= 1;
        let events = table.stats().waiting;
        if in_time { Ok(()) } else { Err(Unsent { events }) }
    }

    /// Takes no more, delivers what waits within the deadline, tells the rest as lost, and ends. Gives the last counts.
    pub async fn shutdown(&self, deadline: Duration) -> Stats {
        let shared = &self.0.shared;
        shared.table().closed = true;
        // What is left is lost, and told so below.
        _ = self.flush(deadline).await;
        self.0.end();
        shared.table().give_up();
        shared.tell();
        shared.moved.notify_waiters();
        self.stats()
    }

    pub(crate) fn pin(&self, visitor: &Visitor) -> Result<(), NotTaken> {
        self.0.shared.table().pin(visitor, self.0.shared.moment())
    }

    pub(crate) fn unpin(&self, key: &str) {
        self.0.shared.table().unpin(key);
    }

    pub(crate) fn turn_page(&self, key: &str, entry_points: Vec<EntryPoint>) {
        self.0.shared.table().turn_page(key, entry_points);
    }

    pub(crate) fn ask(&self, key: &str, answer: oneshot::Sender<Result<SessionAnswer>>) -> bool {
        let asked = self.0.shared.table().ask(key, answer, self.0.shared.moment().monotonic);
        self.0.shared.wake.notify_one();
        asked
    }

    /// The state without what is not acknowledged yet.
    pub(crate) fn standing(&self, key: &str) -> VisitorState {
        self.0.shared.table().state(key, false).unwrap_or_default()
    }

    pub(crate) fn holds(&self, key: &str, context: &str) -> bool {
        self.0.shared.table().holds(key, context, self.now())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.shared.moment().now
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// One event as it is kept.
fn event(sde: &Sde) -> Result<Event, NotTaken> {
    let invalid = |error: le_core::Error| NotTaken::Invalid(error);
    let json = serde_json::to_vec(sde).map_err(|error| {
        invalid(le_core::Error::validation("an event cannot be written as JSON").with_source(error))
    })?;
    if u32::try_from(json.len()).map_or(true, |length| length == u32::MAX) {
        return Err(invalid(le_core::Error::validation("an event is larger than 4 GiB")));
    }
    let (kind, context) = match sde {
        Sde::Impression(impression) => {
            let context = impression.contexts.first().and_then(|context| context.id.clone());
            (EventKind::Impression, context)
        }
        sde if sde.is_appended() => (EventKind::Appended, None),
        _ => (EventKind::Replaced, None),
    };
    Ok(Event { json, kind, context })
}
