//! How far a run is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use le_core::clock::Clock;

/// How far a run is: given out after each page.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct RunProgress {
    /// Windows to read in this run.
    pub windows: u64,
    /// Windows that are done.
    pub windows_done: u64,
    /// Records that were read and handed to the destination. A window that is tried again counts again from its beginning.
    pub records: u64,
    /// Their bytes as received.
    pub bytes: u64,
    /// Pages.
    pub pages: u64,
    /// Records that were kept as text, because they could not be read.
    pub broken: u64,
    /// Records that were read again because they were incomplete.
    pub refetched: u64,
    /// Those that still were.
    pub still_partial: u64,
    /// Records that belong to other windows.
    pub outside: u64,
    /// Records that came again within a window.
    pub duplicates: u64,
    /// Requests that may be under way at once now.
    pub concurrency: usize,
    /// Since the run began.
    pub elapsed: Duration,
}

impl RunProgress {
    /// Records in a second, over the whole run.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.records as f64 / self.elapsed.as_secs_f64().max(0.001)
    }

    /// How long it will still take, by the windows that are done; `None` before the first one is.
    #[must_use]
    pub fn eta(&self) -> Option<Duration> {
        let left = self.windows.saturating_sub(self.windows_done);
        (self.windows_done > 0).then(|| self.elapsed.mul_f64(left as f64 / self.windows_done as f64))
    }
}

/// Is told how far a run is.
pub(crate) type OnProgress = Box<dyn FnMut(&RunProgress) + Send>;

/// Counts of one window, while it is under way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) pages: u64,
    pub(crate) broken: u64,
    pub(crate) refetched: u64,
    pub(crate) still_partial: u64,
    pub(crate) outside: u64,
    pub(crate) duplicates: u64,
}

/// The progress that all windows add to.
pub(crate) struct Tracker {
    clock: Arc<dyn Clock>,
    start: Duration,
    state: Mutex<(RunProgress, Option<OnProgress>)>,
}

impl Tracker {
    pub(crate) fn new(clock: Arc<dyn Clock>, tell: Option<OnProgress>) -> Self {
        let start = clock.monotonic();
        let state = Mutex::new((RunProgress::default(), tell));
        Self { clock, start, state }
    }

    fn state(&self) -> MutexGuard<'_, (RunProgress, Option<OnProgress>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> RunProgress {
        let elapsed = self.clock.monotonic().saturating_sub(self.start);
        RunProgress {
            elapsed,
            ..self.state().0
        }
    }

    /// Changes the figures and tells of it.
    pub(crate) fn update(&self, change: impl FnOnce(&mut RunProgress)) {
        let elapsed = self.clock.monotonic().saturating_sub(self.start);
        let mut state = self.state();
        let (progress, tell) = &mut *state;
        change(progress);
        progress.elapsed = elapsed;
        if let Some(tell) = tell {
            tell(progress);
        }
    }

    pub(crate) fn add(&self, page: Count, concurrency: usize) {
        self.update(|progress| {
            progress.concurrency = concurrency;
            apply(progress, page, |figure, by| figure + by);
        });
    }

    /// Takes back what a window had counted that is tried again.
    pub(crate) fn take_back(&self, window: Count) {
        self.update(|progress| apply(progress, window, u64::saturating_sub));
    }
}

fn apply(progress: &mut RunProgress, count: Count, with: impl Fn(u64, u64) -> u64) {
    progress.records = with(progress.records, count.records);
    progress.bytes = with(progress.bytes, count.bytes);
    progress.pages = with(progress.pages, count.pages);
    progress.broken = with(progress.broken, count.broken);
    progress.refetched = with(progress.refetched, count.refetched);
    progress.still_partial = with(progress.still_partial, count.still_partial);
    progress.outside = with(progress.outside, count.outside);
    progress.duplicates = with(progress.duplicates, count.duplicates);
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.pages += other.pages;
        self.broken += other.broken;
        self.refetched += other.refetched;
        self.still_partial += other.still_partial;
        self.outside += other.outside;
        self.duplicates += other.duplicates;
    }
}
