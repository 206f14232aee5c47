//! Publishes that have no certain outcome yet. It does no input or output.
//!
//! The protocol has no id that would tell doubles, so an event whose answer was lost is looked for among one's own events of
//! the dialog: the same content, later than what was known when it was sent, and not the outcome of another publish. Meanwhile
//! nothing else is published into that dialog, so that the order stays and nobody else's event is taken for it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use le_core::Timestamp;
use le_core::id::DialogId;
use le_core::wire::RawRecord;

use super::glimpse;
use crate::event::{Audience, DialogEvent, Event, Message, PublishEvent};

/// Own events of the same content that are remembered for one publish.
const MOST_CANDIDATES: usize = 16;

/// The number of a publish.
pub(super) type Ticket = u64;

/// Something that holds a publish.
pub(super) trait HoldsPublish: Send + Sync {
    fn publish(&self) -> Option<&PublishEvent>;
}

impl<R: crate::request::Request> HoldsPublish for R {
    fn publish(&self) -> Option<&PublishEvent> {
        self.as_publish()
    }
}

/// All publishes under way.
#[derive(Default)]
pub(super) struct Publishing {
    last: Ticket,
    lanes: HashMap<DialogId, Lane>,
}

/// Those of one dialog, in the order that they were made.
#[derive(Default)]
struct Lane {
    open: Vec<Open>,
    /// Sequences that are the outcome of a publish.
    claimed: BTreeSet<i64>,
}

struct Open {
    ticket: Ticket,
    held: Arc<dyn HoldsPublish>,
    since: Since,
    lost: bool,
    /// It was lost once, so others waited for it.
    held_others: bool,
    /// Own events of the same content that came meanwhile.
    candidates: BTreeSet<i64>,
    /// Notifications of own events that came meanwhile and were not read.
    unread: Vec<(i64, Arc<str>)>,
}

/// From when on an own event can be the one that was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    /// Later than this sequence.
    Sequence(i64),
    /// The dialog was not known well enough: not earlier than this time of the server.
    Time(Timestamp),
}

impl Since {
    fn admits(self, sequence: i64, event: &DialogEvent) -> bool {
        match self {
            Self::Sequence(last) => sequence > last,
            Self::Time(first) => event.server_timestamp.is_none_or(|at| at >= first),
        }
    }
}

impl Publishing {
    /// A publish begins.
    pub(super) fn begin(&mut self, dialog: &DialogId, held: Arc<dyn HoldsPublish>, since: Since) -> Ticket {
        self.last += 1;
        let open = Open {
            ticket: self.last,
            held,
            since,
            lost: false,
            held_others: false,
            candidates: BTreeSet::new(),
            unread: Vec::new(),
        };
        let lane = self.lanes.entry(dialog.clone()).or_default();
        lane.open.push(open);
        self.last
    }

    /// Whether it may be sent now: nothing that was made earlier is without a certain outcome.
    pub(super) fn may_send(&self, dialog: &DialogId, ticket: Ticket) -> bool {
        let Some(lane) = self.lanes.get(dialog) else {
            return true;
        };
        let lost = lane.open.iter().find(|open| open.lost);
        lost.is_none_or(|first| first.ticket >= ticket)
    }

    /// The last sequence that is known from one's own publishes.
    pub(super) fn last_claimed(&self, dialog: &DialogId) -> Option<i64> {
        self.lanes.get(dialog)?.claimed.last().copied()
    }

    /// Its answer was lost.
    pub(super) fn lost(&mut self, dialog: &DialogId, ticket: Ticket) {
        if let Some(open) = self.open_mut(dialog, ticket) {
            open.lost = true;
            open.held_others = true;
        }
    }

    /// It goes out, for the first time or again. Earlier own events are none of its outcomes.
    pub(super) fn sent(&mut self, dialog: &DialogId, ticket: Ticket) {
        if let Some(open) = self.open_mut(dialog, ticket) {
            open.lost = false;
        }
    }

    fn open_mut(&mut self, dialog: &DialogId, ticket: Ticket) -> Option<&mut Open> {
        let lane = self.lanes.get_mut(dialog)?;
        lane.open.iter_mut().find(|open| open.ticket == ticket)
    }

    /// An own event came.
    pub(super) fn noticed(&mut self, dialog: &DialogId, sequence: i64, event: &DialogEvent) {
        let Some(lane) = self.lanes.get_mut(dialog) else { return };
        for open in &mut lane.open {
            if open.is(sequence, event) && open.candidates.len() < MOST_CANDIDATES {
                open.candidates.insert(sequence);
            }
        }
    }

