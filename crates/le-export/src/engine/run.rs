//! A run: its settings, its range, its summary.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use le_core::clock::Clock;
use le_core::{Error, ErrorKind, Result, Timestamp};
use tokio::sync::{Semaphore, watch};
use tracing::Instrument as _;

use super::gate::Gate;
use super::plan::{Plan, Wish, named};
use super::progress::{OnProgress, RunProgress, Tracker};
use super::summary::{ChangeTally, RunError, RunOutcome, RunSummary, WindowTally};
use super::{Cancel, Export, Parts};
use crate::checkpoint::Checkpoint;
use crate::state::Holder;
use crate::window::Window;

/// The least overlap: the service rounds to ten minutes, is a minute behind, and clocks differ.
const LEAST_OVERLAP: Duration = Duration::from_secs(1800);

/// An export with its settings checked.
pub(super) struct Run {
    pub(super) parts: Parts,
    gate: Arc<Gate>,
    range: Option<(Timestamp, Timestamp)>,
    pub(super) length: Duration,
    only: Vec<Window>,
    again: bool,
    pub(super) shared: bool,
    pub(super) since_last: bool,
    pub(super) overlap: Duration,
    pub(super) concurrency: usize,
}

/// What the windows of a run share.
pub(super) struct Context<'a> {
    pub(super) parts: &'a Parts,
    pub(super) gate: &'a Gate,
    pub(super) tracker: &'a Tracker,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) holder: Holder,
    pub(super) shared: bool,
    pub(super) again: bool,
    /// Places for windows that are being read. Those that are being committed wait for a disk and need none.
    pub(super) reading: Semaphore,
    stop: watch::Sender<bool>,
}

/// What a run has found out and done.
pub(super) struct Course {
    pub(super) windows: WindowTally,
    pub(super) changes: Option<ChangeTally>,
    pub(super) bookmark: Option<Timestamp>,
}

pub(super) fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "the export was cancelled")
}

impl Context<'_> {
    /// Ends when the run is to stop.
    pub(super) async fn stopped(&self) {
        let mut stop = self.stop.subscribe();
        if stop.wait_for(|stop| *stop).await.is_err() {
            // Nobody can stop it any more.
            std::future::pending::<()>().await;
        }
    }

    /// Lets windows that are under way give up, unless they are being committed.
    pub(super) fn halt(&self) {
        self.stop.send_replace(true);
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits, unless the run is to stop.
    pub(super) async fn pause(&self, pause: Duration) -> Result<()> {
        tokio::select! {
            () = self.stopped() => Err(cancelled()),
            () = self.clock.sleep(pause) => Ok(()),
        }
    }
}

