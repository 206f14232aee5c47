//! The control API under `/_sim`, and the same things as a Rust handle.

mod handle;
mod history;
mod http_api;
mod messaging;
mod messaging_api;
mod monitoring;
mod monitoring_api;

pub use handle::{Control, FaultCount};
pub use history::HistoryControl;
pub use messaging::MessagingControl;
pub use monitoring::MonitoringControl;

pub(crate) use http_api::router;
