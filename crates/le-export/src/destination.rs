//! The seam between the engine and what it writes to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use le_core::{Result, Timestamp};
use serde::{Deserialize, Serialize};

use crate::entry::{Broken, Entry, RecordKind};
use crate::state::StateStore;
use crate::window::Window;

/// What becomes of the records that a window has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// What is written is all that the window has: a second run leaves no trace of the first.
    Replace,
    /// What is written are newer versions of single records, or new ones; the other records of the window stay.
    Merge,
}

/// What one window came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WindowCounts {
    /// Records that the window has now.
    pub records: u64,
    /// Bytes that it takes, as written (compressed where the format is). 0 where the destination does not know.
    pub bytes: u64,
    /// Records of this unit that were kept as text only, because they could not be read.
    pub broken: u64,
    /// Rows by table, for destinations with tables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, u64>,
    /// The files that hold it, relative to the dataset. Empty for databases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// What forgetting came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Forgotten {
    /// The keys that were there and are gone, with the start of their records.
    pub keys: BTreeMap<String, Option<Timestamp>>,
    /// How many files were written anew, or rows removed.
    pub touched: u64,
}

/// What an export writes to: a dataset of files, a database, a pipe.
///
/// The engine calls it from several tasks at once, each with a window of its own.
#[async_trait]
pub trait Destination: Send + Sync + fmt::Debug + 'static {
    /// Is told what kind of records will come, before anything else. By default it takes conversations only.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it cannot hold them.
    fn bind(&mut self, kind: &'static RecordKind) -> Result<()> {
        kind.only_conversations(&self.describe())
    }

    /// What is written and how, e.g. `jsonl zstd v1`. It goes into the checkpoint: an export that would write another way into
    /// the same place is refused. No credential may stand in it.
    fn describe(&self) -> String;

    /// Where checkpoint, manifest and locks are kept.
    fn state(&self) -> Arc<dyn StateStore>;

    /// Ends what a process that was killed had begun. Called under the lock of a run, before anything is written.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    async fn recover(&self) -> Result<()> {
        Ok(())
    }

    /// Starts the unit of commit. Nothing of it shows before [`commit`](WindowWriter::commit).
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io), with the place.
    async fn begin(&self, window: &Window, mode: Mode) -> Result<Box<dyn WindowWriter>>;

    /// Removes these records wherever they are, with all that was derived from them, broken ones included.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io). What was removed before stays removed; call it again.
    async fn forget(&self, keys: &BTreeSet<String>) -> Result<Forgotten>;

    /// The keys of the records that a window has, in any order.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io), with the place.
    async fn keys(&self, window: &Window) -> Result<BoxStream<'static, Result<String>>>;

    /// The run is over, and every window of it is committed: indexes and the like.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    async fn finish(&self) -> Result<()> {
        Ok(())
    }
}

/// Writes one window.
///
/// Dropping it without [`commit`](Self::commit) leaves the destination as it was.
#[async_trait]
pub trait WindowWriter: Send {
    /// Takes the records of a page. Memory stays bounded however many there are. The engine gives each key once.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io), with the place and the cause. The writer is of no more use then.
    async fn write(&mut self, entries: Vec<Entry>) -> Result<()>;

    /// Takes records that could not be read, to be kept as text.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    async fn keep_broken(&mut self, broken: Vec<Broken>) -> Result<()>;

    /// Makes it all show at once.
    ///
    /// # Errors
    /// As [`write`](Self::write); the destination is as before, or has the whole window.
    async fn commit(self: Box<Self>) -> Result<WindowCounts>;
}
