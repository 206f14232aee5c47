//! Client-side limits per host, off by default: LivePerson publishes no quotas, but a burst is answered with 429.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::Clock;

/// Limits for each host on its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Attempts under way at once.
    pub concurrency: Option<NonZeroU32>,
    /// Attempts begun in a second, evenly spread (GCRA). Needs the feature `rate-limit`.
    #[cfg(feature = "rate-limit")]
    #[cfg_attr(docsrs, doc(cfg(feature = "rate-limit")))]
    pub per_second: Option<NonZeroU32>,
}

impl Limits {
    /// At most this many attempts at once on each host.
    #[must_use]
    pub fn concurrency(mut self, most: NonZeroU32) -> Self {
        self.concurrency = Some(most);
        self
    }

    /// At most this many attempts a second on each host.
    #[cfg(feature = "rate-limit")]
    #[cfg_attr(docsrs, doc(cfg(feature = "rate-limit")))]
    #[must_use]
    pub fn per_second(mut self, most: NonZeroU32) -> Self {
        self.per_second = Some(most);
        self
    }

    fn is_off(&self) -> bool {
        *self == Self::default()
    }
}

/// Holds a place on a host until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Permit {
    _place: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
pub(crate) struct HostLimits {
    limits: Limits,
    hosts: Mutex<HashMap<String, Arc<Gate>>>,
}

#[derive(Debug)]
struct Gate {
    places: Option<Arc<Semaphore>>,
    #[cfg(feature = "rate-limit")]
    rate: Option<rate::Rate>,
}

impl HostLimits {
    pub(crate) fn new(limits: Limits) -> Option<Self> {
        (!limits.is_off()).then(|| Self {
            limits,
            hosts: Mutex::default(),
        })
    }

    /// Waits for a place on the host. Dropping the future gives the place in the queue up.
    pub(crate) async fn enter(&self, authority: &str, clock: &Arc<dyn Clock>) -> Permit {
        let gate = self.gate(authority, clock);
        let place = match &gate.places {
            // The semaphore is never closed, so the only outcome is a place.
            Some(places) => Arc::clone(places).acquire_owned().await.ok(),
            None => None,
        };
        #[cfg(feature = "rate-limit")]
        if let Some(rate) = &gate.rate {
            rate.wait(clock).await;
        }
        Permit { _place: place }
    }

    fn gate(&self, authority: &str, clock: &Arc<dyn Clock>) -> Arc<Gate> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = hosts.get(authority) {
            return Arc::clone(gate);
        }
        let _ = clock;
        let gate = Arc::new(Gate {
            places: self
                .limits
                .concurrency
                .map(|most| Arc::new(Semaphore::new(most.get() as usize))),
            #[cfg(feature = "rate-limit")]
            rate: self.limits.per_second.map(|most| rate::Rate::new(most, clock)),
        });
        hosts.insert(authority.to_owned(), Arc::clone(&gate));
        gate
    }
}

#[cfg(feature = "rate-limit")]
mod rate {
    use std::num::NonZeroU32;
    use std::sync::Arc;
    use std::time::Duration;

    use governor::clock::{Clock as _, Reference};
    use governor::middleware::NoOpMiddleware;
    use governor::nanos::Nanos;
    use governor::state::{InMemoryState, NotKeyed};
    use governor::{Quota, RateLimiter};

    use crate::clock::Clock;

    /// Our clock, as governor wants it.
    #[derive(Debug, Clone)]
    struct Monotonic(Arc<dyn Clock>);

    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    struct At(Duration);

    impl Reference for At {
        fn duration_since(&self, earlier: Self) -> Nanos {
            self.0.saturating_sub(earlier.0).into()
        }
        fn saturating_sub(&self, duration: Nanos) -> Self {
            Self(self.0.saturating_sub(duration.into()))
        }
    }

    impl std::ops::Add<Nanos> for At {
        type Output = Self;
        fn add(self, duration: Nanos) -> Self {
            Self(self.0 + Duration::from(duration))
        }
    }

    impl governor::clock::Clock for Monotonic {
        type Instant = At;
        fn now(&self) -> At {
            At(self.0.monotonic())
        }
    }

    #[derive(Debug)]
    pub(super) struct Rate {
        limiter: RateLimiter<NotKeyed, InMemoryState, Monotonic, NoOpMiddleware<At>>,
        clock: Monotonic,
    }

    impl Rate {
        pub(super) fn new(most: NonZeroU32, clock: &Arc<dyn Clock>) -> Self {
            let clock = Monotonic(Arc::clone(clock));
            // A burst of one: calls are spread over the second, as the vendor asks.
            let quota = Quota::per_second(most).allow_burst(NonZeroU32::MIN);
            Self {
                limiter: RateLimiter::direct_with_clock(quota, clock.clone()),
                clock,
            }
        }

        pub(super) async fn wait(&self, clock: &Arc<dyn Clock>) {
            while let Err(early) = self.limiter.check() {
                clock.sleep(early.wait_time_from(self.clock.now())).await;
            }
        }
    }
}
