//! Failures of files and stores, in words.

use std::fmt::Display;
use std::io;

use le_core::{Error, ErrorKind, Result};

/// Does work that waits for a disk, on a thread that may wait.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Error::new(ErrorKind::Cancelled, "the runtime is shutting down")),
    }
}

/// A file could not be written, read or renamed.
pub(crate) fn write_failed(place: impl Display, cause: io::Error) -> Error {
    let advice = match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "free some space, or write to another disk; then run it again: what is committed is safe and is not read again"
        }
        io::ErrorKind::PermissionDenied => "check who may write there",
        io::ErrorKind::NotADirectory => "a part of the path is a file; choose another place",
        _ => "check the disk; then run it again: what is committed is safe and is not read again",
    };
    Error::new(ErrorKind::Io, format!("{place}: {cause}"))
        .with_advice(advice)
        .with_source(cause)
}

/// A store failed. Its error is not kept as the cause: addresses in it can hold signatures.
pub(crate) fn store_failed(place: impl Display, error: &object_store::Error) -> Error {
    use object_store::Error as Store;
    let (what, advice) = match error {
        Store::NotFound { .. } => ("it is not there".to_owned(), "check the bucket and the prefix"),
        Store::Unauthenticated { .. } => (
            "the store does not know the credential".to_owned(),
            "check the credential in the environment",
        ),
        Store::PermissionDenied { .. } => (
            "the store refuses access".to_owned(),
            "the credential must be allowed to list, read, write and delete below the prefix",
        ),
        other => (
            without_queries(&other.to_string()),
            "run it again: what is committed is safe and is not read again",
        ),
    };
    Error::new(ErrorKind::Io, format!("{place}: {what}")).with_advice(advice)
}

/// The text with the query of each address cut off, since signatures stand there.
fn without_queries(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut skipping = false;
    for c in text.chars() {
        match c {
            '?' => {
                skipping = true;
                out.push_str("?..");
            }
            c if skipping && !(c.is_whitespace() || matches!(c, '"' | ')' | '>')) => {}
            c => {
                skipping = false;
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_in_addresses_are_not_shown() {
        assert_eq!(
            without_queries("error sending (https://h/c/x?sig=SECRET&se=1): timed out, after 3"),
            "error sending (https://h/c/x?..): timed out, after 3"
        );
    }
}
