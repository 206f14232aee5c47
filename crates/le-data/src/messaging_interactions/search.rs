//! Conversations by filter (MI-1).

use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use le_core::{Client, Error, Result, TimeRange};

use super::page::{Answer, ConversationPage};
use super::request::{Request, options, paging_options};
use super::stream::{ConversationStream, RawConversationStream};
use super::view::View;
use super::walk::Walk;
use crate::generated::operations::SEARCH_CONVERSATIONS;

/// The longest range that the service takes at once: three months, which is 92 days at most.
const LONGEST: Duration = days(92);

/// Cuts of a window stand on multiples of this, since the service rounds to it.
const GRAIN: Duration = Duration::from_secs(600);

const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

/// In which order records come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Sort {
    /// Oldest start first. The only order in which new conversations do not push others from page to page.
    #[default]
    StartAscending,
    /// Newest start first.
    StartDescending,
    /// Oldest end first.
    EndAscending,
    /// Newest end first.
    EndDescending,
}

impl Sort {
    fn as_str(self) -> &'static str {
        match self {
            Self::StartAscending => "start:asc",
            Self::StartDescending => "start:desc",
            Self::EndAscending => "end:asc",
            Self::EndDescending => "end:desc",
        }
    }
}

/// A search for conversations that began within a range of time and match all filters.
///
/// `.await` gives the first page; [`stream`](Self::stream) and [`raw_stream`](Self::raw_stream) give all records. A setting that
/// is wrong is reported then, before anything is sent.
///
/// <https://developers.liveperson.com/messaging-interactions-api-methods-conversations.html>
#[derive(Clone)]
#[must_use = "a search does nothing unless awaited or streamed"]
pub struct SearchConversations {
    pub(super) request: Request,
    range: TimeRange,
    window: Option<Duration>,
    sort: Sort,
}

options!(SearchConversations);
paging_options!(SearchConversations);

impl SearchConversations {
    pub(super) fn new(client: Client, range: TimeRange) -> Self {
        let mut request = Request::new(client, &SEARCH_CONVERSATIONS);
        request.query("sort", Sort::default().as_str());
        Self {
            request,
            range,
            window: None,
            sort: Sort::default(),
        }
    }

    /// In which order records come (default: oldest start first).
    ///
    /// Only the default keeps a stream whole while conversations begin, and only with it too large results are split.
    pub fn sort(mut self, sort: Sort) -> Self {
        self.request.query("sort", sort.as_str());
        self.sort = sort;
        self
    }

    /// Takes in conversations of the rollover account.
    pub fn rollover(mut self, yes: bool) -> Self {
        self.request.query("rollover", yes.to_string());
        self
    }

    /// Streams ask window by window, each at most this long and cut on multiples of ten minutes: so ranges over months work.
    pub fn windows(mut self, length: Duration) -> Self {
        self.request.check(length >= GRAIN && length <= LONGEST, || {
            format!(
                "a window of {} s is not between 10 minutes and 92 days",
                length.as_secs()
            )
        });
        self.window = Some(length);
        self
    }

    /// The first page.
    ///
    /// # Errors
    /// See [`ErrorKind`](le_core::ErrorKind). A partial result is asked for again three times and then reported.
    pub async fn page(self) -> Result<ConversationPage> {
        self.check_span()?;
        let offset = self.request.offset;
        let answer = first_answer(self.request, Some(self.range)).await?;
        ConversationPage::read(answer, offset)
    }

    /// How many conversations match. One small request.
    ///
    /// # Errors
    /// As [`page`](Self::page); also where the service does not say.
    pub async fn count(mut self) -> Result<u64> {
        self.check_span()?;
        self.request.limit = 1;
        self.request.offset = 0;
        self.request.content(Vec::<super::ContentToRetrieve>::new());
        let answer = first_answer(self.request, Some(self.range)).await?;
        match answer.metadata.total() {
            Some(total) => Ok(total),
            None if answer.response.is_empty() => Ok(0),
            None => Err(answer
                .response
                .fail(le_core::ErrorKind::Protocol, "the answer does not say how many match")),
        }
    }

    /// All records, typed.
    pub fn stream(self) -> ConversationStream {
        let look_ahead = self.request.look_ahead;
        ConversationStream::new(self.walk(), look_ahead)
    }

    /// All records as received.
    pub fn raw_stream(self) -> RawConversationStream {
        let look_ahead = self.request.look_ahead;
        RawConversationStream::new(self.walk(), look_ahead)
    }

    /// All records as received, window by window (a day each, unless [`windows`](Self::windows) says otherwise), over a range
    /// of any length.
    pub fn export(mut self) -> RawConversationStream {
        self.window.get_or_insert(days(1));
        self.raw_stream()
    }

    fn walk<V: View>(mut self) -> Walk<V> {
        let windows: Vec<_> = match self.window {
            Some(length) => {
                self.request.check(self.request.offset == 0, || {
                    "`offset` counts within one search; a search in windows begins at a time instead".to_owned()
                });
                self.request.check(self.sort == Sort::StartAscending, || {
                    format!(
                        "a search in windows comes in the order of start, not {:?}",
                        self.sort.as_str()
                    )
                });
                self.range.windows(length, GRAIN).map(Some).collect()
            }
            None => {
                let outcome = self.check_span();
                self.request.check(outcome.is_ok(), || {
                    outcome.err().map_or_else(String::new, |e| e.message().to_owned())
                });
                vec![Some(self.range)]
            }
        };
        let may_split = self.sort == Sort::StartAscending && self.request.offset == 0;
        Walk::new(self.request, windows, may_split)
    }

    /// The service refuses a longer range, so it is not sent.
    fn check_span(&self) -> Result<()> {
        if self.range.length() <= LONGEST {
            return Ok(());
        }
        let days = self.range.length().as_secs().div_ceil(86_400);
        let message =
            format!("the range of {days} days is longer than the three months that the service takes at once");
        Err(Error::validation(message).with_advice("use windows(..) or export(), or a range of 89 days or less"))
    }
}

/// The first page of a request, with the care of a walk.
pub(super) async fn first_answer(request: Request, window: Option<TimeRange>) -> Result<Answer> {
    request.checked()?;
    Walk::<super::view::Raw>::new(request, [window], false)
        .first_answer()
        .await
}

impl IntoFuture for SearchConversations {
    type Output = Result<ConversationPage>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.page())
    }
}
