//! Records as rows of flat tables.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod agreement;
mod documents;
mod rows;
mod support;
