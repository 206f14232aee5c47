//! Instants and ranges, in the vendor's unit: milliseconds since 1970 in UTC.

mod range;
mod text;

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use range::TimeRange;
pub use text::ParseTimestampError;

/// An instant: whole milliseconds since 1970-01-01T00:00:00Z.
///
/// On the wire it is a number; the text forms of the APIs are read with [`str::parse`]. See [`Timestamp::from_str`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time now, by this machine's clock. Code under test asks its [`Clock`](crate::clock::Clock) instead.
    #[must_use]
    pub fn now() -> Self {
        crate::clock::Clock::now(&crate::clock::SystemClock::default())
    }

    /// How long after `earlier` this is; zero where it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Rounded down to a multiple of `unit`.
    #[must_use]
    pub fn floor(self, unit: Duration) -> Self {
        let unit = millis(unit).max(1);
        Self(self.0.div_euclid(unit) * unit)
    }

    /// Rounded up to a multiple of `unit`.
    #[must_use]
    pub fn ceil(self, unit: Duration) -> Self {
        let floor = self.floor(unit);
        if floor == self { self } else { floor + unit }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    /// Reads every text form of the APIs: `2030-01-01 09:00:00.120+0000`, with a space or a `T`; an offset `Z`, `+HHMM` or
    /// `+HH:MM`; a fraction or none; seconds or none; a date alone (midnight UTC); an HTTP date; epoch milliseconds as digits.
    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        text::parse(text)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "jiff-02")]
#[cfg_attr(docsrs, doc(cfg(feature = "jiff-02")))]
impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self(instant.as_millisecond())
    }
}

#[cfg(feature = "jiff-02")]
#[cfg_attr(docsrs, doc(cfg(feature = "jiff-02")))]
impl TryFrom<Timestamp> for jiff::Timestamp {
    type Error = jiff::Error;
    fn try_from(instant: Timestamp) -> Result<Self, jiff::Error> {
        Self::from_millisecond(instant.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_to_ten_minutes() {
        let unit = Duration::from_secs(600);
        let at = Timestamp::from_millis(1_893_488_400_120);
        assert_eq!(at.floor(unit).to_string(), "2030-01-01T09:00:00.000Z");
        assert_eq!(at.ceil(unit).to_string(), "2030-01-01T09:10:00.000Z");
        assert_eq!(at.floor(unit).ceil(unit), at.floor(unit));
        assert_eq!(Timestamp::from_millis(-1).floor(unit), Timestamp::from_millis(-600_000));
    }
}
