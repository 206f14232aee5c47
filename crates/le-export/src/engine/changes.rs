//! What changed since the run before: read over the whole retention, sorted by window, merged.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use le_core::{Result, Timestamp};

use super::run::{Context, Run, cancelled};
use super::spool::{Spool, interrupted};
use super::summary::ChangeTally;
use super::window::lost;
use crate::destination::Mode;
use crate::entry::{Broken, Entry};
use crate::keys::KeySet;
use crate::state::LockGuard;
use crate::window::Window;

/// Changed records, on disk.
pub(super) struct Changes {
    spool: Spool,
    /// Records without a key say neither when they began nor which they are.
    broken: Vec<Broken>,
    tally: ChangeTally,
}

/// The done window that an instant lies in.
pub(super) fn home(done: &BTreeSet<Window>, at: Timestamp) -> Option<Window> {
    let end = Window::new(at, at + std::time::Duration::from_millis(1)).ok()?;
    // Windows do not overlap: the last one that begins at or before the instant is the only one that can hold it.
    let candidates = done
        .range(..=end)
        .next_back()
        .into_iter()
        .chain(done.range(end..).next());
    candidates.copied().find(|window| window.contains(at))
}

impl Run {
    /// Reads all that changed, and keeps what began in windows that are done.
    pub(super) async fn read_changes(
        &self,
        context: &Context<'_>,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Changes> {
        let parts = context.parts;
        let done = parts.ledger.done().await?;
        let mut changes = Changes {
            spool: Spool::new()?,
            broken: Vec::new(),
            tally: ChangeTally {
                since,
                found: 0,
                merged: 0,
                windows: 0,
            },
        };
        let mut pages = parts.source.changed_since(since, now);
        let mut seen = KeySet::default();
        loop {
            let pass = context.gate.enter().await;
            let page = tokio::select! {
                biased;
                () = context.stopped() => return Err(cancelled()),
                page = pages.next() => page,
            };
            drop(pass);
            let Some(page) = page.transpose()? else { break };
            let ready = parts.tidy(page, None, &mut seen, context.gate).await?;
            let mut by_window = BTreeMap::<Window, Vec<Entry>>::new();
            changes.tally.found += ready.entries.len() as u64;
            let (mut count, found) = (ready.count, ready.entries.len() as u64);
            for entry in ready.entries {
                if let Some(window) = entry.start.and_then(|start| home(&done, start)) {
                    by_window.entry(window).or_default().push(entry);
                }
            }
            let kept: u64 = by_window.values().map(|entries| entries.len() as u64).sum();
            count.records = kept;
            count.outside += found - kept;
            changes.tally.merged += kept;
            for (window, entries) in by_window {
                changes.spool.add(window, entries).await?;
            }
            changes.broken.extend(ready.broken);
            context.tracker.add(count, context.gate.limits().0);
        }
        let windows = changes.spool.windows().len() as u64;
        context.tracker.update(|progress| progress.windows += windows);
        Ok(changes)
    }

    /// Merges the changes, window by window.
    pub(super) async fn merge_changes(&self, context: &Context<'_>, changes: Changes) -> Result<ChangeTally> {
        let Changes {
            spool,
            broken,
            mut tally,
        } = changes;
        for window in spool.windows() {
            if context.is_stopped() {
                return Err(cancelled());
            }
            self.merge(context, &spool, &window).await?;
            tally.windows += 1;
            context.tracker.update(|progress| progress.windows_done += 1);
        }
        if !broken.is_empty() {
            // They go to the newest window, since they do not say where they belong.
            let done = context.parts.ledger.done().await?;
            if let Some(newest) = done.last() {
                let mut writer = context.parts.destination.begin(newest, Mode::Merge).await?;
                writer.keep_broken(broken).await?;
                let counts = writer.commit().await?;
                context.record(newest, counts).await?;
            }
        }
        Ok(tally)
    }

    async fn merge(&self, context: &Context<'_>, spool: &Spool, window: &Window) -> Result<()> {
        let lock = format!("window-{window}");
        let guard = context.parts.ledger.lock(&lock, &context.holder).await?;
        let merged = self.merge_locked(context, spool, window, &*guard).await;
        guard.release().await;
        merged
    }

    async fn merge_locked(
        &self,
        context: &Context<'_>,
        spool: &Spool,
        window: &Window,
        guard: &dyn LockGuard,
    ) -> Result<()> {
        let mut writer = context.parts.destination.begin(window, Mode::Merge).await?;
        let mut groups = spool.read(window).await?;
        while let Some(group) = groups.recv().await {
            writer.write(group?).await?;
        }
        if groups.is_closed() && context.is_stopped() {
            return Err(interrupted());
        }
        if !guard.is_held() {
            return Err(lost(window));
        }
        let counts = writer.commit().await?;
        context.record(window, counts).await
    }
}
