#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod data;
mod generated;
pub mod jsonl;
pub mod messaging_interactions;

pub use data::Data;

/// The operations of this crate as data, e.g. for limits per operation.
pub mod operations {
    pub use crate::generated::operations::{SEARCH_CONSUMER_CONVERSATIONS, SEARCH_CONVERSATION, SEARCH_CONVERSATIONS};
}
