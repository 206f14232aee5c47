//! What the demo tells at its end.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anstyle::Style;
use le_sim::FaultCount;
use serde_json::{Value, json};

use super::clock::SPEED;
use super::talks;
use super::tally::Counts;
use super::verify::Verified;
use super::visitor::Seen;
use crate::output::{BAD, FAINT, GOOD, grouped, size, styled};

/// Everything that was measured.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) account: String,
    /// How many conversations the simulator has, those of the demo included.
    pub(super) expected: u64,
    pub(super) talks: talks::Tally,
    pub(super) visit: Seen,
    #[cfg(all(feature = "parquet", feature = "sqlite"))]
    pub(super) lake: super::lake::Lake,
    pub(super) verified: Verified,
    pub(super) file: PathBuf,
    pub(super) client: Counts,
    /// What the simulator says it did.
    pub(super) faults: Vec<FaultCount>,
    /// Logins as the simulator counts them.
    pub(super) logins: u64,
    /// From the first request of the pull to the last line.
    pub(super) pull: Duration,
    /// The whole run, simulator included.
    pub(super) total: Duration,
}

pub(super) const STRONG: Style = Style::new().bold();

const SEARCH: &str = "messaging_interactions.search";
pub(super) const REFRESH: &str = "login.refresh";

impl Report {
    /// Whether no message was lost or came twice, what a visitor reported was seen everywhere, and every conversation is in each export exactly once.
    pub(super) fn is_complete(&self) -> bool {
        self.is_exported() && self.talks.is_whole() && self.visit.is_whole() && self.lake_is_complete()
    }

    /// Whether every conversation is in the file exactly once.
    fn is_exported(&self) -> bool {
        self.verified.lines == self.expected && self.verified.distinct == self.expected
    }

    #[cfg(all(feature = "parquet", feature = "sqlite"))]
    fn lake_is_complete(&self) -> bool {
        let lake = &self.lake;
        lake.parquet_records == self.expected
            && lake.sqlite_records == self.expected
            && lake.attributes == self.visit.reported()
    }

    #[cfg(not(all(feature = "parquet", feature = "sqlite")))]
    fn lake_is_complete(&self) -> bool {
        true
    }

    fn fired(&self) -> u64 {
        self.faults.iter().map(|fault| fault.fired).sum()
    }

    /// Sessions that took the place of one that the server had ended; calls that met its end together share one.
    fn renewed(&self) -> u64 {
        self.logins.saturating_sub(1)
    }

    fn per_second(&self) -> f64 {
        self.verified.lines as f64 / self.pull.as_secs_f64().max(0.001)
    }

    pub(super) fn to_json(&self) -> Value {
        #[cfg(all(feature = "parquet", feature = "sqlite"))]
        let lake = self.lake.to_json();
        #[cfg(not(all(feature = "parquet", feature = "sqlite")))]
        let lake = Value::Null;
        json!({
            "visitor": self.visit.to_json(),
            "messaging": self.talks.to_json(),
            "lake": lake,
            "complete": self.is_complete(),
            "account": self.account,
            "conversations": {"expected": self.expected, "written": self.verified.lines, "distinct": self.verified.distinct},
            "file": self.file,
            "bytes": self.verified.bytes,
            "pages": self.client.calls_of(SEARCH),
            "attempts": self.client.attempts,
            "retries": self.client.retries,
            "pauses_seconds": self.client.pauses.as_secs_f64(),
            "pauses_speed": SPEED,
            "sessions_renewed": self.renewed(),
            "logins": self.logins,
            "refreshes": self.client.calls_of(REFRESH),
            "faults": self.faults.iter().map(|fault| json!({"name": fault.rule, "fired": fault.fired})).collect::<Vec<_>>(),
            "pull_seconds": self.pull.as_secs_f64(),
            "total_seconds": self.total.as_secs_f64(),
        })
    }

