//! One export: from a stream of pages into a sink.

use std::fmt;
use std::future::{Future, IntoFuture, pending};
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_core::Stream;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use le_core::page::Page;
use le_core::wire::RawRecord;
use le_core::{Error, Result};

use crate::failure::ExportError;
use crate::sink::Sink;

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Pages that have been read.
    pub pages: u64,
    /// Records that have been taken by the sink.
    pub records: u64,
    /// Their bytes as received.
    pub bytes: u64,
    /// How many records the whole result has, as the newest page says; with windows, the newest window.
    pub total: Option<u64>,
}

/// How an export ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// All records are in the sink.
    Finished,
    /// It was cancelled; what it had read is in the sink, whole.
    Cancelled,
    /// It failed; what it had read before is in the sink, whole.
    Failed,
}

/// What an export did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// How it ended.
    pub outcome: Outcome,
    /// Records that are safe in the sink.
    pub records: u64,
    /// Their bytes in the sink.
    pub bytes: u64,
    /// Pages that were read.
    pub pages: u64,
    /// How long it took.
    pub elapsed: Duration,
}

type OnProgress = Box<dyn FnMut(&Progress) + Send>;
type Cancel = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An export of raw records, page by page; `.await` runs it.
///
/// Dropping it ends it: what the sink has taken stays whole. Memory is bounded by the pages that the stream reads ahead.
///
/// ```no_run
/// # async fn run(data: le_data::Data, range: le_core::TimeRange) -> Result<(), Box<dyn std::error::Error>> {
/// use le_export::{PageExport, JsonLinesFile};
///
/// let file = JsonLinesFile::create("conversations.jsonl")?;
/// let summary = PageExport::new(data.conversations().search(range).export().pages(), file)
///     .on_progress(|progress| eprintln!("{} records", progress.records))
///     .await?;
/// println!("{} records in {:?}", summary.records, summary.elapsed);
/// # Ok(())
/// # }
/// ```
#[must_use = "an export does nothing unless awaited"]
pub struct PageExport<P, S> {
    pages: P,
    sink: S,
    on_progress: Option<OnProgress>,
    cancel: Option<Cancel>,
}

impl<P, S> PageExport<P, S>
where
    P: Stream<Item = Result<Page<RawRecord>>> + Send + Unpin,
    S: Sink,
{
    /// From these pages into this sink.
    pub fn new(pages: P, sink: S) -> Self {
        Self {
            pages,
            sink,
            on_progress: None,
            cancel: None,
        }
    }

    /// Is told after each page how far it is.
    pub fn on_progress(mut self, tell: impl FnMut(&Progress) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(tell));
        self
    }

    /// Ends the export when this future does, e.g. `tokio::signal::ctrl_c()`: no further page is taken, and what was taken is
    /// put into the sink. A sink that takes its final name at the end keeps its provisional one.
    pub fn cancel_on(mut self, cancel: impl Future<Output = ()> + Send + 'static) -> Self {
        self.cancel = Some(Box::pin(cancel));
        self
    }

    /// Runs it.
    ///
    /// # Errors
    /// What ended the stream or the sink, with what had been done by then; those records are safe.
    pub async fn run(mut self) -> Result<Summary, ExportError> {
        let begin = Instant::now();
        let mut progress = Progress::default();
        let outcome = self.pump(&mut progress).await;
        let (outcome, error) = match outcome {
            Ok(outcome) => (outcome, None),
            Err(error) => (Outcome::Failed, Some(error)),
        };
        let closed = match outcome {
            Outcome::Finished => self.sink.finish(),
            // After a failed write there is nothing to flush, and the first error is the one that tells.
            Outcome::Failed if error.as_ref().is_some_and(|e| e.kind() == le_core::ErrorKind::Io) => Ok(()),
            _ => self.sink.flush(),
        };
        let safe = self.sink.safe();
        let error = error.or(closed.err());
        let outcome = if error.is_some() { Outcome::Failed } else { outcome };
        let summary = Summary {
            outcome,
            records: safe.records,
            bytes: safe.bytes,
            pages: progress.pages,
            elapsed: begin.elapsed(),
        };
        tracing::debug!(
            records = summary.records,
            bytes = summary.bytes,
            pages = summary.pages,
            ?outcome,
            "export ended"
        );
        match error {
            None => Ok(summary),
            Some(error) => Err(ExportError::new(error, summary)),
        }
    }

    async fn pump(&mut self, progress: &mut Progress) -> Result<Outcome, Error> {
        let mut cancel = self.cancel.take().unwrap_or_else(|| Box::pin(pending()));

        loop {
            let page = match select(&mut cancel, self.pages.next()).await {
                Either::Left(_) => return Ok(Outcome::Cancelled),
                Either::Right((None, _)) => return Ok(Outcome::Finished),
                Either::Right((Some(page), _)) => page?,
            };
            for record in &page.items {
                self.sink.write(record)?;
                progress.records += 1;
                progress.bytes += record.len() as u64;
            }
            progress.pages += 1;
            progress.total = page.total.or(progress.total);
            if let Some(tell) = &mut self.on_progress {
                tell(progress);
            }
        }
    }
}

impl<P, S> IntoFuture for PageExport<P, S>
where
    P: Stream<Item = Result<Page<RawRecord>>> + Send + Unpin + 'static,
    S: Sink + 'static,
{
    type Output = Result<Summary, ExportError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<P, S> fmt::Debug for PageExport<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageExport").finish_non_exhaustive()
    }
}
