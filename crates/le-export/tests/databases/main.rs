//! Databases as destinations: what every one of them keeps, and what is special to each.
//!
//! The tests on PostgreSQL need a server, whose address stands in `LE_POSTGRES_URL`; `cargo xtask ci --only postgres` brings one.

#![cfg(any(feature = "postgres", feature = "sqlite"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod contract;
mod kill;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod support;
