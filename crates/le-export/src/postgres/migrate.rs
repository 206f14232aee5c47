//! A new schema, and one of an older version.

use futures_util::StreamExt as _;
use le_core::wire::RawRecord;
use le_core::{Error, ErrorKind, Result, Timestamp};
use tokio_postgres::{Client, Transaction};

use super::store::Outgoing;
use super::{failed, schema};
use crate::entry::Entry;
use crate::tables::{Layout, SCHEMA_VERSION};

/// Makes the tables in a new schema, and makes those of an older version anew from the raw texts that they hold.
pub(super) async fn bring_up_to_date(client: &mut Client, layout: &Layout, name: &str) -> Result<()> {
    let failed = |error| failed(&format!("PostgreSQL, schema {name}"), error);
    let transaction = client.transaction().await.map_err(failed)?;
    // Processes that start together make the tables one after the other.
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1 || '/schema', 0))";
    transaction.execute(lock, &[&name]).await.map_err(failed)?;
    let there = transaction
        .query_opt("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&name])
        .await
        .map_err(failed)?;
    if there.is_none() {
        transaction
            .batch_execute(&format!("CREATE SCHEMA {name}"))
            .await
            .map_err(failed)?;
    }
    let current = i64::from(SCHEMA_VERSION);
    let version = version(&transaction, name).await.map_err(failed)?;
    match version {
        Some(version) if version > current => {
            let message =
                format!("the schema {name} has tables of version {version}, and this program writes version {current}");
            return Err(Error::new(ErrorKind::Io, message).with_advice(
                "use the newer version of this program, or export into another schema; it was not changed",
            ));
        }
        Some(version) if version == current => return Ok(()),
        Some(version) => {
            tracing::info!(
                from = version,
                to = current,
                "the tables of a PostgreSQL schema are brought up to date"
            );
            rebuild(&transaction, layout).await.map_err(failed)?;
        }
        None => transaction
            .batch_execute(&schema::create(layout))
            .await
            .map_err(failed)?,
    }
    let note = format!(
        "CREATE TABLE IF NOT EXISTS le_version (version bigint NOT NULL); DELETE FROM le_version; INSERT INTO le_version VALUES ({current})"
    );
    transaction.batch_execute(&note).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

/// The version of the tables that are there.
async fn version(transaction: &Transaction<'_>, name: &str) -> Result<Option<i64>, tokio_postgres::Error> {
    let sql = "SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'le_version'";
    if transaction.query_opt(sql, &[&name]).await?.is_none() {
        return Ok(None);
    }
    let row = transaction.query_opt("SELECT version FROM le_version", &[]).await?;
    Ok(Some(row.map_or(0, |row| row.get(0))))
}

/// Makes all tables anew. The records, their windows and the state stay as they are.
async fn rebuild(transaction: &Transaction<'_>, layout: &Layout) -> Result<(), tokio_postgres::Error> {
    let main = &layout.tables()[0];
    let (name, key) = (main.name, main.columns[0].name);
    let mut sql = String::new();
    for view in schema::VIEW_NAMES {
        sql.push_str(&format!("DROP VIEW IF EXISTS {view};"));
    }
    sql.push_str(&format!(
        "ALTER TABLE {name} RENAME TO le_old; ALTER INDEX IF EXISTS {name}_pkey RENAME TO le_old_pkey;"
    ));
    for table in &layout.tables()[1..] {
        sql.push_str(&format!("DROP TABLE IF EXISTS {};", table.name));
    }
    layout
        .tables()
        .iter()
        .for_each(|table| schema::create_table(table, &mut sql));
    sql.push_str(schema::VIEWS);
    transaction.batch_execute(&sql).await?;
    let records = format!("SELECT {key}, raw, at FROM le_old JOIN le_records ON le_records.key = {key}");
    let portal = transaction.bind(&records, &[]).await?;
    let mut outgoing = Outgoing::new(layout);
    loop {
        let rows = transaction.query_portal_raw(&portal, 100).await?;
        let rows: Vec<_> = rows.collect::<Vec<_>>().await.into_iter().collect::<Result<_, _>>()?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let (own, raw, at): (String, String, i64) = (row.get(0), row.get(1), row.get(2));
            // What stands there was JSON when it was written.
            if let Ok(raw) = RawRecord::new(raw) {
                outgoing.add(&Entry::new(own, Some(Timestamp::from_millis(at)), raw), at);
            }
        }
        outgoing.send(transaction).await?;
    }
    // The server refuses to drop a table that is still read.
    drop(portal);
    transaction.batch_execute("DROP TABLE le_old").await
}
