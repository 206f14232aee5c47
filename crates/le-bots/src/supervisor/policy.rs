//! Choices of whoever starts a link: when to come back, what happens to requests meanwhile, what to follow.

use std::time::Duration;

use le_core::clock::Entropy;

use crate::conversation::SubscribeConversations;

/// The pauses between attempts to connect. The vendor's example is 5 s and a factor of 1.25; it warns that who floods is blocked.
///
/// Each pause is drawn between [`least`](Self::least) and the delay (full jitter), so that a thousand bots do not come back at
/// once. The delay grows with each attempt up to [`most`](Self::most), and begins anew after a connection that lasted longer than it.
/// <https://developers.liveperson.com/retry-policy-recommendations.html>
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Backoff {
    /// The first delay (5 s).
    pub first: Duration,
    /// By how much each delay is longer than the one before (1.25).
    pub factor: f64,
    /// The longest delay (2 min).
    pub most: Duration,
    /// The shortest pause, whatever chance says (1 s).
    pub least: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            factor: 1.25,
            most: Duration::from_secs(120),
            least: Duration::from_secs(1),
        }
    }
}

impl Backoff {
    /// Delays from `first` to `most`; pauses of at least a fifth of `first`.
    #[must_use]
    pub fn new(first: Duration, most: Duration) -> Self {
        Self {
            first,
            most: most.max(first),
            least: first / 5,
            ..Self::default()
        }
    }

    /// Sets the factor; below 1 it counts as 1.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// The delay before the attempt with this number, from 0, without jitter.
    #[must_use]
    pub fn delay(&self, attempt: u32) -> Duration {
        let factor = if self.factor.is_finite() {
            self.factor.max(1.0)
        } else {
            1.0
        };
        let grown = self.first.as_secs_f64() * factor.powi(i32::try_from(attempt).unwrap_or(i32::MAX));
        let most = self.most.as_secs_f64();
        Duration::from_secs_f64(if grown.is_finite() { grown.min(most) } else { most })
    }

    /// A pause before the attempt with this number.
    #[must_use]
    pub fn pause(&self, attempt: u32, entropy: &dyn Entropy) -> Duration {
        let delay = self.delay(attempt);
        let least = self.least.min(delay);
        least + (delay - least).mul_f64(entropy.unit())
    }
}

/// What becomes of a request while there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Offline {
    /// It waits for the next connection.
    Wait {
        /// How many requests wait at most; more fail at once, unsent.
        at_most: usize,
        /// How long each waits, from when it was made; then it fails, unsent, or as perhaps carried out if an earlier
        /// attempt was.
        deadline: Duration,
    },
    /// It fails at once, unsent.
    Fail,
}

impl Default for Offline {
    /// A thousand requests, each for a minute.
    fn default() -> Self {
        Self::Wait {
            at_most: 1_000,
            deadline: Duration::from_secs(60),
        }
    }
}

/// Which conversations an agent's link follows.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Follow {
    /// The agent's own open ones: what a bot wants.
    #[default]
    Own,
    /// All open ones that the user may see: for managers. Events come of those alone that the agent takes part in.
    Everything,
    /// Those of a filter. Events come of those alone that the agent takes part in.
    Query(Box<SubscribeConversations>),
}

/// When two programs count as fighting over one user: see [`LinkBuilder::rivalry`](super::LinkBuilder::rivalry).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rivalry {
    /// How often in a row a fresh credential may be lost before the link ends with an error (3).
    pub losses: u32,
    /// A credential that was lost sooner than this after it had proved good was taken by somebody else (60 s). It counts as
    /// lost with a close that asks for a new one, or a refused upgrade after a connection that broke.
    pub within: Duration,
}

impl Default for Rivalry {
    fn default() -> Self {
        Self {
            losses: 3,
            within: Duration::from_secs(60),
        }
    }
}

impl Rivalry {
    /// So many losses, each within this time.
    #[must_use]
    pub fn new(losses: u32, within: Duration) -> Self {
        Self { losses, within }
    }
}

/// A part of the supervisor that is left out, so that a test can show that it would be missed.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Mutation {
    /// Nothing is left out.
    #[default]
    None,
    /// After a reconnect nothing is asked for: what happened meanwhile is lost.
    SkipCatchUp,
    /// Events are passed on as they come, however often that is.
    SkipDeduplication,
    /// Gaps are passed over.
    SkipGapFetch,
    /// A publish without an answer is repeated without looking.
    SkipSettlement,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug)]
    struct Drawn(u64);
    impl Entropy for Drawn {
        fn next_u64(&self) -> u64 {
            self.0
        }
    }

    #[test]
    fn the_defaults_are_the_vendors() {
        let backoff = Backoff::default();
        let delays: Vec<u128> = (0..4).map(|attempt| backoff.delay(attempt).as_millis()).collect();
        assert_eq!(delays, [5_000, 6_250, 7_812, 9_765]);
        assert_eq!(backoff.delay(35), Duration::from_secs(120));
        assert_eq!(backoff.pause(0, &Drawn(0)), Duration::from_secs(1));
    }

    proptest! {
        #[test]
        fn pauses_never_spin_and_never_outgrow_their_bound(
            first in 1_u64..10_000,
            most in 1_u64..1_000_000,
            factor in prop_oneof![Just(f64::NAN), Just(f64::INFINITY), -2.0..1e9_f64],
            attempt in any::<u32>(),
            drawn in any::<u64>(),
        ) {
            let backoff = Backoff::new(Duration::from_millis(first), Duration::from_millis(most)).factor(factor);
            let pause = backoff.pause(attempt, &Drawn(drawn));
            prop_assert!(pause >= backoff.least.min(backoff.first));
            prop_assert!(pause <= backoff.most.max(backoff.first));
            prop_assert!(backoff.delay(attempt) <= backoff.delay(attempt.saturating_add(1)));
        }
    }
}
