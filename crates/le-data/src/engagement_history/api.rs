//! How the pages of this API look.

use std::borrow::Cow;

use le_core::wire::RawRecord;

use super::chat::Chat;
use crate::pages::{Api, RecordHead, head_of_info, key_of_info};

/// Engagement History, as a paged API.
pub(super) struct History;

impl Api for History {
    type Record = Chat;

    const RECORDS: &'static str = "interactionHistoryRecords";

    fn raw_key(json: &str) -> Option<Cow<'_, str>> {
        key_of_info(json, "engagementId")
    }
}

/// The head of a chat: its id (the key of the record) and its start, read from its text without the rest of it.
#[must_use]
pub fn head(record: &RawRecord) -> RecordHead<'_> {
    head_of_info(record.as_str(), "engagementId")
}
