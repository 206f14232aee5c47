//! Which records have been given out.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// How many keys are remembered. Repeats come from pages that shift and from windows that touch, so they are near each other: a
/// window has about 10 000 records at most.
const REMEMBERED: usize = 1 << 16;

/// The keys of the newest records, in bounded memory.
#[derive(Default)]
pub(crate) struct Seen {
    keys: HashSet<u128>,
    order: VecDeque<u128>,
    hashers: [RandomState; 2],
}

impl Seen {
    /// 128 bits that stand for the id: a UUID's own, or two keyed hashes.
    pub(crate) fn key(&self, id: &str) -> u128 {
        uuid(id).unwrap_or_else(|| {
            let [high, low] = &self.hashers;
            u128::from(high.hash_one(id)) << 64 | u128::from(low.hash_one(id))
        })
    }

    /// Remembers the key. False where it was there.
    pub(crate) fn insert(&mut self, key: u128) -> bool {
        if !self.keys.insert(key) {
            return false;
        }
        self.order.push_back(key);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
        }
        true
    }
}

/// The bits of a UUID in the form `8-4-4-4-12`, lower case.
fn uuid(id: &str) -> Option<u128> {
    let bytes: &[u8; 36] = id.as_bytes().try_into().ok()?;
    let mut bits = 0_u128;
    for (at, byte) in bytes.iter().enumerate() {
        let digit = match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => byte - b'0',
            (_, b'a'..=b'f') => byte - b'a' + 10,
            _ => return None,
        };
        bits = bits << 4 | u128::from(digit);
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_themselves_and_others_are_hashed() {
        let seen = Seen::default();
        assert_eq!(
            seen.key("0a1b2c3d-1111-4222-8333-444455556666"),
            0x0a1b_2c3d_1111_4222_8333_4444_5555_6666
        );
        for other in [
            "0A1B2C3D-1111-4222-8333-444455556666",
            "0a1b",
            "0a1b2c3d-1111-4222-8333-44445555666g",
            "",
        ] {
            assert_eq!(uuid(other), None);
            assert_eq!(seen.key(other), seen.key(other));
        }
        assert_ne!(seen.key("a"), seen.key("b"));
    }

    #[test]
    fn memory_is_bounded_and_the_newest_are_kept() {
        let mut seen = Seen::default();
        for key in 0..REMEMBERED as u128 * 3 {
            assert!(seen.insert(key));
        }
        assert_eq!((seen.keys.len(), seen.order.len()), (REMEMBERED, REMEMBERED));
        assert!(!seen.insert(REMEMBERED as u128 * 3 - 1));
        assert!(seen.insert(0));
    }
}
