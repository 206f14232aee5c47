//! Every API beside Messaging Interactions: what is asked, what is read, and what goes wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod agent_activity;
mod bulk_files;
mod consumer_history;
mod data_access;
mod defects;
mod engagement_history;
mod large_files;
mod questions;
mod shapes;
mod simulated;
mod stage;
