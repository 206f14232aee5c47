//! Records that could not be read: kept as text, a file for each window.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};

use le_core::Result;
use serde::Serialize;

use super::Dataset;
use super::part::{self, BROKEN};
use crate::destination::Mode;
use crate::entry::Broken;
use crate::place::{Staged, blocking, write_failed};
use crate::window::Window;

/// They stay in plain JSON Lines whatever the format is, since people look at them.
pub(super) const EXTENSION: &str = "jsonl";

/// One line.
#[derive(Serialize)]
struct Line<'a> {
    reason: &'a str,
    record: &'a le_core::wire::RawRecord,
}

#[derive(Default)]
pub(super) struct BrokenLines {
    staged: Option<(Staged, BufWriter<File>)>,
    count: u64,
}

impl BrokenLines {
    pub(super) async fn write(&mut self, dataset: &Dataset, broken: Vec<Broken>) -> Result<()> {
        let (staged, mut out) = match self.staged.take() {
            Some(open) => open,
            None => {
                let staged = dataset.scratch()?.stage()?;
                let out = BufWriter::new(staged.writer()?);
                (staged, out)
            }
        };
        self.count += broken.len() as u64;
        let written = blocking(move || {
            for Broken { reason, raw } in &broken {
                let line = Line { reason, record: raw };
                let written = serde_json::to_writer(&mut out, &line).map_err(std::io::Error::from);
                written
                    .and_then(|()| out.write_all(b"\n"))
                    .map_err(|cause| staged.failed(cause))?;
            }
            Ok((staged, out))
        });
        self.staged = Some(written.await?);
        Ok(())
    }

    /// Gives the file its name. What a merge finds there stays in front; a window that is replaced loses it.
    pub(super) async fn publish(mut self, dataset: &Dataset, window: &Window, mode: Mode) -> Result<u64> {
        let name = part::name(BROKEN, window, EXTENSION);
        let Some((staged, mut out)) = self.staged.take() else {
            if mode == Mode::Replace {
                dataset.place.remove(&name).await?;
            }
            return Ok(0);
        };
        let before = match mode {
            Mode::Replace => None,
            Mode::Merge => dataset.place.file(&name, || dataset.scratch()).await?,
        };
        let staged = blocking(move || {
            let copied = before.map_or(Ok(0), |mut before| std::io::copy(&mut before, &mut out));
            copied.and_then(|_| out.flush()).map_err(|cause| staged.failed(cause))?;
            Ok(staged)
        })
        .await?;
        dataset.place.publish(staged, &name).await?;
        Ok(self.count)
    }
}

/// The lines of a file that hold none of these texts, and how many do.
pub(super) fn without(file: File, out: &Staged, texts: &[&str]) -> Result<u64> {
    let mut gone = 0;
    let copy = || {
        let mut out = BufWriter::new(out.writer().map_err(std::io::Error::other)?);
        for line in BufReader::new(file).lines() {
            let line = line?;
            if texts.iter().any(|text| line.contains(text)) {
                gone += 1;
            } else {
                writeln!(out, "{line}")?;
            }
        }
        out.flush()
    };
    let copied: std::io::Result<()> = copy();
    copied.map_err(|cause| write_failed("records that could not be read", cause))?;
    Ok(gone)
}
