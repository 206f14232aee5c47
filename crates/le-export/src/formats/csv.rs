//! CSV: the tables as comma-separated text.

use std::collections::BTreeMap;
use std::fs::File;

use csv::{ReaderBuilder, StringRecord, Terminator, Writer, WriterBuilder};
use le_core::{Error, ErrorKind, Result, Timestamp};

use super::json_lines::{Compressor, reader};
use super::{Compression, Encoder, Format, PartSink};
use crate::entry::{Broken, Entry, RecordKind};
use crate::place::write_failed;
use crate::tables::{Cell, Layout, SCHEMA_VERSION, Table};

/// CSV as RFC 4180 has it, one part with a header for each window and table.
///
/// NULL is an empty field; the tables hold no empty text, so the two cannot be confused. Times are RFC 3339 in UTC with
/// milliseconds, flags `true` and `false`. Fields may hold line breaks, in quotes: the column `raw` often does.
///
/// Consumers write what they like, and spreadsheets run what begins with `=`. Files for spreadsheets should be written with
/// [`for_spreadsheets`](Self::for_spreadsheets); files for programs should not, since it changes the text.
#[derive(Debug, Clone)]
#[must_use]
pub struct Csv {
    layout: Layout,
    names: &'static [&'static str],
    compression: Compression,
    for_spreadsheets: bool,
}

impl Csv {
    /// With this compression.
    pub fn new(compression: Compression) -> Self {
        Self {
            layout: Layout::conversations(),
            names: super::CONVERSATION_TABLES,
            compression,
            for_spreadsheets: false,
        }
    }

    /// Puts a `'` before text that a spreadsheet would take for a formula: what begins with `=`, `+`, `-`, `@`, a tab or a line
    /// break. Ids and numbers stay as they are.
    pub fn for_spreadsheets(mut self, yes: bool) -> Self {
        self.for_spreadsheets = yes;
        self
    }
}

impl Default for Csv {
    fn default() -> Self {
        Self::new(Compression::default())
    }
}

impl Format for Csv {
    fn bind(&mut self, kind: &'static RecordKind) -> Result<()> {
        if kind.name != "conversations" {
            (self.layout, self.names) = (Layout::records(), kind.table);
        }
        Ok(())
    }

    fn tables(&self) -> &'static [&'static str] {
        self.names
    }

    fn extension(&self) -> &'static str {
        match self.compression {
            Compression::Plain => "csv",
            Compression::Gzip => "csv.gz",
            #[cfg(feature = "zstd")]
            Compression::Zstd => "csv.zst",
        }
    }

    fn describe(&self) -> String {
        let guarded = if self.for_spreadsheets { " for spreadsheets" } else { "" };
        format!("{}{guarded} v{SCHEMA_VERSION}", self.extension())
    }

    fn encoder(&self, sinks: Vec<PartSink>) -> Result<Box<dyn Encoder>> {
        let part = |(sink, table)| Part::new(self.compression, sink, table);
        let parts = sinks.into_iter().zip(self.layout.tables()).map(part);
        Ok(Box::new(CsvEncoder {
            layout: self.layout.clone(),
            names: self.names,
            compression: self.compression,
            for_spreadsheets: self.for_spreadsheets,
            parts: parts.collect::<Result<_>>()?,
            field: String::new(),
        }))
    }

    fn keys(&self, part: File, each: &mut dyn FnMut(&str, Option<Timestamp>) -> bool) -> Result<()> {
        let start = self.layout.tables()[0].position("start_time");
        for_each_row(self.compression, part, &self.layout.tables()[0], |row| {
            let start = start.and_then(|at| row.get(at)).and_then(|text| text.parse().ok());
            Ok(each(row.get(0).unwrap_or_default(), start))
        })
    }
}

struct Part {
    table: &'static Table,
    out: Writer<Compressor>,
    rows: u64,
}

impl Part {
    fn new(compression: Compression, sink: PartSink, table: &'static Table) -> Result<Self> {
        let out = Compressor::new(compression, sink).map_err(|cause| write_failed("a part of CSV", cause))?;
        let mut out = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
        let names = table.columns.iter().map(|column| column.name);
        out.write_record(names).map_err(failed)?;
        Ok(Self { table, out, rows: 0 })
    }
}

struct CsvEncoder {
    layout: Layout,
    names: &'static [&'static str],
    compression: Compression,
    for_spreadsheets: bool,
    parts: Vec<Part>,
    field: String,
}

