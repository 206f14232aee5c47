//! PostgreSQL: the tables in a schema of a database.

mod connect;
mod copy;
mod migrate;
mod schema;
mod state;
mod store;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use le_core::{Error, ErrorKind, Result};

use crate::destination::{Destination, Forgotten, Mode, WindowCounts, WindowWriter};
use crate::entry::{Broken, Entry};
use crate::spool::Spool;
use crate::state::StateStore;
use crate::tables::{Layout, SCHEMA_VERSION};
use crate::window::Window;
use connect::Pool;

/// A schema of a PostgreSQL database with a table for each of [`Layout::conversations`].
///
/// A window is one transaction: it shows as a whole, or not at all, and written twice it is there once. A record takes the place
/// of the one with its key, with all its rows. Checkpoint, manifest and locks are kept in the schema too, so several processes
/// on several machines can work on one plan.
///
/// ```no_run
/// # async fn run() -> le_core::Result<()> {
/// use le_export::Postgres;
///
/// let database = Postgres::connect("postgres://exporter@db.example/lake?sslmode=require").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Postgres(Arc<Inner>);

struct Inner {
    layout: Layout,
    pool: Pool,
}

/// The schema that is used where none is named.
const SCHEMA: &str = "liveengage";

impl Postgres {
    /// Connects to the database at `url` and makes the tables in the schema `liveengage`, or brings them up to date.
    ///
    /// The password belongs into the environment variable `PGPASSWORD` rather than into the address. No message shows either.
    /// With the feature `postgres-tls`, `sslmode=require` encrypts and checks the certificate; without `sslmode`, a server that
    /// offers TLS is used with it.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the address is not understood. [`ErrorKind::Io`]: no connection, a refused login, missing
    /// rights, or tables of a newer version.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_to_schema(url, SCHEMA).await
    }

    /// The same with another schema.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_to_schema(url: &str, schema: &str) -> Result<Self> {
        let pool = Pool::new(url, schema)?;
        let layout = Layout::conversations();
        let mut client = pool.take().await?;
        migrate::bring_up_to_date(&mut client, &layout, pool.schema()).await?;
        pool.give_back(client);
        Ok(Self(Arc::new(Inner { layout, pool })))
    }
}

/// What the server reports, as an error of ours. Texts of the server can quote values (as of a key that is there twice), so only
/// its code, its first line and the names that it gives are shown.
fn failed(place: &str, error: tokio_postgres::Error) -> Error {
    let Some(refusal) = error.as_db_error() else {
        // The connection, not the server: these texts hold no data.
        let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
        return Error::new(ErrorKind::Io, format!("{place}: {error}{cause}"))
            .with_advice("check that the server is up and can be reached; then run it again: what is committed is safe")
            .with_source(error);
    };
    use tokio_postgres::error::SqlState as State;
    let code = refusal.code();
    let advice = if [&State::INVALID_PASSWORD, &State::INVALID_AUTHORIZATION_SPECIFICATION].contains(&code) {
        "check user and password; the password is taken from PGPASSWORD"
    } else if *code == State::INSUFFICIENT_PRIVILEGE {
        "the user needs the right to create a schema in the database, or to create tables in the schema"
    } else if *code == State::UNDEFINED_DATABASE {
        "create the database first"
    } else if *code == State::DISK_FULL {
        "free some space on the server; then run it again: what is committed is safe"
    } else {
        "run it again: what is committed is safe"
    };
    let names = [
        ("schema", refusal.schema()),
        ("table", refusal.table()),
        ("column", refusal.column()),
    ];
    let names: String = names
        .iter()
        .filter_map(|(what, name)| Some(format!(", {what} {}", (*name)?)))
        .collect();
    let is_class_of_data = code.code().starts_with("22") || code.code().starts_with("23");
    let text = if is_class_of_data {
        "a row was refused"
    } else {
        refusal.message()
    };
    Error::new(
        ErrorKind::Io,
        format!("{place}: {text} (SQLSTATE {}{names})", code.code()),
    )
    .with_advice(advice)
}

impl Inner {
    fn failed(&self, error: tokio_postgres::Error) -> Error {
        failed(self.pool.place(), error)
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Postgres").field(&self.0.pool.place()).finish()
    }
}

#[async_trait]
impl Destination for Postgres {
    fn describe(&self) -> String {
        format!("postgres v{SCHEMA_VERSION}")
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
        let keys: Vec<String> = keys.iter().cloned().collect();
        let mut client = self.0.pool.take().await?;
        let forgotten = store::forget(&mut client, &self.0.layout, &keys).await;
        let forgotten = forgotten.map_err(|error| self.0.failed(error))?;
        self.0.pool.give_back(client);
        Ok(forgotten)
    }

    async fn keys(&self, window: &Window) -> Result<BoxStream<'static, Result<String>>> {
        let client = self.0.pool.take().await?;
        let keys = store::keys(&client, window)
            .await
            .map_err(|error| self.0.failed(error))?;
        self.0.pool.give_back(client);
        Ok(stream::iter(keys.into_iter().map(Ok)).boxed())
    }

    async fn finish(&self) -> Result<()> {
        let client = self.0.pool.take().await?;
        for table in self.0.layout.tables() {
            let analyzed = client.batch_execute(&format!("ANALYZE {}", table.name)).await;
            analyzed.map_err(|error| self.0.failed(error))?;
        }
        self.0.pool.give_back(client);
        Ok(())
    }
}

struct Writer {
    database: Postgres,
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
        let inner = Arc::clone(&self.database.0);
        let mut client = inner.pool.take().await?;
        let written = store::write(&mut client, &inner, &self.window, self.mode, self.spool).await?;
        inner.pool.give_back(client);
        Ok(written)
    }
}
