//! Bulk File Download: zips of the files that were exchanged in a conversation.
//!
//! A request is made, becomes ready after a while, and then has the addresses of its zips: several where there are more than 50
//! files or 500 MB. How long the addresses hold is not documented: fetch soon. The vendor's credential for this API is an OAuth
//! 2.0 token of an application.
//!
//! Vendor pages: <https://developers.liveperson.com/bulk-file-download-overview.html>

mod download;
mod requests;
mod wait;

pub use requests::{BulkDownload, BulkDownloadFilter, BulkFiles, BulkPagination, BulkRequestId, ListBulkDownloads};
pub use wait::WaitForBulkDownload;

pub use crate::file_stream::FileStream;
pub use crate::generated::enums::BulkFileStatus;
