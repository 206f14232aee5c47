//! How fast a large history is read, and what it takes: `large_history <conversations> [<distinct>]`.
#![allow(clippy::print_stdout, reason = "it reports to a terminal")]

use std::time::{Duration, Instant};

use le_sim::account::Account;
use le_sim::history::{History, HistoryCall, HistoryKind, HistoryKnobs, INTERNAL_BASE};

const NOW: i64 = 1_893_456_000_000;
const DAY: i64 = 86_400_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let conversations: usize = arguments.next().as_deref().unwrap_or("100000").parse()?;
    let distinct: usize = arguments.next().as_deref().unwrap_or("1000").parse()?;
    let begin = Instant::now();
    let history = History::copied(&Account::generate("70011223", 7), 7, conversations, distinct, NOW);
    println!(
        "{conversations} conversations from {distinct}: made in {:.2?}, {} MB",
        begin.elapsed(),
        resident_mb()
    );
    for pass in 1..=2 {
        let (records, bytes, took) = read(&history)?;
        let each = took.as_secs_f64() * 1e6 / records as f64;
        println!(
            "pass {pass}: {records} records, {:.1} KB each, {each:.2} µs a record, {} MB, {} MB of text kept",
            bytes as f64 / records as f64 / 1e3,
            resident_mb(),
            history.kept_bytes() >> 20,
        );
    }
    Ok(())
}

/// Reads everything in pages of 100, in windows of 80 days.
fn read(history: &History) -> Result<(usize, usize, Duration), Box<dyn std::error::Error>> {
    let knobs = HistoryKnobs::default();
    let (mut records, mut bytes) = (0, 0);
    let begin = Instant::now();
    for window in 0..5 {
        let to = NOW - window * 80 * DAY;
        let body = format!(r#"{{"start":{{"from":{},"to":{}}}}}"#, to - 80 * DAY + 600_000, to);
        for offset in (0..).step_by(100) {
            let query = [
                ("limit", "100".to_owned()),
                ("offset", offset.to_string()),
                ("sort", "start:asc".to_owned()),
                ("v", "2".to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value));
            let answer = history.answer(HistoryCall {
                kind: HistoryKind::Search,
                query: &query,
                body: body.as_bytes(),
                now_ms: NOW,
                base: INTERNAL_BASE,
                knobs: &knobs,
            });
            let page: usize = answer.body.iter().map(bytes::Bytes::len).sum();
            // One piece for the metadata, one for the end, one for each record.
            let on_page = answer.body.len() - 2;
            records += on_page;
            bytes += page;
            if on_page < 100 {
                break;
            }
        }
    }
    Ok((records, bytes, begin.elapsed()))
}

/// Memory that the process holds, where the system tells.
fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}
