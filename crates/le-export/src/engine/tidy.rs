//! What happens to a page between the source and the destination.

use std::sync::Arc;

use le_core::Result;

use super::Parts;
use super::gate::Gate;
use super::progress::Count;
use crate::entry::{Broken, Entry};
use crate::keys::KeySet;
use crate::place::blocking;
use crate::redact::Redaction;
use crate::source::SourcePage;
use crate::window::Window;

/// A page that is ready to be written.
pub(super) struct Ready {
    pub(super) entries: Vec<Entry>,
    pub(super) broken: Vec<Broken>,
    pub(super) count: Count,
}

impl Parts {
    /// Leaves out what belongs elsewhere or came before, reads again what is incomplete, and redacts.
    pub(super) async fn tidy(
        &self,
        page: SourcePage,
        window: Option<&Window>,
        seen: &mut KeySet,
        gate: &Gate,
    ) -> Result<Ready> {
        let mut count = Count {
            pages: 1,
            broken: page.broken.len() as u64,
            ..Count::default()
        };
        let mut entries = page.entries;
        entries.retain(|entry| {
            let outside = window
                .zip(entry.start)
                .is_some_and(|(window, start)| !window.contains(start));
            let again = !outside && !seen.insert(&entry.key);
            count.outside += u64::from(outside);
            count.duplicates += u64::from(again);
            !outside && !again
        });
        for entry in entries.iter_mut().filter(|entry| entry.is_partial) {
            self.refetch(entry, &mut count, gate).await?;
        }
        count.records = entries.len() as u64;
        count.bytes = entries.iter().map(|entry| entry.raw.len() as u64).sum();
        let (entries, mut broken) = redacted(&self.redaction, entries, page.broken).await?;
        // A record that redaction could not read is not written.
        count.records -= count.records.min((broken.len() as u64).saturating_sub(count.broken));
        count.broken = broken.len() as u64;
        broken.shrink_to_fit();
        Ok(Ready { entries, broken, count })
    }

    /// Reads an incomplete record again by its id. One that is gone stays as it came.
    async fn refetch(&self, entry: &mut Entry, count: &mut Count, gate: &Gate) -> Result<()> {
        let pass = gate.enter().await;
        let found = self.source.by_id(&entry.key).await?;
        drop(pass);
        count.refetched += 1;
        if let Some(whole) = found.filter(|found| found.key == entry.key) {
            let start = entry.start;
            *entry = whole;
            entry.start = entry.start.or(start);
        }
        if entry.is_partial {
            count.still_partial += 1;
            tracing::warn!("a record is incomplete, also when it is read by its id; it is written as it is");
        }
        Ok(())
    }
}

/// Applies the rules, off the threads that serve the network.
pub(super) async fn redacted(
    redaction: &Arc<Redaction>,
    entries: Vec<Entry>,
    broken: Vec<Broken>,
) -> Result<(Vec<Entry>, Vec<Broken>)> {
    if redaction.is_empty() {
        return Ok((entries, broken));
    }
    let redaction = Arc::clone(redaction);
    blocking(move || Ok(redaction.apply(entries, broken))).await
}
