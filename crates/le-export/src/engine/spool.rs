//! Changed records on their way, sorted by window, on disk: there may be more than memory holds.

use std::collections::{BTreeMap, HashMap};
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::PathBuf;

use le_core::wire::RawRecord;
use le_core::{Error, ErrorKind, Result, Timestamp};

use crate::entry::Entry;
use crate::place::{Scratch, blocking, write_failed};
use crate::window::Window;

/// Records are given out in groups of this many.
const GROUP: usize = 100;

/// A file for each window that has changes. It is removed with its owner.
#[derive(Debug)]
pub(super) struct Spool {
    scratch: Scratch,
    windows: BTreeMap<Window, u64>,
}

impl Spool {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            scratch: Scratch::temporary()?,
            windows: BTreeMap::new(),
        })
    }

    fn path(&self, window: &Window) -> PathBuf {
        self.scratch.path().join(format!("{window}.spool"))
    }

    /// The windows that have changes, each with the number of its records; a record that came twice counts twice.
    pub(super) fn windows(&self) -> Vec<Window> {
        self.windows.keys().copied().collect()
    }

    pub(super) async fn add(&mut self, window: Window, entries: Vec<Entry>) -> Result<()> {
        *self.windows.entry(window).or_default() += entries.len() as u64;
        let path = self.path(&window);
        blocking(move || {
            let failed = |cause| write_failed(path.display(), cause);
            let mut open = OpenOptions::new();
            open.create(true).append(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
            let mut out = BufWriter::new(open.open(&path).map_err(failed)?);
            for entry in &entries {
                write_entry(&mut out, entry).map_err(failed)?;
            }
            out.flush().map_err(failed)
        })
        .await
    }

    /// The records of a window, in groups; of a record that came twice the last.
    pub(super) async fn read(&self, window: &Window) -> Result<tokio::sync::mpsc::Receiver<Result<Vec<Entry>>>> {
        let path = self.path(window);
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let reading = blocking(move || {
            let outcome = each_group(&path, &mut |group| sender.blocking_send(Ok(group)).is_ok());
            if let Err(cause) = outcome {
                let _ = sender.blocking_send(Err(write_failed(path.display(), cause)));
            }
            Ok(())
        });
        drop(tokio::spawn(reading));
        Ok(receiver)
    }
}

/// A line with the key and the start, and a line with the text.
fn write_entry(out: &mut impl std::io::Write, entry: &Entry) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, &(&entry.key, entry.start))?;
    out.write_all(b"\n")?;
    entry.raw.write_line(out)
}

fn each_group(path: &PathBuf, each: &mut dyn FnMut(Vec<Entry>) -> bool) -> std::io::Result<()> {
    let open = || std::fs::File::open(path).map(|file| BufReader::new(file).lines());
    let mut last = HashMap::new();
    for (number, line) in open()?.step_by(2).enumerate() {
        let (key, _): (String, Option<Timestamp>) = serde_json::from_str(&line?)?;
        last.insert(key, number);
    }
    let mut group = Vec::new();
    let mut lines = open()?;
    let mut number = 0;
    while let (Some(head), Some(text)) = (lines.next(), lines.next()) {
        let (key, start): (String, Option<Timestamp>) = serde_json::from_str(&head?)?;
        if last.get(&key) == Some(&number) {
            let raw = RawRecord::new(text?).map_err(|error| std::io::Error::other(error.to_string()))?;
            group.push(Entry::new(key, start, raw));
        }
        number += 1;
        if group.len() == GROUP && !each(std::mem::take(&mut group)) {
            return Ok(());
        }
    }
    if !group.is_empty() {
        each(group);
    }
    Ok(())
}

/// The error for a reader that went away, which happens only when its runtime does.
pub(super) fn interrupted() -> Error {
    Error::new(ErrorKind::Cancelled, "the runtime is shutting down")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn records_come_back_once_each_the_last_version() {
        let mut spool = Spool::new().unwrap();
        let window: Window = "2026-01-05T00-00Z_2026-01-06T00-00Z".parse().unwrap();
        let entry = |key: &str, version: u32| {
            Entry::new(
                key,
                Some(window.from()),
                RawRecord::new(format!("{{\"v\":\n{version}}}")).unwrap(),
            )
        };
        for version in 1..=3 {
            let entries = (0..150).map(|key| entry(&key.to_string(), version)).collect();
            spool.add(window, entries).await.unwrap();
        }
        assert_eq!(spool.windows(), [window]);
        let mut found = Vec::new();
        let mut groups = spool.read(&window).await.unwrap();
        while let Some(group) = groups.recv().await {
            found.extend(group.unwrap());
        }
        assert_eq!(found.len(), 150);
        assert!(found.iter().all(|entry| entry.raw.as_str() == "{\"v\": 3}"));
    }
}
