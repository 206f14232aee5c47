//! When to send again, and how long to wait: LivePerson's published rules.
//!
//! | what happened | sent again | pause |
//! |---|---|---|
//! | no connection (name lookup, TCP, TLS handshake) | every call | 5, 10, 15 s |
//! | broken or timed out after the request was sent | idempotent calls | 5, 10, 15 s |
//! | 429 | every call | 1 s (login 5 s), or `Retry-After` where that is longer |
//! | 5xx except 501 and 505 | idempotent calls | 5, 10, 15 s, or `Retry-After` where that is longer |
//! | 401 | once, with a renewed credential | none |
//! | an answer that says "not yet" ([`Revise`]) | every call, with what the answer asks to change | 5, 10, 15 s |
//! | any other status, a certificate that is not trusted | never | |
//!
//! At most three retries, each pause longer by up to a fifth (never shorter), all within the [`Budget`] of the client.
//! <https://developers.liveperson.com/retry-policy-recommendations.html>

mod after;
mod budget;
mod classify;
mod revise;
mod slow;

use std::time::Duration;

pub use after::retry_after;
pub use budget::Budget;
pub(crate) use classify::{Verdict, of_status, of_transport};
pub use revise::Revise;
pub use slow::SlowLoop;

use crate::clock::Entropy;
use crate::operation::CallClass;

/// The retry rules of a client or a call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The pauses before the first, second ... retry of a failed call; their number is the number of retries.
    pub pauses: Vec<Duration>,
    /// The least pause after a 429.
    pub throttled_pause: Duration,
    /// The least pause after a 429 on a login or token call.
    pub login_throttled_pause: Duration,
    /// The longest `Retry-After` that is waited for; a longer one counts as this.
    pub retry_after_cap: Duration,
    /// Pauses are longer by a random share of at most this, never shorter.
    pub jitter: f64,
    /// Also repeats calls that are not idempotent after failures in which they may have been carried out.
    pub repeat_writes: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            pauses: [5, 10, 15].map(Duration::from_secs).to_vec(),
            throttled_pause: Duration::from_secs(1),
            login_throttled_pause: Duration::from_secs(5),
            retry_after_cap: Duration::from_secs(120),
            jitter: 0.2,
            repeat_writes: false,
        }
    }
}

impl RetryPolicy {
    /// No retries at all.
    #[must_use]
    pub fn never() -> Self {
        Self {
            pauses: Vec::new(),
            ..Self::default()
        }
    }

    /// The vendor's rules with other pauses; their number is the number of retries.
    #[must_use]
    pub fn with_pauses(mut self, pauses: impl Into<Vec<Duration>>) -> Self {
        self.pauses = pauses.into();
        self
    }

    /// The pause before retry number `retry` (from 0), or `None` where there is none left.
    pub(crate) fn pause(
        &self,
        retry: usize,
        verdict: Verdict,
        class: CallClass,
        asked: Option<Duration>,
        entropy: &dyn Entropy,
    ) -> Option<Duration> {
        let step = *self.pauses.get(retry)?;
        let least = match (verdict, class) {
            (Verdict::Throttled, CallClass::Login) => self.login_throttled_pause,
            (Verdict::Throttled, CallClass::Standard) => self.throttled_pause,
            _ => step,
        };
        let asked = asked.map_or(Duration::ZERO, |asked| asked.min(self.retry_after_cap));
        let pause = least.max(asked);
        Some(pause + pause.mul_f64(self.jitter.clamp(0.0, 1.0) * entropy.unit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Half;
    impl Entropy for Half {
        fn next_u64(&self) -> u64 {
            1 << 63
        }
    }

    fn secs(pause: Option<Duration>) -> Option<f64> {
        pause.map(|pause| pause.as_secs_f64())
    }

    #[test]
    fn pauses_are_the_published_ones_and_jitter_only_adds() {
        let policy = RetryPolicy::default();
        let failed = |retry| secs(policy.pause(retry, Verdict::Failed, CallClass::Standard, None, &Half));
        assert_eq!(
            [failed(0), failed(1), failed(2), failed(3)],
            [Some(5.5), Some(11.0), Some(16.5), None]
        );
    }

    #[test]
    fn retry_after_is_a_floor_with_a_cap() {
        let policy = RetryPolicy {
            jitter: 0.0,
            ..RetryPolicy::default()
        };
        let throttled = |class, asked: Option<u64>| {
            secs(policy.pause(0, Verdict::Throttled, class, asked.map(Duration::from_secs), &Half))
        };
        assert_eq!(throttled(CallClass::Standard, None), Some(1.0));
        assert_eq!(throttled(CallClass::Standard, Some(7)), Some(7.0));
        assert_eq!(throttled(CallClass::Standard, Some(0)), Some(1.0));
        assert_eq!(throttled(CallClass::Standard, Some(9999)), Some(120.0));
        assert_eq!(throttled(CallClass::Login, Some(2)), Some(5.0));
    }
}
