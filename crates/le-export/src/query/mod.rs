//! Questions in SQL, and their answers in a form that a terminal, a spreadsheet or a program can take.

mod print;
mod sql;

use std::fmt;

use le_core::Result;

pub use print::{AnswerFormat, Printer};
pub use sql::{explain_unknown, only_reads};

/// One value of an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// NULL.
    Null,
    /// Text, also instants (RFC 3339) and whatever else has no form of its own.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// JSON text, e.g. of a list.
    Json(String),
}

impl fmt::Display for Value {
    /// As in a table; NULL is empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => Ok(()),
            Value::Text(text) | Value::Json(text) => f.write_str(text),
            Value::Integer(value) => fmt::Display::fmt(value, f),
            Value::Number(value) => fmt::Display::fmt(value, f),
            Value::Flag(value) => fmt::Display::fmt(value, f),
        }
    }
}

/// Takes an answer row by row.
pub trait Rows {
    /// The names of the columns; comes once, before the rows.
    ///
    /// # Errors
    /// What the place of output reports.
    fn columns(&mut self, names: &[String]) -> Result<()>;

    /// A row.
    ///
    /// # Errors
    /// What the place of output reports.
    fn row(&mut self, values: &[Value]) -> Result<()>;
}

/// An answer as a whole, for small ones.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Answer {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

impl Rows for Answer {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        self.columns = names.to_vec();
        Ok(())
    }

    fn row(&mut self, values: &[Value]) -> Result<()> {
        self.rows.push(values.to_vec());
        Ok(())
    }
}
