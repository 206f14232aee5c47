//! CSV and Parquet: what was written is read again, and copied into newer parts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod csv;
#[cfg(feature = "parquet")]
mod parquet;
mod support;
