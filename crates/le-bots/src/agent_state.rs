//! Whether an agent takes conversations.

pub use crate::generated::enums::Availability;

impl Availability {
    /// Whether new conversations ring.
    #[must_use]
    pub fn takes_new(&self) -> bool {
        *self == Self::Online
    }

    /// Whether transfers ring.
    #[must_use]
    pub fn takes_transfers(&self) -> bool {
        matches!(self, Self::Online | Self::Occupied | Self::BackSoon)
    }
}
