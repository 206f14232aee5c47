//! What the messaging commands share: the socket, the keyboard, and how events are shown.

pub(crate) mod card;
pub(crate) mod conversation;
pub(crate) mod keyboard;
pub(crate) mod socket;
pub(crate) mod transcript;
