//! Time as the history writes it.

use serde::{Serialize, Serializer};

/// An instant in epoch milliseconds, written `2030-01-01 09:00:00.120+0000`: a space, and an offset without colon.
#[derive(Debug, Clone, Copy)]
pub(in crate::history) struct Instant(pub(in crate::history) i64);

impl Instant {
    pub(in crate::history) fn bytes(self) -> [u8; 28] {
        let mut text = *b"0000-00-00 00:00:00.000+0000";
        let milliseconds = self.0.max(0);
        let (days, rest) = (milliseconds / 86_400_000, milliseconds % 86_400_000);
        let (year, month, day) = civil(days);
        digits(&mut text[0..4], year);
        digits(&mut text[5..7], month);
        digits(&mut text[8..10], day);
        digits(&mut text[11..13], rest / 3_600_000);
        digits(&mut text[14..16], rest / 60_000 % 60);
        digits(&mut text[17..19], rest / 1_000 % 60);
        digits(&mut text[20..23], rest % 1_000);
        text
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.bytes();
        serializer.serialize_str(std::str::from_utf8(&text).map_err(serde::ser::Error::custom)?)
    }
}

fn digits(place: &mut [u8], mut value: i64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// Year, month and day of a day number since 1970 (the civil calendar in closed form, after Howard Hinnant).
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + (month <= 2) as i64, month, day)
}

#[cfg(test)]
mod tests {
    use super::Instant;

    #[test]
    fn instants_are_written_as_in_the_examples() {
        let text = |instant| String::from_utf8(Instant(instant).bytes().to_vec()).unwrap();
        assert_eq!(text(0), "1970-01-01 00:00:00.000+0000");
        assert_eq!(text(1_893_488_400_120), "2030-01-01 09:00:00.120+0000");
        assert_eq!(text(1_709_164_799_999), "2024-02-28 23:59:59.999+0000");
        assert_eq!(text(1_709_164_800_000), "2024-02-29 00:00:00.000+0000");
        assert_eq!(text(951_868_800_000), "2000-03-01 00:00:00.000+0000");
    }

    #[test]
    fn instants_agree_with_a_calendar_library() {
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..5_000 {
            let instant = random.i64(0..4_102_444_800_000);
            let stamp = jiff::Timestamp::from_millisecond(instant).unwrap();
            let expected = stamp.strftime("%Y-%m-%d %H:%M:%S").to_string();
            let text = String::from_utf8(Instant(instant).bytes().to_vec()).unwrap();
            assert_eq!(text, format!("{expected}.{:03}+0000", instant % 1_000));
        }
    }
}
