//! A dataset of part files, partitioned by day: what a lake reads.

mod broken;
mod compact;
mod encoders;
mod erase;
mod part;
mod rewrite;
mod writer;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use le_core::Result;

pub use compact::Compaction;

use crate::destination::{Destination, Forgotten, Mode, WindowWriter};
use crate::entry::RecordKind;
use crate::formats::Format;
use crate::place::{Place, Scratch, blocking};
use crate::state::{Claim, Holder, LockGuard, PlaceState, StateStore};
use crate::window::Window;
use encoders::Encoders;
use part::Part;

/// A dataset: `<table>/date=YYYY-MM-DD/part-<window>.<extension>` below a folder or a prefix, as Spark, Trino, DuckDB, DataFusion
/// and others read it.
///
/// One part holds one window of one table, and takes its name when it is finished. A window that is written again takes the place
/// of its old part; newer versions of single records are merged by writing the part anew. So a reader sees each record once, at
/// any time. State, locks and unfinished files are below `_export`, which those readers pass over.
#[derive(Clone)]
pub struct Dataset {
    place: Place,
    format: Arc<dyn Format>,
    scratch: Arc<OnceLock<Scratch>>,
    encoders: Arc<Encoders>,
    state: Arc<PlaceState>,
}

impl Dataset {
    /// In this place, in this format.
    #[must_use]
    pub fn new(place: Place, format: impl Format) -> Self {
        Self {
            state: Arc::new(PlaceState::new(place.clone())),
            place,
            format: Arc::new(format),
            scratch: Arc::default(),
            encoders: Arc::default(),
        }
    }

    /// At a path or an address, see [`Place::open`].
    ///
    /// # Errors
    /// As [`Place::open`].
    pub fn open(address: &str, format: impl Format) -> Result<Self> {
        Ok(Self::new(Place::open(address)?, format))
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The names of its files of one table, sorted by day: what a reader should see.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io).
    pub async fn files(&self, table: &str) -> Result<Vec<String>> {
        let parts = self.parts(table, None).await?;
        let extension = self.format.extension();
        Ok(parts
            .iter()
            .map(|part| part::name(table, &part.covers, extension))
            .collect())
    }

    /// The table with one row for each record.
    fn main_table(&self) -> &'static str {
        self.format.tables().first().copied().unwrap_or_default()
    }

    fn scratch(&self) -> Result<Scratch> {
        if let Some(scratch) = self.scratch.get() {
            return Ok(scratch.clone());
        }
        let made = self.place.scratch()?;
        Ok(self.scratch.get_or_init(|| made).clone())
    }

    /// The parts of a table, of one day or all.
    async fn parts(&self, table: &str, date: Option<&str>) -> Result<Vec<Part>> {
        let folder = date.map_or_else(|| table.to_owned(), |date| part::partition(table, date));
        let found = self.place.list(&folder).await?;
        let extension = self.format.extension();
        let parts = found
            .iter()
            .filter_map(|found| Part::read(&found.name, found.bytes, table, extension));
        Ok(parts.collect())
    }

    /// The part that holds the window: its own, or one that compaction made.
    async fn part_of(&self, window: &Window) -> Result<Option<Part>> {
        let parts = self.parts(self.main_table(), Some(&window.date())).await?;
        Ok(parts.into_iter().find(|part| part.covers.covers(window)))
    }

    /// Keeps others from changing the parts of a day: a part may hold windows of several processes.
    async fn alone_in(&self, date: &str) -> Result<Box<dyn LockGuard>> {
        let holder = Holder::here("rewrite");
        loop {
            match self.state.lock(&format!("rewrite-{date}"), &holder).await? {
                Claim::Held(guard) => return Ok(guard),
                Claim::Taken(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Dataset");
        out.field("place", &self.place)
            .field("format", &self.format.describe())
            .finish()
    }
}

#[async_trait]
impl Destination for Dataset {
    fn bind(&mut self, kind: &'static RecordKind) -> Result<()> {
        let Some(format) = Arc::get_mut(&mut self.format) else {
            // A clone of a dataset that is in use holds what it was bound to.
            return Ok(());
        };
        format.bind(kind)
    }

    fn describe(&self) -> String {
        self.format.describe()
    }

    fn state(&self) -> Arc<dyn StateStore> {
        Arc::clone(&self.state) as Arc<dyn StateStore>
    }

    async fn recover(&self) -> Result<()> {
        self.place.sweep().await?;
        self.end_compactions().await
    }

    async fn begin(&self, window: &Window, mode: Mode) -> Result<Box<dyn WindowWriter>> {
        let writer = writer::PartWriter::begin(self.clone(), *window, mode).await?;
        Ok(Box::new(writer))
    }

    async fn forget(&self, keys: &BTreeSet<String>) -> Result<Forgotten> {
        erase::erase(self, keys).await
    }

    async fn keys(&self, window: &Window) -> Result<BoxStream<'static, Result<String>>> {
        let Some(part) = self.part_of(window).await? else {
            return Ok(futures_util::stream::empty().boxed());
        };
        let name = part::name(self.main_table(), &part.covers, self.format.extension());
        let Some(file) = self.place.file(&name, || self.scratch()).await? else {
            return Ok(futures_util::stream::empty().boxed());
        };
        let (sender, receiver) = tokio::sync::mpsc::channel(256);
        let (format, window) = (Arc::clone(&self.format), *window);
        let alone = part.covers == window;
        let reading = tokio::spawn(blocking(move || {
            let outcome = format.keys(file, &mut |key, start| {
                let inside = start.map_or(alone, |start| window.contains(start));
                !inside || sender.blocking_send(Ok(key.to_owned())).is_ok()
            });
            if let Err(error) = outcome {
                let _ = sender.blocking_send(Err(error));
            }
            Ok(())
        }));
        let stream = futures_util::stream::unfold((receiver, reading), |(mut receiver, reading)| async move {
            receiver.recv().await.map(|key| (key, (receiver, reading)))
        });
        Ok(stream.boxed())
    }
}
