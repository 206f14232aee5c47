//! Rows in the text form of COPY.

use std::fmt::Write as _;

use le_core::Timestamp;

use crate::tables::Cell;

/// Adds a row.
pub(super) fn write_row<'c>(cells: impl IntoIterator<Item = &'c Cell<'c>>, out: &mut String) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push('\t');
        }
        write_cell(cell, out);
    }
    out.push('\n');
}

fn write_cell(cell: &Cell<'_>, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = match cell {
        Cell::Null => {
            out.push_str("\\N");
            Ok(())
        }
        Cell::Text(text) => {
            write_text(text, out);
            Ok(())
        }
        Cell::Integer(value) => write!(out, "{value}"),
        Cell::Number(value) => write!(out, "{value:?}"),
        Cell::Flag(value) => write!(out, "{value}"),
        Cell::Time(millis) => write!(out, "{}", Timestamp::from_millis(*millis)),
    };
}

/// PostgreSQL has no U+0000 in text; the sign for what cannot be shown stands in its place.
pub(super) fn write_text(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '\t', '\n', '\r', '\0']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'\\' => "\\\\",
            b'\t' => "\\t",
            b'\n' => "\\n",
            b'\r' => "\\r",
            _ => "\u{fffd}",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_has_its_spelling() {
        let cells = [
            Cell::Null,
            Cell::Text("a\tb\\c\nd\re\0é \\N".into()),
            Cell::Integer(-5),
            Cell::Number(4.0),
            Cell::Flag(true),
            Cell::Time(1_893_488_400_120),
        ];
        let mut out = String::new();
        write_row(&cells, &mut out);
        assert_eq!(
            out,
            "\\N\ta\\tb\\\\c\\nd\\re\u{fffd}é \\\\N\t-5\t4.0\ttrue\t2030-01-01T09:00:00.120Z\n"
        );
    }
}
