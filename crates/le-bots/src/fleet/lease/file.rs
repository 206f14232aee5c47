//! Leases of the processes of one machine: a locked file for each key. The system frees the lock when the process ends, however
//! it ends, so a dead process has lost its bots at once.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use fs4::TryLockError;
use le_core::{Error, ErrorKind, Timestamp};
use percent_encoding::utf8_percent_encode;

use super::{Grant, Leases};
use crate::socket::UNRESERVED;

/// Leases in a directory of this machine, which all processes of the fleet share. Not for network file systems: their locks are
/// not reliable.
///
/// Each key has a file, which holds the fence and is locked by the holder. Files stay behind: they keep the fences rising.
#[derive(Debug, Clone)]
pub struct FileLeases {
    directory: Arc<Path>,
    held: Arc<Mutex<HashMap<String, (u64, File)>>>,
}

impl FileLeases {
    /// In this directory, which is made unless it is there.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where it cannot be made.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, Error> {
        let directory = directory.into();
        std::fs::create_dir_all(&directory).map_err(|e| failed("the directory of leases cannot be made", e))?;
        Ok(Self {
            directory: directory.into(),
            held: Arc::default(),
        })
    }

    fn path(&self, key: &str) -> PathBuf {
        self.directory
            .join(format!("{}.lease", utf8_percent_encode(key, UNRESERVED)))
    }

    /// Runs work on files where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let this = self.clone();
        let outcome = tokio::task::spawn_blocking(move || work(&this)).await;
        outcome.unwrap_or_else(|_| Err(gone()))
    }

    fn take(&self, key: &str) -> Result<Option<Grant>, Error> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((fence, file)) = held.get_mut(key) {
            *fence = count(file)?;
            return Ok(Some(Grant::new(*fence)));
        }
        let path = self.path(key);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(|e| failed("a lease cannot be opened", e))?;
        // Newer versions of the standard library have a method of this name, too.
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(failed("a lease cannot be locked", error)),
        }
        // Somebody may have deleted the file between opening and locking; the next attempt finds the new one.
        if !is_at(&file, &path) {
            return Ok(None);
        }
        let fence = count(&mut file)?;
        held.insert(key.to_owned(), (fence, file));
        Ok(Some(Grant::new(fence)))
    }

    fn still(&self, key: &str, grant: &Grant) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = held
            .get(key)
            .is_some_and(|(fence, file)| *fence == grant.fence && is_at(file, &self.path(key)));
        if !holds && held.get(key).is_some_and(|(fence, _)| *fence == grant.fence) {
            held.remove(key);
        }
        holds
    }

    fn give(&self, key: &str, grant: &Grant) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(key).is_some_and(|(fence, _)| *fence == grant.fence) {
            // Closing the file frees the lock.
            held.remove(key);
        }
    }
}

/// A lease on its way to who asked. Where nobody waits for it any more, it would be held for as long as the process lives.
struct Untaken {
    leases: FileLeases,
    key: String,
    grant: Option<Grant>,
}

impl Drop for Untaken {
    fn drop(&mut self) {
        if let Some(grant) = self.grant.take() {
            self.leases.give(&self.key, &grant);
        }
    }
}

#[async_trait]
impl Leases for FileLeases {
    async fn acquire(&self, key: &str, _: Duration) -> Result<Option<Grant>, Error> {
        let key = key.to_owned();
        let taken = self.blocking(move |this| {
            let grant = this.take(&key)?;
            Ok(Untaken {
                leases: this.clone(),
                key,
                grant,
            })
        });
        Ok(taken.await?.grant.take())
    }

    async fn renew(&self, key: &str, grant: &Grant, _: Duration) -> Result<bool, Error> {
        let (key, grant) = (key.to_owned(), grant.clone());
        self.blocking(move |this| Ok(this.still(&key, &grant))).await
    }

    async fn release(&self, key: &str, grant: &Grant) -> Result<(), Error> {
        let (key, grant) = (key.to_owned(), grant.clone());
        self.blocking(move |this| {
            this.give(&key, &grant);
            Ok(())
        })
        .await
    }
}

fn gone() -> Error {
    Error::new(ErrorKind::Cancelled, "the runtime ended while a lease was looked at")
}

/// Counts the fence in the file up, and flushes it to the disk.
fn count(file: &mut File) -> Result<u64, Error> {
    let mut text = String::new();
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.read_to_string(&mut text));
    read.map_err(|e| failed("a lease cannot be read", e))?;
    let before: u64 = match text.trim() {
        "" => 0,
        digits => digits.parse().map_err(|_| {
            Error::new(ErrorKind::Io, "the file of a lease holds no number")
                .with_advice("delete the files of the directory of leases while no bot runs")
        })?,
    };
    // By the clock, so that fences rise also where somebody has deleted the file.
    let now = u64::try_from(Timestamp::now().as_millis())
        .unwrap_or(0)
        .saturating_mul(1_000);
    let fence = now.max(before.saturating_add(1));
    // Numbers do not become shorter, so nothing of the old one is left behind.
    let written = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| writeln!(file, "{fence}"))
        .and_then(|()| file.sync_data());
    written.map_err(|e| failed("a lease cannot be written", e))?;
    Ok(fence)
}

/// Whether the file is the one that has this path now.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let own = file.metadata().map(|meta| (meta.dev(), meta.ino())).ok();
    own.is_some() && own == std::fs::metadata(path).map(|meta| (meta.dev(), meta.ino())).ok()
}

/// A file that is open cannot be deleted here.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

fn failed(what: &'static str, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, what)
        .with_advice("check the directory of leases, its rights and its space")
        .with_source(error)
}
