//! Paged answers as a stream of records, with bounded look-ahead.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;

use crate::error::Error;

/// One page of records.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The position of the first record in the whole result, from 0.
    pub offset: u64,
    /// The records.
    pub items: Vec<T>,
    /// How many records the whole result has, where the service says so. It may move while pages are read.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// A page that begins at `offset`.
    #[must_use]
    pub fn new(offset: u64, items: Vec<T>, total: Option<u64>) -> Self {
        Self { offset, items, total }
    }
}

/// A position in a paged result that can be stored and taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cursor {
    /// The position of the next record, from 0.
    pub offset: u64,
}

impl Cursor {
    /// The position `offset`.
    #[must_use]
    pub fn at(offset: u64) -> Self {
        Self { offset }
    }
}

/// Gives the pages of one result, one after the other.
#[async_trait]
pub trait PageSource: Send + 'static {
    /// The record.
    type Item: Send + 'static;

    /// The next page, or `None` after the last. After an error it is not called again.
    ///
    /// # Errors
    /// What ends the stream.
    async fn next_page(&mut self) -> Result<Option<Page<Self::Item>>, Error>;
}

type Next<T> = Result<Option<Page<T>>, Error>;
type Turn<S, T> = Pin<Box<dyn Future<Output = (S, Next<T>)> + Send>>;

/// A page that was read ahead; the permit is given back when the page is taken.
type Ready<T> = (Next<T>, OwnedSemaphorePermit);

enum Reader<S: PageSource> {
    /// Nothing is asked for before the first poll.
    Idle(Option<S>),
    /// No look-ahead: a page is asked for when the one before is used up.
    Inline(Turn<S, S::Item>),
    /// A task reads ahead into a bounded channel.
    Ahead(mpsc::Receiver<Ready<S::Item>>, JoinHandle<()>),
    Ended,
}

/// The pages of a result as a [`Stream`], with at most `look_ahead` of them asked for before they are wanted.
///
/// Cancel-safe: a page that was read stays until it is given out. Dropping it ends the reading. An error ends the stream; the
/// records before it have been given.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<S: PageSource> {
    reader: Reader<S>,
    look_ahead: usize,
}

impl<S: PageSource> Pages<S> {
    /// Reads from `source`, with a look-ahead of two pages: while one is worked on, the next waits and the service makes
    /// the one after that.
    pub fn new(source: S) -> Self {
        Self {
            reader: Reader::Idle(Some(source)),
            look_ahead: 2,
        }
    }

    /// How many pages may be asked for before they are wanted. 0 asks for a page when the one before is used up; more needs
    /// a tokio runtime around the first poll.
    pub fn look_ahead(mut self, pages: usize) -> Self {
        self.look_ahead = pages;
        self
    }

    /// The records, one by one.
    pub fn records(self) -> Paged<S> {
        Paged {
            pages: self,
            current: Vec::new().into_iter(),
            position: 0,
            total: None,
        }
    }

    fn ahead(source: S, pages: usize) -> Reader<S> {
        let (sender, receiver) = mpsc::channel(pages);
        Reader::Ahead(receiver, tokio::spawn(read_ahead(source, pages, sender)))
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page<S::Item>, Error>>> {
        loop {
            let next = match &mut self.reader {
                Reader::Idle(source) => {
                    let Some(source) = source.take() else {
                        return Poll::Ready(None);
                    };
                    self.reader = if self.look_ahead == 0 {
                        Reader::Inline(turn(source))
                    } else {
                        Self::ahead(source, self.look_ahead)
                    };
                    continue;
                }
                Reader::Inline(turn) => {
                    let (source, next) = ready!(turn.as_mut().poll(cx));
                    self.reader = Reader::Idle(Some(source));
                    next
                }
                // A closed channel without an end means that the task died with its runtime.
                Reader::Ahead(receiver, _) => ready!(receiver.poll_recv(cx)).map_or(Ok(None), |(next, _permit)| next),
                Reader::Ended => return Poll::Ready(None),
            };
            if !matches!(next, Ok(Some(_))) {
                self.reader = Reader::Ended;
            }
            return Poll::Ready(next.transpose());
        }
    }
}

fn turn<S: PageSource>(mut source: S) -> Turn<S, S::Item> {
    Box::pin(async move {
        let next = source.next_page().await;
        (source, next)
    })
}

/// Asks for pages while permits last. The next page is asked for before the one at hand is given over, so that the service
/// works on it meanwhile, even where everything here runs on one thread.
async fn read_ahead<S: PageSource>(source: S, pages: usize, sender: mpsc::Sender<Ready<S::Item>>) {
    let permits = Arc::new(Semaphore::new(pages));
    let Ok(mut permit) = Arc::clone(&permits).acquire_owned().await else {
        return;
    };
    let mut under_way = turn(source);
    loop {
        let (source, next) = under_way.await;
        if !matches!(next, Ok(Some(_))) {
            let _ = sender.send((next, permit)).await;
            return;
        }
        if let Ok(free) = Arc::clone(&permits).try_acquire_owned() {
            under_way = turn(source);
            let begun = std::future::poll_fn(|cx| Poll::Ready(under_way.as_mut().poll(cx))).await;
            if let Poll::Ready(done) = begun {
                under_way = Box::pin(std::future::ready(done));
            }
            // Lets the connection write the request before the reader is woken.
            tokio::task::yield_now().await;
            if sender.send((next, permit)).await.is_err() {
                return;
            }
            permit = free;
        } else {
            if sender.send((next, permit)).await.is_err() {
                return;
            }
            let Ok(free) = Arc::clone(&permits).acquire_owned().await else {
                return;
            };
            permit = free;
            under_way = turn(source);
        }
    }
}

impl<S: PageSource> Drop for Pages<S> {
    fn drop(&mut self) {
        if let Reader::Ahead(_, task) = &self.reader {
            task.abort();
        }
    }
}

// No field is pinned structurally: the only futures are boxed, and a source is only polled inside such a box.
impl<S: PageSource> Unpin for Pages<S> {}
impl<S: PageSource> Unpin for Paged<S> {}

impl<S: PageSource> Stream for Pages<S> {
    type Item = Result<Page<S::Item>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_page(cx)
    }
}

