//! The rows of bots, each against a floor of its own, and of fleets.

use super::{Beside, CPU, KIB, Reading, Table};

pub(super) fn rows(table: &mut Table<'_>) {
    for (what, names, wanted) in [
        (
            "echo bot, 32 conversations: CPU, µs/message",
            ("bot", "bare-bot"),
            "at most 1.5",
        ),
        ("the same with its state on the disk", ("bot-store", "bare-bot"), ""),
        (
            "the same over TLS, against node-agent-sdk",
            ("bot-tls", "node-bot"),
            "at most 0.17",
        ),
        (
            "echo bot, 999 conversations: CPU, µs/message",
            ("bot-many", "bare-bot-many"),
            "at most 1.5",
        ),
        (
            "the same over TLS, against node-agent-sdk",
            ("bot-tls-many", "node-bot-many"),
            "at most 0.17",
        ),
    ] {
        table.row(what, names, CPU, 1, Beside::Ratio, wanted);
    }
    let milliseconds: Reading = |run| Some(run.p99? * 1e3);
    let what = "echo bot, 999 conversations with a message each every second: p99 of the answer at the consumer, ms";
    let names = ("bot-paced", "bare-bot-paced");
    table.row(what, names, milliseconds, 2, Beside::Nothing, "under 5");
    let (names, seconds): (_, Reading) = (("fleet", "bare-fleet"), |run| Some(run.wall));
    let what = "1 000 bot users in one process: all online after, s";
    table.row(what, names, seconds, 2, Beside::Nothing, "under 1");
    let what = "1 000 bot users in one process: memory, KiB each";
    table.row(what, names, KIB, 1, Beside::More, "under 32 more");
}
