//! Where a bot keeps what must outlive its process: state of each conversation, how far it got, and what it has already done.
//!
//! A [`Store`] is a small ordered map of keys to bytes, in which a [`Batch`] is written whole or not at all.
//! [`FileStore`] is a file of this machine and survives `kill -9`; [`MemoryStore`] survives nothing and is for tests. Anything
//! else (a database that several processes share) is a dozen lines behind the trait.

#[cfg(feature = "store")]
mod file;
mod memory;
#[cfg(feature = "store")]
mod place;

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use le_core::{Error, ErrorKind};

#[cfg(feature = "store")]
#[cfg_attr(docsrs, doc(cfg(feature = "store")))]
pub use file::{Durability, FileStore, FileStoreBuilder};
pub use memory::MemoryStore;
#[cfg(feature = "store")]
#[cfg_attr(docsrs, doc(cfg(feature = "store")))]
pub use place::state_directory;

/// An ordered map of keys to bytes.
///
/// Keys are printable text without personal data; values may hold anything. Many bots may share a store: each writes under
/// keys that begin with its own user.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// The value of a key.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where the store cannot be read.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error>;

    /// All keys that begin with this text, in order, with their values.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where the store cannot be read.
    async fn scan(&self, prefix: &str) -> Result<Vec<(Box<str>, Bytes)>, Error>;

    /// Carries out the batch, all of it or nothing. When this returns `Ok`, the batch survives what the store promises to survive.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where the store cannot be written; [`ErrorKind::Authorization`] where a [fence](Batch::fence) of the
    /// batch is lower than the one that was seen before.
    ///
    /// # Cancel safety
    /// A batch whose future is dropped is carried out or not; never in part.
    async fn write(&self, batch: Batch) -> Result<(), Error>;

    /// Whether what was written is there after the process was killed. Where it is not, a bot keeps no journal of its effects,
    /// since nobody could read it.
    fn survives(&self) -> bool {
        true
    }
}

/// Changes that belong together.
///
/// ```
/// use le_bots::store::Batch;
/// let batch = Batch::new().put("a/1", "one").delete("a/2");
/// assert_eq!(batch.len(), 2);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch {
    changes: Vec<(Box<str>, Option<Bytes>)>,
    fence: Option<(Box<str>, u64)>,
}

impl Batch {
    /// No changes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value. Of several changes of one key the last counts.
    #[must_use]
    pub fn put(mut self, key: impl Into<Box<str>>, value: impl Into<Bytes>) -> Self {
        self.changes.push((key.into(), Some(value.into())));
        self
    }

    /// Removes a key; it may be missing.
    #[must_use]
    pub fn delete(mut self, key: impl Into<Box<str>>) -> Self {
        self.changes.push((key.into(), None));
        self
    }

    /// Makes the batch conditional: it is refused where the store has seen a higher number under this key, and the number is
    /// remembered otherwise. A process that lost its lease without noticing can write nothing any more.
    #[must_use]
    pub fn fence(mut self, key: impl Into<Box<str>>, number: u64) -> Self {
        self.fence = Some((key.into(), number));
        self
    }

    /// The changes in order: a key, and the value that it gets or `None` where it is removed.
    pub fn changes(&self) -> impl Iterator<Item = (&str, Option<&Bytes>)> {
        self.changes.iter().map(|(key, value)| (&**key, value.as_ref()))
    }

    /// The condition, if there is one: a key, and the number that must not be lower than the one stored there.
    #[must_use]
    pub fn condition(&self) -> Option<(&str, u64)> {
        self.fence.as_ref().map(|(key, number)| (&**key, *number))
    }

    /// How many changes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.fence.is_none()
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("changes", &self.changes.len())
            .field("fence", &self.fence)
            .finish()
    }
}

/// The number that a fence is stored as.
fn fence_of(stored: &[u8]) -> u64 {
    stored.try_into().map_or(0, u64::from_be_bytes)
}

/// The refusal of a batch whose fence is too low.
fn fenced_off(key: &str, own: u64, seen: u64) -> Error {
    let message = format!("the store has seen fence {seen} under `{key}`, the batch has {own}");
    Error::new(ErrorKind::Authorization, message)
        .with_advice("another process owns this bot now; stop this one, it may not write any more")
}
