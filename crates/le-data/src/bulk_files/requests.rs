//! Requests: make one, list them, read one.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use async_trait::async_trait;
use le_core::id::{ConversationId, Id};
use le_core::page::{Page, PageSource};
use le_core::wire::{Int, List, PageText, RawRecord, Record, TimeText, present};
use le_core::{Client, Error, ErrorKind, Operation, RawResponse, Result, Timestamp};
use serde_json::json;

use super::wait::WaitForBulkDownload;
use crate::generated::enums::BulkFileStatus;
use crate::generated::operations::{CREATE_BULK_DOWNLOAD, GET_BULK_DOWNLOAD, LIST_BULK_DOWNLOADS};
use crate::pages::{RecordStream, of_record, typed_source, unreadable};

/// A request for files.
pub type BulkRequestId = Id<BulkDownload>;

le_core::record! {
    /// A request for the files of a conversation.
    pub struct BulkDownload {
        /// The key.
        request_id: Option<BulkRequestId> = "requestId" [safe],
        /// The account.
        account_id: Option<String> = "accountId" [safe],
        /// How far it got.
        status: Option<BulkFileStatus> = "status" [safe],
        /// Of what.
        filter: Option<BulkDownloadFilter> = "filter" [safe],
        /// The addresses of the zips, newest first; empty until it is ready. Whoever has one can read the files.
        download_urls: List<String> = "downloadUrls",
        /// See [`BulkDownload::created`].
        created_at: Option<TimeText> = "createdAt" [safe],
    }
}

impl BulkDownload {
    /// When it was made.
    #[must_use]
    pub fn created(&self) -> Option<Timestamp> {
        self.created_at.as_ref()?.get()
    }

    /// Whether its zips can be fetched.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.status == Some(BulkFileStatus::Ready)
    }

    /// Whether nothing more will come of it.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.status == Some(BulkFileStatus::Failed)
    }
}

le_core::record! {
    /// Of what files are asked for.
    pub struct BulkDownloadFilter {
        /// The conversation.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
    }
}

le_core::record! {
    /// Where a page of the list stands.
    pub struct BulkPagination {
        /// How many requests there are.
        total_records: Option<Int> = "totalRecords" [safe],
        /// This page.
        current_page: Option<Int> = "currentPage" [safe],
        /// How many pages there are.
        total_pages: Option<Int> = "totalPages" [safe],
        /// The next page; none on the last.
        next_page: Option<Int> = "nextPage" [safe],
        /// The page before.
        prev_page: Option<Int> = "prevPage" [safe],
    }
}

/// Zips of the files of conversations. Cheap to clone.
#[derive(Debug, Clone)]
pub struct BulkFiles {
    pub(super) client: Client,
}

impl BulkFiles {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Asks for the files of a conversation. Asked twice, it makes two requests, so it is not repeated by itself.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn create(&self, conversation: impl Into<ConversationId>) -> Result<Record<BulkDownload>> {
        let conversation = conversation.into();
        if conversation.assigned().is_none() {
            return Err(Error::validation("`conversationId` is empty").with_operation(CREATE_BULK_DOWNLOAD.id));
        }
        let body = json!({ "filter": { "conversationId": conversation.as_str() } });
        let operation = Operation::new(&CREATE_BULK_DOWNLOAD).json(&body)?;
        entity(&self.client.call(operation).await?)
    }

    /// One request.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is none with this id; otherwise see [`ErrorKind`].
    pub async fn get(&self, id: impl Into<BulkRequestId>) -> Result<Record<BulkDownload>> {
        let id = id.into();
        if id.assigned().is_none() {
            return Err(Error::validation("`requestId` is empty").with_operation(GET_BULK_DOWNLOAD.id));
        }
        let operation = Operation::new(&GET_BULK_DOWNLOAD).path_value("requestId", id.as_str());
        entity(&self.client.call(operation).await?)
    }

    /// The requests of the account.
    pub fn list(&self) -> ListBulkDownloads {
        ListBulkDownloads {
            client: self.client.clone(),
            page: 0,
            page_size: 100,
        }
    }

