//! Windows of time: the unit of work, of commit and of distribution.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use le_core::{Error, Result, TimeRange, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day, in which a window lies: datasets are partitioned by day.
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

const MINUTE: i64 = 60_000;

/// A stretch of time within one day (UTC), its beginning included, its end not.
///
/// A record belongs to the window that holds its start, so windows never share a record, and whoever works on one needs to know
/// nothing of the others. Its id names it everywhere: in a plan, on the command line, in file names, in the manifest.
///
/// ```
/// use le_export::Window;
///
/// let window: Window = "2026-01-05T00-00Z_2026-01-06T00-00Z".parse()?;
/// assert_eq!(window.date(), "2026-01-05");
/// assert_eq!(window.to_string(), "2026-01-05T00-00Z_2026-01-06T00-00Z");
/// # Ok::<_, le_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    from: Timestamp,
    to: Timestamp,
}

impl Window {
    /// From `from`, included, to `to`, not included.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it is empty, ends before it begins, or reaches into another day (UTC).
    pub fn new(from: Timestamp, to: Timestamp) -> Result<Self> {
        if to <= from {
            return Err(
                Error::validation(format!("the window ends ({to}) before or when it begins ({from})"))
                    .with_advice("give the earlier time first; the end is not part of the window"),
            );
        }
        if to > from.floor(DAY) + DAY {
            return Err(
                Error::validation(format!("the window from {from} to {to} reaches into another day (UTC)"))
                    .with_advice(
                        "a window lies within one day, since files are kept by day; cut the range with a plan",
                    ),
            );
        }
        Ok(Self { from, to })
    }

    /// The beginning, which is part of it.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The end, which is not part of it.
    #[must_use]
    pub fn to(&self) -> Timestamp {
        self.to
    }

    /// Whether `at` lies in it.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether all of `other` lies in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// Whether they share an instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    /// The same stretch with both ends included, as the services take it.
    #[must_use]
    pub fn range(&self) -> TimeRange {
        TimeRange::last(
            self.to.since(self.from) - Duration::from_millis(1),
            self.to - Duration::from_millis(1),
        )
    }

    /// The day (UTC) that it lies in, as `YYYY-MM-DD`: the name of its partition.
    #[must_use]
    pub fn date(&self) -> String {
        date(self.from)
    }

    /// Its id, e.g. `2026-01-05T00-00Z_2026-01-06T00-00Z`. Ids sort as the windows do.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}_{}", mark(self.from), mark(self.to))
    }
}

/// The day of an instant (UTC), as `YYYY-MM-DD`.
pub(crate) fn date(at: Timestamp) -> String {
    let text = at.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// An instant as part of a file name: no colon, and seconds only where there are some.
fn mark(at: Timestamp) -> String {
    let text = at.to_string().replace(':', "-");
    let whole = at.as_millis() % MINUTE == 0;
    let length = if whole {
        text.len() - "-00.000Z".len()
    } else {
        text.len() - 1
    };
    format!("{}Z", &text[..length])
}

fn read_mark(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    format!("{date}T{}Z", time.replace('-', ":")).parse().ok()
}

impl FromStr for Window {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self> {
        let marks = id
            .split_once('_')
            .and_then(|(from, to)| Some((read_mark(from)?, read_mark(to)?)));
        let Some((from, to)) = marks else {
            return Err(Error::validation(format!("{id:?} is not the id of a window"))
                .with_advice("an id looks like 2026-01-05T00-00Z_2026-01-06T00-00Z; a plan prints them"));
        };
        Self::new(from, to)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id())
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        id.parse().map_err(serde::de::Error::custom)
    }
}

