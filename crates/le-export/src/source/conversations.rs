//! Messaging conversations (Messaging Interactions).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use le_core::clock::Clock;
use le_core::hook::Hook;
use le_core::id::ConversationId;
use le_core::wire::RawRecord;
use le_core::{Result, TimeRange, Timestamp};
use le_data::Data;
use le_data::messaging_interactions::{ContentToRetrieve, SearchConversations};

use super::{PageStream, RETENTION, Source, is_in_grains, looked_up, pages_of};
use crate::entry::{Entry, Head, RecordKind};
use crate::window::{DAY, Window};

/// How long a range of a search may be: the vendor says three months, which this is within by any count.
const LONGEST: Duration = Duration::from_secs(89 * 86_400);

pub(crate) static KIND: RecordKind = RecordKind {
    name: "conversations",
    table: &["conversations"],
    key_path: "info.conversationId",
    key_name: "conversationId",
    members: &[
        ("info", "object"),
        ("campaign", "object"),
        ("monitoring", "object"),
        ("messageRecords", "array"),
        ("messageStatuses", "array"),
        ("messageScores", "array"),
        ("agentParticipants", "array"),
        ("agentParticipantsActive", "array"),
        ("agentParticipantsLeave", "array"),
        ("consumerParticipants", "array"),
        ("transfers", "array"),
        ("interactions", "array"),
        ("dialogs", "array"),
        ("conversationSurveys", "array"),
        ("coBrowseSessions", "object"),
        ("summary", "object"),
        ("sdes", "object"),
        ("unAuthSdes", "object"),
        ("responseTime", "object"),
        ("intents", "array"),
        ("uniqueIntents", "array"),
        ("latestAgentSurvey", "object"),
        ("previouslySubmittedAgentSurveys", "array"),
    ],
    head,
    sample: r#"{"info":{"conversationId":"k","startTime":"2026-01-05 00:00:00.000+0000","startTimeL":1767571200000,"isPartial":false}}"#,
};

type Filter = Arc<dyn Fn(SearchConversations) -> SearchConversations + Send + Sync>;

/// Messaging conversations, open and closed, from the Messaging Interactions API.
///
/// ```no_run
/// # fn source(data: le_data::Data) {
/// use le_export::Conversations;
///
/// let billing = Conversations::new(&data).search(|search| search.skill(700_100_200));
/// # }
/// ```
#[derive(Clone)]
pub struct Conversations {
    data: Data,
    filter: Filter,
}

impl Conversations {
    /// All conversations, with the parts that the service sends by itself.
    #[must_use]
    pub fn new(data: &Data) -> Self {
        Self {
            data: data.clone(),
            filter: Arc::new(|search| search),
        }
    }

    /// Adds filters, and says which parts come ([`SearchConversations::content`]).
    ///
    /// A run with other filters than the run before is refused, since the result would be a mixture.
    #[must_use]
    pub fn search(
        mut self,
        filter: impl Fn(SearchConversations) -> SearchConversations + Send + Sync + 'static,
    ) -> Self {
        let before = self.filter;
        self.filter = Arc::new(move |search| filter(before(search)));
        self
    }

    fn request(&self, range: TimeRange) -> SearchConversations {
        (self.filter)(self.data.conversations().search(range))
    }
}

impl fmt::Debug for Conversations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversations").finish_non_exhaustive()
    }
}

fn stream(search: SearchConversations) -> PageStream {
    pages_of(&KIND, search.raw_stream())
}

#[async_trait]
impl Source for Conversations {
    fn name(&self) -> &'static str {
        "messaging_interactions"
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

    fn keys(&self, window: &Window) -> PageStream {
        stream(self.request(window.range()).content(Vec::<ContentToRetrieve>::new()))
    }

    fn changed_since(&self, since: Timestamp, now: Timestamp) -> PageStream {
        let everything = TimeRange::last(RETENTION, now);
        stream(self.request(everything).windows(LONGEST).updated_since(since))
    }

    async fn count(&self, window: &Window) -> Result<Option<u64>> {
        if !is_in_grains(window) {
            // The service would count what lies in the rounded window.
            return Ok(None);
        }
        self.request(window.range()).count().await.map(Some)
    }

    async fn by_id(&self, key: &str) -> Result<Option<Entry>> {
        let mut lookup = self.data.conversations().by_id(ConversationId::from(key));
        let settings: serde_json::Value = serde_json::from_str(&self.settings()).unwrap_or_default();
        if let Some(parts) = settings["contentToRetrieve"].as_array() {
            let parts = parts.iter().filter_map(|part| part.as_str());
            lookup = lookup.content(parts.map(ContentToRetrieve::from));
        }
        looked_up(&KIND, lookup.get_raw().await)
    }
}

fn head(record: &RawRecord) -> Option<Head> {
    Head::from_data(le_data::messaging_interactions::head(record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_read_whatever_types_its_members_have() {
        let at = |millis| Some(Timestamp::from_millis(millis));
        for (json, key, start, is_partial) in [
            (
                r#"{"info":{"conversationId":"a","startTimeL":7},"x":[1]}"#,
                "a",
                at(7),
                false,
            ),
            (
                r#"{"x":{"info":1},"info":{"startTimeL":"8","conversationId":77,"isPartial":"true"}}"#,
                "77",
                at(8),
                true,
            ),
            (
                r#"{"info":{"conversationId":"b","startTime":"2030-01-01 09:00:00.120+0000"}}"#,
                "b",
                at(1_893_488_400_120),
                false,
            ),
            (
                r#"{"info":{"conversationId":"c","startTimeL":-1,"isPartial":true}}"#,
                "c",
                None,
                true,
            ),
            (
                r#"{"info":{"conversationId":"d","startTimeL":{"odd":1},"isPartial":[]}}"#,
                "d",
                None,
                false,
            ),
        ] {
            let read = KIND.head_of(json).unwrap();
            assert_eq!(
                (read.key.as_str(), read.start, read.is_partial),
                (key, start, is_partial),
                "{json}"
            );
        }
        for json in [
            "[]",
            "7",
            "{}",
            r#"{"info":null}"#,
            r#"{"info":{"conversationId":""}}"#,
            r#"{"info":{"x":1}}"#,
        ] {
            assert_eq!(KIND.head_of(json), None, "{json}");
        }
        assert_eq!(KIND.head_of(KIND.sample).map(|head| head.key).as_deref(), Some("k"));
    }
}
