//! Runs the program as a user does, against a simulator in this process. Nothing leaves loopback.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what surprises a test ends it; clippy knows test functions, not what they call"
)]

mod demo;
mod doctor;
mod domain;
mod export;
mod get;
mod help;
mod login;
#[cfg(unix)]
mod process;
mod stage;
