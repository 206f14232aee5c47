//! Leases on a real Redis server. `cargo xtask ci --only redis` gets the server and runs these; by hand:
//! `LE_REDIS_SERVER=/usr/bin/redis-server cargo test -p le-lease-redis --test redis -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

mod leases;
#[cfg(unix)]
mod processes;
mod server;
