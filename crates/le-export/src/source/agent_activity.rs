//! Logins, logouts and status changes of agents (Agent Activity).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use le_core::clock::Clock;
use le_core::hook::Hook;
use le_core::wire::RawRecord;
use le_core::{Result, TimeRange, Timestamp};
use le_data::Data;
use le_data::agent_activity::StatusChangesSearch;

use super::{PageStream, Source, pages_of};
use crate::entry::{Entry, Head, RecordKind};
use crate::window::Window;

/// Six months on one of the vendor's pages, 13 on the other: the longer one, and the service says what it thinks.
const RETENTION: Duration = Duration::from_secs(396 * 86_400);

/// Ranges of a month at most.
const LONGEST: Duration = Duration::from_secs(28 * 86_400);

static KIND: RecordKind = RecordKind {
    name: "agent_activity",
    table: &["agent_activity"],
    key_path: "agentId` and `time",
    key_name: "changeId",
    members: &[
        ("agentId", "string"),
        ("agentLoginName", "string"),
        ("agentUserName", "string"),
        ("time", "string"),
    ],
    head,
    sample: r#"{"agentId":"1","time":"2026-01-05T00:00:00.000Z","statusType":1,"statusSubType":2,"sequenceNumber":3}"#,
};

fn head(record: &RawRecord) -> Option<Head> {
    Head::from_data(le_data::agent_activity::head(record))
}

type Filter = Arc<dyn Fn(StatusChangesSearch) -> StatusChangesSearch + Send + Sync>;

/// Status changes of agents, from the Agent Activity API.
#[derive(Clone)]
pub struct AgentStatusChanges {
    data: Data,
    filter: Filter,
    filter_name: String,
}

impl AgentStatusChanges {
    /// Of all agents.
    #[must_use]
    pub fn new(data: &Data) -> Self {
        Self {
            data: data.clone(),
            filter: Arc::new(|search| search),
            filter_name: String::new(),
        }
    }

    /// Chooses agents. `name` stands for the choice in the checkpoint: a run with another one is refused.
    #[must_use]
    pub fn search(
        mut self,
        name: impl Into<String>,
        filter: impl Fn(StatusChangesSearch) -> StatusChangesSearch + Send + Sync + 'static,
    ) -> Self {
        self.filter = Arc::new(filter);
        self.filter_name = name.into();
        self
    }

    fn request(&self, range: TimeRange) -> StatusChangesSearch {
        (self.filter)(self.data.agent_activity().status_changes(range))
    }
}

impl fmt::Debug for AgentStatusChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentStatusChanges").finish_non_exhaustive()
    }
}

fn stream(search: StatusChangesSearch) -> PageStream {
    pages_of(&KIND, search.raw_stream())
}

#[async_trait]
impl Source for AgentStatusChanges {
    fn name(&self) -> &'static str {
        "agent_activity"
    }

    fn kind(&self) -> &'static RecordKind {
        &KIND
    }

    fn settings(&self) -> String {
        self.filter_name.clone()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(self.data.client().clock())
    }

    fn retention(&self) -> Duration {
        RETENTION
    }

    fn observe(&mut self, hook: Arc<dyn Hook>) {
        self.data = Data::new(self.data.client().with_hook(hook));
    }

    fn pages(&self, window: &Window) -> PageStream {
        stream(self.request(window.range()))
    }

    /// A change does not change. What came late is within the overlap.
    fn changed_since(&self, since: Timestamp, now: Timestamp) -> PageStream {
        stream(self.request(TimeRange::last(now.since(since), now)).windows(LONGEST))
    }

    async fn count(&self, _window: &Window) -> Result<Option<u64>> {
        Ok(None)
    }

    /// The service has no call for a single change.
    async fn by_id(&self, _key: &str) -> Result<Option<Entry>> {
        Ok(None)
    }
}
