//! The table.

use std::fmt::Write as _;

use crate::callers::Callers;
use crate::measure;
use crate::target::Figures;

pub(crate) struct Settings {
    pub(crate) conversations: usize,
    pub(crate) calls: usize,
    pub(crate) runs: usize,
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
        "`cargo xtask bench --conversations {} --calls {} --runs {}` on {}\n\n{} conversations, {megabytes:.0} MB, pages of 100, over TLS.\n",
        settings.conversations,
        settings.calls,
        settings.runs,
        measure::machine(),
        settings.conversations,
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
