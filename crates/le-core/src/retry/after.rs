//! The `Retry-After` header in both of its forms.

use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;

use crate::time::Timestamp;

/// How long the service asks to wait: `Retry-After` as seconds or as an HTTP date, counted from `now`.
///
/// A date in the past gives zero. A header that cannot be read gives `None`.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit mean "very long", which the policy caps.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    text.parse::<Timestamp>().ok().map(|until| until.since(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().unwrap());
        let now = "Tue, 01 Jan 2030 09:00:00 GMT".parse().unwrap();
        retry_after(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates() {
        assert_eq!(read("120"), Some(120));
        assert_eq!(read(" 3 "), Some(3));
        assert_eq!(read("1.5"), Some(1));
        assert_eq!(read("Tue, 01 Jan 2030 09:00:30 GMT"), Some(30));
        assert_eq!(read("Tue, 01 Jan 2030 08:59:00 GMT"), Some(0));
        assert_eq!(read("99999999999999999999999"), Some(u64::from(u32::MAX)));
        for nonsense in ["", "soon", "-5", "NaN", "inf"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "[ -~]{0,40}") {
            let _ = read(&text);
        }
    }
}
