//! The second, slower loop for what runs for long: 2, 4, 8 ... minutes.

use std::time::Duration;

use crate::clock::Entropy;

/// The pauses of a long-running component (a session keeper, a socket supervisor) after the ordinary retries are spent.
///
/// 2, 4, 8 ... minutes up to the cap (16 minutes by default), each longer by up to a fifth. Call [`SlowLoop::reset`] after a success.
/// <https://developers.liveperson.com/retry-policy-recommendations.html>
#[derive(Debug, Clone)]
pub struct SlowLoop {
    next: Duration,
    cap: Duration,
}

const FIRST: Duration = Duration::from_secs(120);

impl Default for SlowLoop {
    fn default() -> Self {
        Self {
            next: FIRST,
            cap: Duration::from_secs(960),
        }
    }
}

impl SlowLoop {
    /// A loop whose pauses grow up to `cap` (at least two minutes).
    #[must_use]
    pub fn with_cap(cap: Duration) -> Self {
        Self {
            next: FIRST,
            cap: cap.max(FIRST),
        }
    }

    /// The next pause.
    pub fn pause(&mut self, entropy: &dyn Entropy) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.cap);
        pause + pause.mul_f64(0.2 * entropy.unit())
    }

    /// Starts again at two minutes.
    pub fn reset(&mut self) {
        self.next = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Zero;
    impl Entropy for Zero {
        fn next_u64(&self) -> u64 {
            0
        }
    }

    #[test]
    fn doubles_to_the_cap() {
        let mut slow = SlowLoop::default();
        let minutes: Vec<u64> = (0..5).map(|_| slow.pause(&Zero).as_secs() / 60).collect();
        assert_eq!(minutes, [2, 4, 8, 16, 16]);
        slow.reset();
        assert_eq!(slow.pause(&Zero).as_secs(), 120);
    }
}