    /// A notification of an own event came, and nobody has read what it says: it is read if an answer is lost. `false` where too many wait
    /// already.
    pub(super) fn noticed_unread(&mut self, dialog: &str, sequence: i64, text: &Arc<str>) -> bool {
        let Some(lane) = self.lanes.get_mut(dialog) else {
            return true;
        };
        if lane.open.iter().any(|open| open.unread.len() >= MOST_CANDIDATES) {
            return false;
        }
        for open in &mut lane.open {
            open.unread.push((sequence, Arc::clone(text)));
        }
        true
    }

    /// Looks for a lost publish among these events of the history, and takes the first that fits.
    pub(super) fn find<'a>(
        &mut self,
        dialog: &DialogId,
        ticket: Ticket,
        own: impl Iterator<Item = (i64, &'a DialogEvent)>,
    ) -> Option<i64> {
        let lane = self.lanes.get_mut(dialog)?;
        let open = lane.open.iter().find(|open| open.ticket == ticket)?;
        let mut fitting = own.filter(|(sequence, event)| open.is(*sequence, event));
        let found = fitting.find(|(sequence, _)| !lane.claimed.contains(sequence))?.0;
        lane.claimed.insert(found);
        Some(found)
    }

    /// Looks for a lost publish among the own events that came.
    pub(super) fn find_noticed(&mut self, dialog: &DialogId, ticket: Ticket) -> Option<i64> {
        let lane = self.lanes.get_mut(dialog)?;
        let open = lane.open.iter_mut().find(|open| open.ticket == ticket)?;
        for (sequence, text) in std::mem::take(&mut open.unread) {
            if glimpse::event(&text).is_some_and(|event| open.is(sequence, &event)) {
                open.candidates.insert(sequence);
            }
        }
        let found = open.candidates.iter().find(|sequence| !lane.claimed.contains(sequence));
        let found = *found?;
        lane.claimed.insert(found);
        Some(found)
    }

    /// It has an outcome: this sequence, or none. Gives whether others may have waited for that.
    pub(super) fn end(&mut self, dialog: &DialogId, ticket: Ticket, sequence: Option<i64>) -> bool {
        let Some(lane) = self.lanes.get_mut(dialog) else {
            return false;
        };
        let place = lane.open.iter().position(|open| open.ticket == ticket);
        let held_others = place.is_some_and(|place| lane.open.remove(place).held_others);
        if lane.open.is_empty() {
            self.lanes.remove(dialog);
            return held_others;
        }
        lane.claimed.extend(sequence);
        // What is older than every open publish cannot be taken for one of them.
        let oldest = lane.open.iter().map(|open| match open.since {
            Since::Sequence(last) => last,
            Since::Time(_) => -1,
        });
        let oldest = oldest.min().unwrap_or(-1);
        lane.claimed = lane.claimed.split_off(&oldest.saturating_add(1));
        held_others
    }
}

impl Open {
    fn is(&self, sequence: i64, event: &DialogEvent) -> bool {
        let Some(publish) = self.held.publish() else {
            return false;
        };
        self.since.admits(sequence, event) && is_outcome(publish, event)
    }
}

impl std::fmt::Debug for Publishing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publishing")
            .field("dialogs", &self.lanes.len())
            .finish_non_exhaustive()
    }
}

/// Whether a stored event has the content of a publish.
fn is_outcome(publish: &PublishEvent, stored: &DialogEvent) -> bool {
    let to_all = |audience: &Option<Audience>| audience.as_ref().is_none_or(|audience| *audience == Audience::All);
    let audience = match (&publish.audience, &stored.audience) {
        (mine, its) if to_all(mine) => to_all(its),
        (mine, its) => mine == its,
    };
    audience
        && match (&publish.event, &stored.event) {
            (Some(mine), Some(its)) => same_content(mine, its),
            _ => false,
        }
}

fn same_content(mine: &Event, its: &Event) -> bool {
    mine.kind == its.kind
        && mine.content_type == its.content_type
        && mine.status == its.status
        && mine.receipts().eq(its.receipts())
        && same_message(mine.message.as_ref(), its.message.as_ref())
        && same_json(mine.content.as_ref(), its.content.as_ref())
        && same_json(mine.quick_replies.as_ref(), its.quick_replies.as_ref())
}

fn same_message(mine: Option<&Message>, its: Option<&Message>) -> bool {
    match (mine, its) {
        (Some(Message::Json(mine)), Some(Message::Json(its))) => same_json(Some(mine), Some(its)),
        (mine, its) => mine == its,
    }
}

/// Whether both mean the same; the server may have written the members in another order.
fn same_json(mine: Option<&RawRecord>, its: Option<&RawRecord>) -> bool {
    match (mine, its) {
        (Some(mine), Some(its)) => {
            mine == its || matches!((mine.to_value(), its.to_value()), (Ok(mine), Ok(its)) if mine == its)
        }
        (mine, its) => mine.is_none() == its.is_none(),
    }
}

#[cfg(test)]
#[path = "publishing_tests.rs"]
mod tests;
