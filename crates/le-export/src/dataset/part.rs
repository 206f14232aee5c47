//! Names of parts.

use crate::window::Window;

/// Where records that could not be read are kept.
pub(super) const BROKEN: &str = "broken";

/// Names below a dataset: `<table>/date=YYYY-MM-DD/part-<window id>.<extension>`.
///
/// A name is fixed by the window, so whoever writes a window again replaces what was there. After compaction, a part covers
/// several windows, and its name says which stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) covers: Window,
    pub(super) bytes: u64,
}

/// The folder of a table for the day of a window.
pub(super) fn partition(table: &str, date: &str) -> String {
    format!("{table}/date={date}")
}

pub(super) fn name(table: &str, covers: &Window, extension: &str) -> String {
    format!("{}/part-{covers}.{extension}", partition(table, &covers.date()))
}

impl Part {
    /// Reads what a file name says; `None` where it is no part of this table and format.
    pub(super) fn read(name: &str, bytes: u64, table: &str, extension: &str) -> Option<Self> {
        let file = name.strip_prefix(table)?.strip_prefix("/date=")?;
        let (date, file) = file.split_once('/')?;
        let id = file.strip_prefix("part-")?.strip_suffix(extension)?.strip_suffix('.')?;
        let covers: Window = id.parse().ok()?;
        (covers.date() == date).then_some(Self { covers, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_passed_over() {
        let window: Window = "2026-01-05T00-00Z_2026-01-06T00-00Z".parse().unwrap();
        let own = name("conversations", &window, "jsonl.gz");
        assert_eq!(
            own,
            "conversations/date=2026-01-05/part-2026-01-05T00-00Z_2026-01-06T00-00Z.jsonl.gz"
        );
        let part = Part::read(&own, 7, "conversations", "jsonl.gz").unwrap();
        assert_eq!((part.covers, part.bytes), (window, 7));
        for (name, table, extension) in [
            (own.as_str(), "messages", "jsonl.gz"),
            (own.as_str(), "conversations", "gz"),
            (
                "conversations/date=2026-01-06/part-2026-01-05T00-00Z_2026-01-06T00-00Z.jsonl",
                "conversations",
                "jsonl",
            ),
            ("conversations/date=2026-01-05/_SUCCESS", "conversations", "jsonl"),
        ] {
            assert_eq!(Part::read(name, 7, table, extension), None, "{name}");
        }
    }
}
