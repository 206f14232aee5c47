//! A store for tests and for bots that may forget.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use le_core::Error;

use super::{Batch, Store, fence_of, fenced_off};

/// Keeps everything in memory, for as long as it lives.
///
/// ```
/// use le_bots::store::{Batch, MemoryStore, Store};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// store.write(Batch::new().put("a/1", "one").put("b/1", "two")).await?;
/// assert_eq!(store.scan("a/").await?.len(), 1);
/// assert_eq!(store.get("b/1").await?.as_deref(), Some(&b"two"[..]));
/// # Ok::<_, le_core::Error>(()) }).unwrap();
/// ```
#[derive(Default)]
pub struct MemoryStore {
    entries: Mutex<BTreeMap<Box<str>, Bytes>>,
    survives: bool,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that outlives the bots which use it: a test stops a bot, and starts another one on the same store. The bots
    /// keep their journals as on a file.
    #[must_use]
    pub fn surviving() -> Self {
        Self {
            survives: true,
            ..Self::default()
        }
    }

    /// How many keys it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether it has no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Box<str>, Bytes>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("keys", &self.len()).finish()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        Ok(self.entries().get(key).cloned())
    }

    async fn scan(&self, prefix: &str) -> Result<Vec<(Box<str>, Bytes)>, Error> {
        let entries = self.entries();
        let from = entries.range(Box::from(prefix)..);
        let within = from.take_while(|(key, _)| key.starts_with(prefix));
        Ok(within.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    async fn write(&self, batch: Batch) -> Result<(), Error> {
        let mut entries = self.entries();
        if let Some((key, number)) = batch.fence {
            let seen = entries.get(&key).map_or(0, |stored| fence_of(stored));
            if seen > number {
                return Err(fenced_off(&key, number, seen));
            }
            entries.insert(key, Bytes::copy_from_slice(&number.to_be_bytes()));
        }
        for (key, value) in batch.changes {
            match value {
                Some(value) => entries.insert(key, value),
                None => entries.remove(&key),
            };
        }
        Ok(())
    }

    fn survives(&self) -> bool {
        self.survives
    }
}
