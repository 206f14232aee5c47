//! A clock for tests.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::clock::{Clock, Sleep};
use crate::time::Timestamp;

/// A clock that moves only when it is told to, or, made with [`TestClock::auto`], by each sleep at once.
///
/// Clones share the time.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    start: Timestamp,
    elapsed: Duration,
    auto: bool,
    slept: Vec<Duration>,
    waiting: Vec<(u64, Duration, Option<Waker>)>,
    next_id: u64,
}

impl TestClock {
    /// Stands still until [`TestClock::advance`] is called.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self::new(start, false)
    }

    /// Each sleep moves the clock by its length and ends at once.
    #[must_use]
    pub fn auto(start: Timestamp) -> Self {
        Self::new(start, true)
    }

    fn new(start: Timestamp, auto: bool) -> Self {
        let state = State {
            start,
            elapsed: Duration::ZERO,
            auto,
            slept: Vec::new(),
            waiting: Vec::new(),
            next_id: 0,
        };
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the clock and wakes whoever has slept long enough.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state();
        state.elapsed += by;
        let now = state.elapsed;
        for (_, until, waker) in &mut state.waiting {
            if *until <= now
                && let Some(waker) = waker.take()
            {
                waker.wake();
            }
        }
    }

    /// Every sleep that was begun, in order.
    #[must_use]
    pub fn slept(&self) -> Vec<Duration> {
        self.state().slept.clone()
    }

    /// How many sleeps are under way.
    #[must_use]
    pub fn sleeping(&self) -> usize {
        self.state().waiting.len()
    }

    /// Yields to other tasks until at least `count` sleeps are under way.
    pub async fn wait_for_sleepers(&self, count: usize) {
        while self.sleeping() < count {
            tokio::task::yield_now().await;
        }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let state = self.state();
        state.start + state.elapsed
    }

    fn monotonic(&self) -> Duration {
        self.state().elapsed
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut state = self.state();
        state.slept.push(duration);
        if state.auto {
            state.elapsed += duration;
            // Yields once, as a real sleep does, so that a loop over sleeps cannot starve other tasks.
            return Box::pin(tokio::task::yield_now());
        }
        let id = state.next_id;
        state.next_id += 1;
        let until = state.elapsed + duration;
        state.waiting.push((id, until, None));
        drop(state);
        Box::pin(Sleeper {
            clock: self.clone(),
            id,
        })
    }
}

struct Sleeper {
    clock: TestClock,
    id: u64,
}

impl Future for Sleeper {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.state();
        let now = state.elapsed;
        match state.waiting.iter_mut().find(|(id, ..)| *id == self.id) {
            Some((_, until, waker)) if *until > now => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.clock.state().waiting.retain(|(id, ..)| *id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn manual_time_wakes_sleepers_when_it_is_moved() {
        let clock = TestClock::manual(Timestamp::from_millis(1000));
        let task = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep(Duration::from_secs(240)).await;
                clock.now()
            }
        });
        clock.wait_for_sleepers(1).await;
        clock.advance(Duration::from_secs(239));
        tokio::task::yield_now().await;
        assert!(!task.is_finished());
        clock.advance(Duration::from_secs(1));
        assert_eq!(task.await.unwrap(), Timestamp::from_millis(241_000));
        assert_eq!(clock.sleeping(), 0);
    }
}
