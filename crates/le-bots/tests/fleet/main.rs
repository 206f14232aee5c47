//! Fleets: leases, and many bot users against le-sim.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

#[cfg(feature = "health")]
mod endpoint;
#[cfg(feature = "file-leases")]
mod file_leases;
mod holding;
#[cfg(feature = "file-leases")]
mod moving;
mod running;
mod stage;
