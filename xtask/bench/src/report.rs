//! The table.

mod bots;
mod exports;

use std::fmt::Write as _;

use crate::callers::Callers;
use crate::measure;
use crate::target::Figures;

pub(crate) struct Settings {
    pub(crate) conversations: usize,
    pub(crate) calls: usize,
    pub(crate) runs: usize,
    /// Events of the reporter.
    pub(crate) events: usize,
    /// Only scenarios with this in their name.
    pub(crate) only: Option<String>,
    /// Whether exports are run with a million records, too.
    pub(crate) large: bool,
}

/// Scenarios with the figures of their turns.
type Rows = [(&'static str, Vec<Figures>)];

/// What is read of a turn.
type Reading = fn(&Figures) -> Option<f64>;

/// Records or messages in a second.
const RATE: Reading = |run| Some(run.records as f64 / run.wall);
/// Microseconds of CPU for each.
const CPU: Reading = |run| Some(run.client_cpu? * 1e6 / run.records as f64);
/// The most memory, in MiB.
const PEAK: Reading = |run| Some(run.peak? as f64 / f64::from(1 << 20));
/// KiB for each.
const KIB: Reading = |run| Some(run.peak? as f64 / 1024.0 / run.records as f64);

/// What the third column says of ours and the floor.
#[derive(Clone, Copy)]
enum Beside {
    Ratio,
    /// The difference, as in `3.1 more`.
    More,
    Nothing,
}

/// A table that grows row by row. What was not measured gets no row.
struct Table<'a> {
    rows: &'a Rows,
    text: String,
}

impl Table<'_> {
    /// The median of a scenario's turns.
    fn middle(&self, name: &str, reading: Reading) -> Option<f64> {
        let (_, runs) = self.rows.iter().find(|(own, _)| *own == name)?;
        let figures: Vec<f64> = runs.iter().filter_map(reading).collect();
        (!figures.is_empty()).then(|| measure::median(figures))
    }

    /// A row of ours and, where there is one, its floor.
    fn row(&mut self, what: &str, names: (&str, &str), reading: Reading, digits: usize, beside: Beside, wanted: &str) {
        let Some(own) = self.middle(names.0, reading) else {
            return;
        };
        let floor = self.middle(names.1, reading);
        let shown = floor.map_or_else(String::new, |floor| format!("{floor:.digits$}"));
        let compared = match (beside, floor) {
            (Beside::Ratio, Some(floor)) => format!("{:.2}", own / floor),
            (Beside::More, Some(floor)) => format!("{:.digits$} more", own - floor),
            _ => String::new(),
        };
        let _ = writeln!(
            self.text,
            "| {what} | {own:.digits$} | {shown} | {compared} | {wanted} |"
        );
    }

    /// A row of one figure.
    fn single(&mut self, what: &str, name: &str, reading: Reading, digits: usize, wanted: &str) {
        self.row(what, (name, ""), reading, digits, Beside::Nothing, wanted);
    }
}

pub(crate) fn table(settings: &Settings, rows: &Rows, callers: Option<&Callers>) -> String {
    let mut table = Table {
        rows,
        text: String::new(),
    };
    let _ = writeln!(
        table.text,
        "`cargo xtask bench -- --conversations {} --calls {} --runs {}` on {}{}\n",
        settings.conversations,
        settings.calls,
        settings.runs,
        measure::machine(),
        if cfg!(feature = "mimalloc") {
            ", on mimalloc"
        } else {
            ""
        },
    );
    table
        .text
        .push_str("| what | ours | floor | ratio | wanted |\n|---|---|---|---|---|\n");
    clients(&mut table);
    sockets(&mut table);
    attributes(&mut table);
    bots::rows(&mut table);
    exports::rows(&mut table, settings);
    if let Some(callers) = callers {
        let _ = writeln!(
            table.text,
            "| {} callers on an expired session | {} login(s) in {:.2} s | | | 1 login |",
            callers.callers, callers.logins, callers.seconds
        );
    }
    table.text
}

/// Pulls of the history, and single calls.
fn clients(table: &mut Table<'_>) {
    let (raw, typed) = (("raw", "bare-raw"), ("typed", "bare-typed"));
    table.row(
        "raw JSON Lines, records/s",
        raw,
        RATE,
        0,
        Beside::Ratio,
        "at least 0.90",
    );
    table.row("typed, records/s", typed, RATE, 0, Beside::Ratio, "at least 0.95");
    table.row("raw: client CPU, µs/record", raw, CPU, 2, Beside::Ratio, "");
    table.row("typed: client CPU, µs/record", typed, CPU, 2, Beside::Ratio, "");
    table.row("raw: peak memory, MiB", raw, PEAK, 0, Beside::Nothing, "under 64");
    table.row("typed: peak memory, MiB", typed, PEAK, 0, Beside::Nothing, "under 64");
    table.row(
        "one call with a 200-byte answer: client CPU, µs",
        ("calls", "bare-calls"),
        CPU,
        1,
        Beside::More,
        "under 10 more",
    );
    let served: Reading = |run| Some(run.server_cpu? * 1e6 / run.records as f64);
    table.single("le-sim: CPU, µs/record", "bare-raw", served, 1, "at most 10");
}

/// Messaging sockets.
fn sockets(table: &mut Table<'_>) {
    for (what, names) in [
        (
            "echo of 1 KB, one connection, 32 in flight: client CPU, µs/message",
            ("echo", "bare-echo"),
        ),
        (
            "echo of 1 KB, 100 connections: client CPU, µs/message",
            ("echo-many", "bare-echo-many"),
        ),
    ] {
        table.row(what, names, CPU, 1, Beside::Ratio, "at most 1.25");
    }
    let (idle, percent): (_, Reading) = (("idle", "bare-idle"), |run| Some(run.client_cpu? / run.wall * 100.0));
    let what = "1 000 agent connections: memory, KiB each";
    table.row(what, idle, KIB, 1, Beside::Ratio, "at most 2");
    let what = "1 000 agent connections, idle: CPU, %";
    table.row(what, idle, percent, 2, Beside::Nothing, "under 1");
    let published: Reading = |run| Some(run.records as f64 / run.server_cpu?);
    let what = "le-sim: published messages a second of CPU";
    table.single(what, "bare-echo", published, 0, "at least 20 000");
}

/// Attributes: what building and checking costs, and what it costs beside writing; then the reporter.
fn attributes(table: &mut Table<'_>) {
    let what = "a purchase of 10 products, built and validated: CPU, µs";
    table.single(what, "attributes", CPU, 2, "under 3");
    table.row(
        "the same and written as JSON, against a plain struct that is only built and written: CPU, µs",
        ("attributes-written", "bare-attributes-written"),
        CPU,
        2,
        Beside::Ratio,
        "",
    );
    let names = ("reporter", "bare-reporter");
    let events: Reading = |run| Some(run.records as f64);
    let what = format!(
        "reporter: {:.0} events of {} visitors, 50 in a request, 32 requests at once, events/s",
        table.middle(names.0, events).unwrap_or_default(),
        crate::reporter::VISITORS,
    );
    table.row(&what, names, RATE, 0, Beside::Ratio, "at least 0.85");
    table.row("reporter: client CPU, µs/event", names, CPU, 2, Beside::Ratio, "");
    let what = format!(
        "reporter: peak memory with at most {} events waiting, MiB",
        crate::reporter::WAITING
    );
    table.row(&what, names, PEAK, 0, Beside::Nothing, "under 64");
}
