//! The task of a reporter: it sends what the table gives, and tells the table what came.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::Notify;

use super::lane::{Outcome, Work, WorkKind};
use super::loss::Loss;
use super::table::{Moment, Table};
use crate::monitoring::Monitoring;
use crate::visitor::VisitorState;

/// Idle visitors are looked for this often.
const SWEEP: Duration = Duration::from_secs(60);

pub(super) type OnLoss = Box<dyn Fn(&Loss) + Send + Sync>;
pub(super) type OnEvicted = Box<dyn Fn(&str, &VisitorState) + Send + Sync>;

/// What the task shares with those who report.
pub(super) struct Shared {
    pub(super) api: Monitoring,
    table: Mutex<Table>,
    /// There is something for the task.
    pub(super) wake: Notify,
    /// Something was delivered or lost.
    pub(super) moved: Notify,
    pub(super) on_loss: Option<OnLoss>,
    pub(super) on_evicted: Option<OnEvicted>,
}

impl Shared {
    pub(super) fn new(api: Monitoring, table: Table, on_loss: Option<OnLoss>, on_evicted: Option<OnEvicted>) -> Self {
        Self {
            api,
            table: Mutex::new(table),
            wake: Notify::new(),
            moved: Notify::new(),
            on_loss,
            on_evicted,
        }
    }

    /// The table. What is to be told is told by [`tell`](Self::tell) after it is let go.
    pub(super) fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn moment(&self) -> Moment {
        let clock = self.api.client.clock();
        Moment {
            now: clock.now(),
            monotonic: clock.monotonic(),
        }
    }

    /// Tells the losses and the visitors that were forgotten, with nothing locked.
    pub(super) fn tell(&self) {
        let (losses, evicted) = {
            let mut table = self.table();
            (
                std::mem::take(&mut table.ledger.losses),
                std::mem::take(&mut table.evicted),
            )
        };
        for loss in &losses {
            // The key of a visitor is the brand's, and may be personal.
            tracing::warn!(
                events = loss.events,
                reason = loss.reason.as_str(),
                error.r#type = loss.error.as_ref().map(|error| error.kind().as_str()),
                "events of a visitor are lost"
            );
            super::metrics::lost(loss);
            if let Some(on_loss) = &self.on_loss {
                on_loss(loss);
            }
        }
        if let Some(on_evicted) = &self.on_evicted {
            evicted.iter().for_each(|(key, state)| on_evicted(key, state));
        }
    }

    async fn fly(self: Arc<Self>, index: u32, work: Work) -> (u32, WorkKind, Outcome) {
        let kind = work.kind;
        let ids = (work.visitor_id.as_deref(), work.session_id.as_deref());
        let outcome = match kind {
            WorkKind::Report(_) => self.api.deliver(ids, work.body, work.read).await,
            WorkKind::Open | WorkKind::Ask => self.api.ask(ids, work.body).await.map(Some),
        };
        (index, kind, outcome)
    }
}

/// Runs until the reporter is shut down and nothing is on its way.
pub(super) async fn drive(shared: Arc<Shared>) {
    let mut flights = FuturesUnordered::new();
    let clock = Arc::clone(shared.api.client.clock());
    let mut swept = clock.monotonic();
    loop {
        let at = shared.moment();
        let due = {
            let mut table = shared.table();
            while let Some((index, work)) = table.next(at.monotonic) {
                flights.push(Arc::clone(&shared).fly(index, work));
            }
            if at.monotonic.saturating_sub(swept) >= SWEEP {
                swept = at.monotonic;
                let (idle, most) = (table.limits.idle, usize::MAX);
                table.evict(at.now, idle, most);
            }
            if table.closed && flights.is_empty() && table.is_drained() {
                break;
            }
            let sweep = (table.stats().visitors > 0).then_some(swept + SWEEP);
            table.next_due().into_iter().chain(sweep).min()
        };
        shared.tell();
        let wait = due.map(|due| due.saturating_sub(at.monotonic));
        let waited = async {
            match wait {
                Some(wait) => clock.sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let mut waited = pin!(waited);
        let first = tokio::select! {
            biased;
            Some(done) = flights.next(), if !flights.is_empty() => Some(done),
            () = shared.wake.notified() => None,
            () = &mut waited => None,
        };
        if let Some(first) = first {
            land(&shared, first, &mut flights);
        }
    }
    shared.tell();
    shared.moved.notify_waiters();
}

/// Takes this answer and all others that are there already.
fn land<F>(shared: &Shared, first: (u32, WorkKind, Outcome), flights: &mut FuturesUnordered<F>)
where
    F: Future<Output = (u32, WorkKind, Outcome)>,
{
    use futures_util::FutureExt as _;
    let at = shared.moment();
    let entropy = shared.api.client.entropy();
    let mut next = Some(first);
    {
        let mut table = shared.table();
        while let Some((index, kind, outcome)) = next {
            table.done(index, kind, outcome, at, entropy.unit());
            next = flights.next().now_or_never().flatten();
        }
        super::metrics::held(&table.stats());
    }
    shared.moved.notify_waiters();
}
