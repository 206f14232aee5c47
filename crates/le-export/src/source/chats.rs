//! Ended chats (Engagement History).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use le_core::clock::Clock;
use le_core::hook::Hook;
use le_core::wire::RawRecord;
use le_core::{Result, TimeRange, Timestamp};
use le_data::Data;
use le_data::engagement_history::SearchChats;

use super::{PageStream, RETENTION, Source, is_in_grains, looked_up, pages_of};
use crate::entry::{Entry, Head, RecordKind};
use crate::window::{DAY, Window};

/// Ranges of a month at most.
const LONGEST: Duration = Duration::from_secs(28 * 86_400);

/// Only ended chats are there, so one that began before the last run may be new: chats that take longer are found by no bookmark.
const LONGEST_CHAT: Duration = DAY;

static KIND: RecordKind = RecordKind {
    name: "chats",
    table: &["chats"],
    key_path: "info.engagementId",
    key_name: "engagementId",
    members: &[
        ("info", "object"),
        ("visitorInfo", "object"),
        ("campaign", "object"),
        ("surveys", "object"),
        ("transcript", "object"),
        ("sdes", "object"),
        ("coBrowseSessions", "object"),
        ("lineScores", "array"),
    ],
    head,
    sample: r#"{"info":{"engagementId":"k","startTime":"2026-01-05 00:00:00.000+0000","startTimeL":1767571200000,"isPartial":false}}"#,
};

fn head(record: &RawRecord) -> Option<Head> {
    Head::from_data(le_data::engagement_history::head(record))
}

type Filter = Arc<dyn Fn(SearchChats) -> SearchChats + Send + Sync>;

/// Ended chats, from the Engagement History API.
#[derive(Clone)]
pub struct Chats {
    data: Data,
    filter: Filter,
}

impl Chats {
    /// All chats.
    #[must_use]
    pub fn new(data: &Data) -> Self {
        Self {
            data: data.clone(),
            filter: Arc::new(|search| search),
        }
    }

    /// Adds filters. A run with other filters than the run before is refused.
    #[must_use]
    pub fn search(mut self, filter: impl Fn(SearchChats) -> SearchChats + Send + Sync + 'static) -> Self {
        let before = self.filter;
        self.filter = Arc::new(move |search| filter(before(search)));
        self
    }

    fn request(&self, range: TimeRange) -> SearchChats {
        (self.filter)(self.data.chats().search(range))
    }
}

impl fmt::Debug for Chats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chats").finish_non_exhaustive()
    }
}

fn stream(search: SearchChats) -> PageStream {
    pages_of(&KIND, search.raw_stream())
}

#[async_trait]
impl Source for Chats {
    fn name(&self) -> &'static str {
        "engagement_history"
    }

    fn kind(&self) -> &'static RecordKind {
        &KIND
    }

    fn settings(&self) -> String {
        let search = self.request(TimeRange::last(DAY, Timestamp::from_millis(0)));
        search.body().map_or_else(String::new, |body| body.as_str().to_owned())
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

    /// Attributes and other data come up to two hours after the end of a chat.
    fn overlap(&self) -> Duration {
        Duration::from_secs(3 * 3600)
    }

    fn changed_since(&self, since: Timestamp, now: Timestamp) -> PageStream {
        let from = (since - LONGEST_CHAT).max(now - RETENTION);
        stream(self.request(TimeRange::last(now.since(from), now)).windows(LONGEST))
    }

    async fn count(&self, window: &Window) -> Result<Option<u64>> {
        if !is_in_grains(window) {
            return Ok(None);
        }
        self.request(window.range()).count().await.map(Some)
    }

    async fn by_id(&self, key: &str) -> Result<Option<Entry>> {
        looked_up(&KIND, self.data.chats().by_id(key).get_raw().await)
    }
}
