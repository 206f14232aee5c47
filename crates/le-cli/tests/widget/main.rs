//! The example widget in a real browser, and its backend without one.
//!
//! The tests in the browser are ignored unless they are asked for: `cargo xtask ci --only widget` gets Chromium and its driver,
//! and says where they are in `LE_CHROMIUM` and `LE_CHROMEDRIVER`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what surprises a test ends it; clippy knows test functions, not what they call"
)]

#[path = "../../examples/workspace_widget/service/mod.rs"]
mod service;

mod backend;
mod browser;
mod driver;
mod stage;
