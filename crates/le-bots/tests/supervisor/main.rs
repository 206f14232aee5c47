//! Links against the simulator, which shares no code with this crate: whatever happens to the sockets, every event comes once
//! and in order, and every publish is stored once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

mod consumers;
mod ends;
mod faults;
mod lives;
#[path = "../simulator/party.rs"]
#[allow(dead_code, reason = "shared with the tests of the bare connection")]
mod party;
mod stage;
