//! WebSockets of agents and consumers.

mod carrier;
mod endpoint;
mod greeting;
mod handshake;

pub(crate) use endpoint::endpoint;
