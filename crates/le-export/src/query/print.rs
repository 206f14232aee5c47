//! Answers as text.

use std::io::Write;

use le_core::{Error, Result};
use serde::ser::SerializeMap as _;
use serde_json::value::RawValue;

use super::{Rows, Value};
use crate::place::write_failed;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AnswerFormat {
    /// Columns under each other, for a terminal.
    #[default]
    Table,
    /// CSV with a header (RFC 4180).
    Csv,
    /// One JSON object for each row, one on each line.
    Json,
}

/// A table is laid out in blocks of so many rows: an answer need not fit into memory.
const BLOCK: usize = 1_000;

/// Cells of a table are cut after so many signs.
const WIDEST: usize = 60;

/// Writes an answer as text, row by row.
///
/// ```
/// use le_export::query::{AnswerFormat, Printer, Rows as _, Value};
///
/// let mut out = Vec::new();
/// let mut printer = Printer::new(AnswerFormat::Table, &mut out);
/// printer.columns(&["skill".to_owned(), "average".to_owned()])?;
/// printer.row(&[Value::Text("Parcels".to_owned()), Value::Number(4.25)])?;
/// assert_eq!(printer.finish()?, 1);
/// assert_eq!(String::from_utf8(out)?, "skill    average\n-------  -------\nParcels     4.25\n");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct Printer<W: Write> {
    format: AnswerFormat,
    out: Out<W>,
    columns: Vec<String>,
    block: Vec<Vec<Value>>,
    rows: u64,
}

enum Out<W: Write> {
    Plain(W),
    Csv(Box<csv::Writer<W>>),
}

impl<W: Write> Printer<W> {
    /// Writes to `out`.
    pub fn new(format: AnswerFormat, out: W) -> Self {
        let out = match format {
            AnswerFormat::Csv => {
                let writer = csv::WriterBuilder::new()
                    .terminator(csv::Terminator::CRLF)
                    .from_writer(out);
                Out::Csv(Box::new(writer))
            }
            _ => Out::Plain(out),
        };
        Self {
            format,
            out,
            columns: Vec::new(),
            block: Vec::new(),
            rows: 0,
        }
    }

    /// Writes what is left, and tells how many rows there were.
    ///
    /// # Errors
    /// What the place of output reports.
    pub fn finish(mut self) -> Result<u64> {
        if self.format == AnswerFormat::Table && (self.rows == 0 || !self.block.is_empty()) {
            self.write_block()?;
        }
        let flushed = match &mut self.out {
            Out::Plain(out) => out.flush(),
            Out::Csv(out) => out.flush(),
        };
        flushed.map_err(|cause| write_failed("the answer", cause))?;
        Ok(self.rows)
    }

    fn write_block(&mut self) -> Result<()> {
        let cells: Vec<Vec<String>> = self.block.iter().map(|row| row.iter().map(shown).collect()).collect();
        let width = |at: usize| {
            let cells = cells.iter().map(|row| row[at].chars().count());
            cells
                .chain([self.columns[at].chars().count()])
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let right: Vec<bool> = (0..widths.len())
            .map(|at| {
                let mut values = self
                    .block
                    .iter()
                    .map(|row| &row[at])
                    .filter(|value| **value != Value::Null)
                    .peekable();
                values.peek().is_some() && values.all(|value| matches!(value, Value::Integer(_) | Value::Number(_)))
            })
            .collect();
        let mut text = String::new();
        let mut line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut own = String::new();
            for (at, cell) in cells.enumerate() {
                let gap = " ".repeat(widths[at].saturating_sub(cell.chars().count()));
                let (before, behind) = if right[at] {
                    (gap.as_str(), "")
                } else {
                    ("", gap.as_str())
                };
                let space = if at == 0 { "" } else { "  " };
                own.extend([space, before, cell, behind]);
            }
            text.push_str(own.trim_end());
            text.push('\n');
        };
        line(&mut self.columns.iter().map(String::as_str));
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        line(&mut rules.iter().map(String::as_str));
        for row in &cells {
            line(&mut row.iter().map(String::as_str));
        }
        self.block.clear();
        self.put(text.as_bytes())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.out {
            Out::Plain(out) => out.write_all(bytes).map_err(|cause| write_failed("the answer", cause)),
            Out::Csv(_) => Ok(()),
        }
    }

