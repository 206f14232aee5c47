//! Times as people write them on a command line.

use std::time::Duration;

use le_core::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A time argument: fixed, or relative to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Now,
    Ago(Duration),
    /// A whole day in UTC; it begins at this instant.
    Day(Timestamp),
    At(Timestamp),
}

impl Moment {
    /// The instant, as the beginning of a range.
    pub(crate) fn begins(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Now => now,
            Self::Ago(length) => now - length,
            Self::Day(at) | Self::At(at) => at,
        }
    }

    /// The instant, as the end of a range: a day is included whole.
    pub(crate) fn ends(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Day(at) => at + DAY - Duration::from_millis(1),
            other => other.begins(now),
        }
    }
}

const FORMS: &str = "write a date (2026-01-31), a time (2026-01-31T09:00:00Z), `now`, \
                     or how long ago (7d, 24h, 90m, 2w)";

/// Reads a time argument; clap shows the error.
pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Ok(Moment::Now);
    }
    if let Ok(length) = length(text) {
        return Ok(Moment::Ago(length));
    }
    // Digits alone are epoch milliseconds, as the APIs write them; a few digits are a length whose unit was forgotten.
    let forgotten = text.len() < 12 && text.bytes().all(|b| b.is_ascii_digit());
    let parsed = if forgotten { None } else { text.parse().ok() };
    let at: Timestamp = parsed.ok_or_else(|| format!("not a time; {FORMS}"))?;
    let is_day = text.len() == 10 && text.bytes().filter(|b| *b == b'-').count() == 2;
    Ok(if is_day { Moment::Day(at) } else { Moment::At(at) })
}

/// Reads a length of time such as `7d`, `24h`, `90m`, `30s` or `2w`; clap shows the error.
pub(crate) fn length(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let wrong = || "not a length of time; write a number with its unit: 30s, 90m, 24h, 7d or 2w".to_owned();
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let number = &text[..text.len() - unit.len_utf8()];
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = number.trim().parse().map_err(|_| wrong())?;
    let length = number
        .checked_mul(seconds)
        .filter(|seconds| *seconds <= 100 * 366 * 86_400);
    length
        .map(Duration::from_secs)
        .ok_or_else(|| "longer than a hundred years".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-10T12:00:00Z".parse().unwrap()
    }

    fn range(from: &str, to: &str) -> (String, String) {
        let (from, to) = (moment(from).unwrap(), moment(to).unwrap());
        (from.begins(now()).to_string(), to.ends(now()).to_string())
    }

    #[test]
    fn a_day_is_included_whole() {
        let (from, to) = range("2026-01-01", "2026-01-31");
        assert_eq!(from, "2026-01-01T00:00:00.000Z");
        assert_eq!(to, "2026-01-31T23:59:59.999Z");
    }

    #[test]
    fn relative_and_exact_forms() {
        let expected = (
            "2026-03-03T12:00:00.000Z".to_owned(),
            "2026-03-10T12:00:00.000Z".to_owned(),
        );
        assert_eq!(range("7d", "now"), expected);
        assert_eq!(range("1w", "NOW"), expected);
        assert_eq!(range("2026-03-03T13:00:00+01:00", "2026-03-10 12:00:00Z"), expected);
        assert_eq!(length("90m"), Ok(Duration::from_secs(5400)));
    }

    #[test]
    fn what_is_no_time_is_refused_with_the_forms() {
        for bad in [
            "",
            "yesterday",
            "7",
            "d",
            "-1d",
            "2026-13-01",
            "99999999999999999999d",
            "9999999w",
            "7ä",
        ] {
            let error = moment(bad).unwrap_err();
            assert!(error.contains("write a date"), "{bad}: {error}");
        }
    }
}
