//! The engine against the simulator: full loads, increments, faults, kills, stores, single records.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod faults;
mod full_load;
mod increments;
mod kills;
mod signed;
mod singer;
mod single;
mod sources;
mod stores;
mod support;
