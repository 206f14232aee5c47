//! What a run came to, for people.

use le_export::RunSummary;

use crate::output::{Output, WARN, grouped, size, styled};

pub(super) fn summary(summary: &RunSummary, place: &str, output: Output) {
    if output.is_json() {
        return;
    }
    let windows = &summary.windows;
    output.note(format_args!(
        "{} conversations ({}) in {} windows to {place} in {:.1} s; {} windows were there before",
        grouped(summary.records),
        size(summary.bytes),
        grouped(windows.done),
        summary.seconds,
        grouped(windows.skipped),
    ));
    if let Some(changes) = &summary.changes {
        output.note(format_args!(
            "{} had changed since {}: {} windows were written anew",
            grouped(changes.merged),
            changes.since,
            grouped(changes.windows)
        ));
    }
    if summary.broken > 0 {
        let text = format!(
            "{} records could not be read; their text is kept under `broken`",
            grouped(summary.broken)
        );
        output.note(styled(WARN, text));
    }
    if summary.still_partial > 0 {
        let text = format!(
            "{} conversations are incomplete in the service itself",
            grouped(summary.still_partial)
        );
        output.note(styled(WARN, text));
    }
}
