//! When a session is refreshed and when it is replaced. Plain arithmetic on the monotonic clock.

use std::time::Duration;

/// The shortest time between the end of a login and the next one.
pub(super) const LOGIN_GAP: Duration = Duration::from_secs(5);
/// A session is prolonged at least this long before its end.
const MARGIN: Duration = Duration::from_secs(60);

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Refresh,
    Login,
}

/// The times of one session.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    interval: Duration,
    /// How long the session lasts after a login or a refresh, where that is known.
    ttl: Option<Duration>,
    can_refresh: bool,
    /// The last login or refresh that succeeded.
    prolonged: Duration,
    /// When the next refresh is tried, and whether the last one failed.
    next: Duration,
    failing: bool,
}

impl Schedule {
    /// For a session that was opened at `now`.
    pub(super) fn new(interval: Duration, ttl: Option<Duration>, can_refresh: bool, now: Duration) -> Self {
        Self {
            interval,
            ttl,
            can_refresh,
            prolonged: now,
            next: now + interval,
            failing: false,
        }
    }

    /// A refresh at `now` succeeded.
    pub(super) fn prolonged(&mut self, ttl: Option<Duration>, now: Duration) {
        *self = Self::new(self.interval, ttl, self.can_refresh, now);
    }

    /// A refresh failed in a way that may pass; it is tried again at `next`.
    pub(super) fn failed(&mut self, next: Duration) {
        self.failing = true;
        self.next = next;
    }

    /// When the session must be prolonged at the latest.
    fn latest(&self) -> Option<Duration> {
        let ttl = self.ttl?;
        Some(self.prolonged + ttl.saturating_sub(MARGIN.min(ttl / 5)))
    }

    /// What comes next, and when. `None` for a session that can only be waited for.
    pub(super) fn next(&self) -> Option<(Duration, Work)> {
        match (self.can_refresh, self.latest()) {
            (true, Some(latest)) if self.failing && latest <= self.next => Some((latest, Work::Login)),
            (true, Some(latest)) => Some((self.next.min(latest), Work::Refresh)),
            (true, None) => Some((self.next, Work::Refresh)),
            (false, latest) => latest.map(|latest| (latest, Work::Login)),
        }
    }

    /// Whether the session has ended by its own time.
    pub(super) fn is_over(&self, now: Duration) -> bool {
        self.ttl.is_some_and(|ttl| now >= self.prolonged + ttl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn schedule(ttl: Option<u64>, can_refresh: bool) -> Schedule {
        Schedule::new(4 * MINUTE, ttl.map(Duration::from_secs), can_refresh, Duration::ZERO)
    }

    #[test]
    fn every_four_minutes_or_earlier_where_the_session_ends_earlier() {
        assert_eq!(schedule(Some(28_800), true).next(), Some((4 * MINUTE, Work::Refresh)));
        assert_eq!(schedule(None, true).next(), Some((4 * MINUTE, Work::Refresh)));
        assert_eq!(
            schedule(Some(100), true).next(),
            Some((Duration::from_secs(80), Work::Refresh))
        );
        assert_eq!(
            schedule(Some(240), true).next(),
            Some((Duration::from_secs(192), Work::Refresh))
        );
    }

    #[test]
    fn what_cannot_be_refreshed_is_replaced_before_its_end() {
        assert_eq!(schedule(Some(600), false).next(), Some((9 * MINUTE, Work::Login)));
        assert_eq!(schedule(None, false).next(), None);
    }

    #[test]
    fn refreshes_that_keep_failing_end_in_a_login_before_the_end() {
        let mut schedule = schedule(Some(600), true);
        schedule.failed(6 * MINUTE);
        assert_eq!(schedule.next(), Some((6 * MINUTE, Work::Refresh)));
        schedule.failed(10 * MINUTE);
        assert_eq!(schedule.next(), Some((9 * MINUTE, Work::Login)));
        schedule.prolonged(None, 9 * MINUTE);
        assert_eq!(schedule.next(), Some((13 * MINUTE, Work::Refresh)));
        assert!(!schedule.is_over(100 * MINUTE));
    }
}
