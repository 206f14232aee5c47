//! Questions to a file.

use std::path::{Path, PathBuf};

use le_core::{Error, ErrorKind, Result};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::{failed, schema};
use crate::query::{Answer, Rows, Value, explain_unknown, only_reads};

/// Reads a SQLite export with SQL. It can change nothing.
///
/// ```no_run
/// use le_export::SqliteQuery;
///
/// let question = "SELECT skill, avg(duration_ms) / 60000 AS minutes FROM conversations GROUP BY skill";
/// let answer = SqliteQuery::open("conversations.sqlite")?.answer(question)?;
/// # Ok::<_, le_core::Error>(())
/// ```
#[derive(Debug)]
pub struct SqliteQuery {
    path: PathBuf,
    connection: Connection,
}

impl SqliteQuery {
    /// Opens an export, for reading only.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]: it is not there, or is no export.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        if !path.is_file() {
            let message = format!("{}: there is no such file", path.display());
            return Err(
                Error::new(ErrorKind::Io, message).with_advice("export first, or name the file that was exported into")
            );
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|error| failed(&path, error))?;
        let application = || {
            connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;")?;
            // No other file can be reached.
            connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
            connection.query_row("PRAGMA application_id", [], |row| row.get::<_, i64>(0))
        };
        if application().map_err(|error| failed(&path, error))? != schema::APPLICATION {
            let message = format!("{}: the file is no export of this program", path.display());
            return Err(Error::new(ErrorKind::Io, message).with_advice("name the file that was exported into"));
        }
        Ok(Self { path, connection })
    }

    /// Asks, and hands the answer on row by row.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`]: the question is not understood, names what is not there, or would write; the advice lists
    /// tables and columns. Whatever `rows` reports.
    pub fn run(&self, sql: &str, rows: &mut dyn Rows) -> Result<()> {
        only_reads(sql)?;
        let mut statement = self
            .connection
            .prepare(sql)
            .map_err(|error| self.misunderstood(sql, &error))?;
        if !statement.readonly() {
            return Err(
                Error::validation("the question would change the export").with_advice("ask with SELECT or WITH")
            );
        }
        let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        rows.columns(&names)?;
        let mut found = statement.query([]).map_err(|error| self.misunderstood(sql, &error))?;
        let mut values = Vec::with_capacity(names.len());
        while let Some(row) = found.next().map_err(|error| self.misunderstood(sql, &error))? {
            values.clear();
            for at in 0..names.len() {
                let value = row.get_ref(at).map_err(|error| self.misunderstood(sql, &error))?;
                values.push(match value {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(value) => Value::Integer(value),
                    ValueRef::Real(value) => Value::Number(value),
                    ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                    ValueRef::Blob(bytes) => Value::Text(format!("<{} bytes>", bytes.len())),
                });
            }
            rows.row(&values)?;
        }
        Ok(())
    }

    /// Asks, and gives the answer as a whole.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn answer(&self, sql: &str) -> Result<Answer> {
        let mut answer = Answer::default();
        self.run(sql, &mut answer)?;
        Ok(answer)
    }

    /// The tables and views with their columns.
    ///
    /// # Errors
    /// [`ErrorKind::Io`].
    pub fn tables(&self) -> Result<Vec<(String, Vec<String>)>> {
        let read = || {
            let mut columns = self.connection.prepare(
                "SELECT m.name, p.name FROM sqlite_schema m, pragma_table_info(m.name) p
                  WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'le\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                  ORDER BY m.rowid, p.cid",
            )?;
            let mut tables: Vec<(String, Vec<String>)> = Vec::new();
            let mut rows = columns.query([])?;
            while let Some(row) = rows.next()? {
                let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
                match tables.last_mut() {
                    Some((name, columns)) if *name == table => columns.push(column),
                    _ => tables.push((table, vec![column])),
                }
            }
            Ok(tables)
        };
        read().map_err(|error| failed(&self.path, error))
    }

    fn misunderstood(&self, sql: &str, error: &rusqlite::Error) -> Error {
        let text = match error {
            rusqlite::Error::SqlInputError { msg, offset, .. } if *offset >= 0 => {
                format!("{msg} (at sign {})", offset + 1)
            }
            rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
            rusqlite::Error::MultipleStatement => "there is more than one question".to_owned(),
            other => other.to_string(),
        };
        let advice = if text.contains("no such table") || text.contains("no such column") {
            explain_unknown(sql, &self.tables().unwrap_or_default())
        } else {
            "see https://www.sqlite.org/lang_select.html".to_owned()
        };
        Error::validation(format!("the question is not understood: {text}")).with_advice(advice)
    }
}
