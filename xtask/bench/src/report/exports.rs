//! The rows of exports.

use std::fmt::Write as _;

use super::{Rows, Settings, middle, show};
use crate::exports::MANY;

const JSONL: &str = "export-jsonl";
const PARQUET: &str = "export-parquet";
const SQLITE: &str = "export-sqlite";
const FLOOR: &str = "bare-export-jsonl";

pub(super) fn rows(out: &mut String, settings: &Settings, rows: &Rows<'_>) {
    let rate = |name| middle(rows, name, |run| Some(run.records as f64 / run.wall));
    let cpu = |name| middle(rows, name, |run| Some(run.client_cpu? * 1e6 / run.records as f64));
    let peak = |name| middle(rows, name, |run| Some(run.peak? as f64 / f64::from(1 << 20)));
    for (what, own, floor, wanted) in [
        ("export to JSON Lines, records/s", JSONL, FLOOR, "at least 0.90"),
        (
            "export to Parquet, records/s, against that to JSON Lines",
            PARQUET,
            JSONL,
            "at least 0.50",
        ),
        (
            "export to SQLite, records/s, against that to JSON Lines",
            SQLITE,
            JSONL,
            "",
        ),
    ] {
        line(out, what, [rate(own), rate(floor)], 0, wanted);
    }
    for (what, own, floor) in [
        ("export to JSON Lines: client CPU, µs/record", JSONL, FLOOR),
        ("export to Parquet: client CPU, µs/record", PARQUET, JSONL),
        ("export to SQLite: client CPU, µs/record", SQLITE, JSONL),
    ] {
        line(out, what, [cpu(own), cpu(floor)], 1, "");
    }
    let mut memory = |format: &str, records: usize, name| {
        let wanted = if name == SQLITE { "" } else { "under 128" };
        let _ = writeln!(
            out,
            "| export of {records} to {format}: peak memory, MiB | {} | | | {wanted} |",
            show(peak(name), 0)
        );
    };
    for (format, name) in [("JSON Lines", JSONL), ("Parquet", PARQUET), ("SQLite", SQLITE)] {
        memory(format, settings.conversations, name);
    }
    if settings.large {
        memory("JSON Lines", MANY, "export-jsonl-large");
        memory("Parquet", MANY, "export-parquet-large");
    }
}

fn line(out: &mut String, what: &str, [own, floor]: [Option<f64>; 2], digits: usize, wanted: &str) {
    let ratio = own.zip(floor).map(|(own, floor)| own / floor);
    let _ = writeln!(
        out,
        "| {what} | {} | {} | {} | {wanted} |",
        show(own, digits),
        show(floor, digits),
        show(ratio, 2)
    );
}
