//! Single records: forgetting them, and reading them again.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt as _;
use le_core::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::changes::home;
use super::run::Run;
use super::tidy::redacted;
use crate::checkpoint::WindowEntry;
use crate::destination::{Forgotten, Mode};
use crate::entry::Entry;
use crate::state::Holder;
use crate::window::Window;

/// What reading records again came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reread {
    /// Keys of records that were read and written anew.
    pub written: BTreeSet<String>,
    /// Keys of records that the service does not have any more; they are gone from the export.
    pub gone: BTreeSet<String>,
    /// Keys of records that began outside of the export, which were left alone.
    pub outside: BTreeSet<String>,
}

impl Run {
    /// Removes records, and corrects the counts of the windows they were in.
    pub(super) async fn forget(&self, keys: BTreeSet<String>) -> Result<Forgotten> {
        let parts = self.parts();
        let holder = Holder::here("forget");
        let alone = parts.ledger.lock("run", &holder).await?;
        let forgotten = async {
            parts.ledger.checkpoint(&parts.fingerprint).await?;
            parts.destination.recover().await?;
            self.forget_locked(&keys, &holder).await
        };
        let forgotten = forgotten.await;
        alone.release().await;
        forgotten
    }

    async fn forget_locked(&self, keys: &BTreeSet<String>, holder: &Holder) -> Result<Forgotten> {
        let parts = self.parts();
        let forgotten = parts.destination.forget(keys).await?;
        let done = parts.ledger.done().await?;
        let touched: BTreeSet<Window> = match forgotten.keys.values().map(|start| home(&done, (*start)?)).collect() {
            Some(windows) => windows,
            // A record that does not say when it began may have been in any window.
            None => done,
        };
        for window in touched {
            let Some(mut entry) = parts.ledger.entry(&window).await? else {
                continue;
            };
            let keys = parts.destination.keys(&window).await?;
            entry.counts.records = keys.try_fold(0, |count, _| async move { Ok(count + 1) }).await?;
            entry.run.clone_from(&holder.run);
            parts.ledger.record(&entry).await?;
        }
        Ok(forgotten)
    }

    /// Reads records again by their keys, and puts what the service has now in the place of what is there.
    pub(super) async fn reread(&self, keys: BTreeSet<String>) -> Result<Reread> {
        let parts = self.parts();
        let holder = Holder::here("reread");
        let alone = parts.ledger.lock("run", &holder).await?;
        let reread = self.reread_locked(keys, &holder).await;
        alone.release().await;
        reread
    }

    async fn reread_locked(&self, keys: BTreeSet<String>, holder: &Holder) -> Result<Reread> {
        let parts = self.parts();
        if parts.ledger.checkpoint(&parts.fingerprint).await?.is_none() {
            return Err(
                Error::validation("there is no export to put the records into").with_advice("run a full load first")
            );
        }
        parts.destination.recover().await?;
        let done = parts.ledger.done().await?;
        let mut reread = Reread::default();
        let mut by_window = BTreeMap::<Window, Vec<Entry>>::new();
        for key in keys {
            match parts.source.by_id(&key).await? {
                None => {
                    reread.gone.insert(key);
                }
                Some(entry) => match entry.start.and_then(|start| home(&done, start)) {
                    Some(window) => {
                        reread.written.insert(key);
                        by_window.entry(window).or_default().push(entry);
                    }
                    None => {
                        reread.outside.insert(key);
                    }
                },
            }
        }
        if !reread.gone.is_empty() {
            self.forget_locked(&reread.gone, holder).await?;
        }
        let at = parts.source.clock().now();
        for (window, entries) in by_window {
            self.rewrite(window, entries, holder, at).await?;
        }
        Ok(reread)
    }

    async fn rewrite(&self, window: Window, entries: Vec<Entry>, holder: &Holder, at: Timestamp) -> Result<()> {
        let parts = self.parts();
        let mut writer = parts.destination.begin(&window, Mode::Merge).await?;
        let (entries, broken) = redacted(&parts.redaction, entries, Vec::new()).await?;
        if !broken.is_empty() {
            writer.keep_broken(broken).await?;
        }
        writer.write(entries).await?;
        let counts = writer.commit().await?;
        let run = holder.run.clone();
        parts
            .ledger
            .record(&WindowEntry {
                window,
                counts,
                run,
                at,
            })
            .await
    }
}
