//! The retry budget: an outage must not be multiplied by all the callers that retry.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many retries a client may spend. Shared by all calls and clones of a client.
///
/// A retry costs 5 tokens, or 10 where time ran out; each call that succeeds gives one back, up to the size (500). A client
/// whose budget is spent still makes each call once.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Tokens>);

#[derive(Debug)]
struct Tokens {
    left: AtomicU32,
    size: u32,
}

const RETRY: u32 = 5;
const AFTER_TIMEOUT: u32 = 10;

impl Default for Budget {
    fn default() -> Self {
        Self::new(500)
    }
}

impl Budget {
    /// A budget of `size` tokens.
    #[must_use]
    pub fn new(size: u32) -> Self {
        Self(Arc::new(Tokens {
            left: AtomicU32::new(size),
            size,
        }))
    }

    /// The tokens that are left.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.0.left.load(Ordering::Relaxed)
    }

    pub(crate) fn take(&self, timed_out: bool) -> bool {
        let cost = if timed_out { AFTER_TIMEOUT } else { RETRY };
        self.0
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost))
            .is_ok()
    }

    pub(crate) fn give_back(&self) {
        // A full budget, the ordinary state, is only read: callers do not contend for it.
        if self.left() < self.0.size {
            let _ = self.0.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left < self.0.size).then(|| left + 1)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spends_and_refills() {
        let budget = Budget::new(12);
        assert!(budget.take(true));
        assert!(!budget.take(false), "2 tokens do not pay for a retry");
        for _ in 0..100 {
            budget.give_back();
        }
        assert_eq!(budget.left(), 12);
        assert!(budget.take(false) && budget.take(false) && !budget.take(false));
    }
}
