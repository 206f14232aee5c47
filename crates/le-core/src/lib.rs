#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod account;
pub mod auth;
pub mod base;
pub mod client;
pub mod clock;
pub mod discover;
pub mod error;
pub mod hook;
pub mod id;
pub mod limit;
mod open_enum;
pub mod operation;
pub mod page;
mod pipeline;
pub mod response;
pub mod retry;
pub mod secret;
pub mod telemetry;
#[cfg(feature = "test-util")]
#[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
pub mod testing;
pub mod time;
pub mod transport;
pub mod wire;

pub use account::AccountId;
pub use auth::Authorize;
pub use base::{BaseUri, TrustedHosts};
pub use client::{Call, Client, ClientBuilder};
pub use discover::Discover;
pub use error::{Disposition, Error, ErrorKind, Result};
pub use operation::{Operation, OperationSpec};
pub use response::{RawResponse, StreamedResponse};
pub use secret::Secret;
pub use time::{TimeRange, Timestamp};
pub use transport::Transport;

#[doc(hidden)]
pub mod __private {
    pub use serde;
    pub use serde_json;
}
