//! The text forms of time that the APIs use.

use jiff::civil;
use jiff::tz::Offset;

use super::Timestamp;

/// A text that is no time in any form that the APIs use. The text itself is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a time: expected e.g. 2030-01-01 09:00:00.120+0000, an RFC 3339 time, an HTTP date, or epoch milliseconds"
)]
#[non_exhaustive]
pub struct ParseTimestampError;

pub(super) fn parse(text: &str) -> Result<Timestamp, ParseTimestampError> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return text
            .parse()
            .map(Timestamp::from_millis)
            .map_err(|_| ParseTimestampError);
    }
    civil_form(text).or_else(|| http_date(text)).ok_or(ParseTimestampError)
}

fn http_date(text: &str) -> Option<Timestamp> {
    let instant = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Timestamp::from_millis(instant.timestamp().as_millisecond()))
}

/// `YYYY-MM-DD`, then perhaps `T` or a space, `HH:MM`, `:SS`, a fraction, and an offset.
fn civil_form(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split('-');
    let year = number(parts.next()?, 4)?;
    let (month, day) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let date = civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()?;
    let (time, offset) = match rest.strip_prefix(['T', 't', ' ']) {
        None if rest.is_empty() => (civil::Time::midnight(), Offset::UTC),
        None => return None,
        Some(rest) => {
            let split = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
            let (time, zone) = rest.split_at(split);
            (clock(time.trim_end())?, offset(zone)?)
        }
    };
    let instant = offset.to_timestamp(date.to_datetime(time)).ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

fn clock(text: &str) -> Option<civil::Time> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let mut parts = whole.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |second| number(second, 2))?;
    if parts.next().is_some() || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let nanos = number(fraction, fraction.len())? * 10_i32.pow(9 - u32::try_from(fraction.len()).ok()?);
    civil::Time::new(
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second).ok()?,
        nanos,
    )
    .ok()
}

/// `Z`, `+HHMM`, `+HH:MM`, `+HH`, or nothing, which is read as UTC.
fn offset(text: &str) -> Option<Offset> {
    let Some(rest) = text.strip_prefix(['+', '-']) else {
        return matches!(text, "" | "Z" | "z").then_some(Offset::UTC);
    };
    let (hours, minutes) = match rest.len() {
        2 => (rest, "00"),
        4 => rest.split_at_checked(2)?,
        5 => rest.split_once(':')?,
        _ => return None,
    };
    let seconds = number(hours, 2)? * 3600 + number(minutes, 2)? * 60;
    Offset::from_seconds(if text.starts_with('-') { -seconds } else { seconds }).ok()
}

fn number(text: &str, width: usize) -> Option<i32> {
    (text.len() == width && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_documented_form() {
        for (text, millis) in [
            ("2030-01-01 09:00:00.120+0000", 1_893_488_400_120),
            ("2030-01-01T09:00:00.120+0000", 1_893_488_400_120),
            ("2030-01-01T05:00:00.120-04:00", 1_893_488_400_120),
            ("2030-01-01T09:00:00Z", 1_893_488_400_000),
            ("2030-01-01T09:00Z", 1_893_488_400_000),
            ("2030-01-01 09:00:00", 1_893_488_400_000),
            ("2030-01-01T09:00:00.1234567+00:00", 1_893_488_400_123),
            ("2030-01-01", 1_893_456_000_000),
            ("Tue, 01 Jan 2030 09:00:00 GMT", 1_893_488_400_000),
            ("1893488400120", 1_893_488_400_120),
            ("-1", -1),
        ] {
            assert_eq!(parse(text), Ok(Timestamp::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn no_time_is_an_error_not_a_guess() {
        for text in [
            "",
            "undefined",
            "null",
            "2030-13-01",
            "2030-01-01 9:00",
            "2030-01-01X09:00",
            "12:00",
            "2030-01-01T09:00:00+1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(millis in -60_000_000_000_000_i64..250_000_000_000_000) {
            let at = Timestamp::from_millis(millis);
            prop_assert_eq!(parse(&at.to_string()), Ok(at));
        }

        #[test]
        fn any_text_is_answered(text in ".{0,40}") {
            let _ = parse(&text);
        }
    }
}
