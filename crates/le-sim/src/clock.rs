//! The simulator's clock: system time, a time that stands still until a test moves it, or the time of the runtime.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::Timestamp;
use tokio::{sync::Notify, time::Instant};

/// Where the simulator reads "now" from: sessions, OAuth timestamps, lockouts, the `Date` header and the answers use it.
///
/// A clone shares the time with its original, so a test keeps one and moves the simulator with it:
///
/// ```
/// use std::time::Duration;
/// use le_sim::SimClock;
///
/// let clock = SimClock::manual(1_700_000_000_000);
/// clock.advance(Duration::from_secs(8 * 3600));
/// assert_eq!(clock.now_ms(), 1_700_028_800_000);
/// ```
#[derive(Debug, Clone)]
pub struct SimClock {
    base: Base,
    moved_ms: Arc<AtomicI64>,
    /// Told when the time is moved by hand.
    moved: Arc<Notify>,
}

/// What a clock shows before it is moved.
#[derive(Debug, Clone, Copy)]
enum Base {
    System,
    Manual(i64),
    Runtime { epoch_ms: i64, origin: Instant },
}

impl SimClock {
    /// Follows the system's time. `advance` still moves it, by an offset.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Base::System)
    }

    /// Stands at `epoch_ms` (milliseconds since 1970 UTC) until it is moved.
    #[must_use]
    pub fn manual(epoch_ms: i64) -> Self {
        Self::new(Base::Manual(epoch_ms))
    }

    /// Shows `epoch_ms` now and goes on as the timers of tokio do. In a runtime whose time is paused both jump together, so
    /// that hours of rings, sessions and surveys pass in milliseconds, and always in the same order.
    #[must_use]
    pub fn runtime(epoch_ms: i64) -> Self {
        Self::new(Base::Runtime {
            epoch_ms,
            origin: Instant::now(),
        })
    }

    fn new(base: Base) -> Self {
        Self {
            base,
            moved_ms: Arc::default(),
            moved: Arc::default(),
        }
    }

    /// Whether it stands still between two calls of [`advance`](Self::advance).
    #[must_use]
    pub fn is_manual(&self) -> bool {
        matches!(self.base, Base::Manual(_))
    }

    /// Milliseconds since 1970 UTC.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        let whole = |since: Duration| i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let base = match self.base {
            Base::System => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, whole),
            Base::Manual(epoch_ms) => epoch_ms,
            Base::Runtime { epoch_ms, origin } => epoch_ms.saturating_add(whole(origin.elapsed())),
        };
        base.saturating_add(self.moved_ms.load(Ordering::SeqCst))
    }

    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        self.advance_ms(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Moves the time by `by_ms` milliseconds, back if it is negative.
    pub fn advance_ms(&self, by_ms: i64) {
        // A wrapped counter would send the time back by an age; saturating keeps a silly input harmless.
        let moved = self.moved_ms.load(Ordering::SeqCst);
        self.moved_ms.store(moved.saturating_add(by_ms), Ordering::SeqCst);
        self.moved.notify_one();
    }

    /// Notified when the time was moved by hand.
    pub(crate) fn moved(&self) -> Arc<Notify> {
        Arc::clone(&self.moved)
    }

    /// Takes back every move.
    pub(crate) fn restart(&self) {
        self.moved_ms.store(0, Ordering::SeqCst);
    }

    /// Whether it shows another time than the system does.
    pub(crate) fn differs_from_system(&self) -> bool {
        !matches!(self.base, Base::System) || self.moved_ms.load(Ordering::Relaxed) != 0
    }

    /// Now, as an instant that can be formatted.
    pub(crate) fn timestamp(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The value of a `Date` header (RFC 9110), `ahead` seconds from now.
    pub(crate) fn http_date(&self, ahead: u64) -> String {
        let seconds = self
            .timestamp()
            .as_second()
            .saturating_add(i64::try_from(ahead).unwrap_or(0));
        let at = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
        jiff::fmt::rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&at)
            .unwrap_or_default()
    }

    /// The locale date the Login Service writes into its error bodies, such as `Jan 2, 2031 3:04:05 PM`.
    pub(crate) fn login_error_time(&self) -> String {
        self.timestamp()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .strftime("%b %-d, %Y %-I:%M:%S %p")
            .to_string()
    }
}

impl Default for SimClock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_shares_the_time() {
        let clock = SimClock::manual(1_000);
        let other = clock.clone();
        other.advance(Duration::from_secs(2));
        assert_eq!(clock.now_ms(), 3_000);
        clock.advance_ms(-3_000);
        assert_eq!(other.now_ms(), 0);
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn the_time_of_the_runtime_jumps_with_its_timers() {
        let clock = SimClock::runtime(1_000);
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(clock.now_ms(), 3_601_000);
        clock.advance_ms(-1_000);
        assert_eq!(clock.now_ms(), 3_600_000);
        assert!(!clock.is_manual() && clock.differs_from_system());
    }

    #[test]
    fn dates_have_the_forms_of_the_wire() {
        let clock = SimClock::manual(1_925_089_445_000); // 2031-01-02T03:04:05Z
        assert_eq!(clock.login_error_time(), "Jan 2, 2031 3:04:05 AM");
        assert_eq!(clock.http_date(5), "Thu, 02 Jan 2031 03:04:10 GMT");
    }

    #[test]
    fn moving_beyond_the_end_of_time_saturates() {
        let clock = SimClock::manual(i64::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now_ms(), i64::MAX);
        let _ = (clock.http_date(u64::MAX), clock.login_error_time());
    }
}
