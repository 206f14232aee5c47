#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod generated;

pub mod agent_state;
pub mod client_properties;
pub mod close;
pub mod conversation;
pub mod dialect;
pub mod dialog;
pub mod frame;
pub mod recovery;
pub mod ring;
pub mod socket;
pub mod ttr;

pub use close::Close;
pub use dialect::{Dialect, TypeName};
pub use frame::{Envelope, Frame};
pub use recovery::{NextStep, Recovery};
pub use socket::SocketUrl;
