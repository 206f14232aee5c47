//! Where an export keeps what it knows of itself: small texts by name, and locks.

mod lease;
pub(crate) mod lock_file;
mod stored;

use std::fmt;

use async_trait::async_trait;
use le_core::{Result, Timestamp};
use serde::{Deserialize, Serialize};

pub use stored::PlaceState;

/// Small texts by name, each replaced as a whole, and locks that one holder has at a time.
///
/// Names are relative paths such as `windows/2026-01-05T00-00Z_2026-01-06T00-00Z.json`.
#[async_trait]
pub trait StateStore: Send + Sync + fmt::Debug {
    /// The text of a name, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    async fn get(&self, name: &str) -> Result<Option<String>>;

    /// Sets the text of a name at once: a reader sees the old text or the new one, and after a crash it is one of them.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    async fn put(&self, name: &str, text: String) -> Result<()>;

    /// Removes a name, if it is there.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    async fn remove(&self, name: &str) -> Result<()>;

    /// The names below `folder`, e.g. `windows`, sorted.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    async fn list(&self, folder: &str) -> Result<Vec<String>>;

    /// Takes a lock, or says who has it. A holder that was killed loses it, at once or after some minutes.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    async fn lock(&self, name: &str, holder: &Holder) -> Result<Claim>;

    /// Where this is, for messages. No credential may stand in it.
    fn place(&self) -> String;
}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Holder {
    /// The run.
    pub run: String,
    /// The machine.
    pub host: String,
    /// The process on it.
    pub process: u32,
    /// Since when.
    pub since: Timestamp,
}

impl Holder {
    /// This process, from now on.
    #[must_use]
    pub fn here(run: impl Into<String>) -> Self {
        Self {
            run: run.into(),
            host: host(),
            process: std::process::id(),
            since: Timestamp::now(),
        }
    }
}

/// The name of this machine, as far as its environment or its system tells.
fn host() -> String {
    let told = ["HOSTNAME", "COMPUTERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    told.filter(|name| !name.is_empty())
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map_or_else(|| "this machine".to_owned(), |name| name.trim().to_owned())
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            run,
            host,
            process,
            since,
        } = self;
        write!(f, "process {process} on {host} since {since} (run {run})")
    }
}

/// What became of a wish for a lock.
#[derive(Debug)]
pub enum Claim {
    /// It is ours until the guard is dropped.
    Held(Box<dyn LockGuard>),
    /// Somebody else has it; `None` where it is not known who.
    Taken(Option<Holder>),
}

/// Holds a lock until it is dropped.
#[async_trait]
pub trait LockGuard: Send + Sync + fmt::Debug {
    /// Gives the lock back, and waits until others can see that it is free. Dropping the guard may leave that to the background.
    async fn release(self: Box<Self>) {
        drop(self);
    }

    /// Whether the lock is still ours. False where it was lost, e.g. because a lease could not be renewed in time: then nothing
    /// more may be committed.
    fn is_held(&self) -> bool {
        true
    }
}
