//! The manifest: which windows there are, and what is in them.

use le_core::{Result, Timestamp};
use serde::{Deserialize, Serialize};

use crate::checkpoint::{Checkpoint, Ledger, WindowEntry};

/// What an export holds, window by window: the file `_export/manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The API.
    pub source: String,
    /// The format.
    pub format: String,
    /// The beginning of the export.
    pub from: Timestamp,
    /// Its end, which is not part of it.
    pub to: Timestamp,
    /// All that changed before is in it.
    pub bookmark: Option<Timestamp>,
    /// Records in all windows.
    pub records: u64,
    /// The windows, by time.
    pub windows: Vec<WindowEntry>,
}

/// Joins the entries of all windows.
pub(crate) async fn read(ledger: &Ledger, checkpoint: &Checkpoint) -> Result<Manifest> {
    let mut windows = Vec::new();
    for window in ledger.done().await? {
        windows.extend(ledger.entry(&window).await?);
    }
    Ok(Manifest {
        source: checkpoint.fingerprint.source.clone(),
        format: checkpoint.fingerprint.destination.clone(),
        from: checkpoint.from,
        to: checkpoint.to,
        bookmark: checkpoint.bookmark,
        records: windows.iter().map(|entry| entry.counts.records).sum(),
        windows,
    })
}
