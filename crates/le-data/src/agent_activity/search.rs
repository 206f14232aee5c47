//! Status changes by range and agent.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use le_core::id::{AgentGroupId, UserId};
use le_core::wire::RawRecord;
use le_core::{Client, ErrorKind, Result, TimeRange};

use super::change::Changes;
use super::{ChangePage, ChangeStream, RawChangeStream};
use crate::generated::operations::AGENT_STATUS_CHANGES;
use crate::pages::{
    Api, RangePlace, RecordPage, Request, Span, Walk, common_options, days, first_answer, paging_options, raw_stream,
    record_stream,
};

/// How many changes a page has where nothing else is said: what the service gives by itself.
const USUAL_PAGE: u32 = 1000;

/// Logins, logouts and status changes of agents. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AgentActivity {
    client: Client,
}

impl AgentActivity {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Changes within `range`, of one month at most; for more see [`StatusChangesSearch::windows`]. How far back the service
    /// goes is said to be 6 months on one of its pages and 13 on the other.
    pub fn status_changes(&self, range: TimeRange) -> StatusChangesSearch {
        StatusChangesSearch::new(self.client.clone(), range)
    }
}

/// A search for status changes; `.await` gives the first page, [`stream`](Self::stream) and [`raw_stream`](Self::raw_stream) give
/// all. A setting that is wrong is reported then, before anything is sent.
///
/// <https://developers.liveperson.com/agent-activity-api-methods.html>
#[derive(Clone)]
#[must_use = "a search does nothing unless awaited or streamed"]
pub struct StatusChangesSearch {
    request: Request,
    span: Span,
    /// By what the agents are chosen; the service takes one way at a time.
    chosen: Option<&'static str>,
}

common_options!(StatusChangesSearch);
paging_options!(StatusChangesSearch);

impl StatusChangesSearch {
    fn new(client: Client, range: TimeRange) -> Self {
        let place = RangePlace::QueryText("from", "to");
        let mut request = Request::new(client, &AGENT_STATUS_CHANGES, place, Changes::LARGEST_PAGE);
        request.limit = USUAL_PAGE;
        let span = Span::new(range, "one month", days(31), days(28), Changes::GRAIN);
        Self {
            request,
            span,
            chosen: None,
        }
    }

    /// Of this agent only.
    pub fn agent(self, agent: impl Into<UserId>) -> Self {
        self.choose("agentId", agent.into().as_str())
    }

    /// Of the agent with this number of the brand's own.
    pub fn employee(self, number: impl Into<String>) -> Self {
        self.choose("empId", &number.into())
    }

    /// Of the agents of this group.
    pub fn group(self, group: impl Into<AgentGroupId>) -> Self {
        self.choose("groupId", group.into().as_str())
    }

    fn choose(mut self, by: &'static str, value: &str) -> Self {
        let before = self.chosen.replace(by);
        self.request.check(before.is_none_or(|before| before == by), || {
            "`agentId`, `empId` and `groupId` exclude each other; give one of them".to_owned()
        });
        self.request
            .check(!value.trim().is_empty(), || format!("`{by}` is empty"));
        self.request.query(by, value);
        self
    }

    /// Streams ask window by window, each at most this long (28 days): so ranges over months work.
    pub fn windows(mut self, length: Duration) -> Self {
        self.span.cut_into(length, &mut self.request);
        self
    }

    /// The first page.
    ///
    /// # Errors
    /// See [`ErrorKind`]. The causes that the service gives with a 400 are in the error's body.
    pub async fn page(self) -> Result<ChangePage> {
        self.span.check()?;
        let offset = self.request.offset;
        let answer = first_answer::<Changes>(self.request, Some(self.span.range)).await?;
        RecordPage::read::<Changes>(answer, offset)
    }

    /// The answer in version 1, as JSON: grouped by agent, at most 100 agents and 20 changes of each for a day. It is not
    /// maintained by the vendor, and no sample of it is public.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn version_1(mut self) -> Result<RawRecord> {
        self.span.check()?;
        let limit = self.request.limit;
        self.request.check(limit <= 100 || limit == USUAL_PAGE, || {
            format!("`limit` is {limit}; version 1 has 1 to 100 agents on a page")
        });
        self.request.checked()?;
        self.request.query("v", "1");
        let offset = self.request.offset;
        let operation = self.request.operation(Some(self.span.range), offset, limit.min(100));
        let response = self.request.client.call(operation).await?;
        let text = response.json_text()?.to_owned();
        RawRecord::new(text).map_err(|error| {
            response
                .fail(ErrorKind::Decode, format!("the answer cannot be read: {error}"))
                .with_source(error)
        })
    }

    /// All changes, typed.
    pub fn stream(self) -> ChangeStream {
        record_stream(self.walk())
    }

    /// All changes as received.
    pub fn raw_stream(self) -> RawChangeStream {
        raw_stream(self.walk())
    }

    /// All changes as received, window by window (a day each, unless [`windows`](Self::windows) says otherwise), over a range of
    /// any length.
    pub fn export(mut self) -> RawChangeStream {
        self.span.cut_by_default(days(1));
        self.raw_stream()
    }

    fn walk(mut self) -> Walk<Changes> {
        let windows = self.span.windows(&mut self.request, true);
        let may_split = self.request.offset == 0;
        Walk::new(self.request, windows, may_split)
    }
}

impl IntoFuture for StatusChangesSearch {
    type Output = Result<ChangePage>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.page())
    }
}
