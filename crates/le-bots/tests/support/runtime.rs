//! Time and chance of one run: the time of the paused runtime, and numbers that follow from the seed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use le_core::Timestamp;
use le_core::clock::{Clock, Entropy, Sleep};
use tokio::time::Instant;

/// When every run begins, epoch milliseconds.
pub(crate) const BEGINNING: i64 = 1_760_000_000_000;

/// The clock of the runtime, whose time jumps to the next timer as soon as nothing is left to do.
#[derive(Debug, Clone)]
pub(crate) struct RuntimeClock(Instant);

impl RuntimeClock {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(BEGINNING) + self.0.elapsed()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Numbers that follow from the seed. Each user has a stream of its own, so that one more draw here changes nothing there.
#[derive(Debug)]
pub(crate) struct Chance(Mutex<fastrand::Rng>);

impl Chance {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self(Mutex::new(rng(seed, stream)))
    }
}

impl Entropy for Chance {
    fn next_u64(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).u64(..)
    }
}

/// A stream of numbers.
pub(crate) fn rng(seed: u64, stream: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ stream.rotate_left(40))
}

/// True with this probability.
pub(crate) fn happens(rng: &mut fastrand::Rng, probability: f64) -> bool {
    rng.f64() < probability
}

/// Up to this long.
pub(crate) fn within(rng: &mut fastrand::Rng, most: Duration) -> Duration {
    Duration::from_millis(rng.u64(..=u64::try_from(most.as_millis()).unwrap_or(0)))
}
