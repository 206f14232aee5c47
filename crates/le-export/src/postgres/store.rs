//! Writing and removing records, within transactions.

use bytes::Bytes;
use futures_util::SinkExt as _;
use le_core::{Result, Timestamp};
use tokio_postgres::{Client, Error, Transaction};

use super::{Inner, copy, schema};
use crate::destination::{Forgotten, Mode, WindowCounts};
use crate::entry::{Broken, Entry};
use crate::spool::Spool;
use crate::tables::{Layout, Rows};
use crate::window::Window;

/// Rows are sent in pieces of about so many bytes.
const PIECE: usize = 4 << 20;

/// Texts of rows, table by table, until they are sent.
pub(super) struct Outgoing {
    layout: Layout,
    /// Keys and places of the records.
    keys: Vec<(String, i64)>,
    texts: Vec<String>,
}

impl Outgoing {
    pub(super) fn new(layout: &Layout) -> Self {
        Self {
            layout: layout.clone(),
            keys: Vec::new(),
            texts: vec![String::new(); layout.tables().len()],
        }
    }

    /// Takes a record; false where it cannot be read as one of its kind.
    pub(super) fn add(&mut self, entry: &Entry, at: i64) -> bool {
        let rows: Rows<'_> = self.layout.rows(entry);
        if !rows.is_whole() {
            return false;
        }
        for (table, text) in self.texts.iter_mut().enumerate() {
            rows.of(table).for_each(|row| copy::write_row(row, text));
        }
        self.keys.push((entry.key.replace('\0', "\u{fffd}"), at));
        true
    }

    pub(super) fn is_full(&self) -> bool {
        self.texts.iter().map(String::len).sum::<usize>() >= PIECE
    }

    /// Puts the records in the place of those with their keys.
    pub(super) async fn send(&mut self, transaction: &Transaction<'_>) -> Result<(), Error> {
        if self.keys.is_empty() {
            return Ok(());
        }
        let (keys, places): (Vec<String>, Vec<i64>) = self.keys.drain(..).unzip();
        let known = transaction
            .query("SELECT key FROM le_records WHERE key = ANY($1)", &[&keys])
            .await?;
        let known: Vec<String> = known.iter().map(|row| row.get(0)).collect();
        if !known.is_empty() {
            for table in self.layout.tables() {
                let sql = format!("DELETE FROM {} WHERE {} = ANY($1)", table.name, table.columns[0].name);
                transaction.execute(&sql, &[&known]).await?;
            }
        }
        let note = "INSERT INTO le_records (key, at) SELECT * FROM unnest($1::text[], $2::bigint[])
                    ON CONFLICT (key) DO UPDATE SET at = excluded.at";
        transaction.execute(note, &[&keys, &places]).await?;
        for (table, text) in self.layout.tables().iter().zip(&mut self.texts) {
            if !text.is_empty() {
                let sink = transaction.copy_in::<_, Bytes>(&schema::copy(table)).await?;
                let mut sink = std::pin::pin!(sink);
                sink.send(Bytes::from(std::mem::take(text))).await?;
                sink.finish().await?;
            }
        }
        Ok(())
    }
}

/// Writes a window in one transaction.
pub(super) async fn write(
    client: &mut Client,
    inner: &Inner,
    window: &Window,
    mode: Mode,
    mut spool: Spool,
) -> Result<WindowCounts> {
    let failed = |error| inner.failed(error);
    let layout = &inner.layout;
    let transaction = client.transaction().await.map_err(failed)?;
    // Whoever writes the same window waits, so that two of them do not remove and add the same rows.
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/window/' || $1, 0))";
    transaction.execute(lock, &[&window.id()]).await.map_err(failed)?;
    if mode == Mode::Replace {
        clear(&transaction, layout, window).await.map_err(failed)?;
    }
    let mut broken = std::mem::take(&mut spool.broken);
    let mut outgoing = Outgoing::new(layout);
    let mut records = spool.into_records()?;
    while let Some(entry) = records.next_record()? {
        let at = entry.start.unwrap_or(window.from()).as_millis();
        if !outgoing.add(&entry, at) {
            broken.push(Broken::of_another_kind(entry.raw.clone()));
        }
        if outgoing.is_full() {
            outgoing.send(&transaction).await.map_err(failed)?;
        }
    }
    outgoing.send(&transaction).await.map_err(failed)?;
    keep_broken(&transaction, window, &broken).await.map_err(failed)?;
    let mut counts = count(&transaction, layout, window).await.map_err(failed)?;
    counts.broken = broken.len() as u64;
    transaction.commit().await.map_err(failed)?;
    Ok(counts)
}

