//! Time to respond: how urgent a conversation is.

pub use crate::generated::enums::{DelayType, TtrType};

use std::time::Duration;

use le_core::Timestamp;
use le_core::wire::Int;

le_core::record! {
    /// The time to respond that was promised.
    pub struct Ttr {
        /// The class of urgency.
        kind: Option<TtrType> = "ttrType" [safe],
        /// Seconds.
        value: Option<Int> = "value" [safe],
    }
}

impl Ttr {
    /// The promised time; `None` where none was sent or it is negative.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        let seconds = self.value.as_ref()?.get();
        u64::try_from(seconds).ok().map(Duration::from_secs)
    }

    /// Whether it is this class with so many seconds.
    pub(crate) fn is(&self, kind: &TtrType, seconds: i64) -> bool {
        self.kind.as_ref() == Some(kind) && self.value.as_ref().map(Int::get) == Some(seconds)
    }
}

le_core::record! {
    /// That answers are delayed, and until when.
    pub struct Delay {
        /// Why.
        kind: Option<DelayType> = "type" [safe],
        /// Until when.
        till_when: Option<Timestamp> = "tillWhen" [safe],
    }
}

/// When the next answer is due, from `effectiveTTR` in milliseconds since 1970; -1 means that nothing is.
///
/// ```
/// use le_bots::ttr::due;
/// assert_eq!(due(-1), None);
/// assert_eq!(due(1_760_000_601_500).unwrap().as_millis(), 1_760_000_601_500);
/// ```
#[must_use]
pub fn due(effective_ttr: i64) -> Option<Timestamp> {
    (effective_ttr >= 0).then(|| Timestamp::from_millis(effective_ttr))
}
