//! Writing and removing records, within transactions.

use std::collections::BTreeSet;

use le_core::{Error, Result, Timestamp};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Statement, ToSql, Transaction, TransactionBehavior, params, params_from_iter};

use super::{RowCounts, schema};
use crate::destination::{Forgotten, Mode, WindowCounts};
use crate::entry::{Broken, Entry};
use crate::spool::Spool;
use crate::tables::{Cell, Layout};
use crate::window::Window;

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Cell::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Cell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Cell::Integer(value) => ToSqlOutput::Borrowed(ValueRef::Integer(*value)),
            Cell::Number(value) => ToSqlOutput::Borrowed(ValueRef::Real(*value)),
            Cell::Flag(value) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*value))),
            // SQLite's own functions read this form, and it sorts as time does.
            Cell::Time(millis) => ToSqlOutput::Owned(Value::Text(Timestamp::from_millis(*millis).to_string())),
        })
    }
}

/// Adds records, in a transaction that is open.
pub(super) struct Adder<'t> {
    layout: Layout,
    is_known: Statement<'t>,
    note: Statement<'t>,
    remove: Vec<Statement<'t>>,
    insert: Vec<Statement<'t>>,
}

impl<'t> Adder<'t> {
    pub(super) fn new(transaction: &'t Transaction<'_>, layout: &Layout) -> rusqlite::Result<Self> {
        let remove = layout.tables().iter().map(|table| {
            let key = table.columns[0].name;
            transaction.prepare(&format!("DELETE FROM {} WHERE {key} = ?", table.name))
        });
        let insert = layout
            .tables()
            .iter()
            .map(|table| transaction.prepare(&schema::insert(table)));
        Ok(Self {
            layout: layout.clone(),
            is_known: transaction.prepare("SELECT 1 FROM le_records WHERE key = ?")?,
            note: transaction.prepare(
                "INSERT INTO le_records (key, at) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET at = excluded.at",
            )?,
            remove: remove.collect::<rusqlite::Result<_>>()?,
            insert: insert.collect::<rusqlite::Result<_>>()?,
        })
    }

    /// Adds a record, in place of the one with its key. False where it cannot be read as one of its kind.
    pub(super) fn add(&mut self, entry: &Entry, at: i64) -> rusqlite::Result<bool> {
        let rows = self.layout.rows(entry);
        if !rows.is_whole() {
            return Ok(false);
        }
        if self.is_known.exists([&entry.key])? {
            for statement in &mut self.remove {
                statement.execute([&entry.key])?;
            }
        }
        self.note.execute(params![entry.key, at])?;
        for (table, statement) in self.insert.iter_mut().enumerate() {
            for row in rows.of(table) {
                statement.execute(params_from_iter(row))?;
            }
        }
        Ok(true)
    }
}

/// Writes a window in one transaction.
pub(super) fn write(
    connection: &mut Connection,
    layout: &Layout,
    window: &Window,
    mode: Mode,
    mut spool: Spool,
    failed: &dyn Fn(rusqlite::Error) -> Error,
) -> Result<WindowCounts> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    if mode == Mode::Replace {
        clear(&transaction, layout, window).map_err(failed)?;
    }
    let mut broken = std::mem::take(&mut spool.broken);
    {
        let mut adder = Adder::new(&transaction, layout).map_err(failed)?;
        let mut records = spool.into_records()?;
        while let Some(entry) = records.next_record()? {
            let at = entry.start.unwrap_or(window.from()).as_millis();
            if !adder.add(&entry, at).map_err(failed)? {
                broken.push(Broken::of_another_kind(entry.raw));
            }
        }
    }
    keep_broken(&transaction, window, &broken).map_err(failed)?;
    let mut counts = WindowCounts {
        broken: broken.len() as u64,
        ..WindowCounts::default()
    };
    (counts.records, counts.rows) = count(&transaction, layout, window).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(counts)
}

/// The bounds of a window, for a condition with `BETWEEN`.
fn bounds(window: &Window) -> [i64; 2] {
    [window.from().as_millis(), window.to().as_millis() - 1]
}

