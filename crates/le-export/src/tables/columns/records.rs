//! The table of records that are not taken apart.

use crate::tables::column::{Column, Table};

/// One row for each record.
pub(super) const RECORDS: Table = Table {
    name: "records",
    doc: "One row for each record of an API whose records are not taken apart.",
    key: &["record_id"],
    lists: &[],
    columns: &[
        Column::key("record_id", "The record's key."),
        Column::start("start_time", "When it began; NULL where the record does not say."),
        Column::raw("raw", "The record as received."),
    ],
};
