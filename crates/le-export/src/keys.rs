//! Sets of keys in little memory: 16 bytes for each, whatever the length of a key.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// Keys by their hash. With 128 bits, two of a billion keys fall together with a chance of one in 10^20.
#[derive(Debug, Default)]
pub(crate) struct KeySet {
    seeds: [RandomState; 2],
    hashes: HashSet<u128>,
}

impl KeySet {
    fn hash(&self, key: &str) -> u128 {
        let [high, low] = &self.seeds;
        (u128::from(high.hash_one(key)) << 64) | u128::from(low.hash_one(key))
    }

    /// False where it was there already.
    pub(crate) fn insert(&mut self, key: &str) -> bool {
        self.hashes.insert(self.hash(key))
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.hashes.contains(&self.hash(key))
    }
}
