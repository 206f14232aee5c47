//! Ids of visitors, sessions and pages. They tell whether they are the simulator's own, so that an id that was never given out
//! and one whose session is long over need not be remembered to be told apart.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::account::{fold_text, hexadecimal, mix};

/// Where page ids begin.
const FIRST_PAGE: u64 = 3_300_001;

/// Invents ids. The same seed invents the same ones in the same order.
#[derive(Debug)]
pub(super) struct Minter {
    seed: u64,
    first: u64,
    visitors: AtomicU64,
    sessions: AtomicU64,
    pages: AtomicU64,
}

impl Minter {
    /// `seed` decides which ids are its own, `start` which of them come first.
    pub(super) fn new(seed: u64, start: u64) -> Self {
        Self {
            seed: mix(seed, 0x0076_6964),
            first: mix(start, 0x7669_7369),
            visitors: AtomicU64::new(0),
            sessions: AtomicU64::new(0),
            pages: AtomicU64::new(FIRST_PAGE),
        }
    }

    /// Begins anew with the same ids.
    pub(super) fn restart(&self) {
        self.visitors.store(0, Ordering::Relaxed);
        self.sessions.store(0, Ordering::Relaxed);
        self.pages.store(FIRST_PAGE, Ordering::Relaxed);
    }

    /// A new visitor id: 22 characters.
    pub(super) fn visitor(&self) -> String {
        let number = self.first.wrapping_add(self.visitors.fetch_add(1, Ordering::Relaxed));
        text(number, mix(self.seed, number))
    }

    /// Whether a visitor id was invented here, in this run or another one with the same seed.
    pub(super) fn knows_visitor(&self, id: &str) -> bool {
        parts(id).is_some_and(|(number, check)| check == mix(self.seed, number))
    }

    /// A new session id of a visitor: 22 characters.
    pub(super) fn session(&self, visitor: &str) -> String {
        let number = self.first.wrapping_add(self.sessions.fetch_add(1, Ordering::Relaxed));
        text(number, self.session_check(visitor, number))
    }

    /// Whether a session id was invented here for this visitor.
    pub(super) fn knows_session(&self, visitor: &str, id: &str) -> bool {
        parts(id).is_some_and(|(number, check)| check == self.session_check(visitor, number))
    }

    fn session_check(&self, visitor: &str, number: u64) -> u64 {
        mix(self.seed ^ fold_text(visitor), number)
    }

    /// A new page id: digits.
    pub(super) fn page(&self) -> String {
        self.pages.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// The form in which Visit Information shows a session id: behind a dot follow 40 hexadecimal digits.
    pub(super) fn dotted(&self, session: &str) -> String {
        let mut random = fastrand::Rng::with_seed(mix(self.seed, fold_text(session)));
        format!("{session}.{}", hexadecimal(&mut random, 40))
    }
}

fn text(number: u64, check: u64) -> String {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes[8..].copy_from_slice(&check.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn parts(id: &str) -> Option<(u64, u64)> {
    let mut bytes = [0; 16];
    let written = URL_SAFE_NO_PAD.decode_slice(id, &mut bytes).ok()?;
    (written == 16).then(|| {
        let whole = u128::from_be_bytes(bytes);
        ((whole >> 64) as u64, whole as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_known_again_and_others_are_not() {
        let minter = Minter::new(7, 1);
        let (one, two) = (minter.visitor(), minter.visitor());
        assert_ne!(one, two);
        assert_eq!(one.len(), 22);
        let session = minter.session(&one);
        assert!(minter.knows_visitor(&one) && minter.knows_session(&one, &session));
        assert!(
            !minter.knows_session(&two, &session),
            "a session belongs to its visitor"
        );
        for wrong in ["", "v", "AAAAAAAAAAAAAAAAAAAAAA", "not a base64 text!!!!!", &session] {
            assert!(!minter.knows_visitor(wrong), "{wrong}");
        }
        assert!(Minter::new(7, 2).knows_visitor(&one), "a run before had the same seed");
        assert!(!Minter::new(8, 1).knows_visitor(&one));
        let dotted = minter.dotted(&session);
        assert_eq!((dotted.len(), dotted.split_once('.').unwrap().0), (63, &*session));
    }
}
