//! Customer info (`ctmrinfo`): who the customer is to the brand.

use std::str::FromStr;

use le_core::{Error, Result};

use crate::payload::around;

pub use crate::generated::payloads::{CalendarDate, CustomerInfo};

around! {
    /// Customer info as it is sent: `{"type":"ctmrinfo","info":{...}}`.
    CustomerInfoSde { info: CustomerInfo = "info" }
}

impl CalendarDate {
    /// The day with these numbers, e.g. `new(2024, 2, 29)`. Whether there is such a day is a matter of
    /// [`is_day`](Self::is_day) and of [`validate`](crate::validate).
    #[must_use]
    pub fn new(year: i64, month: i64, day: i64) -> Self {
        Self {
            day: Some(day.into()),
            month: Some(month.into()),
            year: Some(year.into()),
            extra: le_core::wire::Extra::default(),
        }
    }

    /// The three numbers of a text like `2024-02-29`, whether or not there is such a day.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<i64>().ok()).flatten()
        });
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        Some(Self::new(year, month, day))
    }

    /// Whether the calendar has the day: all three numbers are there, and 29 February only in leap years.
    ///
    /// ```
    /// use le_attributes::customer::CalendarDate;
    /// assert!(CalendarDate::new(2024, 2, 29).is_day() && !CalendarDate::new(2023, 2, 29).is_day());
    /// ```
    #[must_use]
    pub fn is_day(&self) -> bool {
        let (Some(year), Some(month), Some(day)) = (&self.year, &self.month, &self.day) else {
            return false;
        };
        let (year, month, day) = (year.get(), month.get(), day.get());
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return false,
        };
        (1..=9999).contains(&year) && (1..=days).contains(&day)
    }
}

impl FromStr for CalendarDate {
    type Err = Error;

    /// Reads a day as ISO 8601 writes it, e.g. `2024-02-29`.
    fn from_str(text: &str) -> Result<Self> {
        Self::of_text(text).filter(Self::is_day).ok_or_else(|| {
            Error::validation("a date is no day of the calendar").with_advice("write it like 2024-02-29")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_from_text() {
        assert_eq!(
            "2024-02-29".parse::<CalendarDate>().unwrap(),
            CalendarDate::new(2024, 2, 29)
        );
        for wrong in [
            "",
            "2023-02-29",
            "2024-2",
            "2024-13-01",
            "2024-04-31",
            "0000-01-01",
            "2024-01-01-01",
            "20x4-01-01",
            "-1-1-1",
        ] {
            assert!(wrong.parse::<CalendarDate>().is_err(), "{wrong}");
        }
        assert!(CalendarDate::new(2000, 2, 29).is_day() && !CalendarDate::new(1900, 2, 29).is_day());
    }
}
