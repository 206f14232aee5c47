//! Close codes.

/// The server goes away.
pub(crate) const GOING_AWAY: u16 = 1001;
/// A frame that is not what it says.
pub(crate) const INVALID_PAYLOAD: u16 = 1007;
/// The token of an authenticated identity is missing, invalid or over.
pub(crate) const TOKEN: u16 = 4401;
/// The token of an anonymous identity is over: the identity provider must extend it.
pub(crate) const IDENTITY: u16 = 4407;
