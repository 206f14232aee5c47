//! What each call sends, and what becomes of each answer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod external;
mod legacy;
mod loading;
mod monitoring;
mod refusals;
mod stage;
mod visit;
