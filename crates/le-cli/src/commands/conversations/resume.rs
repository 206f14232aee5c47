//! Going on with a file that an earlier export left unfinished.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::Duration;

use le_core::wire::RawRecord;
use le_core::{TimeRange, Timestamp};
use serde::Deserialize;

use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// The service rounds the beginning of a range down to this.
const GRAIN: Duration = Duration::from_secs(600);

/// Forgotten ids are looked for again after so many lines.
const SWEEP: u64 = 50_000;

/// What stands in the file.
#[derive(Debug)]
pub(crate) struct Resumed {
    records: u64,
    last_start: Timestamp,
    /// Those that can come again: they began within the last ten minutes of what the file covers.
    known: HashSet<String>,
}

#[derive(Deserialize)]
struct Line {
    info: Info,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    conversation_id: String,
    start_time_l: i64,
}

impl Resumed {
    /// Reads the file; `None` where there is nothing to go on with.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        if path.as_os_str() == "-" {
            return Err(Failure::usage("--resume needs a file").advise("give --out FILE"));
        }
        let failed = |e: std::io::Error| Failure::file("read", path, &e);
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed(e)),
        };
        let mut found = Found::default();
        let mut reader = BufReader::with_capacity(256 * 1024, file);
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(failed)?;
            if line.last() != Some(&b'\n') {
                // The end, or half a line, which is cut off when the file is opened.
                break;
            }
            found
                .take(&line)
                .map_err(|cause| unreadable(path, found.records + 1, &cause))?;
        }
        Ok(found.into_resumed())
    }

    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// What is left of the range.
    pub(crate) fn rest_of(&self, range: TimeRange) -> Result<TimeRange> {
        let from = self.last_start.max(range.from());
        if from > range.to() {
            let message = format!(
                "the last conversation of the file began at {}, after the end of the range",
                self.last_start
            );
            return Err(Failure::usage(message).advise("give the range of the export that is to go on"));
        }
        Ok(TimeRange::new(from, range.to())?)
    }

    /// Whether the file has this conversation.
    pub(crate) fn has(&self, record: &RawRecord) -> bool {
        let read: Result<Line, _> = serde_json::from_str(record.as_str());
        read.is_ok_and(|line| self.known.contains(&line.info.conversation_id))
    }
}

/// What was read so far.
#[derive(Default)]
struct Found {
    records: u64,
    newest: i64,
    known: Vec<(i64, String)>,
}

impl Found {
    fn take(&mut self, line: &[u8]) -> Result<(), serde_json::Error> {
        let Line { info } = serde_json::from_slice(line)?;
        self.records += 1;
        self.newest = self.newest.max(info.start_time_l);
        self.known.push((info.start_time_l, info.conversation_id));
        if self.records.is_multiple_of(SWEEP) {
            self.sweep();
        }
        Ok(())
    }

    /// Forgets conversations that cannot come again, so that a long file does not fill the memory.
    fn sweep(&mut self) {
        let from = Timestamp::from_millis(self.newest).floor(GRAIN).as_millis();
        self.known.retain(|(start, _)| *start >= from);
    }

    fn into_resumed(mut self) -> Option<Resumed> {
        if self.records == 0 {
            return None;
        }
        self.sweep();
        Some(Resumed {
            records: self.records,
            last_start: Timestamp::from_millis(self.newest),
            known: self.known.into_iter().map(|(_, id)| id).collect(),
        })
    }
}

fn unreadable(path: &Path, line: u64, cause: &serde_json::Error) -> Failure {
    Failure::new(
        Exit::Data,
        format!("line {line} of {} is no conversation", path.display()),
    )
    .because(cause.to_string())
    .advise("resume only what this command wrote; else choose another file")
}
