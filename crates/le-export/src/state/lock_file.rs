//! Locks in a folder: the system's file locks, which end with the process that holds them.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use async_trait::async_trait;
use fs4::{FileExt, TryLockError};
use le_core::Result;

use super::{Claim, Holder, LockGuard};
use crate::place::{blocking, make_folder, open_private, write_failed};

/// The lock ends when the file is closed.
#[derive(Debug)]
struct Held {
    _file: File,
}

#[async_trait]
impl LockGuard for Held {}

/// The file stays when the lock is given back: removing it would let two processes lock two files of one name.
pub(crate) async fn take(path: PathBuf, holder: Holder) -> Result<Claim> {
    blocking(move || {
        let outcome = (|| {
            path.parent().map_or(Ok(()), make_folder)?;
            let mut file = open_private(&path)?;
            match FileExt::try_lock(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut text = String::new();
                    file.read_to_string(&mut text)?;
                    return Ok(Claim::Taken(serde_json::from_str(&text).ok()));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(serde_json::to_string(&holder)?.as_bytes())?;
            Ok(Claim::Held(Box::new(Held { _file: file })))
        })();
        outcome.map_err(|cause| write_failed(path.display(), cause))
    })
    .await
}