impl Encoder for CsvEncoder {
    fn write(&mut self, entries: &[Entry]) -> Result<Vec<Broken>> {
        let mut unreadable = Vec::new();
        for entry in entries {
            let rows = self.layout.rows(entry);
            if !rows.is_whole() {
                unreadable.push(Broken::of_another_kind(entry.raw.clone()));
                continue;
            }
            for (at, part) in self.parts.iter_mut().enumerate() {
                for row in rows.of(at) {
                    for cell in row {
                        self.field.clear();
                        write_cell(cell, self.for_spreadsheets, &mut self.field);
                        part.out.write_field(&self.field).map_err(failed)?;
                    }
                    part.out.write_record(None::<&[u8]>).map_err(failed)?;
                    part.rows += 1;
                }
            }
        }
        Ok(unreadable)
    }

    fn copy(&mut self, table: usize, part: File, leave_out: &dyn Fn(&str) -> bool) -> Result<()> {
        let Part { table, out, rows } = &mut self.parts[table];
        for_each_row(self.compression, part, table, |row| {
            if !row.get(0).is_some_and(leave_out) {
                out.write_record(row).map_err(failed)?;
                *rows += 1;
            }
            Ok(true)
        })
    }

    fn finish(self: Box<Self>) -> Result<BTreeMap<String, u64>> {
        let mut counts = BTreeMap::new();
        for (part, name) in self.parts.into_iter().zip(self.names) {
            let out = part
                .out
                .into_inner()
                .map_err(|error| write_failed("a part of CSV", error.into_error()))?;
            out.finish().map_err(|cause| write_failed("a part of CSV", cause))?;
            counts.insert((*name).to_owned(), part.rows);
        }
        Ok(counts)
    }
}

fn failed(error: csv::Error) -> Error {
    let what = "a part of CSV";
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => write_failed(what, cause),
        other => Error::new(ErrorKind::Io, format!("{what}: {other:?}")),
    }
}

/// A cell as text.
fn write_cell(cell: &Cell<'_>, for_spreadsheets: bool, out: &mut String) {
    use std::fmt::Write as _;
    // Writing to a string cannot fail.
    let _ = match cell {
        Cell::Null => Ok(()),
        Cell::Text(text) => {
            let is_number = || text.parse::<f64>().is_ok();
            if for_spreadsheets && text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number() {
                out.push('\'');
            }
            out.push_str(text);
            Ok(())
        }
        Cell::Integer(value) => write!(out, "{value}"),
        Cell::Number(value) => write!(out, "{value}"),
        Cell::Flag(value) => write!(out, "{value}"),
        Cell::Time(millis) => write!(out, "{}", Timestamp::from_millis(*millis)),
    };
}

/// Goes through the rows of a part in the order of the table's columns, until `each` says false. Columns that an older version
/// did not write are empty; one that this version does not know is an error.
fn for_each_row(
    compression: Compression,
    part: File,
    table: &Table,
    mut each: impl FnMut(&StringRecord) -> Result<bool>,
) -> Result<()> {
    let unreadable = |what: String| {
        Error::new(
            ErrorKind::Decode,
            format!("a part of {} cannot be read: {what}", table.name),
        )
        .with_advice("remove the part and its window's manifest entry, then run that window again")
    };
    let input = reader(compression, part).map_err(|error| unreadable(error.to_string()))?;
    let mut rows = ReaderBuilder::new().from_reader(input);
    let header = rows.headers().map_err(|error| unreadable(kind_of(&error)))?.clone();
    if let Some(unknown) = header.iter().find(|name| table.position(name).is_none()) {
        let message = format!(
            "a part of {} has a column {unknown:?} that this version does not know",
            table.name
        );
        return Err(Error::new(ErrorKind::Decode, message)
            .with_advice("a newer version of this program wrote into the dataset: use that one, or another place"));
    }
    let places: Vec<Option<usize>> = table
        .columns
        .iter()
        .map(|column| header.iter().position(|name| name == column.name))
        .collect();
    let is_same = places.iter().enumerate().all(|(at, place)| *place == Some(at));
    let mut row = StringRecord::new();
    while rows
        .read_record(&mut row)
        .map_err(|error| unreadable(kind_of(&error)))?
    {
        let goes_on = if is_same {
            each(&row)?
        } else {
            let field = |place: &Option<usize>| place.and_then(|at| row.get(at)).unwrap_or_default();
            each(&places.iter().map(field).collect())?
        };
        if !goes_on {
            return Ok(());
        }
    }
    Ok(())
}

/// What is wrong with a file, without any of its text.
fn kind_of(error: &csv::Error) -> String {
    let at = error
        .position()
        .map_or_else(String::new, |at| format!(" at line {}", at.line()));
    let what = match error.kind() {
        csv::ErrorKind::Io(cause) => cause.to_string(),
        csv::ErrorKind::Utf8 { .. } => "text that is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { .. } => "a row with too many or too few fields".to_owned(),
        _ => "broken CSV".to_owned(),
    };
    format!("{what}{at}")
}
