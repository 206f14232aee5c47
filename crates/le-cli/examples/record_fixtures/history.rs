//! The successes of Messaging Interactions, the same for the simulator and for a live account.

use std::time::Duration;

use le_core::{Client, TimeRange, Timestamp};
use le_data::Data;
use le_data::messaging_interactions::ContentToRetrieve;

use crate::Fallible;
use crate::recorder::Recorder;

/// How far back is looked: less than the three months that the vendor allows.
const SPAN: Duration = Duration::from_secs(60 * 86_400);
/// Records in a sample of a page: enough to see that there are several.
const RECORDS: u32 = 2;

/// One conversation that was found, and its consumer.
pub(crate) struct Found {
    pub(crate) conversation: String,
    pub(crate) consumer: String,
}

/// The range that the searches use.
pub(crate) fn range(now: Timestamp) -> TimeRange {
    TimeRange::last(SPAN, now)
}

/// Records a page, a conversation and a consumer's conversations.
pub(crate) async fn record(client: &Client, recorder: &Recorder, now: Timestamp) -> Fallible<Found> {
    let conversations = Data::new(client.clone()).conversations();

    recorder.wait_for("messaging_interactions.search", "page");
    let page = conversations
        .search(range(now))
        .limit(RECORDS)
        .content(every_part())
        .page()
        .await?;
    let first = page
        .records
        .first()
        .ok_or("the account has no conversation in the last 60 days")?;
    let found = identify(first.raw().as_str())?;

    recorder.wait_for("messaging_interactions.conversation", "found");
    conversations.by_id(found.conversation.clone()).get_raw().await?;

    recorder.wait_for("messaging_interactions.conversation", "unknown");
    // An id that no conversation has is answered like a search that finds nothing.
    let _ = conversations
        .by_id("00000000-0000-4000-8000-000000000000")
        .get_raw()
        .await;

    recorder.wait_for("messaging_interactions.consumer", "page");
    conversations
        .by_consumer(found.consumer.clone())
        .limit(RECORDS)
        .page()
        .await?;
    Ok(found)
}

/// One conversation and its consumer.
pub(crate) async fn one(data: &Data, now: Timestamp) -> Fallible<Found> {
    let page = data.conversations().search(range(now)).limit(RECORDS).page().await?;
    let first = page.records.first();
    identify(
        first
            .ok_or("the account has no conversation in the last 60 days")?
            .raw()
            .as_str(),
    )
}

/// Every part of a record that the vendor documents.
fn every_part() -> Vec<ContentToRetrieve> {
    let known = ContentToRetrieve::KNOWN.iter().copied().map(ContentToRetrieve::from);
    known
        .filter(|part| !matches!(part, ContentToRetrieve::PageViews))
        .collect()
}

fn identify(record: &str) -> Fallible<Found> {
    let record: serde_json::Value = serde_json::from_str(record)?;
    let text = |pointer: &str| {
        record
            .pointer(pointer)
            .and_then(serde_json::Value::as_str)
            .map(str::to_owned)
    };
    Ok(Found {
        conversation: text("/info/conversationId").ok_or("the record has no conversation id")?,
        consumer: text("/consumerParticipants/0/participantId").ok_or("the record has no consumer")?,
    })
}
