//! A range of time.

use std::fmt;
use std::time::Duration;

use super::Timestamp;
use crate::error::Error;

/// A range of time with both ends included, as the filters of the history APIs take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    from: Timestamp,
    to: Timestamp,
}

impl TimeRange {
    /// From `from` to `to`, both included.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) where `to` lies before `from`.
    pub fn new(from: Timestamp, to: Timestamp) -> Result<Self, Error> {
        if to < from {
            return Err(Error::validation(format!(
                "the time range ends ({to}) before it begins ({from})"
            )));
        }
        Ok(Self { from, to })
    }

    /// The last `length` before `now`.
    #[must_use]
    pub fn last(length: Duration, now: Timestamp) -> Self {
        Self {
            from: now - length,
            to: now,
        }
    }

    /// The beginning, included.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The end, included.
    #[must_use]
    pub fn to(&self) -> Timestamp {
        self.to
    }

    /// How long the range is.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.to.since(self.from)
    }

    /// Whether `at` lies inside.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at <= self.to
    }

    /// Cuts the range into windows of at most `length`, on multiples of `unit`, without gap or overlap.
    pub fn windows(self, length: Duration, unit: Duration) -> impl Iterator<Item = Self> + Send {
        let step = length.max(Duration::from_millis(1));
        let mut next = Some(self.from);
        std::iter::from_fn(move || {
            let from = next?;
            let cut = (from + step).floor(unit);
            let end = if cut > from { cut } else { from + step };
            if end > self.to {
                next = None;
                return Some(Self { from, to: self.to });
            }
            next = Some(end);
            Some(Self {
                from,
                to: end - Duration::from_millis(1),
            })
        })
    }

    /// Both halves, cut on a multiple of `unit`; `None` where the range is too short to be cut.
    #[must_use]
    pub fn halves(self, unit: Duration) -> Option<(Self, Self)> {
        let middle = (self.from + self.length() / 2).ceil(unit);
        if middle <= self.from || middle > self.to {
            return None;
        }
        Some((
            Self {
                from: self.from,
                to: middle - Duration::from_millis(1),
            },
            Self {
                from: middle,
                to: self.to,
            },
        ))
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEN_MINUTES: Duration = Duration::from_secs(600);

    proptest! {
        #[test]
        fn windows_cover_without_gap_or_overlap(
            from in 0_i64..2_000_000_000_000,
            length in 0_u64..20_000_000_000,
            step in 600_000_u64..2_000_000_000,
        ) {
            let range = TimeRange::last(Duration::from_millis(length), Timestamp::from_millis(from) + Duration::from_millis(length));
            let mut expected = range.from();
            let mut last = None;
            for window in range.windows(Duration::from_millis(step), TEN_MINUTES).take(100_000) {
                prop_assert_eq!(window.from(), expected);
                prop_assert!(window.to() >= window.from());
                expected = window.to() + Duration::from_millis(1);
                last = Some(window.to());
            }
            prop_assert_eq!(last, Some(range.to()));
        }

        #[test]
        fn halves_meet(from in 0_i64..2_000_000_000_000, length in 0_u64..20_000_000_000) {
            let range = TimeRange::last(Duration::from_millis(length), Timestamp::from_millis(from) + Duration::from_millis(length));
            if let Some((left, right)) = range.halves(TEN_MINUTES) {
                prop_assert_eq!((left.from(), right.to()), (range.from(), range.to()));
                prop_assert_eq!(left.to() + Duration::from_millis(1), right.from());
                prop_assert_eq!(right.from(), right.from().floor(TEN_MINUTES));
            }
        }
    }
}
