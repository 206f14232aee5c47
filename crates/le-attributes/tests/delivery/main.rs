//! Sessions and reporters over a service in memory, with time that stands still unless everybody waits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod bounds;
mod faults;
mod order;
mod service;
mod session;
