//! Runs the program as a user does, against a simulator in this process. Nothing leaves loopback.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what surprises a test ends it; clippy knows test functions, not what they call"
)]

mod attributes;
#[cfg(feature = "sim")]
mod bot;
#[cfg(feature = "sim")]
mod demo;
mod doctor;
#[cfg(all(feature = "sim", feature = "sqlite"))]
mod documents;
mod domain;
mod export;
mod get;
mod help;
mod lake;
mod login;
#[cfg(feature = "sim")]
mod messaging;
#[cfg(unix)]
mod process;
#[cfg(all(unix, feature = "sim"))]
mod simulator;
mod stage;
mod visitors;
