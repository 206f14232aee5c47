//! A store in one file of this machine, on redb.
//!
//! One thread writes. It takes every batch that is waiting, carries them out in one transaction and answers all of them after
//! one flush, so that a hundred conversations at once cost about as much as one.

#![expect(
    clippy::result_large_err,
    reason = "errors of the database are rare, and pass through few hands"
)]

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;

use async_trait::async_trait;
use bytes::Bytes;
use le_core::{Error, ErrorKind};
use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadableTable, StorageBackend, Table, TableDefinition};
use tokio::sync::oneshot;

use super::{Batch, Store, fence_of, fenced_off};

const ENTRIES: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("entries");
/// Most batches in one transaction: what comes later need not wait for more than these.
const GROUP: usize = 1024;
/// Most memory for pages, in bytes. Redb alone would take up to a gigabyte.
const CACHE: usize = 8 << 20;

/// What a written batch survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Durability {
    /// The death of the process and of the machine: each group of batches is flushed to the disk.
    #[default]
    Machine,
    /// The death of the process, `kill -9` included. What the operating system had not yet written is lost with the machine, and
    /// the file may then be unusable. Much faster.
    Process,
}

/// How a [`FileStore`] is opened.
#[derive(Debug, Clone)]
pub struct FileStoreBuilder {
    path: PathBuf,
    durability: Durability,
    cache: usize,
}

impl FileStoreBuilder {
    /// What a batch survives; the death of the machine where it is not set.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Most memory for pages of the file, in bytes; 8 MiB where it is not set.
    #[must_use]
    pub fn cache(mut self, bytes: usize) -> Self {
        self.cache = bytes;
        self
    }

    /// Opens the file, and makes it with its directories where it is missing. A file that was left by a killed process is
    /// brought in order first. It blocks while it does so.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] where another process has the file open; [`ErrorKind::Io`] where it cannot be opened or is
    /// no store.
    pub fn open(self) -> Result<FileStore, Error> {
        let failed = |e: DatabaseError| opening(&self.path, e);
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory).map_err(|e| failed(DatabaseError::Storage(e.into())))?;
        }
        let file = owner_only(&self.path).map_err(|e| failed(DatabaseError::Storage(e.into())))?;
        let mut builder = Database::builder();
        builder.set_cache_size(self.cache);
        let backend = FileBackend::new(file).map_err(failed)?;
        let database = match self.durability {
            Durability::Machine => builder.create_with_backend(backend),
            Durability::Process => builder.create_with_backend(Unflushed(backend)),
        };
        let database = Arc::new(database.map_err(failed)?);
        // The first read must find the table.
        write_group(&database, &[Batch::new()]).map_err(|e| broken(&e))?;
        let (jobs, received) = mpsc::channel();
        let writer = Arc::clone(&database);
        let thread = thread::Builder::new()
            .name("le-bots-store".to_owned())
            .spawn(move || keep_writing(&writer, &received))
            .map_err(|e| Error::new(ErrorKind::Io, "the thread of the store cannot be started").with_source(e))?;
        Ok(FileStore {
            database,
            jobs: Some(jobs),
            thread: Some(thread),
            path: self.path,
        })
    }
}

/// A file that only its owner may read, since states hold what consumers said.
fn owner_only(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A store in a file. The file is locked: one process has it at a time.
///
/// Writes are done by a thread of the store. Dropping the store waits for what was handed over, and closes the file.
pub struct FileStore {
    database: Arc<Database>,
    /// Both are there until the store is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<thread::JoinHandle<()>>,
    path: PathBuf,
}

struct Job {
    batch: Batch,
    done: oneshot::Sender<Result<(), Error>>,
}

impl FileStore {
    /// Opens the file at this path, or makes it: see [`FileStoreBuilder::open`].
    ///
    /// # Errors
    /// As [`FileStoreBuilder::open`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::builder(path).open()
    }

    /// Settings of a store at this path.
    #[must_use]
    pub fn builder(path: impl Into<PathBuf>) -> FileStoreBuilder {
        FileStoreBuilder {
            path: path.into(),
            durability: Durability::default(),
            cache: CACHE,
        }
    }

    /// Runs a reading on a thread that may block.
    async fn read<T, F>(&self, reading: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Database) -> Result<T, redb::Error> + Send + 'static,
    {
        let database = Arc::clone(&self.database);
        tokio::task::spawn_blocking(move || reading(&database))
            .await
            .map_err(|e| Error::new(ErrorKind::Io, "a reading of the store was broken off").with_source(e))?
            .map_err(|e| broken(&e))
    }
}