/// Cuts from `from` (included) to `to` (not included) into windows of at most `length`, on multiples of `length` counted from
/// midnight and at each midnight, so that the same time always falls into the same window whatever range was asked for.
///
/// # Errors
/// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where the range is reversed, or the length is no whole number of minutes from 10
/// minutes to a day.
pub fn cut(from: Timestamp, to: Timestamp, length: Duration) -> Result<Vec<Window>> {
    if to < from {
        return Err(
            Error::validation(format!("the range ends ({to}) before it begins ({from})"))
                .with_advice("give the earlier time first"),
        );
    }
    let fits = length >= Duration::from_secs(600) && length <= DAY && length.as_millis().is_multiple_of(MINUTE as u128);
    if !fits {
        let message = format!(
            "a window of {} s is not between 10 minutes and a day in whole minutes",
            length.as_secs()
        );
        return Err(
            Error::validation(message).with_advice("the default is a day; shorter windows make more, smaller files")
        );
    }
    let mut windows = Vec::new();
    let mut at = from;
    while at < to {
        let midnight = at.floor(DAY);
        let within = at.since(midnight);
        let steps = within.as_millis() / length.as_millis() + 1;
        let next = length * u32::try_from(steps).unwrap_or(u32::MAX);
        let end = (midnight + next.min(DAY)).min(to);
        windows.push(Window { from: at, to: end });
        at = end;
    }
    Ok(windows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn ids_are_read_back_and_sort_as_time_does() {
        let whole = Window::new(at("2026-01-05"), at("2026-01-06")).unwrap();
        assert_eq!(whole.id(), "2026-01-05T00-00Z_2026-01-06T00-00Z");
        let odd = Window::new(at("2026-01-05T08:10:07.250Z"), at("2026-01-05T09:00:00Z")).unwrap();
        assert_eq!(odd.id(), "2026-01-05T08-10-07.250Z_2026-01-05T09-00Z");
        for window in [whole, odd] {
            assert_eq!(window.id().parse::<Window>().unwrap(), window);
            assert_eq!(
                serde_json::from_str::<Window>(&serde_json::to_string(&window).unwrap()).unwrap(),
                window
            );
        }
        assert_eq!(odd.range().from(), odd.from());
        assert_eq!(odd.range().to() + Duration::from_millis(1), odd.to());
        assert!(whole.covers(&odd) && whole.overlaps(&odd) && !odd.covers(&whole));
    }

    #[test]
    fn what_is_no_window_is_refused_with_the_rule() {
        let reversed = Window::new(at("2026-01-06"), at("2026-01-05")).unwrap_err();
        assert!(reversed.message().contains("before or when it begins"), "{reversed}");
        let long = Window::new(at("2026-01-05T12:00:00Z"), at("2026-01-06T12:00:00Z")).unwrap_err();
        assert!(long.message().contains("another day"), "{long}");
        for id in [
            "",
            "2026-01-05",
            "a_b",
            "2026-01-05T00-00Z_",
            "2026-01-05T00-00_2026-01-06T00-00",
        ] {
            assert!(id.parse::<Window>().is_err(), "{id}");
        }
        assert!(
            cut(at("2026-01-06"), at("2026-01-05"), DAY)
                .unwrap_err()
                .message()
                .contains("before it begins")
        );
        for length in [
            Duration::from_secs(599),
            DAY * 2,
            Duration::from_secs(660) + Duration::from_millis(1),
        ] {
            assert!(
                cut(at("2026-01-05"), at("2026-01-06"), length)
                    .unwrap_err()
                    .message()
                    .contains("10 minutes")
            );
        }
        assert!(cut(at("2026-01-05"), at("2026-01-05"), DAY).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn windows_cover_without_gap_or_overlap(from in 0_i64..2_000_000_000_000, span in 1_i64..2_000_000_000, minutes in 10_u64..=1440) {
            let (from, to) = (Timestamp::from_millis(from), Timestamp::from_millis(from + span));
            let length = Duration::from_secs(minutes * 60);
            let windows = cut(from, to, length).unwrap();
            let mut expected = from;
            for window in &windows {
                prop_assert_eq!(window.from(), expected);
                prop_assert!(Window::new(window.from(), window.to()).is_ok());
                prop_assert!(window.to().since(window.from()) <= length);
                prop_assert_eq!(window.id().parse::<Window>().unwrap(), *window);
                expected = window.to();
            }
            prop_assert_eq!(expected, to);
            // The same instant falls into the same whole window whatever the range was.
            if windows.len() > 2 {
                let again = cut(windows[1].from(), windows[1].to(), length).unwrap();
                prop_assert_eq!(&again[..], &windows[1..2]);
            }
        }
    }
}