/// The bounds of a window, for a condition with `BETWEEN`.
fn bounds(window: &Window) -> (i64, i64) {
    (window.from().as_millis(), window.to().as_millis() - 1)
}

async fn clear(transaction: &Transaction<'_>, layout: &Layout, window: &Window) -> Result<(), Error> {
    let (from, to) = bounds(window);
    for table in layout.tables() {
        let sql = format!(
            "DELETE FROM {} WHERE {} IN (SELECT key FROM le_records WHERE at BETWEEN $1 AND $2)",
            table.name, table.columns[0].name
        );
        transaction.execute(&sql, &[&from, &to]).await?;
    }
    for table in ["le_records", "broken_records"] {
        let sql = format!("DELETE FROM {table} WHERE at BETWEEN $1 AND $2");
        transaction.execute(&sql, &[&from, &to]).await?;
    }
    Ok(())
}

/// Keeps the texts of records that could not be read, each once.
async fn keep_broken(transaction: &Transaction<'_>, window: &Window, broken: &[Broken]) -> Result<(), Error> {
    let at = window.from().as_millis();
    for record in broken {
        let raw = record.raw.as_str();
        transaction
            .execute("DELETE FROM broken_records WHERE at = $1 AND raw = $2", &[&at, &raw])
            .await?;
        let sql = "INSERT INTO broken_records (at, reason, raw) VALUES ($1, $2, $3)";
        transaction.execute(sql, &[&at, &record.reason, &raw]).await?;
    }
    Ok(())
}

async fn count(transaction: &Transaction<'_>, layout: &Layout, window: &Window) -> Result<WindowCounts, Error> {
    let (from, to) = bounds(window);
    let mut counts = WindowCounts::default();
    let one = |sql: String| async move {
        let row = transaction.query_one(&sql, &[&from, &to]).await?;
        Ok::<u64, Error>(u64::try_from(row.get::<_, i64>(0)).unwrap_or_default())
    };
    counts.records = one("SELECT count(*) FROM le_records WHERE at BETWEEN $1 AND $2".to_owned()).await?;
    for table in layout.tables() {
        let (name, key) = (table.name, table.columns[0].name);
        let sql = format!(
            "SELECT count(*) FROM le_records JOIN {name} ON {name}.{key} = le_records.key WHERE at BETWEEN $1 AND $2"
        );
        counts.rows.insert(name.to_owned(), one(sql).await?);
    }
    Ok(counts)
}

/// The keys of a window.
pub(super) async fn keys(client: &Client, window: &Window) -> Result<Vec<String>, Error> {
    let (from, to) = bounds(window);
    let rows = client
        .query("SELECT key FROM le_records WHERE at BETWEEN $1 AND $2", &[&from, &to])
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Removes records.
pub(super) async fn forget(client: &mut Client, layout: &Layout, keys: &[String]) -> Result<Forgotten, Error> {
    let transaction = client.transaction().await?;
    let mut forgotten = Forgotten::default();
    let main = &layout.tables()[0];
    let found = format!(
        "SELECT r.key, (extract(epoch FROM c.start_time) * 1000)::bigint FROM le_records r
           LEFT JOIN {} c ON c.{} = r.key WHERE r.key = ANY($1)",
        main.name, main.columns[0].name
    );
    for row in transaction.query(&found, &[&keys]).await? {
        let start = row.get::<_, Option<i64>>(1).map(Timestamp::from_millis);
        forgotten.keys.insert(row.get(0), start);
    }
    transaction
        .execute("DELETE FROM le_records WHERE key = ANY($1)", &[&keys])
        .await?;
    for table in layout.tables() {
        let sql = format!("DELETE FROM {} WHERE {} = ANY($1)", table.name, table.columns[0].name);
        forgotten.touched += transaction.execute(&sql, &[&keys]).await?;
    }
    for key in keys {
        let removed = transaction
            .execute("DELETE FROM broken_records WHERE strpos(raw, $1) > 0", &[key])
            .await?;
        forgotten.touched += removed;
        if removed > 0 {
            forgotten.keys.entry(key.clone()).or_insert(None);
        }
    }
    transaction.commit().await?;
    Ok(forgotten)
}
