#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod export;
mod failure;
mod json_lines;
mod sink;
mod storage;

pub use export::{Export, Outcome, Progress, Summary};
pub use failure::{ExportError, WriteFailure};
pub use json_lines::{JsonLinesFile, JsonLinesOptions};
pub use sink::{Safe, Sink};
pub use storage::Storage;
