//! The tables, indexes and views in SQL.

use std::fmt::Write as _;

use crate::tables::{Layout, Storage, Table};

/// Tables that are not for reading.
const OWN: &str = "
CREATE TABLE le_records (key text PRIMARY KEY, at bigint NOT NULL);
CREATE INDEX le_records_at ON le_records (at);
CREATE TABLE le_state (name text PRIMARY KEY, text text NOT NULL);
CREATE TABLE le_locks (name text PRIMARY KEY, holder text NOT NULL);
CREATE TABLE broken_records (at bigint NOT NULL, reason text NOT NULL, raw text NOT NULL);
CREATE INDEX broken_records_at ON broken_records (at);
";

/// Views for the questions that are asked first.
pub(super) const VIEWS: &str = "
CREATE VIEW daily AS
  SELECT (start_time AT TIME ZONE 'UTC')::date AS day, skill, source, count(*) AS conversations,
         sum(message_count) AS messages, avg(duration_ms) / 60000.0 AS average_minutes, avg(csat) AS average_csat,
         avg(mcs) AS average_mcs
    FROM conversations GROUP BY 1, 2, 3;
CREATE VIEW answers AS
  SELECT s.*, c.skill AS conversation_skill, c.agent_id AS conversation_agent_id, c.start_time AS conversation_start_time
    FROM surveys s JOIN conversations c ON c.conversation_id = s.conversation_id;
";

/// The views above, for removing them.
pub(super) const VIEW_NAMES: [&str; 2] = ["daily", "answers"];

/// Besides the primary keys.
const INDEXES: [(&str, &str); 7] = [
    ("conversations", "start_time"),
    ("conversations", "skill_id"),
    ("conversations", "agent_id"),
    ("conversations", "consumer_id"),
    ("messages", "message_id"),
    ("participants", "participant_id"),
    ("sdes", "customer_id"),
];

/// Everything for a new schema.
pub(super) fn create(layout: &Layout) -> String {
    let mut sql = OWN.to_owned();
    layout.tables().iter().for_each(|table| create_table(table, &mut sql));
    sql.push_str(VIEWS);
    sql
}

pub(super) fn create_table(table: &Table, sql: &mut String) {
    let name = table.name;
    // Writing to a string cannot fail.
    let _ = writeln!(sql, "CREATE TABLE {name} (");
    for column in table.columns {
        let null = if column.nullable { "" } else { " NOT NULL" };
        let _ = writeln!(sql, "  \"{}\" {}{null},", column.name, type_of(column.kind.storage()));
    }
    let key = table.columns[0].name;
    let position = if table.position("position").is_some() {
        ", position"
    } else {
        ""
    };
    let _ = writeln!(sql, "  PRIMARY KEY ({key}{position})\n);");
    let _ = writeln!(sql, "COMMENT ON TABLE {name} IS {};", literal(table.doc));
    for column in table.columns {
        let _ = writeln!(
            sql,
            "COMMENT ON COLUMN {name}.\"{}\" IS {};",
            column.name,
            literal(column.doc)
        );
    }
    for (_, column) in INDEXES.iter().filter(|(owner, _)| *owner == name) {
        let _ = writeln!(sql, "CREATE INDEX ON {name} (\"{column}\");");
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn type_of(storage: Storage) -> &'static str {
    match storage {
        Storage::Text => "text",
        Storage::Integer => "bigint",
        Storage::Number => "double precision",
        Storage::Flag => "boolean",
        Storage::Time => "timestamptz",
    }
}

/// The statement that takes rows from a client.
pub(super) fn copy(table: &Table) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| format!("\"{}\"", column.name))
        .collect();
    format!("COPY {} ({}) FROM STDIN", table.name, columns.join(", "))
}