fn clear(transaction: &Transaction<'_>, layout: &Layout, window: &Window) -> rusqlite::Result<()> {
    for table in layout.tables() {
        let key = table.columns[0].name;
        let sql = format!(
            "DELETE FROM {} WHERE {key} IN (SELECT key FROM le_records WHERE at BETWEEN ? AND ?)",
            table.name
        );
        transaction.execute(&sql, bounds(window))?;
    }
    transaction.execute("DELETE FROM le_records WHERE at BETWEEN ? AND ?", bounds(window))?;
    transaction.execute("DELETE FROM broken_records WHERE at BETWEEN ? AND ?", bounds(window))?;
    Ok(())
}

/// Keeps the texts of records that could not be read, each once.
fn keep_broken(transaction: &Transaction<'_>, window: &Window, broken: &[Broken]) -> rusqlite::Result<()> {
    let at = window.from().as_millis();
    let mut remove = transaction.prepare("DELETE FROM broken_records WHERE at = ? AND raw = ?")?;
    let mut insert = transaction.prepare("INSERT INTO broken_records (at, reason, raw) VALUES (?, ?, ?)")?;
    for record in broken {
        remove.execute(params![at, record.raw.as_str()])?;
        insert.execute(params![at, record.reason, record.raw.as_str()])?;
    }
    Ok(())
}

fn count(transaction: &Transaction<'_>, layout: &Layout, window: &Window) -> rusqlite::Result<(u64, RowCounts)> {
    let one = |sql: &str| {
        let count: i64 = transaction.query_row(sql, bounds(window), |row| row.get(0))?;
        Ok::<u64, rusqlite::Error>(u64::try_from(count).unwrap_or_default())
    };
    let records = one("SELECT count(*) FROM le_records WHERE at BETWEEN ? AND ?")?;
    let mut rows = RowCounts::new();
    for table in layout.tables() {
        let (name, key) = (table.name, table.columns[0].name);
        let sql = format!(
            "SELECT count(*) FROM le_records JOIN {name} ON {name}.{key} = le_records.key WHERE at BETWEEN ? AND ?"
        );
        rows.insert(name.to_owned(), one(&sql)?);
    }
    Ok((records, rows))
}

/// The keys of a window.
pub(super) fn keys(connection: &mut Connection, window: &Window) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT key FROM le_records WHERE at BETWEEN ? AND ?")?;
    statement.query_map(bounds(window), |row| row.get(0))?.collect()
}

/// Removes records, and writes over the place where they were.
pub(super) fn forget(
    connection: &mut Connection,
    layout: &Layout,
    keys: &BTreeSet<String>,
) -> rusqlite::Result<Forgotten> {
    connection.execute_batch("PRAGMA secure_delete = ON")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut forgotten = Forgotten::default();
    let main = &layout.tables()[0];
    let (name, key) = (main.name, main.columns[0].name);
    for own in keys {
        let start = format!("SELECT start_time FROM {name} WHERE {key} = ?");
        let start = match transaction.query_row(&start, [own], |row| row.get::<_, Option<String>>(0)) {
            Ok(start) => start.and_then(|text| text.parse().ok()),
            Err(rusqlite::Error::QueryReturnedNoRows) => None,
            Err(error) => return Err(error),
        };
        if transaction.execute("DELETE FROM le_records WHERE key = ?", [own])? > 0 {
            forgotten.keys.insert(own.clone(), start);
        }
        for table in layout.tables() {
            let sql = format!("DELETE FROM {} WHERE {} = ?", table.name, table.columns[0].name);
            forgotten.touched += transaction.execute(&sql, [own])? as u64;
        }
        let broken = transaction.execute("DELETE FROM broken_records WHERE instr(raw, ?) > 0", [own])?;
        forgotten.touched += broken as u64;
        if broken > 0 {
            forgotten.keys.entry(own.clone()).or_insert(start);
        }
    }
    transaction.commit()?;
    // What was removed stands in the log still.
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA secure_delete = FAST")?;
    Ok(forgotten)
}
