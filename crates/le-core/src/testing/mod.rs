//! Doubles for tests of code that uses this crate: a clock that is set by hand and a transport that follows a script.
//!
//! A [`ScriptedTransport`] fails on a request that the script does not foresee; nothing ever reaches a network.

mod clock;
mod transport;

pub use clock::TestClock;
pub use transport::{Scripted, ScriptedTransport, SentRequest};

use crate::clock::Entropy;

/// Randomness that always gives the same number.
#[derive(Debug, Clone, Copy, Default)]
pub struct FixedEntropy(pub u64);

impl Entropy for FixedEntropy {
    fn next_u64(&self) -> u64 {
        self.0
    }
}
