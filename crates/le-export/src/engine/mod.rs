//! The engine: from a source over windows into a destination, so that nothing is lost and nothing is there twice.

mod changes;
mod course;
mod gate;
mod plan;
mod progress;
mod run;
mod single;
mod spool;
mod summary;
mod tidy;
mod verify;
mod window;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use le_core::{Error, Result, Timestamp};

pub use plan::Plan;
pub use progress::RunProgress;
pub use single::Reread;
pub use summary::{ChangeTally, FailedWindow, RunError, RunOutcome, RunSummary, WindowTally};
pub use verify::{Depth, Difference, Verification};

use crate::checkpoint::{Fingerprint, Ledger, short_hash};
use crate::destination::{Destination, Forgotten};
use crate::redact::Redaction;
use crate::source::Source;
use crate::window::{DAY, Window};
use progress::OnProgress;

type Cancel = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An export of history; `.await` runs it.
///
/// It cuts its range into windows, reads each page by page into the destination, and remembers which are done. Whatever ends it,
/// also `kill -9`, the next run goes on where it was, and the result has no record lost and none twice.
///
/// ```no_run
/// # async fn run(data: le_data::Data) -> Result<(), Box<dyn std::error::Error>> {
/// use le_export::{Compression, Conversations, Dataset, Export, JsonLines};
///
/// // The first, full load.
/// let lake = || Dataset::open("lake", JsonLines::new(Compression::Gzip));
/// let summary = Export::of(Conversations::new(&data))
///     .range("2026-01-01".parse()?, "2026-02-01".parse()?)
///     .into(lake()?)
///     .concurrency(4)
///     .on_progress(|now| eprintln!("{} of {} windows, {} records", now.windows_done, now.windows, now.records))
///     .await?;
/// println!("{}", serde_json::to_string(&summary)?);
///
/// // Every night from then on: what is new, and what changed.
/// Export::of(Conversations::new(&data)).into(lake()?).since_last(true).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "an export does nothing unless awaited"]
pub struct Export {
    source: Box<dyn Source>,
    destination: Option<Box<dyn Destination>>,
    range: Option<(Timestamp, Timestamp)>,
    window: Duration,
    only: Vec<Window>,
    again: bool,
    shared: bool,
    since_last: bool,
    overlap: Option<Duration>,
    redaction: Redaction,
    concurrency: usize,
    on_progress: Option<OnProgress>,
    cancel: Option<Cancel>,
    failure: Option<Error>,
}

impl Export {
    /// Of this source.
    pub fn of(source: impl Source) -> Self {
        Self {
            source: Box::new(source),
            destination: None,
            range: None,
            window: DAY,
            only: Vec::new(),
            again: false,
            shared: false,
            since_last: false,
            overlap: None,
            redaction: Redaction::default(),
            concurrency: 4,
            on_progress: None,
            cancel: None,
            failure: None,
        }
    }

    /// Records that began at `from` or later, and before `to`. An end in the future counts as now.
    ///
    /// Not called: the range of the run before; with [`since_last`](Self::since_last), up to now.
    pub fn range(mut self, from: Timestamp, to: Timestamp) -> Self {
        self.range = Some((from, to));
        self
    }

    /// How long a window is: 10 minutes to a day, in whole minutes (default a day). Shorter ones cost less when a run is killed, and
    /// make more files.
    pub fn window_length(mut self, length: Duration) -> Self {
        self.window = length;
        self
    }

    /// Where the records go.
    pub fn into(mut self, mut destination: impl Destination) -> Self {
        let bound = destination.bind(self.source.kind());
        self.check(bound);
        self.destination = Some(Box::new(destination));
        self
    }

    /// Reads these windows only, as a plan names them: for schedulers that spread windows over processes and machines.
    pub fn only(mut self, windows: impl IntoIterator<Item = Window>) -> Self {
        self.only.extend(windows);
        self
    }

    /// Reads windows once more that are done already; what they hold is replaced.
    pub fn again(mut self, yes: bool) -> Self {
        self.again = yes;
        self
    }

    /// Works beside other processes that run the same export: each takes windows that nobody else has, until none is left. When
    /// one is killed, the others take its window over.
    pub fn shared(mut self, yes: bool) -> Self {
        self.shared = yes;
        self
    }

    /// Reads what is new and what changed since the run before, and merges it. The first time it is a full load of the
    /// [`range`](Self::range).
    pub fn since_last(mut self, yes: bool) -> Self {
        self.since_last = yes;
        self
    }

