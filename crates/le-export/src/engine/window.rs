//! One window, from its first page to its manifest entry.

use std::time::Duration;

use futures_util::StreamExt as _;
use le_core::{Error, ErrorKind, Result};
use tracing::Instrument as _;

use super::progress::Count;
use super::run::{Context, cancelled};
use crate::checkpoint::WindowEntry;
use crate::destination::{Mode, WindowCounts};
use crate::keys::KeySet;
use crate::state::LockGuard;
use crate::window::Window;

/// The pauses before a window that failed is begun anew, after the client has used up its own retries: the vendor asks to back off
/// in minutes then.
const PAUSES: [Duration; 2] = [Duration::from_secs(120), Duration::from_secs(240)];

/// What became of a window.
pub(super) enum Fate {
    Done,
    /// Another process has it.
    Elsewhere,
    Failed(Error),
}

impl Context<'_> {
    /// Reads a window and commits it; tries again where that may help.
    pub(super) async fn window(&self, window: Window) -> Fate {
        let span = tracing::info_span!("export_window", %window, records = tracing::field::Empty);
        self.locked(window).instrument(span).await
    }

    async fn locked(&self, window: Window) -> Fate {
        let guard = match self
            .parts
            .ledger
            .try_lock(&format!("window-{window}"), &self.holder)
            .await
        {
            Ok(Some(guard)) => guard,
            Ok(None) => return Fate::Elsewhere,
            Err(error) => return Fate::Failed(error),
        };
        let fate = self.tries(window, &*guard).await;
        guard.release().await;
        fate
    }

    async fn tries(&self, window: Window, guard: &dyn LockGuard) -> Fate {
        if self.shared {
            // It may have been done by another process since the plan was made.
            match self.parts.ledger.entry(&window).await {
                Ok(Some(_)) if !self.again => return Fate::Elsewhere,
                Ok(_) => {}
                Err(error) => return Fate::Failed(error),
            }
        }
        let mut pauses = PAUSES.iter();
        loop {
            let mut counted = Count::default();
            let error = match self.attempt(&window, &mut counted, guard).await {
                Ok(()) => return Fate::Done,
                Err(error) => error,
            };
            self.tracker.take_back(counted);
            let Some(pause) = pauses.next().filter(|_| error.is_transient()) else {
                return Fate::Failed(error);
            };
            tracing::warn!(%error, pause_s = pause.as_secs(), "a window failed and is begun anew");
            if self.pause(*pause).await.is_err() {
                return Fate::Failed(cancelled());
            }
        }
    }

    async fn attempt(&self, window: &Window, counted: &mut Count, guard: &dyn LockGuard) -> Result<()> {
        let reading = self.reading.acquire().await;
        let mut writer = self.parts.destination.begin(window, Mode::Replace).await?;
        let mut pages = self.parts.source.pages(window);
        let mut seen = KeySet::default();
        loop {
            let pass = self.gate.enter().await;
            let page = tokio::select! {
                biased;
                () = self.stopped() => return Err(cancelled()),
                page = pages.next() => page,
            };
            drop(pass);
            let Some(page) = page.transpose()? else { break };
            let ready = self.parts.tidy(page, Some(window), &mut seen, self.gate).await?;
            if !ready.broken.is_empty() {
                tracing::warn!(
                    records = ready.broken.len(),
                    "records that cannot be read are kept as text"
                );
                writer.keep_broken(ready.broken).await?;
            }
            if !ready.entries.is_empty() {
                writer.write(ready.entries).await?;
            }
            *counted += ready.count;
            self.tracker.add(ready.count, self.gate.limits().0);
        }
        drop(reading);
        if !guard.is_held() {
            return Err(lost(window));
        }
        let counts = writer.commit().await?;
        tracing::Span::current().record("records", counts.records);
        let unread = counts.broken.saturating_sub(counted.broken);
        self.tracker.update(|progress| {
            progress.windows_done += 1;
            progress.broken += unread;
            progress.records = progress.records.saturating_sub(unread);
        });
        self.record(window, counts).await
    }

    /// Writes the manifest entry: from here on the window is done.
    pub(super) async fn record(&self, window: &Window, counts: WindowCounts) -> Result<()> {
        let entry = WindowEntry {
            window: *window,
            counts,
            run: self.holder.run.clone(),
            at: self.clock.now(),
        };
        self.parts.ledger.record(&entry).await
    }
}

pub(super) fn lost(window: &Window) -> Error {
    Error::new(
        ErrorKind::Io,
        format!("the lock of the window {window} was lost, since it could not be renewed in time"),
    )
    .with_advice("check the store and the clock of this machine, then run it again")
}
