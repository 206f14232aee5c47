//! Comparing an export with the service.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use le_core::Result;
use serde::{Deserialize, Serialize};

use super::run::Run;
use crate::destination::Destination;
use crate::keys::KeySet;
use crate::source::PageStream;
use crate::window::Window;

/// No more keys of a window are named than this.
const NAMED: usize = 100;

/// How closely an export is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Depth {
    /// The counts of each window; where they differ, the keys.
    #[default]
    Counts,
    /// The keys of all records.
    Keys,
}

/// How an export compares with the service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verification {
    /// Windows that were compared.
    pub windows: u64,
    /// Windows that are older than what the service keeps, and cannot be compared.
    pub expired: u64,
    /// Records of the compared windows, in the export.
    pub stored: u64,
    /// Records of the compared windows, at the service.
    pub service: u64,
    /// Windows that differ, by time.
    pub differences: Vec<Difference>,
}

impl Verification {
    /// Whether all windows that could be compared are the same.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.differences.is_empty()
    }
}

/// A window in which the export and the service differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Difference {
    /// Which.
    pub window: Window,
    /// Records in the export, broken ones counted.
    pub stored: u64,
    /// Records at the service.
    pub service: u64,
    /// How many records the service has and the export has not.
    pub missing: u64,
    /// How many the export has and the service has not (any more).
    pub extra: u64,
    /// Keys that are missing, the first hundred.
    pub missing_keys: Vec<String>,
    /// Keys that are extra, the first hundred.
    pub extra_keys: Vec<String>,
}

struct Compared {
    stored: u64,
    service: u64,
    difference: Option<Difference>,
}

impl Run {
    pub(super) async fn verify(&self, depth: Depth) -> Result<Verification> {
        // Refuses an export of something else.
        self.parts().ledger.checkpoint(&self.parts().fingerprint).await?;
        let oldest = self.parts().source.clock().now() - self.parts().source.retention();
        let (compared, expired): (Vec<_>, Vec<_>) = self
            .parts()
            .ledger
            .done()
            .await?
            .into_iter()
            .partition(|window| window.from() >= oldest);
        let mut verification = Verification {
            windows: compared.len() as u64,
            expired: expired.len() as u64,
            ..Verification::default()
        };
        let mut results = stream::iter(compared)
            .map(|window| self.compare(window, depth))
            .buffer_unordered(self.concurrency());
        while let Some(result) = results.next().await {
            let Compared {
                stored,
                service,
                difference,
            } = result?;
            verification.stored += stored;
            verification.service += service;
            verification.differences.extend(difference);
        }
        verification.differences.sort_by_key(|difference| difference.window);
        Ok(verification)
    }

    async fn compare(&self, window: Window, depth: Depth) -> Result<Compared> {
        let entry = self.parts().ledger.entry(&window).await?;
        let stored = entry.map_or(0, |entry| entry.counts.records + entry.counts.broken);
        if depth == Depth::Counts {
            let pass = self.gate().enter().await;
            let count = self.parts().source.count(&window).await?;
            drop(pass);
            if let Some(service) = count.filter(|service| *service == stored) {
                let difference = None;
                return Ok(Compared {
                    stored,
                    service,
                    difference,
                });
            }
        }
        self.compare_keys(window, stored).await
    }

    async fn compare_keys(&self, window: Window, counted: u64) -> Result<Compared> {
        let destination = &*self.parts().destination;
        let mut ours = KeySet::default();
        let mut stored = 0;
        let mut keys = destination.keys(&window).await?;
        while let Some(key) = keys.try_next().await? {
            stored += u64::from(ours.insert(&key));
        }
        let mut difference = Difference {
            window,
            stored,
            service: 0,
            missing: 0,
            extra: 0,
            missing_keys: Vec::new(),
            extra_keys: Vec::new(),
        };
        let theirs = self.keys_of_service(&window, &ours, &mut difference).await?;
        extra(destination, &window, &theirs, &mut difference).await?;
        // Records without a key are counted by the service, and kept beside the others.
        let broken = counted.saturating_sub(stored);
        difference.service += broken.min(difference.service.saturating_sub(stored));
        let differs = difference.missing + difference.extra > 0;
        Ok(Compared {
            stored,
            service: difference.service,
            difference: differs.then_some(difference),
        })
    }

    async fn keys_of_service(&self, window: &Window, ours: &KeySet, difference: &mut Difference) -> Result<KeySet> {
        let mut theirs = KeySet::default();
        let mut pages: PageStream = self.parts().source.keys(window);
        loop {
            let pass = self.gate().enter().await;
            let page = pages.try_next().await?;
            drop(pass);
            let Some(page) = page else { return Ok(theirs) };
            for entry in page.entries {
                let inside = entry.start.is_none_or(|start| window.contains(start));
                if !inside || !theirs.insert(&entry.key) {
                    continue;
                }
                difference.service += 1;
                if !ours.contains(&entry.key) {
                    difference.missing += 1;
                    if difference.missing_keys.len() < NAMED {
                        difference.missing_keys.push(entry.key);
                    }
                }
            }
        }
    }
}

async fn extra(
    destination: &dyn Destination,
    window: &Window,
    theirs: &KeySet,
    difference: &mut Difference,
) -> Result<()> {
    let mut keys = destination.keys(window).await?;
    while let Some(key) = keys.try_next().await? {
        if !theirs.contains(&key) {
            difference.extra += 1;
            if difference.extra_keys.len() < NAMED {
                difference.extra_keys.push(key);
            }
        }
    }
    Ok(())
}
