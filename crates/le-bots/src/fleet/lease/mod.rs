//! Leases: of all processes that could run a bot user, one does.
//!
//! A lease is held for a while, renewed before that is over, and free for others afterwards. Each time it is taken it gets a
//! higher number, its *fence*: a store that remembers the highest one refuses what a process writes that has lost the lease
//! without noticing ([`Batch::fence`](crate::store::Batch::fence)).

#[cfg(feature = "file-leases")]
mod file;
mod hold;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use le_core::Error;

#[cfg(feature = "file-leases")]
#[cfg_attr(docsrs, doc(cfg(feature = "file-leases")))]
pub use file::FileLeases;
pub use hold::{Hold, Lease};

/// Where leases are kept: a directory for the processes of one machine ([`FileLeases`]), a server for those of several
/// (`le-lease-redis`), or anything else that can compare and set with a time.
#[async_trait]
pub trait Leases: Send + Sync + fmt::Debug + 'static {
    /// Takes the lease of this key for at least `ttl`, unless somebody else has it. Who had it before, and asks again under the
    /// same name, gets it with a higher fence.
    ///
    /// Keys are printable text without personal data.
    ///
    /// # Errors
    /// [`ErrorKind::Transport`](le_core::ErrorKind::Transport) or [`ErrorKind::Io`](le_core::ErrorKind::Io) where the answer is not
    /// known: the lease may have been taken then, and ends by itself.
    ///
    /// # Cancel safety
    /// As an error.
    async fn acquire(&self, key: &str, ttl: Duration) -> Result<Option<Grant>, Error>;

    /// Prolongs a lease to at least `ttl` from now. `false`: it is lost, and somebody else may have it.
    ///
    /// # Errors
    /// As [`Leases::acquire`]; the lease is then held for as long as it was before.
    ///
    /// # Cancel safety
    /// As an error.
    async fn renew(&self, key: &str, grant: &Grant, ttl: Duration) -> Result<bool, Error>;

    /// Gives the lease back, so that others have it at once. One that is lost already is no error.
    ///
    /// # Errors
    /// Where the answer is not known; the lease ends by itself.
    ///
    /// # Cancel safety
    /// As an error.
    async fn release(&self, key: &str, grant: &Grant) -> Result<(), Error>;
}

/// A lease that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Higher than that of all grants of this key before.
    pub fence: u64,
}

impl Grant {
    /// With this fence.
    #[must_use]
    pub fn new(fence: u64) -> Self {
        Self { fence }
    }
}

/// The times of leases. All processes that share leases must have the same [`ttl`](LeaseTimes::ttl).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseTimes {
    /// How long a lease lasts without a renewal (10 s): the time after which a dead process has lost its bots.
    pub ttl: Duration,
    /// How often it is renewed (a third of the ttl).
    pub renew: Duration,
    /// So long before its end the holder stops using it (a fifth of the ttl): the time to close a socket, and what clocks may
    /// differ in their speed.
    pub margin: Duration,
    /// How often a process asks for a lease that somebody else has (a quarter of the ttl).
    pub poll: Duration,
}

impl LeaseTimes {
    /// With this ttl; less than 300 ms counts as that.
    #[must_use]
    pub fn new(ttl: Duration) -> Self {
        let ttl = ttl.max(Duration::from_millis(300));
        Self {
            ttl,
            renew: ttl / 3,
            margin: ttl / 5,
            poll: ttl / 4,
        }
    }
}

impl Default for LeaseTimes {
    fn default() -> Self {
        Self::new(Duration::from_secs(10))
    }
}