impl<S: PageSource> fmt::Debug for Pages<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("look_ahead", &self.look_ahead)
            .finish_non_exhaustive()
    }
}

/// The records of a paged result as a [`Stream`]. See [`Pages`] for its guarantees.
#[must_use = "streams do nothing unless polled"]
pub struct Paged<S: PageSource> {
    pages: Pages<S>,
    current: std::vec::IntoIter<S::Item>,
    position: u64,
    total: Option<u64>,
}

impl<S: PageSource> Paged<S> {
    /// The pages instead of the records. Records of a page that is begun are lost: call it before the first poll.
    pub fn pages(self) -> Pages<S> {
        self.pages
    }

    /// How many pages may be asked for before they are wanted. See [`Pages::look_ahead`].
    pub fn look_ahead(mut self, pages: usize) -> Self {
        self.pages.look_ahead = pages;
        self
    }

    /// The position behind the last record that was given out: store it, and begin there again.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor::at(self.position)
    }

    /// How many records the whole result has, as the newest page says.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

impl<S: PageSource> Stream for Paged<S> {
    type Item = Result<S::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.current.next() {
                self.position += 1;
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll_page(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(page)) => {
                    self.position = page.offset;
                    self.total = page.total.or(self.total);
                    self.current = page.items.into_iter();
                }
            }
        }
    }
}

impl<S: PageSource> fmt::Debug for Paged<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paged")
            .field("position", &self.position)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use futures_util::StreamExt as _;

    use super::*;

    struct Numbers {
        asked: Arc<AtomicU64>,
        pages: u64,
        fail: bool,
    }

    #[async_trait]
    impl PageSource for Numbers {
        type Item = u64;
        async fn next_page(&mut self) -> Result<Option<Page<u64>>, Error> {
            let page = self.asked.fetch_add(1, Ordering::SeqCst);
            match page {
                page if page < self.pages => {
                    Ok(Some(Page::new(page * 3, (page * 3..page * 3 + 3).collect(), Some(12))))
                }
                _ if self.fail => Err(Error::validation("broken")),
                _ => Ok(None),
            }
        }
    }

    fn numbers(pages: u64, fail: bool) -> (Paged<Numbers>, Arc<AtomicU64>) {
        let asked = Arc::new(AtomicU64::new(0));
        (
            Pages::new(Numbers {
                asked: Arc::clone(&asked),
                pages,
                fail,
            })
            .records(),
            asked,
        )
    }

    #[tokio::test]
    async fn gives_all_records_in_order_whatever_the_look_ahead() {
        for look_ahead in [0, 1, 3] {
            let (stream, _) = numbers(4, false);
            let records: Vec<u64> = stream.look_ahead(look_ahead).map(Result::unwrap).collect().await;
            assert_eq!(records, (0..12).collect::<Vec<_>>());
        }
    }

    #[tokio::test]
    async fn an_error_comes_after_the_records_before_it_and_ends_the_stream() {
        for look_ahead in [0, 2] {
            let (mut stream, _) = numbers(2, true);
            stream = stream.look_ahead(look_ahead);
            for expected in 0..6 {
                assert_eq!(stream.next().await.unwrap().unwrap(), expected);
            }
            assert!(stream.next().await.unwrap().is_err());
            assert!(stream.next().await.is_none());
            assert_eq!(stream.cursor(), Cursor::at(6));
        }
    }

    #[tokio::test]
    async fn look_ahead_is_bounded_and_lazy() {
        let (stream, asked) = numbers(4, false);
        let mut stream = stream.look_ahead(2);
        tokio::task::yield_now().await;
        assert_eq!(
            asked.load(Ordering::SeqCst),
            0,
            "nothing is asked for before the first poll"
        );
        assert_eq!(stream.next().await.unwrap().unwrap(), 0);
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert_eq!(asked.load(Ordering::SeqCst), 3, "the page in use and two ahead");
        assert_eq!((stream.cursor(), stream.total()), (Cursor::at(1), Some(12)));
    }
}
