//! A lease that is held: one task renews it, and everybody sees in time when it is over.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::{self, Either};
use le_core::clock::Clock;
use le_core::{Error, Timestamp};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::{Grant, LeaseTimes, Leases};

/// A lease that this process holds. It renews itself until it is released, lost or dropped; dropped, it is given back as well, if
/// there is a runtime.
pub struct Lease {
    hold: Hold,
    leases: Arc<dyn Leases>,
    key: Arc<str>,
    grant: Grant,
    keeper: AbortHandle,
    released: bool,
}

/// Sees whether a lease is still held. Cheap to clone.
///
/// The end is counted on this machine, from before the request that prolonged it, by the monotonic clock and by the wall clock,
/// whichever is earlier: no answer has to come for it to end, and a machine that was suspended notices when it wakes.
#[derive(Clone)]
pub struct Hold {
    shared: Arc<Shared>,
    lost: watch::Receiver<bool>,
    fence: u64,
}

struct Shared {
    clock: Arc<dyn Clock>,
    times: LeaseTimes,
    /// Microseconds of the monotonic clock, and milliseconds of the wall clock; 0 where it is lost.
    until: AtomicU64,
    until_wall: AtomicU64,
    lost: watch::Sender<bool>,
}

impl Shared {
    /// It was granted or prolonged by a request that was begun then.
    fn prolong(&self, begun: Duration, begun_wall: Timestamp) {
        let usable = self.times.ttl.saturating_sub(self.times.margin);
        let until = begun + usable;
        let wall = (begun_wall + usable).as_millis();
        self.until
            .store(u64::try_from(until.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.until_wall
            .store(u64::try_from(wall).unwrap_or(0), Ordering::Relaxed);
    }

    fn left(&self) -> Duration {
        let until = Duration::from_micros(self.until.load(Ordering::Relaxed));
        let by_monotonic = until.saturating_sub(self.clock.monotonic());
        let wall = i64::try_from(self.until_wall.load(Ordering::Relaxed)).unwrap_or(0);
        by_monotonic.min(Timestamp::from_millis(wall).since(self.clock.now()))
    }

    fn lose(&self) {
        self.until.store(0, Ordering::Relaxed);
        self.until_wall.store(0, Ordering::Relaxed);
        self.lost.send_replace(true);
    }
}

impl Lease {
    /// Takes a lease, unless somebody else has it.
    ///
    /// # Errors
    /// As [`Leases::acquire`].
    ///
    /// # Cancel safety
    /// A lease that was taken ends by its time.
    pub async fn take(
        leases: &Arc<dyn Leases>,
        key: &str,
        times: LeaseTimes,
        clock: &Arc<dyn Clock>,
    ) -> Result<Option<Self>, Error> {
        let (begun, wall) = (clock.monotonic(), clock.now());
        let Some(grant) = leases.acquire(key, times.ttl).await? else {
            return Ok(None);
        };
        let (sender, lost) = watch::channel(false);
        let shared = Arc::new(Shared {
            clock: Arc::clone(clock),
            times,
            until: AtomicU64::new(0),
            until_wall: AtomicU64::new(0),
            lost: sender,
        });
        shared.prolong(begun, wall);
        let key: Arc<str> = key.into();
        let keeper = tokio::spawn(keep(
            Arc::clone(&shared),
            Arc::clone(leases),
            Arc::clone(&key),
            grant.clone(),
        ));
        Ok(Some(Self {
            hold: Hold {
                shared,
                lost,
                fence: grant.fence,
            },
            leases: Arc::clone(leases),
            key,
            grant,
            keeper: keeper.abort_handle(),
            released: false,
        }))
    }

    /// Sees whether it is still held.
    #[must_use]
    pub fn hold(&self) -> &Hold {
        &self.hold
    }

    /// Its number, higher than that of all holders before.
    #[must_use]
    pub fn fence(&self) -> u64 {
        self.grant.fence
    }

    /// Gives it back, so that others have it at once. Call it when nothing uses it any more.
    ///
    /// # Errors
    /// Where the answer is not known; it ends by its time then.
    ///
    /// # Cancel safety
    /// It is not renewed any more.
    pub async fn release(mut self) -> Result<(), Error> {
        self.keeper.abort();
        self.hold.shared.lose();
        self.released = true;
        self.leases.release(&self.key, &self.grant).await
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.keeper.abort();
        self.hold.shared.lose();
        if self.released {
            return;
        }
        // Nobody waits for it; where there is no runtime any more, the lease ends by its time.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (leases, key, grant) = (Arc::clone(&self.leases), Arc::clone(&self.key), self.grant.clone());
            runtime.spawn(async move { drop(leases.release(&key, &grant).await) });
        }
    }
}

impl Hold {
    /// Whether it is held now, with the margin to its end.
    #[must_use]
    pub fn is_held(&self) -> bool {
        !self.shared.left().is_zero()
    }

    /// The fence of the lease.
    #[must_use]
    pub fn fence(&self) -> u64 {
        self.fence
    }

    /// Waits until it is lost: what it stands for must end at once then.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn lost(&self) {
        let mut lost = self.lost.clone();
        loop {
            let left = self.shared.left();
            if left.is_zero() {
                return;
            }
            // The sender lives in `shared`, so the first one has no other outcome than the value.
            let told = pin!(lost.wait_for(|lost| *lost));
            if let Either::Left(_) = future::select(told, self.shared.clock.sleep(left)).await {
                return;
            }
        }
    }
}

/// Renews the lease until it is lost.
async fn keep(shared: Arc<Shared>, leases: Arc<dyn Leases>, key: Arc<str>, grant: Grant) {
    let times = shared.times;
    let mut pause = times.renew;
    loop {
        shared.clock.sleep(pause).await;
        let left = shared.left();
        if left.is_zero() {
            tracing::warn!(lease = %key, "the lease could not be renewed in time: it is given up");
            return shared.lose();
        }
        let (begun, wall) = (shared.clock.monotonic(), shared.clock.now());
        let renewal = leases.renew(&key, &grant, times.ttl);
        let Either::Left((renewal, _)) = future::select(renewal, shared.clock.sleep(left)).await else {
            tracing::warn!(lease = %key, "no answer to the renewal of the lease: it is given up");
            return shared.lose();
        };
        pause = match renewal {
            Ok(true) => {
                shared.prolong(begun, wall);
                times.renew
            }
            Ok(false) => {
                tracing::warn!(lease = %key, "the lease is lost to another process");
                return shared.lose();
            }
            Err(error) => {
                tracing::warn!(lease = %key, %error, "the lease was not renewed, it is tried again");
                times.renew / 4
            }
        };
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("key", &self.key)
            .field("fence", &self.grant.fence)
            .field("held", &self.hold.is_held())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold")
            .field("fence", &self.fence)
            .field("held", &self.is_held())
            .finish_non_exhaustive()
    }
}
