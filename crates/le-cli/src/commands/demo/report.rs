//! What the demo tells at its end.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anstyle::Style;
use le_sim::FaultCount;
use serde_json::{Value, json};

use super::clock::SPEED;
use super::tally::Counts;
use super::verify::Verified;
use crate::output::{BAD, GOOD, grouped, size, styled};

/// Everything that was measured.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) account: String,
    /// How many conversations the simulator has.
    pub(super) expected: u64,
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
    /// Whether every conversation is in the file exactly once.
    pub(super) fn is_complete(&self) -> bool {
        self.verified.lines == self.expected && self.verified.distinct == self.expected
    }

    fn fired(&self) -> u64 {
        self.faults.iter().map(|fault| fault.fired).sum()
    }

    fn per_second(&self) -> f64 {
        self.verified.lines as f64 / self.pull.as_secs_f64().max(0.001)
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
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
            "sessions_renewed": self.client.refused,
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
        let verdict = if self.is_complete() {
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
        line("result", styled(if self.is_complete() { GOOD } else { BAD }, verdict));
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
                self.client.refused
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
        line(
            "total",
            format!("{:.1} s, simulator included", self.total.as_secs_f64()),
        );
        format!(
            "{}\n{text}",
            styled(STRONG, "le demo: from an account id to conversations on the disk")
        )
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
