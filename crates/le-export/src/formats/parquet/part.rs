//! One Parquet file while it is written.
//!
//! It stands in for the writer of the `parquet` crate that takes whole batches, since it needs to say when: the text of records
//! is encoded page by page while they come, and the other columns for many records at once.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef};
use arrow_schema::SchemaRef;
use le_core::Result;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;

use super::broken;
use super::schema::{PAGE, Shape};
use crate::formats::PartSink;

pub(super) struct Part {
    file: SerializedFileWriter<PartSink>,
    factory: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    /// The columns of the row group that is under way; none between row groups.
    columns: Vec<ArrowColumnWriter>,
    groups: usize,
    pub(super) rows: u64,
}

impl Part {
    pub(super) fn new(shape: &Shape, sink: PartSink) -> Result<Self> {
        let file = SerializedFileWriter::new(sink, Arc::clone(&shape.root), Arc::clone(&shape.properties))
            .map_err(|error| broken("a Parquet file cannot be started", error))?;
        Ok(Self {
            factory: ArrowRowGroupWriterFactory::new(&file, Arc::clone(&shape.schema)),
            file,
            schema: Arc::clone(&shape.schema),
            columns: Vec::new(),
            groups: 0,
            rows: 0,
        })
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Encodes columns of `rows` rows, the first ones of the schema. What is missing of the last one was given to
    /// [`write_texts`](Self::write_texts), or is given to it before the row group ends.
    pub(super) fn write(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        self.begin_group()?;
        let mut writers = self.columns.iter_mut();
        let mut write = || -> Result<(), ParquetError> {
            for (field, column) in self.schema.fields().iter().zip(columns) {
                for leaf in compute_leaves(field, column)? {
                    if let Some(writer) = writers.next() {
                        writer.write(&leaf)?;
                    }
                }
            }
            Ok(())
        };
        write().map_err(cannot)?;
        self.rows += rows as u64;
        Ok(())
    }

    /// Encodes texts of records, the last column, in pages of about [`PAGE`] bytes. The crate's writer looks at the size of a page
    /// only behind each thousand values of what it is given at once, and that would be megabytes.
    pub(super) fn write_texts(&mut self, texts: &ArrayRef) -> Result<()> {
        if texts.is_empty() {
            return Ok(());
        }
        self.begin_group()?;
        let (Some(writer), Some(field)) = (self.columns.last_mut(), self.schema.fields().last()) else {
            return Ok(());
        };
        let mut write = || -> Result<(), ParquetError> {
            for page in pages(texts) {
                let page = texts.slice(page.start, page.len());
                for leaf in compute_leaves(field, &page)? {
                    writer.write(&leaf)?;
                }
            }
            Ok(())
        };
        write().map_err(cannot)
    }

    fn begin_group(&mut self) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = self.factory.create_column_writers(self.groups).map_err(cannot)?;
        }
        Ok(())
    }

    /// Ends the row group that is under way, if any, and writes it.
    pub(super) fn end_group(&mut self) -> Result<()> {
        let columns = std::mem::take(&mut self.columns);
        if columns.is_empty() {
            return Ok(());
        }
        let write = || -> Result<(), ParquetError> {
            let mut group = self.file.next_row_group()?;
            for column in columns {
                column.close()?.append_to_row_group(&mut group)?;
            }
            group.close().map(drop)
        };
        write().map_err(cannot)?;
        self.groups += 1;
        Ok(())
    }

    /// The bytes that the row group under way holds in memory.
    pub(super) fn size(&self) -> usize {
        self.columns.iter().map(ArrowColumnWriter::memory_size).sum()
    }

    pub(super) fn finish(&mut self) -> Result<()> {
        self.end_group()?;
        let finished = self.file.finish().map(drop);
        finished.map_err(|error| broken("a Parquet file cannot be finished", error))
    }
}

/// Runs of texts that fill a page each; the last one may be short of it.
fn pages(texts: &ArrayRef) -> impl Iterator<Item = Range<usize>> {
    let ends = texts.as_string::<i32>().value_offsets();
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = ends.get(start + 1..).filter(|rest| !rest.is_empty())?;
        let full = ends[start] as usize + PAGE;
        let more = rest.partition_point(|end| (*end as usize) < full) + 1;
        let page = start..start + more.min(rest.len());
        start = page.end;
        Some(page)
    })
}

fn cannot(error: ParquetError) -> le_core::Error {
    broken("a Parquet file cannot be written", error)
}
