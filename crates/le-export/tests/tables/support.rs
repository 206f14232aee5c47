//! Records to read, and rows to look at.

use std::path::PathBuf;

use le_core::wire::{RawRecord, split_records};
use le_export::Entry;
use le_export::tables::{Cell, Layout};

pub(crate) fn crafted(name: &str) -> Vec<RawRecord> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/crafted/messaging_interactions")
        .join(name);
    let page = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    split_records(&page.into(), "conversationHistoryRecords")
        .unwrap()
        .records
}

pub(crate) fn record(json: &str) -> Entry {
    Entry::new("c-1", None, RawRecord::new(json).unwrap())
}

pub(crate) fn value(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Text(text) => text.to_string(),
        other => format!("{other:?}"),
    }
}

/// The columns of a table that have a value, row by row.
pub(crate) fn shown(entry: &Entry, table: &str) -> Vec<Vec<(&'static str, String)>> {
    let layout = Layout::conversations();
    let at = layout.tables().iter().position(|own| own.name == table).unwrap();
    let columns = layout.tables()[at].columns;
    let rows = layout.rows(entry);
    rows.of(at)
        .map(|row| {
            let pairs = columns.iter().zip(row).filter(|(_, cell)| !cell.is_null());
            pairs.map(|(column, cell)| (column.name, value(cell))).collect()
        })
        .collect()
}

/// One column of a table.
pub(crate) fn column(entry: &Entry, table: &str, name: &str) -> Vec<Option<String>> {
    let find = |row: &Vec<(&str, String)>| row.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
    shown(entry, table).iter().map(find).collect()
}
