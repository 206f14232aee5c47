//! The table.

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

type Rows<'a> = [(&'a str, Vec<Figures>)];

fn middle(rows: &Rows<'_>, name: &str, figure: impl Fn(&Figures) -> Option<f64>) -> Option<f64> {
    let (_, runs) = rows.iter().find(|(own, _)| *own == name)?;
    let figures: Vec<f64> = runs.iter().filter_map(figure).collect();
    (!figures.is_empty()).then(|| measure::median(figures))
}

fn show(figure: Option<f64>, digits: usize) -> String {
    figure.map_or("not known here".to_owned(), |figure| format!("{figure:.digits$}"))
}

pub(crate) fn table(settings: &Settings, rows: &Rows<'_>, callers: &Callers) -> String {
    let rate = |name| middle(rows, name, |run| Some(run.records as f64 / run.wall));
    let per_record =
        |name, cpu: fn(&Figures) -> Option<f64>| middle(rows, name, |run| Some(cpu(run)? * 1e6 / run.records as f64));
    let ratio = |ours: Option<f64>, floor: Option<f64>| Some(ours? / floor?);
    let peak = |name| middle(rows, name, |run| Some(run.peak? as f64 / f64::from(1 << 20)));
    let megabytes = middle(rows, "bare-raw", |run| Some(run.bytes as f64 / 1e6)).unwrap_or(f64::NAN);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "`cargo xtask bench --conversations {} --calls {} --runs {}` on {}\n\n{} conversations, {megabytes:.0} MB, pages of 100, over TLS{}.\n",
        settings.conversations,
        settings.calls,
        settings.runs,
        measure::machine(),
        settings.conversations,
        if cfg!(feature = "mimalloc") {
            ", on mimalloc"
        } else {
            ""
        },
    );
    out.push_str("| what | ours | floor | ratio | wanted |\n|---|---|---|---|---|\n");
    for (what, ours, floor, wanted) in [
        ("raw JSON Lines, records/s", "raw", "bare-raw", "at least 0.90"),
        ("typed, records/s", "typed", "bare-typed", "at least 0.95"),
    ] {
        let (own, bare) = (rate(ours), rate(floor));
        let _ = writeln!(
            out,
            "| {what} | {} | {} | {} | {wanted} |",
            show(own, 0),
            show(bare, 0),
            show(ratio(own, bare), 2)
        );
    }
    for (what, name) in [
        ("raw: client CPU, µs/record", "raw"),
        ("typed: client CPU, µs/record", "typed"),
    ] {
        let floor = per_record(if name == "raw" { "bare-raw" } else { "bare-typed" }, |run| {
            run.client_cpu
        });
        let own = per_record(name, |run| run.client_cpu);
        let _ = writeln!(
            out,
            "| {what} | {} | {} | {} | |",
            show(own, 2),
            show(floor, 2),
            show(ratio(own, floor), 2)
        );
    }
    for name in ["raw", "typed"] {
        let floor = if name == "raw" { "bare-raw" } else { "bare-typed" };
        let _ = writeln!(
            out,
            "| {name}: peak memory, MiB | {} | {} | | under 64 |",
            show(peak(name), 0),
            show(peak(floor), 0)
        );
    }
    let (own, bare) = (
        per_record("calls", |run| run.client_cpu),
        per_record("bare-calls", |run| run.client_cpu),
    );
    let overhead = own.zip(bare).map(|(own, bare)| own - bare);
    let _ = writeln!(
        out,
        "| one call with a 200-byte answer: client CPU, µs | {} | {} | overhead {} | under 10 over the floor |",
        show(own, 1),
        show(bare, 1),
        show(overhead, 1)
    );
    for (what, name, floor) in [
        (
            "echo of 1 KB, one connection, 32 in flight: client CPU, µs/message",
            "echo",
            "bare-echo",
        ),
        (
            "echo of 1 KB, 100 connections: client CPU, µs/message",
            "echo-many",
            "bare-echo-many",
        ),
    ] {
        let (own, bare) = (
            per_record(name, |run| run.client_cpu),
            per_record(floor, |run| run.client_cpu),
        );
        let _ = writeln!(
            out,
            "| {what} | {} | {} | {} | at most 1.25 |",
            show(own, 1),
            show(bare, 1),
            show(ratio(own, bare), 2)
        );
    }
    attributes(&mut out, rows);
    bots(&mut out, rows);
    reporter(&mut out, rows);
    exports::rows(&mut out, settings, rows);
    let kib = |name| middle(rows, name, |run| Some(run.peak? as f64 / 1024.0 / run.records as f64));
    let (own, bare) = (kib("idle"), kib("bare-idle"));
    let _ = writeln!(
        out,
        "| 1 000 agent connections: memory, KiB each | {} | {} | {} | at most 2 |",
        show(own, 1),
        show(bare, 1),
        show(ratio(own, bare), 2)
    );
    let idle = |name| middle(rows, name, |run| Some(run.client_cpu? / run.wall * 100.0));
    let _ = writeln!(
        out,
        "| 1 000 agent connections, idle: CPU, % | {} | {} | | under 1 |",
        show(idle("idle"), 2),
        show(idle("bare-idle"), 2)
    );
    let published = middle(rows, "bare-echo", |run| Some(run.records as f64 / run.server_cpu?));
    let _ = writeln!(
        out,
        "| le-sim: published messages a second of CPU | {} | | | at least 20 000 |",
        show(published, 0)
    );
    let served = per_record("bare-raw", |run| run.server_cpu);
    let _ = writeln!(out, "| le-sim: CPU, µs/record | {} | | | at most 10 |", show(served, 1));
    let _ = writeln!(
        out,
        "| {} callers on an expired session | {} login(s) in {:.2} s | | | 1 login |",
        callers.callers, callers.logins, callers.seconds
    );
    out
}

