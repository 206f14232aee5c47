//! Errors that say what is safe.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use le_core::{Error, ErrorKind};

use crate::page_export::Summary;
use crate::sink::Safe;

/// A write that failed: where, what is safe, why.
#[derive(Debug)]
#[non_exhaustive]
pub struct WriteFailure {
    /// The file.
    pub path: PathBuf,
    /// What the file holds for good.
    pub safe: Safe,
    /// Whether the file ends with a whole line. False only where it could neither be written on nor cut back.
    pub is_whole: bool,
    /// What the system reported.
    pub cause: io::Error,
}

impl fmt::Display for WriteFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Safe { records, bytes } = self.safe;
        write!(f, "{}: {}; ", self.path.display(), self.cause)?;
        write!(f, "{records} complete records ({bytes} bytes) are safe in the file")?;
        if !self.is_whole {
            write!(f, ", but behind them stands a part of a line that could not be cut off")?;
        }
        Ok(())
    }
}

impl std::error::Error for WriteFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl From<WriteFailure> for Error {
    fn from(failure: WriteFailure) -> Self {
        let advice = match failure.cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space, or write to another disk",
            io::ErrorKind::PermissionDenied => "check who may write there",
            _ => "check the disk",
        };
        Error::new(ErrorKind::Io, failure.to_string())
            .with_advice(advice)
            .with_source(failure)
    }
}

/// A failure before anything was written.
pub(crate) fn cannot_open(path: &Path, cause: io::Error) -> Error {
    let (what, advice) = match cause.kind() {
        io::ErrorKind::AlreadyExists => (
            "the file exists already",
            "choose another name, or allow overwriting or appending",
        ),
        io::ErrorKind::NotFound => ("its folder does not exist", "make the folder first"),
        io::ErrorKind::PermissionDenied => ("it may not be written", "check who may write there"),
        _ => ("it cannot be opened", "check the path"),
    };
    Error::new(ErrorKind::Io, format!("{}: {what}", path.display()))
        .with_advice(advice)
        .with_source(cause)
}

/// An export that ended early: the reason, and what it had done by then.
#[derive(Debug, Clone)]
pub struct ExportError {
    error: Error,
    summary: Summary,
}

impl ExportError {
    pub(crate) fn new(error: Error, summary: Summary) -> Self {
        Self { error, summary }
    }

    /// Why it ended.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// What it had done; its records are safe.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        match self.error.kind() {
            // The message says it already.
            ErrorKind::Io => Ok(()),
            _ => write!(f, " ({} complete records are safe)", self.summary.records),
        }
    }
}

impl std::error::Error for ExportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl From<ExportError> for Error {
    fn from(error: ExportError) -> Self {
        error.error
    }
}
