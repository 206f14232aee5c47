//! One value of a row.

use std::borrow::Cow;
use std::fmt;

use le_core::Timestamp;
use le_core::wire::present;

use super::column::Kind;

/// A value of a column, borrowed from the record's text where that is possible.
///
/// `Debug` shows no text, since history is personal data.
#[derive(Clone, PartialEq, Default)]
pub enum Cell<'a> {
    /// No value.
    #[default]
    Null,
    /// Text, ids and JSON.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// Milliseconds since 1970 in UTC.
    Time(i64),
}

impl fmt::Debug for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => f.write_str("NULL"),
            Cell::Text(text) => write!(f, "<{} bytes>", text.len()),
            Cell::Integer(value) => fmt::Debug::fmt(value, f),
            Cell::Number(value) => fmt::Debug::fmt(value, f),
            Cell::Flag(value) => fmt::Debug::fmt(value, f),
            Cell::Time(millis) => fmt::Display::fmt(&Timestamp::from_millis(*millis), f),
        }
    }
}

/// The instants that every format can write: the years 1 to 9999.
const TIMES: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

impl<'a> Cell<'a> {
    /// Whether there is no value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Cell::Null)
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The cell for an instant; NULL beyond the years that formats can write.
    pub(super) fn time(millis: i64) -> Self {
        if TIMES.contains(&millis) {
            Cell::Time(millis)
        } else {
            Cell::Null
        }
    }

    /// The instant that a column of times has been given as text, instead of that text.
    pub(super) fn settle_time(&mut self) {
        if let Cell::Text(text) = self {
            *self = match text.parse::<Timestamp>() {
                Ok(at) if at.as_millis() != -1 => Cell::time(at.as_millis()),
                _ => Cell::Null,
            };
        }
    }

    /// The cell for text of the wire. Times stay text until [`settle_time`](Self::settle_time).
    pub(super) fn of_text(kind: Kind, text: Cow<'a, str>) -> Self {
        if kind == Kind::Json {
            return Cell::Text(text);
        }
        let Some(value) = present(&text) else { return Cell::Null };
        match kind {
            Kind::Id if value == "-1" => Cell::Null,
            Kind::Name if value == "Unassigned" => Cell::Null,
            Kind::Phone if value == "0" => Cell::Null,
            Kind::Integer => whole_number(value).map_or(Cell::Null, Cell::Integer),
            Kind::Number => match value.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Cell::Number(number),
                _ => Cell::Null,
            },
            Kind::Flag => match value.trim() {
                "1" => Cell::Flag(true),
                "0" => Cell::Flag(false),
                word if word.eq_ignore_ascii_case("true") => Cell::Flag(true),
                word if word.eq_ignore_ascii_case("false") => Cell::Flag(false),
                _ => Cell::Null,
            },
            // A time as text nearly always has a twin in milliseconds behind it: it is read only where none came.
            Kind::Time if value.starts_with(|sign: char| sign.is_ascii_digit() || sign == '-') => Cell::Text(text),
            Kind::Time => Cell::Null,
            Kind::Text | Kind::Id | Kind::Name | Kind::Phone | Kind::Json => Cell::Text(text),
        }
    }

    /// The cell for a whole number of the wire.
    pub(super) fn of_integer(kind: Kind, number: i64) -> Self {
        match kind {
            Kind::Integer => Cell::Integer(number),
            Kind::Number => Cell::Number(number as f64),
            Kind::Flag => match number {
                0 => Cell::Flag(false),
                1 => Cell::Flag(true),
                _ => Cell::Null,
            },
            Kind::Time if number == -1 => Cell::Null,
            Kind::Time => Cell::time(number),
            _ => Cell::of_text(kind, Cow::Owned(number.to_string())),
        }
    }

    /// The cell for a number of the wire that an `i64` does not hold.
    pub(super) fn of_number(kind: Kind, number: f64, text: impl FnOnce() -> String) -> Self {
        match kind {
            Kind::Number => Cell::Number(number),
            Kind::Integer | Kind::Time | Kind::Flag => match whole(number) {
                Some(whole) => Cell::of_integer(kind, whole),
                None => Cell::Null,
            },
            _ => Cell::of_text(kind, Cow::Owned(text())),
        }
    }

    /// The cell for a flag of the wire.
    pub(super) fn of_flag(kind: Kind, flag: bool) -> Self {
        match kind {
            Kind::Flag => Cell::Flag(flag),
            Kind::Text | Kind::Id | Kind::Name | Kind::Phone => {
                Cell::Text(Cow::Borrowed(if flag { "true" } else { "false" }))
            }
            _ => Cell::Null,
        }
    }
}

/// The text as a whole number. Version 1 of the history writes some as `34.0`.
fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| whole(text.parse().ok()?))
}

/// The number as a whole one, where an `f64` and an `i64` both hold it exactly.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.trunc() == number && number.abs() <= EXACT).then_some(number as i64)
}
