//! The walk over files, one after the other.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use futures_core::Stream;
use futures_util::StreamExt as _;
use le_core::page::{Page, PageSource, Paged, Pages};
use le_core::wire::RawRecord;
use le_core::{Error, Result};

use super::files::DataFiles;
use super::line::DataLine;
use super::list::DataFile;
use super::stream::DataFileStream;
use super::values::broken_value;
use crate::pages::{RawStream, raw_source};

/// A page of lines ends with this many of them, or with this many bytes.
const LINES: usize = 256;
const BYTES: usize = 1 << 20;

/// The lines of all files of a list, typed. See [`DataFiles::stream`](super::DataFiles::stream).
///
/// Cancel-safe: lines that were read stay until they are given out. Dropping the stream ends the reading.
#[must_use = "streams do nothing unless polled"]
pub struct DataLineStream(Paged<Walk>);

impl Stream for DataLineStream {
    type Item = Result<DataLine>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.0).poll_next(cx));
        Poll::Ready(next.map(|line| DataLine::read(line??)))
    }
}

impl fmt::Debug for DataLineStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataLineStream").field("lines", &self.0).finish()
    }
}

pub(super) fn line_stream(files: DataFiles) -> DataLineStream {
    DataLineStream(Pages::new(Walk::new(files)).look_ahead(1).records())
}

pub(super) fn raw_stream(files: DataFiles) -> RawStream {
    raw_source(Texts(Walk::new(files)), 1)
}

/// Lines as received; a broken one is an error in its place.
struct Walk {
    files: DataFiles,
    listed: Option<VecDeque<DataFile>>,
    open: Option<DataFileStream>,
    /// What went wrong behind the lines that were given out last.
    failure: Option<Error>,
    given: u64,
}

impl Walk {
    fn new(files: DataFiles) -> Self {
        Self {
            files,
            listed: None,
            open: None,
            failure: None,
            given: 0,
        }
    }

    /// The next file that is not empty is opened. False where there is none.
    async fn open_next(&mut self) -> Result<bool> {
        if self.listed.is_none() {
            self.listed = Some(self.files.list().await?.into());
        }
        let Some(file) = self.listed.as_mut().and_then(VecDeque::pop_front) else {
            return Ok(false);
        };
        tracing::debug!(file = file.name.as_deref(), "reading a data file");
        self.open = Some(self.files.access.read(&file).await?);
        Ok(true)
    }

    /// Lines of the open file, up to the bounds of a page.
    async fn lines(&mut self) -> Vec<Result<RawRecord>> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        let Some(values) = &mut self.open else {
            return lines;
        };
        while lines.len() < LINES && bytes < BYTES {
            match values.next().await {
                None => {
                    self.open = None;
                    break;
                }
                Some(Err(error)) if broken_value(&error).is_none() => {
                    self.failure = Some(error);
                    break;
                }
                Some(line) => {
                    bytes += line.as_ref().map_or(0, RawRecord::len);
                    lines.push(line);
                }
            }
        }
        lines
    }
}

#[async_trait]
impl PageSource for Walk {
    type Item = Result<RawRecord>;

    async fn next_page(&mut self) -> Result<Option<Page<Self::Item>>> {
        loop {
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            let lines = self.lines().await;
            if !lines.is_empty() {
                let offset = self.given;
                self.given += lines.len() as u64;
                return Ok(Some(Page::new(offset, lines, None)));
            }
            if self.failure.is_none() && self.open.is_none() && !self.open_next().await? {
                return Ok(None);
            }
        }
    }
}

/// Lines as JSON texts throughout.
struct Texts(Walk);

#[async_trait]
impl PageSource for Texts {
    type Item = RawRecord;

    async fn next_page(&mut self) -> Result<Option<Page<RawRecord>>> {
        let Some(page) = self.0.next_page().await? else {
            return Ok(None);
        };
        let lines: Result<Vec<RawRecord>> = page.items.into_iter().map(|line| line.or_else(quoted)).collect();
        Ok(Some(Page::new(page.offset, lines?, None)))
    }
}

/// A stretch that is no JSON object, as a JSON string.
fn quoted(error: Error) -> Result<RawRecord> {
    let text = broken_value(&error).and_then(|broken| serde_json::to_string(broken.text()).ok());
    text.and_then(|text| RawRecord::new(text).ok()).ok_or(error)
}
