//! One page: its envelope, and the page view for those who want it.

use std::fmt;

use le_core::wire::{DecodeError, Int, List, PageText, RawRecord, Record, RecordError, Salvage};
use le_core::{Error, ErrorKind, RawResponse};

use super::api::Api;

le_core::record! {
    /// What a page says about the whole result. The hosts in its links are internal ones: they are never followed.
    pub struct PageMetadata {
        /// How many records match, not how many the page has.
        count: Option<Int> = "count" [safe],
        /// This page.
        self_link: Option<PageLink> = "self",
        /// The next page; missing on the last.
        next: Option<PageLink> = "next",
        /// The last page.
        last: Option<PageLink> = "last",
        /// The page before. Not documented; seen in clients.
        prev: Option<PageLink> = "prev",
        /// The links as Agent Activity sends them.
        references: List<PageLink> = "references",
        /// Whether all of the backend answered.
        shards: Option<ShardsStatus> = "shardsStatusResult" [safe],
    }
}

le_core::record! {
    /// A link of a page.
    pub struct PageLink {
        /// Which page.
        rel: Option<String> = "rel" [safe],
        /// The address, on an internal host.
        href: Option<String> = "href",
    }
}

le_core::record! {
    /// Whether all of the backend answered.
    pub struct ShardsStatus {
        /// True: records may be missing, ask again.
        partial_result: Option<le_core::wire::Flag> = "partialResult" | "partial" [safe],
        /// How many parts of the backend did not answer.
        failed: Option<Int> = "failureShards" [safe],
        /// How many there are.
        total: Option<Int> = "totalShards" [safe],
    }
}

impl PageMetadata {
    /// How many records match in all, where the service says so.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.count.as_ref().and_then(|count| u64::try_from(count.get()).ok())
    }

    /// Whether there is a page behind this one, by its links.
    #[must_use]
    pub fn has_next(&self) -> bool {
        self.next.is_some() || self.references.iter().any(|link| link.rel.as_deref() == Some("next"))
    }

    /// Whether a part of the backend did not answer, so that records may be missing.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let flag = self.shards.as_ref().and_then(|shards| shards.partial_result.as_ref());
        flag.is_some_and(|flag| flag.get())
    }
}

/// One page of records.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordPage<T> {
    /// The records, each with its exact JSON text.
    pub records: Vec<Record<T>>,
    /// Records that could not be read at all; each holds its text and the reason.
    pub broken: Vec<RecordError>,
    /// The position of the first record in the whole result, from 0.
    pub offset: u64,
    /// What the page says about the whole result.
    pub metadata: PageMetadata,
    /// The answer as received.
    pub response: RawResponse,
    members: Vec<(String, RawRecord)>,
}

impl<T> RecordPage<T> {
    /// How many records match in all, where the service says so. It may move while pages are read.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.metadata.total()
    }

    /// How many records the page has, broken ones counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len() + self.broken.len()
    }

    /// Whether the page has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A member of the page beside its list, e.g. `timeframe`, as JSON text.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&RawRecord> {
        self.members.iter().find(|(own, _)| own == name).map(|(_, raw)| raw)
    }
}

impl<T: Salvage> RecordPage<T> {
    pub(crate) fn read<A: Api<Record = T>>(answer: Answer, offset: u64) -> Result<Self, Error> {
        let Answer {
            response,
            text,
            metadata,
        } = answer;
        let parts = text.decode(A::RECORDS).map_err(|error| unreadable(&response, error))?;
        let (mut records, mut broken) = (Vec::with_capacity(parts.records.len()), Vec::new());
        for record in parts.records {
            match record {
                Ok(record) => records.push(record),
                Err(error) => broken.push(error),
            }
        }
        Ok(Self {
            records,
            broken,
            offset,
            metadata,
            response,
            members: parts.members,
        })
    }
}

impl<T: fmt::Debug> fmt::Debug for RecordPage<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordPage")
            .field("records", &self.records)
            .field("broken", &self.broken)
            .field("offset", &self.offset)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

/// An answer with its envelope read and its list untouched.
pub(crate) struct Answer {
    pub(crate) response: RawResponse,
    pub(crate) text: PageText,
    pub(crate) metadata: PageMetadata,
}

impl Answer {
    pub(crate) fn new<A: Api>(response: RawResponse) -> Result<Self, Error> {
        if response.is_empty() && response.status() != http::StatusCode::NO_CONTENT {
            // 204 is how the service says "nothing"; a 200 without a body lost it on the way.
            return Err(response
                .json_text()
                .err()
                .unwrap_or_else(|| response.fail(ErrorKind::Protocol, "the answer is empty")));
        }
        let text = PageText::new(response.body()).map_err(|error| unreadable(&response, error))?;
        let mut members = text.head(A::RECORDS);
        if !members.iter().any(|(name, _)| name == A::METADATA) {
            // Behind the list, or nowhere: the whole page has to be gone through.
            members = text
                .split(A::RECORDS)
                .map_err(|error| unreadable(&response, error))?
                .members;
        }
        let metadata = members
            .iter()
            .find(|(name, _)| name == A::METADATA)
            .and_then(|(_, raw)| raw.decode().ok());
        let metadata = metadata.map(Record::into_inner).unwrap_or_default();
        Ok(Self {
            response,
            text,
            metadata,
        })
    }

    /// Whether records are missing: the service says so, or gives none where it counts more.
    pub(super) fn is_incomplete<A: Api>(&self, offset: u64) -> Result<bool, Error> {
        if self.metadata.is_partial() {
            return Ok(true);
        }
        if self.metadata.total().is_none_or(|total| total <= offset) {
            return Ok(false);
        }
        self.text
            .is_without(A::RECORDS)
            .map_err(|error| unreadable(&self.response, error))
    }
}

/// The error for a page that cannot be read, as precise as the body allows.
pub(crate) fn unreadable(response: &RawResponse, error: DecodeError) -> Error {
    if let Err(error) = response.json_text() {
        return error;
    }
    response
        .fail(ErrorKind::Decode, format!("the page cannot be read: {error}"))
        .with_source(error)
}