/// Attributes: what building and checking costs, and what it costs beside writing.
fn attributes(out: &mut String, rows: &Rows<'_>) {
    let cpu = |name| middle(rows, name, |run| Some(run.client_cpu? * 1e6 / run.records as f64));
    let _ = writeln!(
        out,
        "| a purchase of 10 products, built and validated: CPU, µs | {} | | | under 3 |",
        show(cpu("attributes"), 2)
    );
    let (own, floor) = (cpu("attributes-written"), cpu("bare-attributes-written"));
    let ratio = own.zip(floor).map(|(own, floor)| own / floor);
    let _ = writeln!(
        out,
        "| the same and written as JSON, against a plain struct that is only built and written: CPU, µs | {} | {} | {} | |",
        show(own, 2),
        show(floor, 2),
        show(ratio, 2)
    );
}

/// The rows of the reporter, where it ran.
fn reporter(out: &mut String, rows: &Rows<'_>) {
    let rate = |name| middle(rows, name, |run| Some(run.records as f64 / run.wall));
    let cpu = |name| middle(rows, name, |run| Some(run.client_cpu? * 1e6 / run.records as f64));
    let peak = |name| middle(rows, name, |run| Some(run.peak? as f64 / f64::from(1 << 20)));
    let events = middle(rows, "reporter", |run| Some(run.records as f64));
    let (own, floor) = (rate("reporter"), rate("bare-reporter"));
    let _ = writeln!(
        out,
        "| reporter: {} events of {} visitors, 50 in a request, 32 requests at once, events/s | {} | {} | {} | at least 0.85 |",
        show(events, 0),
        crate::reporter::VISITORS,
        show(own, 0),
        show(floor, 0),
        show(own.zip(floor).map(|(own, floor)| own / floor), 2)
    );
    let (own, floor) = (cpu("reporter"), cpu("bare-reporter"));
    let _ = writeln!(
        out,
        "| reporter: client CPU, µs/event | {} | {} | {} | |",
        show(own, 2),
        show(floor, 2),
        show(own.zip(floor).map(|(own, floor)| own / floor), 2)
    );
    let _ = writeln!(
        out,
        "| reporter: peak memory with at most {} events waiting, MiB | {} | {} | | under 64 |",
        crate::reporter::WAITING,
        show(peak("reporter"), 0),
        show(peak("bare-reporter"), 0)
    );
}

/// The rows of the bots: each against a floor of its own.
fn bots(out: &mut String, rows: &Rows<'_>) {
    let cpu = |name| middle(rows, name, |run| Some(run.client_cpu? * 1e6 / run.records as f64));
    let milliseconds = |name| middle(rows, name, |run| Some(run.p99? * 1e3));
    for (what, own, floor, wanted) in [
        (
            "echo bot, 32 conversations: CPU, µs/message",
            "bot",
            "bare-bot",
            "at most 1.5",
        ),
        ("the same with its state on the disk", "bot-store", "bare-bot", ""),
        (
            "the same over TLS, against node-agent-sdk",
            "bot-tls",
            "node-bot",
            "at most 0.17",
        ),
        (
            "echo bot, 999 conversations: CPU, µs/message",
            "bot-many",
            "bare-bot-many",
            "at most 1.5",
        ),
        (
            "the same over TLS, against node-agent-sdk",
            "bot-tls-many",
            "node-bot-many",
            "at most 0.17",
        ),
    ] {
        let (own, floor) = (cpu(own), cpu(floor));
        let ratio = own.zip(floor).map(|(own, floor)| own / floor);
        let _ = writeln!(
            out,
            "| {what} | {} | {} | {} | {wanted} |",
            show(own, 1),
            show(floor, 1),
            show(ratio, 2)
        );
    }
    let _ = writeln!(
        out,
        "| echo bot, 999 conversations with a message each every second: p99 of the answer at the consumer, ms | {} | {} | | under 5 |",
        show(milliseconds("bot-paced"), 2),
        show(milliseconds("bare-bot-paced"), 2)
    );
    let seconds = |name| middle(rows, name, |run| Some(run.wall));
    let kib = |name| middle(rows, name, |run| Some(run.peak? as f64 / 1024.0 / run.records as f64));
    let (own, bare) = (kib("fleet"), kib("bare-fleet"));
    let beyond = own.zip(bare).map(|(own, bare)| own - bare);
    let _ = writeln!(
        out,
        "| 1 000 bot users in one process: all online after, s | {} | {} | | under 1 |",
        show(seconds("fleet"), 2),
        show(seconds("bare-fleet"), 2)
    );
    let _ = writeln!(
        out,
        "| 1 000 bot users in one process: memory, KiB each | {} | {} | {} more | under 32 more |",
        show(own, 1),
        show(bare, 1),
        show(beyond, 1)
    );
}
