//! How many requests are under way at once: more while all goes well, half as many when the service refuses.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use le_core::clock::Clock;
use le_core::hook::{Hook, Report};
use tokio::sync::Notify;

/// Refusals within this time after one that was heeded are about requests that were under way then.
const PAUSE: Duration = Duration::from_secs(1);

/// Additive increase, multiplicative decrease, as TCP does it.
///
/// It begins with one request. Each time as many answers as the limit came in a row, the limit grows by one, up to the most. A 429
/// or 503 halves it. The pauses that the service asks for are kept by the client, in its retry loop.
#[derive(Debug)]
pub(crate) struct Gate {
    most: usize,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    freed: Notify,
    refused: AtomicU64,
}

#[derive(Debug)]
struct State {
    limit: usize,
    peak: usize,
    under_way: usize,
    good: usize,
    halved: Option<Duration>,
}

/// A place at the gate until it is dropped.
pub(crate) struct Pass<'a>(&'a Gate);

impl Gate {
    pub(crate) fn new(most: usize, clock: Arc<dyn Clock>) -> Self {
        let state = State {
            limit: 1,
            peak: 1,
            under_way: 0,
            good: 0,
            halved: None,
        };
        Self {
            most: most.max(1),
            clock,
            state: Mutex::new(state),
            freed: Notify::new(),
            refused: AtomicU64::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place.
    pub(crate) async fn enter(&self) -> Pass<'_> {
        loop {
            let freed = self.freed.notified();
            {
                let mut state = self.state();
                if state.under_way < state.limit {
                    state.under_way += 1;
                    return Pass(self);
                }
            }
            freed.await;
        }
    }

    /// The limit now, and the highest there was.
    pub(crate) fn limits(&self) -> (usize, usize) {
        let state = self.state();
        (state.limit, state.peak)
    }

    /// How often the service refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn good(&self) {
        let mut state = self.state();
        state.good += 1;
        if state.good >= state.limit && state.limit < self.most {
            state.limit += 1;
            state.good = 0;
            state.peak = state.peak.max(state.limit);
            drop(state);
            self.freed.notify_waiters();
        }
    }

    fn refusal(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.monotonic();
        let mut state = self.state();
        state.good = 0;
        if state.halved.is_some_and(|at| now.saturating_sub(at) < PAUSE) {
            return;
        }
        state.halved = Some(now);
        state.limit = (state.limit / 2).max(1);
        tracing::info!(
            limit = state.limit,
            "the service refuses requests for now; sending fewer at once"
        );
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
        self.0.freed.notify_waiters();
    }
}

impl Hook for Gate {
    fn after_attempt(&self, report: &Report) {
        match report.status {
            Some(StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) => self.refusal(),
            Some(status) if status.is_success() => self.good(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use le_core::Timestamp;
    use le_core::testing::TestClock;

    #[tokio::test]
    async fn the_limit_grows_by_one_and_halves_once_for_a_burst_of_refusals() {
        let clock = TestClock::manual(Timestamp::from_millis(0));
        let gate = Gate::new(4, Arc::new(clock.clone()));
        assert_eq!(gate.limits(), (1, 1));
        for _ in 0..20 {
            gate.good();
        }
        assert_eq!(gate.limits(), (4, 4));
        clock.advance(Duration::from_secs(5));
        gate.refusal();
        gate.refusal();
        assert_eq!((gate.limits(), gate.refused()), ((2, 4), 2));
        clock.advance(Duration::from_secs(2));
        gate.refusal();
        clock.advance(Duration::from_secs(2));
        gate.refusal();
        assert_eq!(gate.limits(), (1, 4));
    }

    #[tokio::test]
    async fn who_waits_gets_the_place_that_is_freed() {
        let gate = Arc::new(Gate::new(1, Arc::new(TestClock::manual(Timestamp::from_millis(0)))));
        let first = gate.enter().await;
        let waiting = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { drop(gate.enter().await) }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        waiting.await.unwrap();
    }
}
