//! Killed in the middle, and run again: nothing is lost, and nothing is there twice.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use le_export::{Destination, Mode};

use crate::support::{records, write};

const DAYS: std::ops::Range<u32> = 15..27;
const RECORDS: usize = 40;

/// Writes all windows again and again, until it is killed. It runs in a process of its own, see [`survives`].
pub(crate) async fn write_until_killed(to: &dyn Destination) {
    loop {
        write_all(to).await;
    }
}

async fn write_all(to: &dyn Destination) {
    for day in DAYS {
        write(to, day, Mode::Replace, records(day, RECORDS)).await;
    }
}

/// Starts this program anew with one test, which writes to `place`.
fn writer(test: &str, place: &str) -> Child {
    let program = std::env::current_exe().unwrap();
    Command::new(program)
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env("LE_EXPORT_KILLED", place)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Where a process that is to be killed shall write; `None` in any other.
pub(crate) fn place() -> Option<String> {
    std::env::var("LE_EXPORT_KILLED").ok()
}

/// Kills writers at several moments; each window is there as a whole or not at all, and after a last run all are, once.
pub(crate) async fn survives<D, F>(
    test: &str,
    place: &str,
    open: impl Fn() -> F,
    counts: impl AsyncFn(&D) -> Vec<(u64, u64)>,
) where
    D: Destination,
    F: Future<Output = D>,
{
    for moment in [150, 230, 310, 420, 560] {
        let mut child = writer(test, place);
        tokio::time::sleep(Duration::from_millis(moment)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        for (conversations, messages) in counts(&open().await).await {
            assert!(
                matches!((conversations, messages), (0, 0) | (40, 60)),
                "{conversations} with {messages}"
            );
        }
    }
    let database = open().await;
    write_all(&database).await;
    assert_eq!(counts(&database).await, vec![(RECORDS as u64, 60); DAYS.len()]);
}

/// Conversations and messages for each day.
pub(crate) fn question(day: &str, of: &str) -> String {
    let days = DAYS
        .map(|day| format!("'2026-01-{day:02}'"))
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "SELECT {day} AS day, count(*) AS conversations, sum((SELECT count(*) FROM messages m WHERE m.conversation_id = c.conversation_id)) AS messages
           FROM {of} c WHERE {day} IN ({days}) GROUP BY 1 ORDER BY 1"
    )
}
