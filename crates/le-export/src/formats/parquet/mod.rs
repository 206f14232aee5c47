//! Parquet: the tables as columns.
//!
//! The first table has, beside its flat columns and the column `raw`, a list for each other table: who reads conversations
//! needs no join, and who counts messages unnests the list. The other tables can be written by themselves too, for engines that
//! have a hard time with lists; it makes the files half as large again, and seven of one.

mod columns;
mod encoder;
mod part;
mod read;
mod schema;

use std::fs::File;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};

use le_core::{Error, ErrorKind, Result, Timestamp};
use parquet::basic::Compression;

use super::{CONVERSATION_TABLES, Encoder, Format, PartSink};
use crate::entry::RecordKind;
use crate::tables::{Layout, SCHEMA_VERSION};
use encoder::ParquetEncoder;
use schema::Shape;

/// How much all parts that are written at one time may hold in memory, in encoded bytes.
const MEMORY: usize = 40 << 20;

/// How large a row group may grow, in encoded bytes.
const ROW_GROUP: usize = 16 << 20;

/// How columns are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ParquetCompression {
    /// Snappy: quick, and read by every engine.
    #[default]
    Snappy,
    /// zstd at its quickest level: some third smaller than Snappy, and slower to write.
    #[cfg(feature = "zstd")]
    #[cfg_attr(docsrs, doc(cfg(feature = "zstd")))]
    Zstd,
    /// None.
    None,
}

/// Parquet files, one part for each window and table.
///
/// ```
/// use le_export::formats::{Format as _, Parquet};
///
/// assert_eq!(Parquet::new().tables(), ["conversations"]);
/// let parquet = Parquet::new().flat_tables(true);
/// assert_eq!(parquet.tables().len(), 7);
/// assert_eq!(parquet.extension(), "parquet");
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Parquet {
    layout: Layout,
    names: &'static [&'static str],
    compression: ParquetCompression,
    flat: bool,
    nested: bool,
    row_group: usize,
    memory: usize,
    held: Arc<AtomicUsize>,
    /// By table, made for the first part.
    shapes: OnceLock<Arc<[Shape]>>,
}

impl Default for Parquet {
    fn default() -> Self {
        Self::new()
    }
}

impl Parquet {
    /// Conversations with the lists within, compressed with Snappy.
    pub fn new() -> Self {
        Self {
            layout: Layout::conversations(),
            names: CONVERSATION_TABLES,
            compression: ParquetCompression::default(),
            flat: false,
            nested: true,
            row_group: ROW_GROUP,
            memory: MEMORY,
            held: Arc::default(),
            shapes: OnceLock::new(),
        }
    }

    /// How columns are compressed.
    pub fn compression(mut self, compression: ParquetCompression) -> Self {
        self.compression = compression;
        self.shapes.take();
        self
    }

    /// Whether the tables beside the first are written as files of their own. Off by default: the lists hold the same.
    pub fn flat_tables(mut self, yes: bool) -> Self {
        self.flat = yes;
        self
    }

    /// Whether the first table has a list for each other table. On by default. Without them and without
    /// [`flat_tables`](Self::flat_tables) there are the columns of the first table alone.
    pub fn nested_lists(mut self, yes: bool) -> Self {
        self.nested = yes;
        self.shapes.take();
        self
    }

    /// How large a row group may grow before it is written, in encoded bytes; 16 MiB by default. Larger ones are read quicker
    /// and compress better, and each part that is being written holds one in memory.
    pub fn row_group_bytes(mut self, bytes: usize) -> Self {
        self.row_group = bytes.max(64 << 10);
        self
    }

    /// How much all parts that are written at one time may hold in memory, in encoded bytes; 40 MiB by default. Where they reach
    /// it, row groups are written early.
    pub fn memory_bytes(mut self, bytes: usize) -> Self {
        self.memory = bytes.max(64 << 10);
        self
    }

    fn shapes(&self) -> Result<Arc<[Shape]>> {
        if let Some(shapes) = self.shapes.get() {
            return Ok(Arc::clone(shapes));
        }
        let shapes = (0..self.layout.tables().len()).map(|table| Shape::new(self, table));
        let shapes = shapes
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| broken("the tables cannot be described as Parquet", error))?;
        Ok(Arc::clone(self.shapes.get_or_init(|| shapes)))
    }

    fn codec(&self) -> Compression {
        match self.compression {
            ParquetCompression::Snappy => Compression::SNAPPY,
            #[cfg(feature = "zstd")]
            ParquetCompression::Zstd => Compression::ZSTD(parquet::basic::ZstdLevel::default()),
            ParquetCompression::None => Compression::UNCOMPRESSED,
        }
    }
}

impl Format for Parquet {
    fn bind(&mut self, kind: &'static RecordKind) -> Result<()> {
        if kind.name != "conversations" {
            (self.layout, self.names) = (Layout::records(), kind.table);
            self.shapes.take();
        }
        Ok(())
    }

    fn tables(&self) -> &'static [&'static str] {
        if self.flat { self.names } else { &self.names[..1] }
    }

    fn extension(&self) -> &'static str {
        "parquet"
    }

    fn describe(&self) -> String {
        let compression = match self.compression {
            ParquetCompression::Snappy => "snappy",
            #[cfg(feature = "zstd")]
            ParquetCompression::Zstd => "zstd",
            ParquetCompression::None => "uncompressed",
        };
        let lists = if self.nested { " nested" } else { "" };
        let tables = if self.flat { " flat" } else { "" };
        format!("parquet {compression}{lists}{tables} v{SCHEMA_VERSION}")
    }

    fn encoder(&self, sinks: Vec<PartSink>) -> Result<Box<dyn Encoder>> {
        Ok(Box::new(ParquetEncoder::new(self, sinks)?))
    }

    fn keys(&self, part: File, each: &mut dyn FnMut(&str, Option<Timestamp>) -> bool) -> Result<()> {
        read::keys(part, each)
    }
}

/// What Parquet reports, as an error of ours. Its messages name columns and offsets, never values.
fn broken(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    // A full disk has an advice of its own.
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return crate::place::write_failed(what, std::io::Error::new(io.kind(), io.to_string()));
        }
        cause = inner.source();
    }
    Error::new(ErrorKind::Io, format!("{what}: {error}")).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_layout() {
        let names: Vec<_> = Layout::conversations()
            .tables()
            .iter()
            .map(|table| table.name)
            .collect();
        assert_eq!(names, CONVERSATION_TABLES);
    }
}
