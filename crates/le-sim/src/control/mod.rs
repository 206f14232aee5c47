//! The control API under `/_sim`, and the same things as a Rust handle.

mod handle;
mod http_api;

pub use handle::{Control, FaultCount};

pub(crate) use http_api::router;
