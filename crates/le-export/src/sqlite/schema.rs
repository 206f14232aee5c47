//! The file, its tables, indexes and views.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::Duration;

use le_core::Result;
use rusqlite::{Connection, OpenFlags};

use super::failed;
use crate::place::write_failed;
use crate::tables::{Column, Kind, Layout, Storage, Table};

/// Marks the file as ours: "LExp".
pub(super) const APPLICATION: i64 = 0x4C45_7870;

/// How long a writer waits for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tables that are not for reading: which records there are and where they belong, texts that could not be read, and the
/// export's own state.
const OWN: &str = "
CREATE TABLE le_records (key TEXT PRIMARY KEY NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX le_records_at ON le_records (at);
CREATE TABLE le_state (name TEXT PRIMARY KEY NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE broken_records (at INTEGER NOT NULL, reason TEXT NOT NULL, raw TEXT NOT NULL);
CREATE INDEX broken_records_at ON broken_records (at);
";

/// Views for the questions that are asked first.
pub(super) const VIEWS: &str = "
CREATE VIEW daily AS
  SELECT date(start_time) AS day, skill, source, count(*) AS conversations, sum(message_count) AS messages,
         avg(duration_ms) / 60000.0 AS average_minutes, avg(csat) AS average_csat, avg(mcs) AS average_mcs
    FROM conversations GROUP BY 1, 2, 3;
CREATE VIEW transcripts AS
  SELECT m.conversation_id, m.position, m.time, m.sent_by, p.name AS participant, m.type, m.text, c.skill, c.agent
    FROM messages m
    JOIN conversations c ON c.conversation_id = m.conversation_id
    LEFT JOIN (SELECT conversation_id, participant_id, max(name) AS name FROM participants GROUP BY 1, 2) p
      ON p.conversation_id = m.conversation_id AND p.participant_id = m.participant_id;
CREATE VIEW answers AS
  SELECT s.*, c.skill AS conversation_skill, c.agent_id AS conversation_agent_id, c.start_time AS conversation_start_time
    FROM surveys s JOIN conversations c ON c.conversation_id = s.conversation_id;
";

/// Besides the primary keys.
const INDEXES: [(&str, &str); 9] = [
    ("conversations", "start_time"),
    ("conversations", "skill_id"),
    ("conversations", "agent_id"),
    ("conversations", "consumer_id"),
    ("messages", "message_id"),
    ("messages", "time"),
    ("participants", "participant_id"),
    ("transfers", "target_skill_id"),
    ("sdes", "customer_id"),
];

/// Opens the file, making it for its owner alone where there is none.
pub(super) fn connect(path: &Path) -> Result<Connection> {
    let mut open = OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    match open.open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(cause) => return Err(write_failed(path.display(), cause)),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| failed(path, error))?;
    let prepare = || {
        connection.busy_timeout(PATIENCE)?;
        // State and data are in one file, so a commit that is lost with the power takes its checkpoint along.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = FAST;")
    };
    prepare().map_err(|error| failed(path, error))?;
    Ok(connection)
}

/// Everything for a new file.
pub(super) fn create(layout: &Layout) -> String {
    let mut sql = OWN.to_owned();
    for table in layout.tables() {
        create_table(table, &mut sql);
    }
    sql.push_str(VIEWS);
    sql
}

pub(super) fn create_table(table: &Table, sql: &mut String) {
    // Writing to a string cannot fail.
    let _ = writeln!(sql, "CREATE TABLE {} (", table.name);
    for column in table.columns {
        let null = if column.nullable { "" } else { " NOT NULL" };
        let _ = writeln!(sql, "  {} {}{null},", quoted(column), type_of(column));
    }
    let _ = writeln!(sql, "  PRIMARY KEY ({})\n);", primary_key(table).join(", "));
    for (_, column) in INDEXES.iter().filter(|(owner, _)| *owner == table.name) {
        let name = table.name;
        let _ = writeln!(sql, "CREATE INDEX {name}_{column} ON {name} (\"{column}\");");
    }
}

pub(super) fn primary_key(table: &Table) -> Vec<&'static str> {
    let key = table.columns[0].name;
    match table.position("position") {
        Some(_) => vec![key, "position"],
        None => vec![key],
    }
}

fn quoted(column: &Column) -> String {
    format!("\"{}\"", column.name)
}

fn type_of(column: &Column) -> &'static str {
    match (column.kind, column.kind.storage()) {
        (Kind::Flag, _) | (_, Storage::Integer) => "INTEGER",
        (_, Storage::Number) => "REAL",
        _ => "TEXT",
    }
}

/// The statement that adds a row.
pub(super) fn insert(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(quoted).collect();
    let places = vec!["?"; columns.len()];
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.name,
        columns.join(", "),
        places.join(", ")
    )
}
