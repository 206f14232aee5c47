#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod checkpoint;
pub mod dataset;
pub mod destination;
mod engine;
mod entry;
mod failure;
pub mod formats;
mod json_lines;
mod keys;
mod manifest;
mod page_export;
pub mod place;
#[cfg(feature = "postgres")]
mod postgres;
pub mod query;
mod redact;
mod singer;
mod sink;
pub mod source;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod spool;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod state;
mod storage;
pub mod tables;
pub mod window;

pub use checkpoint::WindowEntry;
pub use dataset::Dataset;
pub use destination::{Destination, Mode, WindowCounts, WindowWriter};
pub use engine::{
    ChangeTally, Depth, Difference, Export, FailedWindow, Plan, Reread, RunError, RunOutcome, RunProgress, RunSummary,
    Verification, WindowTally,
};
pub use entry::{Broken, Entry, Head, RecordKind};
pub use failure::{ExportError, WriteFailure};
pub use formats::{Compression, JsonLines};
pub use json_lines::{JsonLinesFile, JsonLinesOptions};
pub use manifest::Manifest;
pub use page_export::{Outcome, PageExport, Progress, Summary};
pub use place::Place;
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use postgres::Postgres;
pub use redact::Redaction;
pub use singer::Singer;
pub use sink::{Safe, Sink};
pub use source::{AgentStatusChanges, Chats, Conversations, DataFileLines, Source};
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use sqlite::{Sqlite, SqliteQuery};
pub use storage::Storage;
pub use window::Window;
