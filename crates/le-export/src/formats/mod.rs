//! How the parts of a dataset are encoded.
//!
//! A format works on files of this machine, on a thread that may wait: the dataset brings parts there and publishes them.

mod csv;
mod json_lines;
#[cfg(feature = "parquet")]
mod parquet;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Write;

use le_core::{Result, Timestamp};

pub use csv::Csv;
pub use json_lines::{Compression, JsonLines};
#[cfg(feature = "parquet")]
#[cfg_attr(docsrs, doc(cfg(feature = "parquet")))]
pub use parquet::{Parquet, ParquetCompression};

use crate::entry::{Broken, Entry, RecordKind};

/// The tables of conversations.
const CONVERSATION_TABLES: &[&str] = &[
    "conversations",
    "messages",
    "participants",
    "transfers",
    "dialogs",
    "surveys",
    "sdes",
];

/// Where an encoder writes the part of one table.
pub type PartSink = Box<dyn Write + Send>;

/// An encoding of parts.
pub trait Format: Send + Sync + fmt::Debug + 'static {
    /// Is told what kind of records will come, before anything else. By default it takes conversations only.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation) where it cannot hold them.
    fn bind(&mut self, kind: &'static RecordKind) -> Result<()> {
        kind.only_conversations(&self.describe())
    }

    /// The tables, by name. The first has one row for each record, with its key.
    fn tables(&self) -> &'static [&'static str];

    /// How the names of parts end, without a dot in front, e.g. `jsonl.zst`.
    fn extension(&self) -> &'static str;

    /// The encoding with its settings and its version, e.g. `jsonl zstd v1`. Parts of another description do not go together.
    fn describe(&self) -> String;

    /// Starts a part of each table; `sinks` are in the order of [`tables`](Self::tables).
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    fn encoder(&self, sinks: Vec<PartSink>) -> Result<Box<dyn Encoder>>;

    /// Reads the key and the start of each row of a part of the first table, and stops where `each` says false.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io) or [`ErrorKind::Decode`](le_core::ErrorKind::Decode).
    fn keys(&self, part: File, each: &mut dyn FnMut(&str, Option<Timestamp>) -> bool) -> Result<()>;
}

/// Encodes records into the parts of all tables.
pub trait Encoder: Send {
    /// Takes records. Those that the format cannot read come back, and are not in any table.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    fn write(&mut self, entries: &[Entry]) -> Result<Vec<Broken>>;

    /// Takes the rows of an older part of `table` (its number in [`Format::tables`]), except those of records whose key is to be
    /// left out. Parts that an older version of this format wrote are read too.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io) or [`ErrorKind::Decode`](le_core::ErrorKind::Decode).
    fn copy(&mut self, table: usize, part: File, leave_out: &dyn Fn(&str) -> bool) -> Result<()>;

    /// Ends the parts, and flushes their sinks. Gives the rows by table.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    fn finish(self: Box<Self>) -> Result<BTreeMap<String, u64>>;
}
