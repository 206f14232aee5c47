//! The writer of one window: a staged file for each table, published together.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use le_core::{Error, ErrorKind, Result};

use super::broken::BrokenLines;
use super::rewrite::Base;
use super::{Dataset, part};
use crate::destination::{Mode, WindowCounts, WindowWriter};
use crate::entry::{Broken, Entry};
use crate::formats::{Encoder, PartSink};
use crate::keys::KeySet;
use crate::place::Staged;
use crate::window::Window;

const BUFFER: usize = 128 * 1024;

/// Writes a staged file and counts, so that a buffer that was never flushed is noticed.
pub(super) struct Counted {
    file: BufWriter<File>,
    written: Arc<AtomicU64>,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.written.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Finished files with their lengths, in the order of the tables, and the rows by table.
pub(super) type Finished = (Vec<(Staged, u64)>, BTreeMap<String, u64>);

/// The staged files of all tables, and what encodes into them.
pub(super) struct Parts {
    pub(super) encoder: Box<dyn Encoder>,
    staged: Vec<(Staged, Arc<AtomicU64>)>,
}

impl Parts {
    pub(super) fn stage(dataset: &Dataset) -> Result<Self> {
        let scratch = dataset.scratch()?;
        let mut staged = Vec::new();
        let mut sinks: Vec<PartSink> = Vec::new();
        for _ in dataset.format.tables() {
            let file = scratch.stage()?;
            let written = Arc::<AtomicU64>::default();
            sinks.push(Box::new(Counted {
                file: BufWriter::with_capacity(BUFFER, file.writer()?),
                written: Arc::clone(&written),
            }));
            staged.push((file, written));
        }
        let encoder = dataset.format.encoder(sinks)?;
        Ok(Self { encoder, staged })
    }

    /// Ends the files. Gives them with their lengths, and the rows by table.
    pub(super) fn finish(self) -> Result<Finished> {
        let rows = self.encoder.finish()?;
        let mut files = Vec::new();
        for (staged, written) in self.staged {
            let expected = written.load(Ordering::Relaxed);
            let length = staged.length()?;
            if length != expected {
                let message = format!("a part has {length} bytes where {expected} were written");
                return Err(Error::new(ErrorKind::Io, message).with_advice("run it again; if it stays, check the disk"));
            }
            files.push((staged, length));
        }
        Ok((files, rows))
    }
}

impl Dataset {
    /// Gives finished files their names, the table of records last, so that whoever sees a record finds its rows; the others at
    /// once, since a disk makes many files last in the time of one. Files without rows are not kept.
    pub(super) async fn publish(
        &self,
        covers: &Window,
        files: Vec<(Staged, u64)>,
        rows: &BTreeMap<String, u64>,
    ) -> Result<(u64, Vec<String>)> {
        let mut named = self.format.tables().iter().zip(files);
        let main = named.next();
        let others = named.map(|(table, file)| self.name_file(covers, table, file, rows));
        let mut others = futures_util::future::try_join_all(others).await?;
        let main = match main {
            Some((table, file)) => self.name_file(covers, table, file, rows).await?,
            None => None,
        };
        others.insert(0, main);
        let kept: Vec<(u64, String)> = others.into_iter().flatten().collect();
        let bytes = kept.iter().map(|(length, _)| length).sum();
        Ok((bytes, kept.into_iter().map(|(_, name)| name).collect()))
    }

    /// Gives one finished file its name; `None` where it has no rows, and what had the name before goes.
    async fn name_file(
        &self,
        covers: &Window,
        table: &str,
        (staged, length): (Staged, u64),
        rows: &BTreeMap<String, u64>,
    ) -> Result<Option<(u64, String)>> {
        let name = part::name(table, covers, self.format.extension());
        if rows.get(table).is_none_or(|rows| *rows == 0) {
            self.place.remove(&name).await?;
            return Ok(None);
        }
        self.place.publish(staged, &name).await?;
        Ok(Some((length, name)))
    }
}

pub(super) struct PartWriter {
    dataset: Dataset,
    window: Window,
    mode: Mode,
    parts: Option<Parts>,
    broken: BrokenLines,
    /// The keys that were written, where older versions of them may have to go.
    keys: KeySet,
    records: u64,
}

impl PartWriter {
    pub(super) async fn begin(dataset: Dataset, window: Window, mode: Mode) -> Result<Self> {
        let owned = dataset.clone();
        let parts = dataset.encoders.run(move || Parts::stage(&owned)).await?;
        Ok(Self {
            dataset,
            window,
            mode,
            parts: Some(parts),
            broken: BrokenLines::default(),
            keys: KeySet::default(),
            records: 0,
        })
    }

    fn take_parts(&mut self) -> Result<Parts> {
        let gone =
            || Error::new(ErrorKind::Io, "an earlier write of this window failed").with_advice("run the window again");
        self.parts.take().ok_or_else(gone)
    }

    async fn commit_alone(self) -> Result<WindowCounts> {
        let base = match (self.dataset.part_of(&self.window).await?, self.mode) {
            (Some(part), Mode::Replace) if part.covers == self.window => None,
            (Some(part), _) => Some(Base::fetch(&self.dataset, part.covers).await?),
            (None, _) => None,
        };
        self.publish(base).await
    }

    /// Copies what stays of the part that is there, counts it, and publishes.
    async fn publish(mut self, base: Option<Base>) -> Result<WindowCounts> {
        let mut parts = self.take_parts()?;
        let covers = base.as_ref().map_or(self.window, |base| base.covers);
        let (window, replaces) = (self.window, self.mode == Mode::Replace);
        let keys = std::mem::take(&mut self.keys);
        let format = Arc::clone(&self.dataset.format);
        let encoded = self.dataset.encoders.run(move || {
            let kept = match base {
                Some(base) => base.copy(&*format, &mut parts, &window, &keys, replaces)?,
                None => 0,
            };
            Ok((parts.finish()?, kept))
        });
        let ((files, rows), kept) = encoded.await?;
        let (bytes, files) = self.dataset.publish(&covers, files, &rows).await?;
        let broken = self.broken.publish(&self.dataset, &self.window, self.mode).await?;
        Ok(WindowCounts {
            records: self.records + kept,
            bytes,
            broken,
            rows,
            files,
        })
    }
}

#[async_trait]
impl WindowWriter for PartWriter {
    async fn write(&mut self, entries: Vec<Entry>) -> Result<()> {
        for entry in &entries {
            self.keys.insert(&entry.key);
        }
        let mut parts = self.take_parts()?;
        let encoded = self.dataset.encoders.run(move || {
            let broken = parts.encoder.write(&entries)?;
            // Freed here, off the threads that serve the network.
            let count = entries.len();
            drop(entries);
            Ok((parts, broken, count))
        });
        let (parts, broken, count) = encoded.await?;
        self.parts = Some(parts);
        self.records += (count - broken.len().min(count)) as u64;
        self.keep_broken(broken).await
    }

    async fn keep_broken(&mut self, broken: Vec<Broken>) -> Result<()> {
        if broken.is_empty() {
            return Ok(());
        }
        self.broken.write(&self.dataset, broken).await
    }

    async fn commit(self: Box<Self>) -> Result<WindowCounts> {
        // The part may be one that several windows share, or be joined with others just now.
        let alone = self.dataset.alone_in(&self.window.date()).await?;
        let committed = self.commit_alone().await;
        alone.release().await;
        committed
    }
}