    /// Waits until a request is ready.
    pub fn wait(&self, id: impl Into<BulkRequestId>) -> WaitForBulkDownload {
        WaitForBulkDownload::new(self.clone(), id.into())
    }
}

fn entity(response: &RawResponse) -> Result<Record<BulkDownload>> {
    let raw = RawRecord::new(response.json_text()?).map_err(|error| unreadable(response, error))?;
    raw.decode().map_err(of_record)
}

/// The requests of the account; `.await` gives one page, [`stream`](Self::stream) all.
#[derive(Clone)]
#[must_use = "a list does nothing unless awaited or streamed"]
pub struct ListBulkDownloads {
    client: Client,
    page: u64,
    page_size: u32,
}

impl ListBulkDownloads {
    /// Which page, from 0. (An example of the vendor begins at 1.)
    pub fn page(mut self, page: u64) -> Self {
        self.page = page;
        self
    }

    /// How many requests a page has (default 100).
    pub fn page_size(mut self, requests: u32) -> Self {
        self.page_size = requests;
        self
    }

    /// All requests, page after page.
    pub fn stream(self) -> RecordStream<BulkDownload> {
        let walk = Walk {
            next: Some(self.page),
            list: self,
            given: 0,
            seen: VecDeque::new(),
        };
        typed_source(walk, 0)
    }

    async fn read(&self, page: u64) -> Result<(Vec<RawRecord>, BulkPagination)> {
        if self.page_size == 0 {
            return Err(Error::validation("`pageSize` is 0; a page has at least one request")
                .with_operation(LIST_BULK_DOWNLOADS.id));
        }
        let operation = Operation::new(&LIST_BULK_DOWNLOADS)
            .query("page", page.to_string())
            .query("pageSize", self.page_size.to_string());
        let response = self.client.call(operation).await?;
        let text = PageText::new(response.body()).map_err(|error| unreadable(&response, error))?;
        let parts = text.split("items").map_err(|error| unreadable(&response, error))?;
        let pagination = parts
            .member("pagination")
            .and_then(|raw| raw.decode::<BulkPagination>().ok());
        Ok((parts.records, pagination.map(Record::into_inner).unwrap_or_default()))
    }
}

impl IntoFuture for ListBulkDownloads {
    type Output = Result<Vec<Record<BulkDownload>>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (records, _) = self.read(self.page).await?;
            records
                .iter()
                .map(|record| record.decode().map_err(of_record))
                .collect()
        })
    }
}

impl fmt::Debug for ListBulkDownloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListBulkDownloads")
            .field("page", &self.page)
            .field("page_size", &self.page_size)
            .finish_non_exhaustive()
    }
}

/// The walk over the list. It follows the number that the service gives for the next page, never one that it followed before.
struct Walk {
    list: ListBulkDownloads,
    next: Option<u64>,
    given: u64,
    seen: VecDeque<u64>,
}

#[async_trait]
impl PageSource for Walk {
    type Item = RawRecord;

    async fn next_page(&mut self) -> Result<Option<Page<RawRecord>>> {
        while let Some(page) = self.next.take() {
            self.seen.push_back(page);
            let (records, pagination) = self.list.read(page).await?;
            let next = pagination
                .next_page
                .as_ref()
                .and_then(|next| u64::try_from(next.get()).ok());
            self.next = next.filter(|next| !self.seen.contains(next));
            if !records.is_empty() {
                let offset = self.given;
                self.given += records.len() as u64;
                let total = pagination
                    .total_records
                    .as_ref()
                    .and_then(|total| u64::try_from(total.get()).ok());
                return Ok(Some(Page::new(offset, records, total)));
            }
        }
        Ok(None)
    }
}

/// Whether a text says something at all.
pub(super) fn says(text: &str) -> bool {
    present(text).is_some()
}

/// The error of a request that failed on the vendor's side.
pub(super) fn failed() -> Error {
    Error::new(ErrorKind::Server, "the service could not make the zips of this request")
        .with_operation(GET_BULK_DOWNLOAD.id)
        .with_advice("make a new request; the conversation may hold no file")
}