    /// The report for people.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        let written = grouped(self.verified.distinct);
        let verdict = if self.is_exported() {
            format!("all {written} conversations are in the file, each exactly once")
        } else {
            format!("{written} of {} conversations are in the file", grouped(self.expected))
        };
        let mut line = |label: &str, value: String| {
            let _ = writeln!(text, "  {label:<12} {value}");
        };
        line(
            "account",
            format!(
                "{}, simulated, over TLS with a certificate authority of its own",
                self.account
            ),
        );
        let [reported, seen] = self.visit.lines();
        line("visitor", reported);
        line("", styled(if self.visit.is_whole() { GOOD } else { BAD }, seen));
        let talks = &self.talks;
        line(
            "talks",
            format!(
                "{} conversations with a bot, {} handed over to a person, {} surveys: {} messages in {:.1} s",
                talks.conversations,
                talks.transfers,
                talks.surveys,
                grouped(talks.messages),
                talks.elapsed.as_secs_f64()
            ),
        );
        let outcome = format!(
            "{} sockets broken under them: {} messages lost, {} doubled",
            talks.broken, talks.lost, talks.doubled
        );
        line("", styled(if talks.is_whole() { GOOD } else { BAD }, outcome));
        line("history", styled(if self.is_exported() { GOOD } else { BAD }, verdict));
        line(
            "file",
            format!("{} ({})", self.file.display(), size(self.verified.bytes)),
        );
        line(
            "pages",
            format!(
                "{} in {:.2} s: {} conversations/s",
                self.client.calls_of(SEARCH),
                self.pull.as_secs_f64(),
                grouped(self.per_second() as u64)
            ),
        );
        line(
            "faults",
            format!(
                "{} injected, {} retries, {} renewed session(s)",
                self.fired(),
                self.client.retries(),
                self.renewed()
            ),
        );
        for fault in self.faults.iter().filter(|fault| fault.fired > 0) {
            line("", format!("{} × {}", fault.fired, fault.rule));
        }
        let causes: Vec<_> = self
            .client
            .retries
            .iter()
            .map(|(cause, count)| format!("{count} × {cause}"))
            .collect();
        line("retried", causes.join(", "));
        line(
            "logins",
            format!(
                "{}, {} keep-alive refresh(es)",
                self.logins,
                self.client.calls_of(REFRESH)
            ),
        );
        line(
            "pauses",
            format!(
                "{:.0} s by LivePerson's retry rules; here time passes {SPEED} times faster, so they took {:.1} s",
                self.client.pauses.as_secs_f64(),
                self.client.pauses.as_secs_f64() / f64::from(SPEED)
            ),
        );
        #[cfg(all(feature = "parquet", feature = "sqlite"))]
        text.push_str(&self.exports());
        let total = self.total.as_secs_f64();
        let _ = writeln!(text, "  {:<12} {total:.1} s, simulator included", "total");
        #[cfg(all(feature = "parquet", feature = "sqlite"))]
        text.push_str(&self.answer());
        format!(
            "{}\n{text}",
            styled(STRONG, "le demo: from an account id to conversations on the disk")
        )
    }
}

#[cfg(all(feature = "parquet", feature = "sqlite"))]
impl Report {
    /// What is in the exports.
    fn exports(&self) -> String {
        let lake = &self.lake;
        let style = if self.lake_is_complete() { GOOD } else { BAD };
        let held = format!(
            "{} conversations in Parquet, {} in SQLite, in {:.1} s",
            grouped(lake.parquet_records),
            grouped(lake.sqlite_records),
            lake.elapsed.as_secs_f64()
        );
        let mut text = format!("  {:<12} {}\n", "exports", styled(style, held));
        for place in [&lake.parquet, &lake.sqlite] {
            let _ = writeln!(text, "  {:<12} {}", "", place.display());
        }
        text
    }

    /// The question and its answer.
    fn answer(&self) -> String {
        let mut text = format!("\n  {}\n\n", styled(FAINT, super::lake::QUESTION));
        for line in self.lake.to_text().unwrap_or_default().lines() {
            let _ = writeln!(text, "  {line}");
        }
        text
    }
}

/// What to try next.
pub(super) fn next(file: &std::path::Path) -> String {
    format!(
        "\n{}\n  head -n 1 {} | jq .info\n  le sim --tls --ca-out ca.pem     the same LiveEngage, for your own program\n  \
         le doctor                        with your own account: what is set, what is missing",
        styled(STRONG, "Next"),
        file.display()
    )
}
