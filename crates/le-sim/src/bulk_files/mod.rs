//! Bulk File Download: zips of the files that were exchanged in a conversation
//! (<https://developers.liveperson.com/bulk-file-download-overview.html>).

mod archive;
mod endpoint;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{account::uuid, clock::SimClock};

pub(crate) use endpoint::{create, download, get, list};

/// How Bulk File Download behaves. A part of [`Behaviour`](crate::Behaviour), under `bulk_files`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BulkFileKnobs {
    /// How long a request is `NEW`, milliseconds of the simulator's clock.
    pub new_ms: u64,
    /// How long it is `IN_PROGRESS` after that.
    pub in_progress_ms: u64,
    /// How long it is `IN_PROGRESS_RETRY` after that.
    pub retry_ms: u64,
    /// `true`: it ends as `FAILED`.
    pub fails: bool,
    /// The most files in one archive. A request with more has several archives, the newest files first.
    pub files_per_archive: usize,
    /// How long the address of an archive works, milliseconds. No page says.
    pub link_ms: u64,
    /// `true` (the default): pages are counted from 0, as the parameter's default says; `false`: from 1, as the example.
    pub pages_from_zero: bool,
}

impl Default for BulkFileKnobs {
    fn default() -> Self {
        Self {
            new_ms: 2_000,
            in_progress_ms: 8_000,
            retry_ms: 0,
            fails: false,
            files_per_archive: 50,
            link_ms: 3_600_000,
            pages_from_zero: true,
        }
    }
}

/// All requests of an account.
#[derive(Debug, Default)]
pub(crate) struct BulkFiles {
    requests: Vec<BulkRequest>,
}

/// One request.
#[derive(Debug, Clone)]
struct BulkRequest {
    id: String,
    conversation: String,
    created_ms: i64,
}

impl BulkFiles {
    fn add(&mut self, conversation: &str, seed: u64, now_ms: i64) -> BulkRequest {
        let mut random = fastrand::Rng::with_seed(seed ^ 0xb01d ^ self.requests.len() as u64);
        let request = BulkRequest {
            id: uuid(&mut random),
            conversation: conversation.to_owned(),
            created_ms: now_ms,
        };
        self.requests.push(request.clone());
        request
    }

    fn find(&self, id: &str) -> Option<BulkRequest> {
        self.requests.iter().find(|request| request.id == id).cloned()
    }
}

impl BulkRequest {
    fn status(&self, knobs: &BulkFileKnobs, now_ms: i64) -> &'static str {
        let age = u64::try_from(now_ms - self.created_ms).unwrap_or(0);
        let in_progress = knobs.new_ms.saturating_add(knobs.in_progress_ms);
        match age {
            age if age < knobs.new_ms => "NEW",
            age if age < in_progress => "IN_PROGRESS",
            age if age < in_progress.saturating_add(knobs.retry_ms) => "IN_PROGRESS_RETRY",
            _ if knobs.fails => "FAILED",
            _ => "READY",
        }
    }

    /// The entity, with these addresses once it is ready.
    fn entity(&self, account: &str, status: &str, urls: Vec<String>) -> Value {
        let created = SimClock::manual(self.created_ms).timestamp();
        json!({
            "requestId": self.id, "accountId": account, "status": status,
            "filter": { "conversationId": self.conversation },
            "downloadUrls": urls,
            "createdAt": created.strftime("%Y-%m-%dT%H:%M:%S.%3f+00:00").to_string(),
        })
    }
}
