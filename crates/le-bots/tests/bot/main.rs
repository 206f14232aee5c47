//! Bots against the simulator, which shares no code with this crate, and the store under them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where something is not as expected"
)]

mod child;
mod clicks;
mod context;
mod duties;
mod ending;
mod failures;
mod handlers;
mod killed;
mod limits;
mod parrot;
mod store;
#[path = "../../examples/support/mod.rs"]
mod support;
mod telemetry;
