//! One connection against a scripted peer, and how it is opened.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod endings;
mod frames;
mod gate;
mod limits;
mod opening;
mod peer;
mod requests;
mod tasks;
