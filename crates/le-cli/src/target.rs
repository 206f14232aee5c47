//! Where an export goes: a file of whole lines, or the standard output.

use std::io::{self, Write};
use std::path::Path;

use le_core::Error;
use le_export::{JsonLinesFile, JsonLinesOptions, Sink, Storage, WriteFailure};

use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Refuse,
    Replace,
    /// Go on behind its last whole line.
    Append,
}

impl Existing {
    pub(crate) fn of(force: bool) -> Self {
        if force { Self::Replace } else { Self::Refuse }
    }
}

/// Whether the name stands for the standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Refuses a file that is there already, before any work is done.
pub(crate) fn check(path: &Path, existing: Existing) -> Result<()> {
    if existing == Existing::Refuse && !is_stdout(path) && path.is_file() {
        return Err(
            Failure::new(Exit::Output, format!("{} is there already", path.display()))
                .advise("choose another file, or replace it with --force"),
        );
    }
    Ok(())
}

/// Opens it.
pub(crate) fn open(path: &Path, existing: Existing) -> Result<Box<dyn Sink>> {
    if is_stdout(path) {
        return Ok(Box::new(JsonLinesFile::with_storage(
            Stdout(io::stdout()),
            "the standard output",
        )));
    }
    check(path, existing)?;
    // A device such as /dev/null or a named pipe holds nothing that could be lost, nor anything to go on with.
    let is_device = path.exists() && !path.is_file();
    let options = JsonLinesOptions::new()
        .append(existing == Existing::Append && !is_device)
        .overwrite(existing == Existing::Replace || is_device);
    Ok(Box::new(options.open(path)?))
}

/// A failed export as this program reports it: a reader that went away (`| head`) is no failure.
pub(crate) fn failed(error: &Error) -> Failure {
    let source = std::error::Error::source(error);
    let cause = source.and_then(|source| match source.downcast_ref::<WriteFailure>() {
        Some(write) => Some(&write.cause),
        None => source.downcast_ref::<io::Error>(),
    });
    match cause {
        Some(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Failure::stdout(cause),
        _ => Failure::from(error.clone()),
    }
}

/// The standard output as a place for lines. What was written cannot be taken back.
#[derive(Debug)]
struct Stdout(io::Stdout);

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Storage for Stdout {
    fn cut(&mut self, _length: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_where_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.jsonl");
        assert!(check(&path, Existing::Refuse).is_ok());
        std::fs::write(&path, "{}\n").unwrap();
        let refused = check(&path, Existing::Refuse).unwrap_err();
        assert_eq!(refused.exit(), Exit::Output);
        assert!(refused.advice().is_some_and(|advice| advice.contains("--force")));
        drop(open(&path, Existing::Append).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}\n");
        drop(open(&path, Existing::Replace).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    }

    #[cfg(unix)]
    #[test]
    fn devices_need_no_force() {
        assert!(open(Path::new("/dev/null"), Existing::Refuse).is_ok());
    }
}
