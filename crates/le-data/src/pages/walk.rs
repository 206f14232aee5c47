//! The walk over all pages of a result: where to go on, when to stop, what to do when the result moves meanwhile.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use le_core::page::{Page, PageSource};
use le_core::wire::RawRecord;
use le_core::{Error, ErrorKind, RawResponse, TimeRange};

use super::answer::{Answer, unreadable};
use super::api::Api;
use super::request::Request;
use super::seen::Seen;

/// Windows with more matches than this are cut in half: the backend is a search engine, and deep paging may fail.
const DEEPEST: u64 = 10_000;

/// The pauses before a page that came back partial is asked for again.
const PARTIAL_PAUSES: [Duration; 3] = [Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(15)];

type Call = Pin<Box<dyn Future<Output = Result<RawResponse, Error>> + Send>>;

/// A place in the walk: the window at the front of the queue, or the one behind it, and an offset in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    window: Option<TimeRange>,
    offset: u64,
}

/// The pages of a search, window by window.
pub(crate) struct Walk<A> {
    request: Request,
    /// The window that is read stands at the front. A search without a range has one without bounds.
    windows: VecDeque<Option<TimeRange>>,
    may_split: bool,
    offset: u64,
    total: Option<u64>,
    /// The last place at which the walk went back because the result had become shorter.
    stepped_back: u64,
    seen: Seen,
    /// A page that was asked for before the one at hand was taken apart.
    under_way: Option<(Place, Call)>,
    /// Keys of the first and last record of the newest page, and how often that page came in a row.
    newest: Option<(u128, u128)>,
    repeats: u32,
    api: std::marker::PhantomData<fn() -> A>,
}

impl<A: Api> Walk<A> {
    pub(crate) fn new(request: Request, windows: impl IntoIterator<Item = Option<TimeRange>>, may_split: bool) -> Self {
        Self {
            offset: request.offset,
            request,
            windows: windows.into_iter().collect(),
            may_split,
            total: None,
            stepped_back: 0,
            seen: Seen::default(),
            under_way: None,
            newest: None,
            repeats: 0,
            api: std::marker::PhantomData,
        }
    }

    pub(super) fn look_ahead(&self) -> usize {
        self.request.look_ahead
    }

    /// The first page alone.
    async fn first_answer(mut self) -> Result<Answer, Error> {
        let place = Place {
            window: self.windows.pop_front().flatten(),
            offset: self.offset,
        };
        self.answer(place).await
    }

    fn place(&self) -> Option<Place> {
        self.windows.front().map(|window| Place {
            window: *window,
            offset: self.offset,
        })
    }

    /// The answer for a place, asked for again while it is partial.
    async fn answer(&mut self, place: Place) -> Result<Answer, Error> {
        let mut response = match self.under_way.take() {
            Some((asked, call)) if asked == place => call.await?,
            _ => call(&self.request, place).await?,
        };
        let mut pauses = PARTIAL_PAUSES.iter();
        loop {
            let answer = Answer::new::<A>(response)?;
            if !answer.is_incomplete::<A>(place.offset)? {
                return Ok(answer);
            }
            let Some(pause) = pauses.next() else {
                let times = PARTIAL_PAUSES.len() + 1;
                let message = format!("the service gave a partial result {times} times; records would be missing");
                return Err(answer
                    .response
                    .fail(ErrorKind::Server, message)
                    .with_advice("try again later, or a shorter range"));
            };
            tracing::debug!(offset = place.offset, "partial result, asking again");
            self.request.client.clock().sleep(*pause).await;
            response = call(&self.request, place).await?;
        }
    }

    /// Asks for the page that most likely comes next, so that the service works while this side takes the page at hand apart.
    async fn ask_ahead(&mut self, total: Option<u64>) {
        if self.request.look_ahead == 0 {
            return;
        }
        let (Some(place), Some(total)) = (self.place(), total) else {
            return;
        };
        let offset = place.offset + u64::from(self.request.limit);
        let next = if offset < total {
            Place {
                window: place.window,
                offset,
            }
        } else {
            let Some(window) = self.windows.get(1) else { return };
            Place {
                window: *window,
                offset: 0,
            }
        };
        let mut next_call = call(&self.request, next);
        let begun = poll_fn(|cx| Poll::Ready(next_call.as_mut().poll(cx))).await;
        if let Poll::Ready(done) = begun {
            next_call = Box::pin(std::future::ready(done));
        }
        // Lets the connection write the request before this thread is busy.
        tokio::task::yield_now().await;
        self.under_way = Some((next, next_call));
    }

    /// Puts both halves of the window in its place. False where it cannot be cut.
    fn split(&mut self) -> bool {
        let halves = self
            .windows
            .front()
            .copied()
            .flatten()
            .filter(|_| self.may_split)
            .and_then(|window| window.halves(A::GRAIN));
        let Some((left, right)) = halves else { return false };
        tracing::debug!(window = %left, "a window has too many matches and is cut in half");
        self.windows.pop_front();
        self.windows.push_front(Some(right));
        self.windows.push_front(Some(left));
        self.begin_window();
        true
    }

