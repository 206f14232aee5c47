//! How long a range of time may be, and how it is cut into windows.

use std::time::Duration;

use le_core::{Error, Result, TimeRange};

use super::request::Request;

pub(crate) const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

/// A range of time, and the longest one that a service takes at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) range: TimeRange,
    window: Option<Duration>,
    /// The longest range of one call.
    longest: Duration,
    /// The longest window that is surely within the rule, whatever the service takes for a month.
    longest_window: Duration,
    /// The rule in the service's words, e.g. `three months`.
    rule: &'static str,
    grain: Duration,
}

impl Span {
    pub(crate) fn new(
        range: TimeRange,
        rule: &'static str,
        longest: Duration,
        longest_window: Duration,
        grain: Duration,
    ) -> Self {
        Self {
            range,
            window: None,
            longest,
            longest_window,
            rule,
            grain,
        }
    }

    /// Windows of this length, refused where it is too short or too long.
    pub(crate) fn cut_into(&mut self, length: Duration, request: &mut Request) {
        let shortest = self.grain.max(Duration::from_secs(60));
        request.check(length >= shortest && length <= self.longest_window, || {
            format!(
                "a window of {} s is not between {} minutes and {} days",
                length.as_secs(),
                shortest.as_secs() / 60,
                self.longest_window.as_secs() / 86_400
            )
        });
        self.window = Some(length);
    }

    /// Windows of this length, unless a length was set.
    pub(crate) fn cut_by_default(&mut self, length: Duration) {
        self.window.get_or_insert(length);
    }

    /// The windows that a walk goes through.
    pub(crate) fn windows(&self, request: &mut Request, in_order: bool) -> Vec<Option<TimeRange>> {
        let Some(length) = self.window else {
            if let Err(error) = self.check() {
                request.refuse(error);
            }
            return vec![Some(self.range)];
        };
        request.check(request.offset == 0, || {
            "`offset` counts within one search; a search in windows begins at a time instead".to_owned()
        });
        request.check(in_order, || {
            "a search in windows comes in the order of start, oldest first; leave `sort` as it is".to_owned()
        });
        self.range.windows(length, self.grain).map(Some).collect()
    }

    /// The service refuses a longer range, so it is not sent.
    pub(crate) fn check(&self) -> Result<()> {
        if self.range.length() <= self.longest {
            return Ok(());
        }
        let days = self.range.length().as_secs().div_ceil(86_400);
        let message = format!(
            "the range of {days} days is longer than the {} that the service takes at once",
            self.rule
        );
        let safe = self.longest_window.min(days_less(self.longest)).as_secs() / 86_400;
        Err(Error::validation(message).with_advice(format!(
            "use windows(..) or export(), or a range of {safe} days or less"
        )))
    }
}

/// A length that is a month by every way to count months.
fn days_less(longest: Duration) -> Duration {
    longest.saturating_sub(days(3))
}
