//! JSON Lines: one record, as received, on each line.

use std::io::{self, Write};

use le_core::wire::RawRecord;

/// Writes records as JSON Lines to any writer, byte for byte as received (line breaks between tokens become spaces).
///
/// It writes a line in one call of `write_all`, so that a writer that takes a line whole or not at all never holds half a one.
/// To write files that stay whole when the disk is full, see the crate `le-export`.
///
/// ```
/// use le_core::wire::RawRecord;
/// use le_data::jsonl::JsonLines;
///
/// let mut lines = JsonLines::new(Vec::new());
/// lines.write(&RawRecord::new("{\"a\": 1}")?)?;
/// assert_eq!(lines.records(), 1);
/// assert_eq!(lines.into_inner(), b"{\"a\": 1}\n");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
    line: Vec<u8>,
    records: u64,
    bytes: u64,
}

impl<W: Write> JsonLines<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            line: Vec::new(),
            records: 0,
            bytes: 0,
        }
    }

    /// Writes one record as one line.
    ///
    /// # Errors
    /// What the writer reports. The record is then not counted; part of its line may have been written.
    pub fn write(&mut self, record: &RawRecord) -> io::Result<()> {
        self.line.clear();
        record.write_line(&mut self.line)?;
        self.out.write_all(&self.line)?;
        self.records += 1;
        self.bytes += self.line.len() as u64;
        Ok(())
    }

    /// Flushes the writer.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// How many records have been written.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// How many bytes that were.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }
}
