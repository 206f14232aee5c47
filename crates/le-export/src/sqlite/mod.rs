//! One SQLite file with all tables: the local default for whoever wants to ask questions at once.

mod migrate;
mod query;
mod schema;
mod state;
mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use le_core::{Error, ErrorKind, Result};
use rusqlite::Connection;

pub use query::SqliteQuery;

use crate::destination::{Destination, Forgotten, Mode, WindowCounts, WindowWriter};
use crate::entry::{Broken, Entry};
use crate::place::blocking;
use crate::spool::Spool;
use crate::state::StateStore;
use crate::tables::{Layout, SCHEMA_VERSION};
use crate::window::Window;

/// One SQLite file with a table for each of [`Layout::conversations`], with indexes and views.
///
/// A window is one transaction: it shows as a whole, or not at all, and written twice it is there once. Readers are not held up
/// (WAL). Only the owner may read the file, since history is personal data. Checkpoint and manifest are kept in the file itself,
/// so a copy of it can be continued.
///
/// ```no_run
/// use le_export::Sqlite;
///
/// let database = Sqlite::open("conversations.sqlite")?;
/// # Ok::<_, le_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Sqlite(Arc<Inner>);

struct Inner {
    path: PathBuf,
    layout: Layout,
    connection: Mutex<Connection>,
}

impl Sqlite {
    /// Opens the file, or makes it. A file that an older version wrote is brought up to date, from the raw texts that it holds.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]: it cannot be opened, is no database, is one of another program, or was written by a newer version.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let layout = Layout::conversations();
        let mut connection = schema::connect(&path)?;
        migrate::bring_up_to_date(&mut connection, &layout, &path)?;
        Ok(Self(Arc::new(Inner {
            path,
            layout,
            connection: Mutex::new(connection),
        })))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Works with the connection, on a thread that may wait.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner, &mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.0);
        blocking(move || work(&inner, &mut inner.lock())).await
    }
}

impl Inner {
    /// A panic in the middle of a transaction has rolled it back, so the connection is of use still.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        failed(&self.path, error)
    }
}

/// What SQLite reports, as an error of ours. Its messages name tables and columns, never values.
fn failed(path: &Path, error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode as Code;
    let advice = match error.sqlite_error_code() {
        Some(Code::DiskFull) => {
            "free some space, or write to another disk; then run it again: what is committed is safe"
        }
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
            "another program is writing into the file; run it again when it is done"
        }
        Some(Code::NotADatabase) => "the file is no SQLite database; choose another name",
        Some(Code::DatabaseCorrupt) => "the file is damaged; export into a new one",
        Some(Code::PermissionDenied | Code::ReadOnly | Code::CannotOpen) => "check the path, and who may write there",
        _ => "check the disk; then run it again: what is committed is safe",
    };
    Error::new(ErrorKind::Io, format!("{}: {error}", path.display()))
        .with_advice(advice)
        .with_source(error)
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sqlite").field(&self.0.path).finish()
    }
}

#[async_trait]
impl Destination for Sqlite {
    fn describe(&self) -> String {
        format!("sqlite v{SCHEMA_VERSION}")
    }

    fn state(&self) -> Arc<dyn StateStore> {
        Arc::new(self.clone())
    }

    async fn begin(&self, window: &Window, mode: Mode) -> Result<Box<dyn WindowWriter>> {
        Ok(Box::new(Writer {
            database: self.clone(),
            window: *window,
            mode,
            spool: Spool::new(),
        }))
    }

    async fn forget(&self, keys: &BTreeSet<String>) -> Result<Forgotten> {
        let keys = keys.clone();
        self.with(move |inner, connection| {
            store::forget(connection, &inner.layout, &keys).map_err(|error| inner.failed(error))
        })
        .await
    }

    async fn keys(&self, window: &Window) -> Result<BoxStream<'static, Result<String>>> {
        let window = *window;
        let keys =
            self.with(move |inner, connection| store::keys(connection, &window).map_err(|error| inner.failed(error)));
        Ok(stream::iter(keys.await?.into_iter().map(Ok)).boxed())
    }

    async fn finish(&self) -> Result<()> {
        let tidy = |inner: &Inner, connection: &mut Connection| {
            let tidied = connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
            tidied.map_err(|error| inner.failed(error))
        };
        self.with(tidy).await
    }
}

struct Writer {
    database: Sqlite,
    window: Window,
    mode: Mode,
    spool: Spool,
}

#[async_trait]
impl WindowWriter for Writer {
    async fn write(&mut self, entries: Vec<Entry>) -> Result<()> {
        self.spool.write(&entries)
    }

    async fn keep_broken(&mut self, broken: Vec<Broken>) -> Result<()> {
        self.spool.broken.extend(broken);
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<WindowCounts> {
        let Self {
            database,
            window,
            mode,
            spool,
        } = *self;
        database
            .with(move |inner, connection| {
                let failed = |error| inner.failed(error);
                store::write(connection, &inner.layout, &window, mode, spool, &failed)
            })
            .await
    }
}

/// Rows by table, as the counts of a window have them.
type RowCounts = BTreeMap<String, u64>;
