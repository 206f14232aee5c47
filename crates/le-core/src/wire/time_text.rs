//! A time that comes as text.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Salvage, present};
use crate::time::Timestamp;

/// A time as the history writes it, `2030-01-01 09:00:00.120+0000`, or any other text that came in its place.
///
/// It is written back as it came. The usual form is kept as milliseconds, without an allocation: a conversation holds
/// dozens of them.
///
/// ```
/// use le_core::wire::TimeText;
/// let time: TimeText = serde_json::from_str("\"2030-01-01 09:00:00.120+0000\"")?;
/// assert_eq!(time.get().map(|at| at.as_millis()), Some(1_893_488_400_120));
/// let none: TimeText = serde_json::from_str("\"undefined\"")?;
/// assert_eq!((none.get(), none.to_string()), (None, "undefined".to_owned()));
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct TimeText(Form);

#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
enum Form {
    /// Milliseconds since 1970; the text is the usual form of exactly these.
    Usual(i64),
    Text(Box<str>),
}

impl TimeText {
    /// The instant, where the text is a time in any form that the APIs use.
    #[must_use]
    pub fn get(&self) -> Option<Timestamp> {
        match &self.0 {
            Form::Usual(millis) => Some(Timestamp::from_millis(*millis)),
            Form::Text(text) => present(text)?
                .parse()
                .ok()
                .filter(|at: &Timestamp| at.as_millis() != -1),
        }
    }
}

impl From<&str> for TimeText {
    fn from(text: &str) -> Self {
        Self(read_usual(text.as_bytes()).map_or_else(|| Form::Text(text.into()), Form::Usual))
    }
}

impl From<Timestamp> for TimeText {
    fn from(at: Timestamp) -> Self {
        let (year, ..) = date_of(at.as_millis().div_euclid(DAY));
        match year {
            1..=9999 => Self(Form::Usual(at.as_millis())),
            // Beyond four digits the usual form does not exist.
            _ => Self(Form::Text(at.to_string().into())),
        }
    }
}

impl fmt::Display for TimeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Usual(millis) => write_usual(*millis, f),
            Form::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for TimeText {
    /// Text that is not a time is not printed: it can be anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, self.get()) {
            (Form::Text(text), None) if present(text).is_some() => f.write_str("<not a time>"),
            _ => fmt::Display::fmt(self, f),
        }
    }
}

impl Serialize for TimeText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::Usual(_) => serializer.collect_str(self),
            Form::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for TimeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = TimeText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time as text")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<TimeText, E> {
                Ok(TimeText::from(text))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl Salvage for TimeText {}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Reads `YYYY-MM-DD HH:MM:SS.mmm+0000`, and nothing else.
fn read_usual(text: &[u8]) -> Option<i64> {
    let text: &[u8; 28] = text.try_into().ok()?;
    let fixed = text[4] == b'-' && text[7] == b'-' && text[10] == b' ' && text[13] == b':' && text[16] == b':';
    if !fixed || text[19] != b'.' || text[23..] != *b"+0000" {
        return None;
    }
    let mut wrong = false;
    let mut number = |from: usize, to: usize| {
        text[from..to].iter().fold(0_i64, |number, byte| {
            let digit = byte.wrapping_sub(b'0');
            wrong |= digit > 9;
            number * 10 + i64::from(digit)
        })
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (hour, minute, second, millis) = (number(11, 13), number(14, 16), number(17, 19), number(20, 23));
    if wrong || year == 0 || !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_to(year, month, day);
    // A day that its month does not have turns up in another month.
    (date_of(days) == (year, month, day)).then_some(days * DAY + ((hour * 60 + minute) * 60 + second) * 1000 + millis)
}

fn write_usual(at: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (year, month, day) = date_of(at.div_euclid(DAY));
    let rest = at.rem_euclid(DAY);
    let (hour, minute, second, millis) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    write!(
        f,
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{millis:03}+0000"
    )
}

/// Days from 1970-01-01 to a date, with years that begin in March so that the leap day is the last (H. Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms").
fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day, so many days from 1970-01-01. The inverse of [`days_to`].
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn again(text: &str) -> TimeText {
        let json = serde_json::to_string(text).unwrap();
        let time: TimeText = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), json);
        time
    }

    #[test]
    fn the_usual_form_is_kept_as_milliseconds_and_others_as_text() {
        assert_eq!(again("2030-01-01 09:00:00.120+0000").0, Form::Usual(1_893_488_400_120));
        for other in [
            "2030-01-01T09:00:00.120+0000",
            "2030-01-01 09:00:00.120+0100",
            "2030-02-30 09:00:00.120+0000",
            "2030-00-10 09:00:00.120+0000",
            "2030-01-00 09:00:00.120+0000",
            "2030-01-01 24:00:00.120+0000",
            "2030-01-01 09:00:60.120+0000",
            "2030-01-01 09:00:0a.120+0000",
            "0000-01-01 09:00:00.120+0000",
            "undefined",
            "",
        ] {
            assert!(matches!(again(other).0, Form::Text(_)), "{other}");
        }
        assert_eq!(
            again("2030-01-01T09:00:00.120+00:00").get(),
            Some(Timestamp::from_millis(1_893_488_400_120))
        );
        assert_eq!(again("-1").get(), None);
        assert_eq!(size_of::<Option<TimeText>>(), size_of::<String>());
        assert_eq!(
            format!("{:?} {:?}", TimeText::from("undefined"), TimeText::from("Ruth Adler")),
            "undefined <not a time>"
        );
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_general_reader(millis in -62_135_596_800_000_i64..253_402_300_800_000) {
            let time = TimeText::from(Timestamp::from_millis(millis));
            prop_assert_eq!(&time.0, &Form::Usual(millis));
            let text = time.to_string();
            prop_assert_eq!(text.parse::<Timestamp>().unwrap().as_millis(), millis);
            prop_assert_eq!(again(&text), time);
        }

        #[test]
        fn any_text_survives(text in "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}\\+0000|.{0,30}") {
            let time = again(&text);
            if let Form::Usual(millis) = time.0 {
                prop_assert_eq!(text.parse::<Timestamp>().unwrap().as_millis(), millis);
            }
        }

        #[test]
        fn any_instant_can_be_written(millis in any::<i64>()) {
            let _ = TimeText::from(Timestamp::from_millis(millis)).to_string();
        }
    }
}
