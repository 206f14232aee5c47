//! Whole flows against the simulator, which shares no code with this crate: the traces of the protocol sheet, section 8.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

mod endings;
mod party;
mod traces;
mod variations;
