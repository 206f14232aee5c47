#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod agent_activity;
pub mod bulk_files;
pub mod consumer_history;
mod data;
pub mod data_access;
pub mod engagement_history;
mod file_stream;
mod generated;
pub mod hosted_files;
pub mod jsonl;
pub mod messaging_interactions;
pub mod pages;
mod times;

pub use data::Data;

/// The operations of this crate as data, e.g. for limits per operation.
pub mod operations {
    pub use crate::generated::operations::*;
}
