//! A clock on which pauses pass faster, so that the vendor's rules (5, 10, 15 s) can be shown in a few seconds.

use std::time::{Duration, Instant};

use le_core::Timestamp;
use le_core::clock::{Clock, Sleep};

/// Time passes this many times faster for pauses and for the keep-alive of the session.
pub(super) const SPEED: u32 = 400;

/// The wall clock is the real one; waiting and the ages of things are [`SPEED`] times faster.
#[derive(Debug)]
pub(super) struct HastyClock {
    start: Instant,
}

impl HastyClock {
    pub(super) fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for HastyClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed() * SPEED
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration / SPEED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pause_of_five_seconds_takes_milliseconds_and_counts_as_five_seconds() {
        let clock = HastyClock::new();
        let (before, begun) = (clock.monotonic(), Instant::now());
        clock.sleep(Duration::from_secs(5)).await;
        assert!(clock.monotonic() - before >= Duration::from_secs(5));
        assert!(begun.elapsed() >= Duration::from_millis(12) && begun.elapsed() < Duration::from_secs(5));
    }
}
