//! Where records come from.

mod agent_activity;
mod chats;
mod conversations;
mod data_files;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use le_core::clock::Clock;
use le_core::hook::Hook;
use le_core::wire::RawRecord;
use le_core::{ErrorKind, Result, Timestamp};
use le_data::pages::RawStream;

pub use agent_activity::AgentStatusChanges;
pub use chats::Chats;
pub use conversations::Conversations;
pub(crate) use conversations::KIND as CONVERSATIONS;
pub use data_files::DataFileLines;

use crate::entry::{Broken, Entry, RecordKind};
use crate::window::Window;

/// A page of records, in the form that the engine moves.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SourcePage {
    /// The records.
    pub entries: Vec<Entry>,
    /// Those without a key.
    pub broken: Vec<Broken>,
    /// How many records the whole result has, where the service says so.
    pub total: Option<u64>,
}

impl SourcePage {
    /// Sorts the records of a page into those with a key and those without.
    #[must_use]
    pub fn read(kind: &RecordKind, records: Vec<RawRecord>, total: Option<u64>) -> Self {
        let mut page = Self {
            entries: Vec::with_capacity(records.len()),
            broken: Vec::new(),
            total,
        };
        for raw in records {
            match Entry::read(kind, raw) {
                Ok(entry) => page.entries.push(entry),
                Err(broken) => page.broken.push(broken),
            }
        }
        page
    }
}

/// How long the vendor keeps conversations and chats: 13 months.
const RETENTION: Duration = Duration::from_secs(396 * 86_400);

/// The search services round ranges outwards to this.
const GRAIN: Duration = Duration::from_secs(600);

/// Whether a service counts what lies in the window itself, and not in a larger one.
fn is_in_grains(window: &Window) -> bool {
    [window.from(), window.to()].iter().all(|at| *at == at.floor(GRAIN))
}

/// The pages of a search.
fn pages_of(kind: &'static RecordKind, records: RawStream) -> PageStream {
    let pages = records.pages();
    pages
        .map(|page| page.map(|page| SourcePage::read(kind, page.items, page.total)))
        .boxed()
}

/// What a look-up gave: a record that is not there is none.
fn looked_up(kind: &RecordKind, found: Result<RawRecord>) -> Result<Option<Entry>> {
    match found {
        Ok(raw) => Ok(Entry::read(kind, raw).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Pages as they come.
pub type PageStream = BoxStream<'static, Result<SourcePage>>;

/// A history API, as the engine sees it: windows in, pages out.
#[async_trait]
pub trait Source: Send + Sync + fmt::Debug + 'static {
    /// The API, e.g. `messaging_interactions`. It stands in the checkpoint.
    fn name(&self) -> &'static str;

    /// What its records are.
    fn kind(&self) -> &'static RecordKind;

    /// All that decides which records come and with which content: filters, parts. It goes into the checkpoint as a hash.
    fn settings(&self) -> String;

    /// The clock of the client, which all times of an export come from.
    fn clock(&self) -> Arc<dyn Clock>;

    /// How long the service keeps records.
    fn retention(&self) -> Duration;

    /// Lets a hook see each attempt, so that the engine learns of refusals (429) and sends less.
    fn observe(&mut self, hook: Arc<dyn Hook>);

    /// The records that began within the window, page by page. Some from outside may be among them.
    fn pages(&self, window: &Window) -> PageStream;

    /// The records of the window with as little beside their keys as the service can send, for comparing.
    fn keys(&self, window: &Window) -> PageStream {
        self.pages(window)
    }

    /// The records that changed at `since` or later, whenever they began, up to those that begin at `now`.
    fn changed_since(&self, since: Timestamp, now: Timestamp) -> PageStream;

    /// How far back a run looks behind the beginning of the last one, since the service is not up to date at once.
    fn overlap(&self) -> Duration {
        Duration::from_secs(2 * 3600)
    }

    /// How many records the service has for the window, where it can be asked for a small price.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    async fn count(&self, window: &Window) -> Result<Option<u64>>;

    /// One record as it is now, or `None` where the service has none with this key.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    async fn by_id(&self, key: &str) -> Result<Option<Entry>>;
}
