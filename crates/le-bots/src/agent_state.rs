//! Whether an agent takes conversations.

le_core::open_enum! {
    /// The availability of an agent. An agent who is not connected is rung by nobody, whatever it says.
    pub enum Availability {
        /// Rung for new conversations and transfers.
        Online => "ONLINE",
        /// Rung for transfers only. The vendor's agent SDK says so; the schema has `BACK_SOON` in its place.
        Occupied => "OCCUPIED",
        /// As [`Occupied`](Self::Occupied), in the schema's word.
        BackSoon => "BACK_SOON",
        /// Not rung.
        Away => "AWAY",
        /// Not there.
        Offline => "OFFLINE",
    }
}

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