impl Run {
    pub(super) fn prepare(mut export: Export) -> Result<Self> {
        if let Some(failure) = export.failure {
            return Err(failure);
        }
        let overlap = export.overlap.unwrap_or_else(|| export.source.overlap());
        if export.since_last && overlap < LEAST_OVERLAP {
            return Err(Error::validation(format!(
                "an overlap of {} s is shorter than 30 minutes",
                overlap.as_secs()
            ))
            .with_advice("the service rounds to ten minutes and is not up to date at once; the default is two hours"));
        }
        if export.since_last && (!export.only.is_empty() || export.shared) {
            return Err(Error::validation("an incremental run cannot be spread over processes")
                .with_advice("run it alone: it reads only what is new and what changed"));
        }
        let gate = Arc::new(Gate::new(export.concurrency, export.source.clock()));
        export.source.observe(Arc::clone(&gate) as Arc<dyn le_core::hook::Hook>);
        Ok(Self {
            parts: Parts::of(export.source, export.destination, export.redaction)?,
            gate,
            range: export.range,
            length: export.window,
            only: export.only,
            again: export.again,
            shared: export.shared,
            since_last: export.since_last,
            overlap,
            concurrency: export.concurrency,
        })
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(super) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// The range, checked, with its end at most now.
    fn range(&self, known: Option<&Checkpoint>, now: Timestamp) -> Result<(Timestamp, Timestamp)> {
        if let (Some(first), Some(last)) = (
            self.only.iter().min(),
            self.only.iter().max_by_key(|window| window.to()),
        ) {
            return self.checked(first.from(), last.to(), now);
        }
        match (self.range, known) {
            // Processes that share an export must cut it alike, whenever each of them began.
            (_, Some(known)) if self.shared && known.begun.is_some() => Ok((known.from, known.to)),
            (Some((from, to)), _) => self.checked(from, if self.since_last { now.max(to) } else { to }, now),
            (None, Some(known)) if self.since_last => Ok((known.from, now)),
            (None, Some(known)) => Ok((known.from, known.to)),
            (None, None) => Err(
                Error::validation("the export has no range, and there is no run before it")
                    .with_advice("give a range for the first run"),
            ),
        }
    }

    fn checked(&self, from: Timestamp, to: Timestamp, now: Timestamp) -> Result<(Timestamp, Timestamp)> {
        if to < from {
            return Err(
                Error::validation(format!("the range ends ({to}) before it begins ({from})"))
                    .with_advice("give the earlier time first"),
            );
        }
        if from > now {
            return Err(
                Error::validation(format!("the range begins in the future ({from}, now it is {now})"))
                    .with_advice("history is what has been; check the year and the time zone (times are UTC)"),
            );
        }
        let oldest = now - self.parts.source.retention();
        if from < oldest {
            let days = self.parts.source.retention().as_secs() / 86_400;
            return Err(Error::validation(format!(
                "the range begins at {from}, but the service keeps {days} days, since {oldest}"
            ))
            .with_advice(format!(
                "begin at {} or later",
                (oldest + crate::window::DAY).floor(crate::window::DAY)
            )));
        }
        Ok((from, to.min(now)))
    }

    pub(super) async fn plan(&self) -> Result<(Plan, Option<Checkpoint>)> {
        let known = self.parts.ledger.checkpoint(&self.parts.fingerprint).await?;
        let done = self.parts.ledger.done().await?;
        let now = self.parts.source.clock().now();
        let (from, to) = self.range(known.as_ref(), now)?;
        let windows = if self.only.is_empty() {
            let (length, again) = (self.length, self.again);
            Wish {
                from,
                to,
                length,
                again,
            }
            .windows(&done)?
        } else {
            named(&self.only, &done, self.again)?
        };
        let plan = Plan {
            source: self.parts.source.name().to_owned(),
            from,
            to,
            done: done.len(),
            windows,
        };
        Ok((plan, known))
    }

    pub(super) async fn run(self, tell: Option<OnProgress>, cancel: Option<Cancel>) -> Result<RunSummary, RunError> {
        let clock = self.parts.source.clock();
        // Taken before the first request: the records do not say when they changed.
        let begun = clock.now();
        let holder = Holder::here(run_id(begun));
        let span = tracing::info_span!("export", run = %holder.run, source = self.parts.source.name());
        let tracker = Tracker::new(Arc::clone(&clock), tell);
        let mut course = Course {
            windows: WindowTally::default(),
            changes: None,
            bookmark: None,
        };
        let context = Context {
            parts: &self.parts,
            gate: &self.gate,
            tracker: &tracker,
            clock,
            holder,
            shared: self.shared || !self.only.is_empty(),
            again: self.again,
            reading: Semaphore::new(self.concurrency),
            stop: watch::Sender::new(false),
        };
        let work = Box::pin(self.course(&context, begun, &mut course).instrument(span));
        let outcome = match cancel {
            None => work.await,
            Some(cancel) => match select(work, cancel).await {
                Either::Left((outcome, _)) => outcome,
                Either::Right(((), work)) => {
                    context.halt();
                    work.await
                }
            },
        };
        let run = context.holder.run.clone();
        self.conclude(run, begun, tracker.now(), course, outcome)
    }

    fn conclude(
        &self,
        run: String,
        begun: Timestamp,
        progress: RunProgress,
        course: Course,
        outcome: Result<()>,
    ) -> Result<RunSummary, RunError> {
        let failed = course.windows.failed.first().map(|first| {
            let windows = course.windows.failed.len();
            let message = format!(
                "{windows} windows could not be read; the first is {}: {}",
                first.window, first.error
            );
            Error::new(ErrorKind::Server, message)
                .with_advice("run it again: it reads only the windows that are missing")
        });
        let error = outcome.err().or(failed);
        let (_, concurrency) = self.gate.limits();
        let summary = RunSummary {
            run,
            windows: course.windows,
            changes: course.changes,
            bookmark: course.bookmark,
            records: progress.records,
            bytes: progress.bytes,
            pages: progress.pages,
            broken: progress.broken,
            refetched: progress.refetched,
            still_partial: progress.still_partial,
            outside: progress.outside,
            duplicates: progress.duplicates,
            seconds: progress.elapsed.as_secs_f64(),
            concurrency,
            refused: self.gate.refused(),
            ..empty_summary(self.parts.source.name(), begun, error.as_ref())
        };
        tracing::info!(records = summary.records, broken = summary.broken, windows = summary.windows.done, outcome = ?summary.outcome, "export ended");
        match error {
            None => Ok(summary),
            Some(error) if error.kind() == ErrorKind::Cancelled => Ok(summary),
            Some(error) => Err(RunError::new(error, summary)),
        }
    }
}

/// A summary of nothing, with how it ended.
pub(super) fn empty_summary(source: &str, begun: Timestamp, error: Option<&Error>) -> RunSummary {
    RunSummary {
        run: String::new(),
        source: source.to_owned(),
        outcome: match error {
            None => RunOutcome::Finished,
            Some(error) if error.kind() == ErrorKind::Cancelled => RunOutcome::Cancelled,
            Some(_) => RunOutcome::Failed,
        },
        begun,
        seconds: 0.0,
        windows: WindowTally::default(),
        records: 0,
        bytes: 0,
        pages: 0,
        broken: 0,
        refetched: 0,
        still_partial: 0,
        outside: 0,
        duplicates: 0,
        changes: None,
        concurrency: 0,
        refused: 0,
        bookmark: None,
        error: error.map(ToString::to_string),
    }
}

/// An id that sorts by time.
fn run_id(begun: Timestamp) -> String {
    let time: String = begun.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
    let seconds = time.get(..15).unwrap_or(&time);
    format!("{seconds}Z-{}", std::process::id())
}