impl Drop for FileStore {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the writer was reported when it happened; nothing is left to do for it.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for FileStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        let key = key.to_owned();
        let found = move |database: &Database| {
            let table = database.begin_read()?.open_table(ENTRIES)?;
            let value = table.get(key.as_str())?;
            Ok(value.map(|value| Bytes::copy_from_slice(value.value())))
        };
        self.read(found).await
    }

    async fn scan(&self, prefix: &str) -> Result<Vec<(Box<str>, Bytes)>, Error> {
        let prefix = prefix.to_owned();
        let found = move |database: &Database| {
            let table = database.begin_read()?.open_table(ENTRIES)?;
            let mut all = Vec::new();
            for entry in table.range(prefix.as_str()..)? {
                let (key, value) = entry?;
                if !key.value().starts_with(&prefix) {
                    break;
                }
                all.push((Box::from(key.value()), Bytes::copy_from_slice(value.value())));
            }
            Ok(all)
        };
        self.read(found).await
    }

    async fn write(&self, batch: Batch) -> Result<(), Error> {
        let (done, answer) = oneshot::channel();
        let gone = || Error::new(ErrorKind::Io, "the thread of the store has ended");
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(Job { batch, done }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// The loop of the writing thread: it ends when the store is dropped.
fn keep_writing(database: &Database, jobs: &mpsc::Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let (mut batches, mut waiting) = (vec![first.batch], vec![first.done]);
        for Job { batch, done } in jobs.try_iter().take(GROUP - 1) {
            batches.push(batch);
            waiting.push(done);
        }
        let written = write_group(database, &batches);
        if let Err(error) = &written {
            tracing::error!(error = %error, batches = batches.len(), "the store cannot be written");
        }
        match written {
            Ok(answers) => {
                for (done, answer) in waiting.into_iter().zip(answers) {
                    // Whoever asked may be gone; the batch is written all the same.
                    let _ = done.send(answer);
                }
            }
            Err(error) => {
                for done in waiting {
                    let _ = done.send(Err(broken(&error)));
                }
            }
        }
    }
}

/// Writes the batches in one transaction, each of them whole or, where its fence is too low, not at all.
fn write_group(database: &Database, batches: &[Batch]) -> Result<Vec<Result<(), Error>>, redb::Error> {
    let transaction = database.begin_write()?;
    let mut answers = Vec::with_capacity(batches.len());
    {
        let mut table = transaction.open_table(ENTRIES)?;
        for batch in batches {
            answers.push(apply(&mut table, batch)?);
        }
    }
    transaction.commit()?;
    Ok(answers)
}

fn apply(table: &mut Table<'_, &str, &[u8]>, batch: &Batch) -> Result<Result<(), Error>, redb::Error> {
    if let Some((key, number)) = batch.condition() {
        let seen = table.get(key)?.map_or(0, |stored| fence_of(stored.value()));
        if seen > number {
            return Ok(Err(fenced_off(key, number, seen)));
        }
        if seen < number {
            table.insert(key, number.to_be_bytes().as_slice())?;
        }
    }
    for (key, value) in batch.changes() {
        match value {
            Some(value) => table.insert(key, &**value)?,
            None => table.remove(key)?,
        };
    }
    Ok(Ok(()))
}

/// A file that is never flushed: the operating system writes it when it likes.
#[derive(Debug)]
struct Unflushed(FileBackend);

impl StorageBackend for Unflushed {
    fn len(&self) -> std::io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, len: usize) -> std::io::Result<Vec<u8>> {
        self.0.read(offset, len)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self, _: bool) -> std::io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.0.write(offset, data)
    }
}

fn opening(path: &Path, error: DatabaseError) -> Error {
    match error {
        DatabaseError::DatabaseAlreadyOpen => {
            Error::configuration(format!("another process has the store `{}` open", path.display())).with_advice(
                "one process runs a bot user at a time: stop the other one, or give this one another user and file",
            )
        }
        error => Error::new(
            ErrorKind::Io,
            format!("the store `{}` cannot be opened", path.display()),
        )
        .with_source(error),
    }
}

fn broken(error: &redb::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the store fails: {error}"))
}
