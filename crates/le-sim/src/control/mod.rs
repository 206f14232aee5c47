//! The control API under `/_sim`, and the same things as a Rust handle.

mod handle;
mod http_api;
mod messaging;
mod messaging_api;

pub use handle::{Control, FaultCount};
pub use messaging::MessagingControl;

pub(crate) use http_api::router;
