//! Files of older versions, and files that are none of ours.

use std::path::Path;

use le_core::wire::RawRecord;
use le_core::{Error, ErrorKind, Result, Timestamp};
use rusqlite::{Connection, TransactionBehavior};

use super::store::Adder;
use super::{failed, schema};
use crate::entry::Entry;
use crate::tables::{Layout, SCHEMA_VERSION};

/// Makes the tables in a new file, and makes those of an older file anew from the raw texts that it holds.
pub(super) fn bring_up_to_date(connection: &mut Connection, layout: &Layout, path: &Path) -> Result<()> {
    let failed = |error| failed(path, error);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let number = |sql: &str| {
        transaction
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .map_err(failed)
    };
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let current = i64::from(SCHEMA_VERSION);
    if application != schema::APPLICATION && (application != 0 || tables > 0) {
        let message = format!("{}: the file is a database of another program", path.display());
        return Err(Error::new(ErrorKind::Io, message).with_advice("choose another name; it was not changed"));
    }
    if version > current {
        let message = format!(
            "{}: the file has tables of version {version}, and this program writes version {current}",
            path.display()
        );
        return Err(Error::new(ErrorKind::Io, message)
            .with_advice("use the newer version of this program, or export into another file; it was not changed"));
    }
    if application == schema::APPLICATION && version == current {
        return Ok(());
    }
    if tables == 0 {
        transaction.execute_batch(&schema::create(layout)).map_err(failed)?;
    } else {
        tracing::info!(
            from = version,
            to = current,
            "the tables of a SQLite file are brought up to date"
        );
        rebuild(&transaction, layout).map_err(failed)?;
    }
    transaction
        .pragma_update(None, "application_id", schema::APPLICATION)
        .and_then(|()| transaction.pragma_update(None, "user_version", current))
        .and_then(|()| transaction.commit())
        .map_err(failed)
}

/// Makes all tables anew. The records, their windows and the state stay as they are.
fn rebuild(transaction: &rusqlite::Transaction<'_>, layout: &Layout) -> rusqlite::Result<()> {
    let main = &layout.tables()[0];
    let (name, key) = (main.name, main.columns[0].name);
    let named = |kind: &str| {
        let mut statement = transaction.prepare("SELECT name FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL")?;
        statement
            .query_map([kind], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<String>>>()
    };
    for view in named("view")? {
        transaction.execute_batch(&format!("DROP VIEW \"{view}\""))?;
    }
    transaction.execute_batch(&format!("ALTER TABLE {name} RENAME TO le_old"))?;
    for index in named("index")?
        .iter()
        .filter(|index| index.starts_with(&format!("{name}_")))
    {
        transaction.execute_batch(&format!("DROP INDEX \"{index}\""))?;
    }
    for table in &layout.tables()[1..] {
        transaction.execute_batch(&format!("DROP TABLE IF EXISTS {}", table.name))?;
    }
    let mut sql = String::new();
    layout
        .tables()
        .iter()
        .for_each(|table| schema::create_table(table, &mut sql));
    sql.push_str(schema::VIEWS);
    transaction.execute_batch(&sql)?;
    {
        let mut adder = Adder::new(transaction, layout)?;
        let mut old = transaction.prepare(&format!(
            "SELECT {key}, raw, at FROM le_old JOIN le_records ON le_records.key = {key}"
        ))?;
        let mut rows = old.query([])?;
        while let Some(row) = rows.next()? {
            let (own, raw, at): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            // What stands there was JSON when it was written.
            if let Ok(raw) = RawRecord::new(raw) {
                adder.add(&Entry::new(own, Some(Timestamp::from_millis(at)), raw), at)?;
            }
        }
    }
    transaction.execute_batch("DROP TABLE le_old")
}
