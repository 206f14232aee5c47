//! The rows of exports.

use super::{Beside, CPU, PEAK, RATE, Settings, Table};
use crate::exports::MANY;

const JSONL: &str = "export-jsonl";
const PARQUET: &str = "export-parquet";
const SQLITE: &str = "export-sqlite";
const FLOOR: &str = "bare-export-jsonl";

pub(super) fn rows(table: &mut Table<'_>, settings: &Settings) {
    let against = [
        ("JSON Lines", "", (JSONL, FLOOR), "at least 0.90"),
        (
            "Parquet",
            ", against that to JSON Lines",
            (PARQUET, JSONL),
            "at least 0.50",
        ),
        ("SQLite", ", against that to JSON Lines", (SQLITE, JSONL), ""),
    ];
    for (format, whom, names, wanted) in against {
        let what = format!("export to {format}, records/s{whom}");
        table.row(&what, names, RATE, 0, Beside::Ratio, wanted);
    }
    for (format, _, names, _) in against {
        let what = format!("export to {format}: client CPU, µs/record");
        table.row(&what, names, CPU, 1, Beside::Ratio, "");
    }
    let records = settings.conversations;
    for (format, records, name, wanted) in [
        ("JSON Lines", records, JSONL, "under 128"),
        ("Parquet", records, PARQUET, "under 128"),
        ("SQLite", records, SQLITE, ""),
        ("JSON Lines", MANY, "export-jsonl-large", "under 128"),
        ("Parquet", MANY, "export-parquet-large", "under 128"),
    ] {
        let what = format!("export of {records} to {format}: peak memory, MiB");
        table.single(&what, name, PEAK, 0, wanted);
    }
}
