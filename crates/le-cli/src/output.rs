//! What the program says: results on the standard output, everything else on the standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::cli::Global;
use crate::failure::{Failure, Result};
use crate::progress;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Text in a style. Where colours are off the streams take the codes out again.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// How to talk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        Self {
            json: global.json,
            quiet: global.quiet,
        }
    }

    /// For what goes wrong before the flags are read.
    pub(crate) fn for_machines() -> Self {
        Self {
            json: true,
            quiet: false,
        }
    }

    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Whether progress may be drawn: on a terminal only, and only for people.
    pub(crate) fn draws_progress(self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }

    /// Prints a result.
    pub(crate) fn line(self, text: impl Display) -> Result<()> {
        let mut out = anstream::stdout().lock();
        writeln!(out, "{text}")
            .and_then(|()| out.flush())
            .map_err(|e| Failure::stdout(&e))
    }

    /// Prints a result as one JSON document.
    pub(crate) fn json(self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|e| Failure::new(crate::exit::Exit::Unexpected, format!("cannot write JSON: {e}")))?;
        self.line(text)
    }

    /// Says something beside the result.
    pub(crate) fn note(self, text: impl Display) {
        if !self.quiet {
            progress::aside(|| {
                // Nobody can be told that the standard error is closed.
                let _ = writeln!(anstream::stderr(), "{text}");
            });
        }
    }

    /// Reports what ended the program.
    pub(crate) fn failure(self, failure: &Failure) {
        if failure.is_quiet() {
            return;
        }
        let mut err = anstream::stderr();
        let _ = if self.json {
            writeln!(err, "{}", failure.to_json())
        } else {
            write!(err, "{}", told(failure))
        };
    }
}

/// What failed, why, and what to do.
fn told(failure: &Failure) -> String {
    let mut text = format!("{} {}\n", styled(BAD, "error:"), failure.message());
    for cause in failure.causes() {
        text.push_str(&format!("  {} {cause}\n", styled(FAINT, "because:")));
    }
    if let Some(advice) = failure.advice() {
        text.push_str(&format!("  {} {advice}\n", styled(GOOD, "what to do:")));
    }
    text
}

/// A table for people, as wide as the terminal.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    if let Some((_, columns)) = console::Term::stdout().size_checked() {
        table.set_width(columns);
    }
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

/// A number with separators, as people read it.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// A size in bytes, as people read it.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} B")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn a_failure_says_what_why_and_what_to_do() {
        let failure = Failure::new(Exit::Network, "no host for msgHist")
            .because("no connection in time")
            .advise("check the network");
        let text = anstream::adapter::strip_str(&told(&failure)).to_string();
        assert_eq!(
            text,
            "error: no host for msgHist\n  because: no connection in time\n  what to do: check the network\n"
        );
    }

    #[test]
    fn numbers_and_sizes_are_readable() {
        assert_eq!(
            (grouped(0), grouped(2000), grouped(1_234_567)),
            ("0".into(), "2 000".into(), "1 234 567".into())
        );
        assert_eq!(
            (size(999), size(1_000), size(13_400_000)),
            ("999 B".into(), "1.0 kB".into(), "13.4 MB".into())
        );
    }
}
