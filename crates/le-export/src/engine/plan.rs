//! Which windows are to be read.

use std::collections::BTreeSet;
use std::time::Duration;

use le_core::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

use crate::window::{Window, cut};

/// The windows of an export that are still to be read. They are independent of each other: each can be run by another process, on
/// another machine, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// The API.
    pub source: String,
    /// The beginning of the export.
    pub from: Timestamp,
    /// Its end, which is not part of it.
    pub to: Timestamp,
    /// How many windows are done already.
    pub done: usize,
    /// The windows to read, by time.
    pub windows: Vec<Window>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) length: Duration,
    /// Reads what is done already once more.
    pub(crate) again: bool,
}

impl Wish {
    /// The windows: what the range holds without what is done, so that windows never overlap.
    pub(crate) fn windows(&self, done: &BTreeSet<Window>) -> Result<Vec<Window>> {
        let mut windows = Vec::new();
        for window in cut(self.from, self.to, self.length)? {
            windows.extend(without(window, done));
        }
        if self.again {
            windows.extend(
                done.iter()
                    .filter(|window| window.from() < self.to && self.from < window.to()),
            );
            windows.sort_unstable();
        }
        Ok(windows)
    }
}

/// The pieces of a window that no done window touches.
fn without(window: Window, done: &BTreeSet<Window>) -> Vec<Window> {
    let mut pieces = Vec::new();
    let mut at = window.from();
    for other in done.iter().filter(|other| other.overlaps(&window)) {
        pieces.extend(Window::new(at, other.from()));
        at = at.max(other.to());
    }
    pieces.extend(Window::new(at, window.to()));
    pieces
}

/// Checks windows that were named one by one: done ones are passed over, and none may cut through a done one.
pub(crate) fn named(windows: &[Window], done: &BTreeSet<Window>, again: bool) -> Result<Vec<Window>> {
    let mut wanted = BTreeSet::new();
    for window in windows {
        if let Some(other) = wanted
            .iter()
            .find(|other: &&Window| other.overlaps(window) && *other != window)
        {
            return Err(overlap(window, other));
        }
        if done.contains(window) {
            if again {
                wanted.insert(*window);
            }
            continue;
        }
        if let Some(other) = done.iter().find(|other| other.overlaps(window)) {
            return Err(overlap(window, other));
        }
        wanted.insert(*window);
    }
    Ok(wanted.into_iter().collect())
}

fn overlap(window: &Window, other: &Window) -> Error {
    Error::validation(format!(
        "the window {window} overlaps {other}, and records of both would be there twice"
    ))
    .with_advice("take the windows that a plan prints")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::DAY;
    use proptest::prelude::*;

    fn window(id: &str) -> Window {
        id.parse().unwrap()
    }

    #[test]
    fn what_is_done_is_left_out() {
        let done = BTreeSet::from([
            window("2026-01-05T00-00Z_2026-01-05T13-45Z"),
            window("2026-01-06T00-00Z_2026-01-07T00-00Z"),
        ]);
        let wish = Wish {
            from: "2026-01-05".parse().unwrap(),
            to: "2026-01-08".parse().unwrap(),
            length: DAY,
            again: false,
        };
        let ids: Vec<_> = wish.windows(&done).unwrap().iter().map(Window::id).collect();
        assert_eq!(
            ids,
            [
                "2026-01-05T13-45Z_2026-01-06T00-00Z",
                "2026-01-07T00-00Z_2026-01-08T00-00Z"
            ]
        );
        let again = Wish { again: true, ..wish }.windows(&done).unwrap();
        assert_eq!(again.len(), 4);
    }

    #[test]
    fn named_windows_must_not_cut_through_others() {
        let done = BTreeSet::from([window("2026-01-05T00-00Z_2026-01-06T00-00Z")]);
        let same = window("2026-01-05T00-00Z_2026-01-06T00-00Z");
        let half = window("2026-01-05T00-00Z_2026-01-05T12-00Z");
        assert!(named(&[same], &done, false).unwrap().is_empty());
        assert_eq!(named(&[same, same], &done, true).unwrap(), [same]);
        assert!(named(&[half], &done, false).unwrap_err().message().contains("overlaps"));
        assert!(named(&[half, same], &BTreeSet::new(), false).is_err());
    }

    proptest! {
        #[test]
        fn done_and_planned_windows_cover_the_range_once(
            cuts in proptest::collection::btree_set(0_i64..20_000, 0..12),
            kept in proptest::collection::vec(any::<bool>(), 12),
            minutes in 10_u64..=1440,
        ) {
            let minute = |minutes: i64| Timestamp::from_millis(minutes * 60_000);
            let cuts: Vec<i64> = cuts.into_iter().collect();
            let mut done = BTreeSet::new();
            for (pair, kept) in cuts.windows(2).zip(kept) {
                if kept {
                    done.extend(cut(minute(pair[0]), minute(pair[1]), DAY).unwrap());
                }
            }
            let wish = Wish { from: minute(0), to: minute(20_000), length: Duration::from_secs(minutes * 60), again: false };
            let mut all: Vec<Window> = wish.windows(&done).unwrap();
            all.extend(&done);
            all.sort_unstable();
            let mut at = minute(0);
            for window in all {
                prop_assert_eq!(window.from(), at);
                at = window.to();
            }
            prop_assert_eq!(at, minute(20_000));
        }
    }
}
