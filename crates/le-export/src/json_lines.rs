//! A file of JSON Lines that holds whole lines, always.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use le_core::wire::RawRecord;
use le_core::{Error, ErrorKind, Result};

use crate::failure::{WriteFailure, cannot_open};
use crate::sink::{Safe, Sink};
use crate::storage::Storage;

/// Lines are collected up to this size and then written in one go.
const BUFFER: usize = 256 * 1024;

/// How a file of JSON Lines is opened.
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct JsonLinesOptions {
    overwrite: bool,
    append: bool,
    atomic: bool,
}

impl JsonLinesOptions {
    /// Refuses a file that exists, and writes to it directly.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces a file that exists.
    pub fn overwrite(mut self, yes: bool) -> Self {
        self.overwrite = yes;
        self
    }

    /// Writes behind what a file holds already. Half a line at its end, from a program that was killed, is cut off first.
    pub fn append(mut self, yes: bool) -> Self {
        self.append = yes;
        self
    }

    /// Writes to a neighbour named `.partial`, which takes the file's name when the export is finished: whoever sees the file
    /// sees all of it. A neighbour that an earlier run left is replaced.
    pub fn atomic(mut self, yes: bool) -> Self {
        self.atomic = yes;
        self
    }

    /// Opens the file. Only its owner may read it, since history is personal data (on Unix).
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the path and what to do.
    pub fn open(self, path: impl Into<PathBuf>) -> Result<JsonLinesFile> {
        let path = path.into();
        if self.append && self.atomic {
            return Err(
                Error::validation("`append` and `atomic` do not go together: an atomic file is new")
                    .with_advice("choose one of them"),
            );
        }
        if self.atomic && !self.overwrite && path.exists() {
            return Err(cannot_open(&path, io::ErrorKind::AlreadyExists.into()));
        }
        let written = if self.atomic { partial(&path) } else { path.clone() };
        let mut open = OpenOptions::new();
        open.write(true);
        match (self.append, self.overwrite || self.atomic) {
            (true, _) => open.read(true).create(true),
            (false, true) => open.create(true).truncate(true),
            (false, false) => open.create_new(true),
        };
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
        let mut file = open.open(&written).map_err(|cause| cannot_open(&written, cause))?;
        let length = if self.append {
            whole_lines(&mut file).map_err(|cause| cannot_open(&written, cause))?
        } else {
            0
        };
        let mut lines = JsonLinesFile::with_storage(file, written);
        lines.position = length;
        lines.rename_to = self.atomic.then_some(path);
        Ok(lines)
    }
}

fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

/// Cuts half a line off the end, goes there, and says where that is.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    const STEP: u64 = 64 * 1024;
    let mut end = file.seek(SeekFrom::End(0))?;
    let length = end;
    while end > 0 {
        let start = end.saturating_sub(STEP);
        let mut block = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        io::Read::by_ref(file).take(end - start).read_to_end(&mut block)?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            end = start + at as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length {
        file.set_len(end)?;
    }
    file.seek(SeekFrom::Start(end))
}

/// Writes records to a file as JSON Lines, byte for byte as received.
///
/// The file always ends with a whole line: lines are written together, and where a write fails in the middle of one (a full
/// disk), the file is cut back to the line before it. The error then says how many records are safe. Dropping it writes what is
/// still in memory, as far as that succeeds; call [`finish`](Sink::finish) to know.
///
/// It writes on the thread of the caller, some hundred kilobytes at a time.
#[derive(Debug)]
pub struct JsonLinesFile<F: Storage = File> {
    storage: F,
    path: PathBuf,
    rename_to: Option<PathBuf>,
    /// Whole lines that are not written yet.
    buffer: Vec<u8>,
    buffered: u64,
    /// Where the last whole line in the file ends.
    position: u64,
    safe: Safe,
    broken: bool,
}

impl JsonLinesFile {
    /// A new file; one that exists is refused. For more see [`JsonLinesOptions`].
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the path and what to do.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        JsonLinesOptions::new().open(path)
    }
}

impl<F: Storage> JsonLinesFile<F> {
    /// Writes to another storage than a file; `path` names it in errors.
    pub fn with_storage(storage: F, path: impl Into<PathBuf>) -> Self {
        Self {
            storage,
            path: path.into(),
            rename_to: None,
            buffer: Vec::with_capacity(BUFFER + BUFFER / 4),
            buffered: 0,
            position: 0,
            safe: Safe::default(),
            broken: false,
        }
    }

    /// The file that is written to; while an atomic export runs, the one named `.partial`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn usable(&self) -> Result<()> {
        if !self.broken {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Io,
            format!("{}: an earlier write failed", self.path.display()),
        )
        .with_advice("open the file anew, with `append` to go on behind its last whole line"))
    }

    fn write_out(&mut self) -> Result<()> {
        self.usable()?;
        let (written, outcome) = self.write_buffer();
        let lines = &self.buffer[..written];
        let whole = if written == self.buffer.len() {
            written
        } else {
            lines.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)
        };
        // Lines are separated by exactly one byte, and a JSON text on one line holds none of them.
        let records = if outcome.is_ok() {
            self.buffered
        } else {
            lines[..whole].iter().filter(|b| **b == b'\n').count() as u64
        };
        self.position += whole as u64;
        self.safe.records += records;
        self.safe.bytes += whole as u64;
        let torn = written > whole;
        self.buffer.clear();
        self.buffered = 0;
        match outcome {
            Ok(()) => Ok(()),
            Err(cause) => Err(self.fail(cause, torn)),
        }
    }

    /// How many bytes of the buffer were written, and why no more.
    fn write_buffer(&mut self) -> (usize, io::Result<()>) {
        let mut written = 0;
        while written < self.buffer.len() {
            match self.storage.write(&self.buffer[written..]) {
                Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
                Ok(bytes) => written += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (written, Err(error)),
            }
        }
        (written, Ok(()))
    }

    /// Cuts back to the last whole line where half of one was written.
    fn fail(&mut self, cause: io::Error, torn: bool) -> Error {
        self.broken = true;
        let is_whole = !torn || self.storage.cut(self.position).is_ok();
        WriteFailure {
            path: self.path.clone(),
            safe: self.safe,
            is_whole,
            cause,
        }
        .into()
    }
}

impl<F: Storage> Sink for JsonLinesFile<F> {
    fn write(&mut self, record: &RawRecord) -> Result<()> {
        self.usable()?;
        // Writing to memory cannot fail.
        let _ = record.write_line(&mut self.buffer);
        self.buffered += 1;
        if self.buffer.len() < BUFFER {
            return Ok(());
        }
        self.write_out()
    }

    fn flush(&mut self) -> Result<()> {
        self.write_out()?;
        self.storage.flush().map_err(|cause| self.fail(cause, false))
    }

    fn finish(&mut self) -> Result<()> {
        self.flush()?;
        match self.storage.sync() {
            // Pipes and devices cannot be synced, and need not be.
            Err(cause) if !matches!(cause.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
                return Err(self.fail(cause, false));
            }
            _ => {}
        }
        let Some(target) = self.rename_to.take() else {
            return Ok(());
        };
        std::fs::rename(&self.path, &target).map_err(|cause| self.fail(cause, false))?;
        self.path = target;
        Ok(())
    }

    fn safe(&self) -> Safe {
        self.safe
    }
}

impl<F: Storage> Drop for JsonLinesFile<F> {
    fn drop(&mut self) {
        if !self.broken && self.write_out().is_err() {
            tracing::warn!("the last records of an export that was dropped could not be written");
        }
    }
}