    fn put_record<T: AsRef<[u8]>>(&mut self, fields: impl Iterator<Item = T>) -> Result<()> {
        match &mut self.out {
            Out::Csv(out) => out.write_record(fields).map_err(|error| match error.into_kind() {
                csv::ErrorKind::Io(cause) => write_failed("the answer", cause),
                other => Error::validation(format!("the answer is no CSV: {other:?}")),
            }),
            Out::Plain(_) => Ok(()),
        }
    }
}

/// A cell on one line and no wider than a terminal can bear. Control signs could change the terminal: they are not shown.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    let clean = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign });
    let mut cell: String = clean.take(WIDEST + 1).collect();
    if cell.chars().count() > WIDEST {
        // Two signs make room for one: the dots count, too.
        cell.pop();
        cell.pop();
        cell.push('…');
    }
    cell
}

impl<W: Write> Rows for Printer<W> {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        self.columns = names.to_vec();
        self.put_record(names.iter())
    }

    fn row(&mut self, values: &[Value]) -> Result<()> {
        self.rows += 1;
        match self.format {
            AnswerFormat::Table => {
                self.block.push(values.to_vec());
                if self.block.len() < BLOCK {
                    Ok(())
                } else {
                    self.write_block()
                }
            }
            AnswerFormat::Csv => self.put_record(values.iter().map(ToString::to_string)),
            AnswerFormat::Json => {
                let line = json(&self.columns, values)
                    .map_err(|error| Error::validation(format!("the answer is no JSON: {error}")))?;
                self.put(&line)
            }
        }
    }
}

fn json(columns: &[String], values: &[Value]) -> Result<Vec<u8>, serde_json::Error> {
    let mut line = Vec::new();
    let mut writer = serde_json::Serializer::new(&mut line);
    let mut object = serde::Serializer::serialize_map(&mut writer, Some(columns.len()))?;
    for (name, value) in columns.iter().zip(values) {
        match value {
            Value::Null => object.serialize_entry(name, &())?,
            Value::Text(text) => object.serialize_entry(name, text)?,
            Value::Integer(value) => object.serialize_entry(name, value)?,
            Value::Number(value) => object.serialize_entry(name, value)?,
            Value::Flag(value) => object.serialize_entry(name, value)?,
            Value::Json(text) => match serde_json::from_str::<&RawValue>(text) {
                Ok(raw) => object.serialize_entry(name, raw)?,
                Err(_) => object.serialize_entry(name, text)?,
            },
        }
    }
    object.end()?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(format: AnswerFormat, rows: &[Vec<Value>]) -> String {
        let mut out = Vec::new();
        let mut printer = Printer::new(format, &mut out);
        printer.columns(&["a".to_owned(), "number".to_owned()]).unwrap();
        rows.iter().for_each(|row| printer.row(row).unwrap());
        assert_eq!(printer.finish().unwrap(), rows.len() as u64);
        String::from_utf8(out).unwrap()
    }

    fn rows() -> Vec<Vec<Value>> {
        vec![
            vec![Value::Text("x, \"y\"\nz\u{1b}[31m".to_owned()), Value::Integer(5)],
            vec![Value::Null, Value::Number(-0.5)],
            vec![Value::Json("[1, {}]".to_owned()), Value::Null],
        ]
    }

    #[test]
    fn every_form_shows_every_value() {
        assert_eq!(
            printed(AnswerFormat::Table, &rows()),
            "a              number\n-------------  ------\nx, \"y\" z [31m       5\n                 -0.5\n[1, {}]\n"
        );
        assert_eq!(
            printed(AnswerFormat::Csv, &rows()),
            "a,number\r\n\"x, \"\"y\"\"\nz\u{1b}[31m\",5\r\n,-0.5\r\n\"[1, {}]\",\r\n"
        );
        assert_eq!(
            printed(AnswerFormat::Json, &rows()),
            "{\"a\":\"x, \\\"y\\\"\\nz\\u001b[31m\",\"number\":5}\n{\"a\":null,\"number\":-0.5}\n{\"a\":[1, {}],\"number\":null}\n"
        );
    }

    #[test]
    fn no_rows_are_a_header_and_long_cells_are_cut() {
        assert_eq!(printed(AnswerFormat::Table, &[]), "a  number\n-  ------\n");
        let long = printed(AnswerFormat::Table, &[vec![Value::Text("é".repeat(500)), Value::Null]]);
        assert!(long.contains('…') && long.lines().all(|line| line.chars().count() <= WIDEST + 8));
    }
}
