//! The documentation of the tables, made from their columns.

use std::fmt::Write as _;

use super::column::Table;

/// The tables as Markdown.
#[must_use]
pub fn markdown(tables: &[Table]) -> String {
    let mut out = String::new();
    for table in tables {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "\n### {}\n\n{}\n", table.name, table.doc);
        out.push_str("| column | type | | what it holds |\n|---|---|---|---|\n");
        for column in table.columns {
            let _ = writeln!(
                out,
                "| `{}` | {}{} | {} | {} |",
                column.name,
                column.kind.label(),
                if column.nullable { "" } else { ", never NULL" },
                column.privacy.label(),
                column.doc
            );
        }
    }
    out
}
