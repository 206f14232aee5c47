//! Which pushes were seen lately: LivePerson repeats one after a network error or a 5xx.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use le_core::Timestamp;
use ring::digest;

/// A push by what stays the same when it is sent again, hashed: no device or conversation is kept, and each takes the same room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Delivery([u8; 32]);

impl Delivery {
    pub(super) fn of(parts: &[Vec<u8>]) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        for part in parts {
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hash.finish().as_ref());
        Self(bytes)
    }
}

/// Whether the handler has it. Whoever holds the lock hands it over; the others wait.
pub(super) type Handed = Arc<tokio::sync::Mutex<bool>>;

/// The deliveries of the last while, of bounded number.
#[derive(Debug)]
pub(super) struct Deliveries {
    window: Duration,
    most: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    handed: HashMap<Delivery, Handed>,
    /// In the order in which they were first seen.
    order: VecDeque<(Timestamp, Delivery)>,
    forgotten_early: u64,
}

impl Deliveries {
    pub(super) fn new(window: Duration, most: usize) -> Self {
        Self {
            window,
            most: most.max(1),
            seen: Mutex::default(),
        }
    }

    /// The state of this delivery; a new one is not handed over.
    pub(super) fn state(&self, delivery: Delivery, now: Timestamp) -> Handed {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while seen.order.front().is_some_and(|(at, _)| now.since(*at) >= self.window) {
            seen.forget_oldest();
        }
        if let Some(handed) = seen.handed.get(&delivery) {
            return Arc::clone(handed);
        }
        if seen.order.len() >= self.most {
            seen.forget_oldest();
            seen.forgotten_early += 1;
        }
        let handed = Handed::default();
        seen.order.push_back((now, delivery));
        seen.handed.insert(delivery, Arc::clone(&handed));
        handed
    }

    pub(super) fn forgotten_early(&self) -> u64 {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).forgotten_early
    }
}

impl Seen {
    fn forget_oldest(&mut self) {
        if let Some((_, delivery)) = self.order.pop_front() {
            self.handed.remove(&delivery);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn delivery(name: &str) -> Delivery {
        Delivery::of(&[name.as_bytes().to_vec()])
    }

    #[test]
    fn a_delivery_is_known_for_the_window() {
        let deliveries = Deliveries::new(Duration::from_secs(60), 10);
        *deliveries.state(delivery("a"), at(0)).try_lock().unwrap() = true;
        assert!(*deliveries.state(delivery("a"), at(59)).try_lock().unwrap());
        assert!(!*deliveries.state(delivery("b"), at(59)).try_lock().unwrap());
        assert!(!*deliveries.state(delivery("a"), at(60)).try_lock().unwrap());
        assert_eq!(deliveries.forgotten_early(), 0);
    }

    #[test]
    fn no_more_are_kept_than_allowed() {
        let deliveries = Deliveries::new(Duration::from_secs(60), 2);
        for name in ["a", "b", "c"] {
            *deliveries.state(delivery(name), at(0)).try_lock().unwrap() = true;
        }
        assert_eq!(deliveries.forgotten_early(), 1);
        assert!(*deliveries.state(delivery("b"), at(1)).try_lock().unwrap());
        assert!(
            !*deliveries.state(delivery("a"), at(1)).try_lock().unwrap(),
            "the oldest was forgotten"
        );
        assert_eq!(deliveries.seen.lock().unwrap().handed.len(), 2);
    }

    #[test]
    fn parts_are_not_run_together() {
        let of = |parts: &[&str]| Delivery::of(&parts.iter().map(|part| part.as_bytes().to_vec()).collect::<Vec<_>>());
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
    }
}