    fn begin_window(&mut self) {
        (self.offset, self.total, self.stepped_back) = (0, None, 0);
        (self.newest, self.repeats) = (None, 0);
    }

    /// Goes on behind a page that brought `distinct` records, or to the next window.
    ///
    /// Going too far would hide records, going too short only repeats known ones: a page that is longer than asked for, or
    /// holds a record twice, moves the walk by what it can be trusted for.
    fn go_on(&mut self, distinct: u64, total: Option<u64>, has_next: bool) {
        let limit = u64::from(self.request.limit);
        let shrunk = match (self.total, total) {
            (Some(before), Some(now)) => before.saturating_sub(now).min(limit),
            _ => 0,
        };
        self.total = total.or(self.total);
        if shrunk > 0 && self.offset > self.stepped_back {
            // Records that left the result pulled those behind them in front of this page: go back for them, once for each
            // place, so that a count that swings cannot hold the walk. What comes again is known.
            self.stepped_back = self.offset;
            self.offset = self.offset.saturating_sub(shrunk);
            return;
        }
        self.offset += distinct.min(limit);
        let more = match total {
            Some(total) => self.offset < total,
            None => has_next || distinct >= limit,
        };
        if distinct == 0 || !more {
            self.windows.pop_front();
            self.begin_window();
        }
    }

    /// The key of each record that has one. Refuses a service that gives the same page for every offset.
    fn keys(&mut self, records: &[RawRecord], response: &RawResponse) -> Result<Vec<Option<u128>>, Error> {
        let key = |record: &RawRecord| A::raw_key(record.as_str()).map(|key| self.seen.key(&key));
        let keys: Vec<Option<u128>> = records.iter().map(key).collect();
        let ends = keys.first().copied().flatten().zip(keys.last().copied().flatten());
        self.repeats = if ends.is_some() && ends == self.newest {
            self.repeats + 1
        } else {
            0
        };
        self.newest = ends;
        if self.repeats >= 2 {
            let message = format!(
                "the service gives the same page again and again, last for offset {}",
                self.offset
            );
            let advice = "it seems to ignore `offset`; narrow the search so that it fits into one page";
            return Err(response.fail(ErrorKind::Protocol, message).with_advice(advice));
        }
        Ok(keys)
    }

    /// Leaves out what was given out before.
    fn only_new(&mut self, records: Vec<RawRecord>, keys: Vec<Option<u128>>) -> Vec<RawRecord> {
        let paired = records.into_iter().zip(keys);
        paired
            .filter(|(_, key)| key.is_none_or(|key| self.seen.insert(key)))
            .map(|(record, _)| record)
            .collect()
    }

    /// Whether the failure says that paging went too deep, so that smaller windows may help.
    fn is_too_deep(&self, error: &Error) -> bool {
        match error.kind() {
            // A partial result came with 200: that is no matter of depth.
            ErrorKind::Server if error.status().is_some_and(|status| status.is_success()) => false,
            ErrorKind::Server => self.offset > 0 || error.code() == Some("0007"),
            ErrorKind::InvalidRequest => self.offset > 0,
            _ => false,
        }
    }
}

/// How many different records there are; those without a key are all different.
fn distinct(keys: &[Option<u128>]) -> u64 {
    let mut known: Vec<u128> = keys.iter().flatten().copied().collect();
    let repeated = known.len();
    known.sort_unstable();
    known.dedup();
    (keys.len() - repeated + known.len()) as u64
}

/// The first page of a request, with the care of a walk.
pub(crate) async fn first_answer<A: Api>(request: Request, window: Option<TimeRange>) -> Result<Answer, Error> {
    request.checked()?;
    Walk::<A>::new(request, [window], false).first_answer().await
}

fn call(request: &Request, place: Place) -> Call {
    let call = request
        .client
        .call(request.operation(place.window, place.offset, request.limit));
    Box::pin(call.into_future())
}

#[async_trait]
impl<A: Api> PageSource for Walk<A> {
    type Item = RawRecord;

    async fn next_page(&mut self) -> Result<Option<Page<RawRecord>>, Error> {
        self.request.checked()?;
        while let Some(place) = self.place() {
            let answer = match self.answer(place).await {
                Ok(answer) => answer,
                Err(error) if self.is_too_deep(&error) && self.split() => continue,
                Err(error) => return Err(error),
            };
            let total = answer.metadata.total();
            if place.offset == 0 && total.is_some_and(|total| total > DEEPEST) && self.split() {
                continue;
            }
            self.ask_ahead(total).await;
            let parts = answer.text.split(A::RECORDS);
            let records = parts.map_err(|error| unreadable(&answer.response, error))?.records;
            let keys = self.keys(&records, &answer.response)?;
            self.go_on(distinct(&keys), total, answer.metadata.has_next());
            let fresh = self.only_new(records, keys);
            if !fresh.is_empty() {
                return Ok(Some(Page::new(place.offset, fresh, total)));
            }
        }
        Ok(None)
    }
}
