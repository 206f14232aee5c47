//! Waiting for a request.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use le_core::wire::Record;
use le_core::{Error, ErrorKind, Result};

use super::requests::{BulkDownload, BulkFiles, BulkRequestId, failed};
use crate::generated::operations::GET_BULK_DOWNLOAD;

/// Waits until a request is ready; `.await` gives it with its addresses.
///
/// It asks after 5 s, then after pauses that grow by half each time, up to a minute. The vendor documents no interval.
#[must_use = "waiting does nothing unless awaited"]
pub struct WaitForBulkDownload {
    files: BulkFiles,
    id: BulkRequestId,
    first: Duration,
    longest: Duration,
    at_most: Duration,
}

impl WaitForBulkDownload {
    pub(super) fn new(files: BulkFiles, id: BulkRequestId) -> Self {
        Self {
            files,
            id,
            first: Duration::from_secs(5),
            longest: Duration::from_secs(60),
            at_most: Duration::from_secs(1800),
        }
    }

    /// The first pause (default 5 s) and the longest (default 60 s).
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        (self.first, self.longest) = (first, longest.max(first));
        self
    }

    /// Gives up after this long (default 30 minutes).
    pub fn at_most(mut self, length: Duration) -> Self {
        self.at_most = length;
        self
    }

    /// The request, ready.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] where it takes too long, [`ErrorKind::Server`] where the service says that it failed; otherwise
    /// see [`ErrorKind`].
    pub async fn ready(self) -> Result<Record<BulkDownload>> {
        let clock = self.files.client.clock().clone();
        let began = clock.monotonic();
        let mut pause = self.first;
        loop {
            let left = self.at_most.saturating_sub(clock.monotonic().saturating_sub(began));
            if left.is_zero() {
                let message = format!("the request was not ready within {} s", self.at_most.as_secs());
                return Err(Error::new(ErrorKind::Timeout, message)
                    .with_operation(GET_BULK_DOWNLOAD.id)
                    .with_advice("wait again; the request stays"));
            }
            clock.sleep(pause.min(left)).await;
            let request = self.files.get(self.id.clone()).await?;
            if request.is_ready() {
                return Ok(request);
            }
            if request.has_failed() {
                return Err(failed());
            }
            pause = (pause * 3 / 2).min(self.longest);
        }
    }
}

impl IntoFuture for WaitForBulkDownload {
    type Output = Result<Record<BulkDownload>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.ready())
    }
}

impl fmt::Debug for WaitForBulkDownload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForBulkDownload")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