    /// How far an incremental run looks back behind the beginning of the run before (default: as the source says, two hours for
    /// conversations). At least 30 minutes.
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.overlap = Some(overlap);
        self
    }

    /// Changes records before anything is written: see [`Redaction`].
    pub fn redact(mut self, redaction: Redaction) -> Self {
        let kept = redaction.check(self.source.kind());
        self.check(kept);
        self.redaction = redaction;
        self
    }

    /// The most requests under way at once (default 4). It begins with one, goes up while all is well, and down when the service
    /// refuses. As many windows are read side by side.
    pub fn concurrency(mut self, most: usize) -> Self {
        let fits = (1..=64).contains(&most);
        self.check(if fits {
            Ok(())
        } else {
            Err(Error::validation(format!(
                "a concurrency of {most} is not between 1 and 64"
            )))
        });
        self.concurrency = most;
        self
    }

    /// Is told after each page how far it is.
    pub fn on_progress(mut self, tell: impl FnMut(&RunProgress) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(tell));
        self
    }

    /// Ends the run when this future does, e.g. `tokio::signal::ctrl_c()`: windows that are being committed are ended, others are
    /// given up; the next run reads them.
    pub fn cancel_on(mut self, cancel: impl Future<Output = ()> + Send + 'static) -> Self {
        self.cancel = Some(Box::pin(cancel));
        self
    }

    /// Keeps the first failure; it is reported when the export runs.
    fn check(&mut self, outcome: Result<()>) {
        if let Err(error) = outcome {
            self.failure.get_or_insert(error);
        }
    }

    /// The windows that are still to be read. Nothing is sent, and nothing is locked.
    ///
    /// # Errors
    /// As [`run`](Self::run), for what is wrong with the settings.
    pub async fn plan(self) -> Result<Plan> {
        let run = run::Run::prepare(self)?;
        let (plan, _) = run.plan().await?;
        Ok(plan)
    }

    /// Compares the windows that are done with the service. Nothing is written.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn verify(self, depth: Depth) -> Result<Verification> {
        run::Run::prepare(self)?.verify(depth).await
    }

    /// Removes records for good, wherever they are, with all rows made of them: for deletion requests. Files that held them are
    /// written anew.
    ///
    /// # Errors
    /// As [`run`](Self::run). What was removed before stays removed; call it again.
    pub async fn forget(self, keys: impl IntoIterator<Item = impl Into<String>>) -> Result<Forgotten> {
        let keys = keys.into_iter().map(Into::into).collect();
        run::Run::prepare(self)?.forget(keys).await
    }

    /// Reads records again by their keys, and puts what the service has now in the place of what is there: the vendor may rewrite
    /// the text of a conversation for a deletion request, and tells nobody. Records that the service does not have any more are
    /// removed.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn reread(self, keys: impl IntoIterator<Item = impl Into<String>>) -> Result<Reread> {
        let keys = keys.into_iter().map(Into::into).collect();
        run::Run::prepare(self)?.reread(keys).await
    }

    /// Runs it.
    ///
    /// # Errors
    /// What ended it, or the first window that could not be read; with what was done by then.
    pub async fn run(mut self) -> Result<RunSummary, RunError> {
        let cancel = self.cancel.take();
        let tell = self.on_progress.take();
        let begun = self.source.clock().now();
        let source = self.source.name();
        match run::Run::prepare(self) {
            Ok(run) => run.run(tell, cancel).await,
            Err(error) => {
                let summary = run::empty_summary(source, begun, Some(&error));
                Err(RunError::new(error, summary))
            }
        }
    }
}

/// The parts of an export that stay the same while it runs, with the settings checked.
struct Parts {
    source: Arc<dyn Source>,
    destination: Arc<dyn Destination>,
    ledger: Ledger,
    fingerprint: Fingerprint,
    redaction: Arc<Redaction>,
}

impl Parts {
    fn of(source: Box<dyn Source>, destination: Option<Box<dyn Destination>>, redaction: Redaction) -> Result<Self> {
        let Some(destination) = destination else {
            return Err(Error::configuration("the export has no destination").with_advice("call `into` with one"));
        };
        let fingerprint = Fingerprint {
            source: source.name().to_owned(),
            settings: short_hash(&source.settings()),
            redaction: redaction.fingerprint(),
            destination: destination.describe(),
        };
        Ok(Self {
            ledger: Ledger::new(destination.state()),
            source: Arc::from(source),
            destination: Arc::from(destination),
            fingerprint,
            redaction: Arc::new(redaction),
        })
    }
}

impl IntoFuture for Export {
    type Output = Result<RunSummary, RunError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Export");
        out.field("source", &self.source)
            .field("destination", &self.destination);
        out.field("range", &self.range).finish_non_exhaustive()
    }
}
