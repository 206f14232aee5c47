//! Where each dialog is: which events were handed over, which are missing, and which are to be asked for. It does no input or
//! output and knows no time.
//!
//! Whatever order events arrive in, however often, and wherever a connection breaks: each event of a followed dialog is handed
//! over once, after all that come before it.

mod track;

use std::collections::VecDeque;

use indexmap::IndexMap;
use le_core::id::{ConversationId, DialogId};

use super::policy::Mutation;
use crate::event::DialogEvent;
use track::Track;
pub(super) use track::{Arrival, Handed, Outlet};

/// The positions of all dialogs that are followed.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// In an order that is the same in every run.
    tracks: IndexMap<DialogId, Track>,
    /// Dialogs with something missing, in the order that it was noticed.
    asking: VecDeque<DialogId>,
    mutation: Mutation,
}

/// Something to ask the history for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) conversation: ConversationId,
    pub(super) dialog: DialogId,
    /// The first sequence that is missing.
    pub(super) from: i64,
}

/// How far the history of a dialog was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// To its end.
    Whole,
    /// Not to its end yet.
    Part,
    /// The server does not tell it.
    Refused,
}

impl Ledger {
    pub(super) fn new(mutation: Mutation) -> Self {
        Self {
            mutation,
            ..Self::default()
        }
    }

    /// Follows a dialog, from behind the last event that was handed over. Gives whether it is new.
    pub(super) fn follow(
        &mut self,
        conversation: &ConversationId,
        dialog: &DialogId,
        handed: i64,
        handled: i64,
    ) -> bool {
        if self.tracks.contains_key(dialog) {
            return false;
        }
        let mut track = Track::new(conversation.clone(), handed, handled);
        track.complete = self.mutation == Mutation::SkipCatchUp;
        self.tracks.insert(dialog.clone(), track);
        self.want(dialog);
        true
    }

    /// Forgets a dialog. Gives the last sequence that was handed over, and the last that was handled.
    pub(super) fn forget(&mut self, dialog: &DialogId) -> Option<(i64, i64)> {
        self.tracks
            .swap_remove(dialog)
            .map(|track| (track.handed(), track.handled))
    }

    /// Looks once more whether the history has something that did not come.
    pub(super) fn recheck(&mut self, dialog: &DialogId) {
        if self.mutation == Mutation::SkipCatchUp {
            return;
        }
        if let Some(track) = self.tracks.get_mut(dialog) {
            track.complete = false;
            track.barred = false;
        }
        self.want(dialog);
    }

    pub(super) fn follows(&self, dialog: &DialogId) -> bool {
        self.tracks.contains_key(dialog)
    }

    /// An event came by itself.
    pub(super) fn arrive(&mut self, event: Box<DialogEvent>, out: &mut Outlet<'_>) -> Arrival {
        let Some((dialog, sequence)) = event.key() else {
            return Arrival::Stray;
        };
        let Some(track) = self.tracks.get_mut(dialog) else {
            return Arrival::Stray;
        };
        // In the ordinary case its dialog need not be named any more.
        let early = (sequence != track.next || out.room == 0).then(|| dialog.clone());
        if self.mutation == Mutation::SkipDeduplication {
            track.next = track.next.max(sequence + 1);
            out.take(event);
            return Arrival::Handed;
        }
        let arrival = track.arrive(event, sequence, out);
        if let Some(dialog) = early.filter(|_| arrival == Arrival::Early) {
            if self.mutation == Mutation::SkipGapFetch {
                track.pass_over(out);
            }
            self.want(&dialog);
        }
        arrival
    }

    /// An event came by itself that the reader need not get. Gives whether it was its turn, so that it counts as handed over.
    pub(super) fn pass(&mut self, dialog: &str, sequence: i64) -> bool {
        let track = self.tracks.get_mut(dialog);
        track.is_some_and(|track| track.pass(sequence))
    }

    /// The history told everything from `from` on up to the last of these events. Gives whether anything was new.
    pub(super) fn page(
        &mut self,
        dialog: &DialogId,
        from: i64,
        events: Vec<DialogEvent>,
        out: &mut Outlet<'_>,
    ) -> bool {
        let Some(track) = self.tracks.get_mut(dialog) else {
            return false;
        };
        track.asking = false;
        let numbered = events.into_iter().filter_map(|event| {
            let (of, sequence) = event.key()?;
            (of == dialog)
                .then_some(sequence)
                .map(|sequence| (sequence, Box::new(event)))
        });
        let numbered: Vec<_> = numbered.collect();
        let fresh = if self.mutation == Mutation::SkipDeduplication {
            let before = track.next;
            for (sequence, event) in numbered {
                track.next = track.next.max(sequence + 1);
                out.take(event);
            }
            track.next > before
        } else {
            track.page(from, numbered, out)
        };
        if !fresh {
            track.complete = true;
            track.in_vain(out);
        }
        self.want(dialog);
        fresh
    }

    /// The whole history from `from` on was told: as [`page`](Self::page), and there is no more.
    pub(super) fn whole(&mut self, dialog: &DialogId, from: i64, events: Vec<DialogEvent>, out: &mut Outlet<'_>) {
        self.page(dialog, from, events, out);
        if let Some(track) = self.tracks.get_mut(dialog) {
            track.complete = true;
        }
        self.want(dialog);
    }

    /// The server refused to tell: there is no point in asking again until something changes.
    pub(super) fn refused(&mut self, dialog: &DialogId) {
        if let Some(track) = self.tracks.get_mut(dialog) {
            track.asking = false;
            track.barred = true;
        }
    }

    /// A question came to nothing, for a reason that may pass.
    pub(super) fn unanswered(&mut self, dialog: &DialogId) {
        if let Some(track) = self.tracks.get_mut(dialog) {
            track.asking = false;
        }
        self.want(dialog);
    }

    /// The conversation changed: what was refused before may be told now.
    pub(super) fn changed(&mut self, dialog: &DialogId) {
        if let Some(track) = self.tracks.get_mut(dialog) {
            track.barred = false;
        }
        self.want(dialog);
    }

    /// An event with this sequence exists, whoever said so.
    pub(super) fn heard_of(&mut self, dialog: &DialogId, sequence: i64) {
        if let Some(track) = self.tracks.get_mut(dialog) {
            track.heard_of(sequence);
        }
        self.want(dialog);
    }

    /// This event, and all before it in its dialog, were handled. Gives whether that is news.
    pub(super) fn handled(&mut self, dialog: &DialogId, sequence: i64) -> bool {
        let track = self.tracks.get_mut(dialog);
        track.is_some_and(|track| track.handled(sequence))
    }

    /// Goes back to behind this event, so that what follows is delivered again.
    pub(super) fn rewind(&mut self, dialog: &DialogId, after: i64) {
        if let Some(track) = self.tracks.get_mut(dialog) {
            track.next = track.next.min(after.saturating_add(1).max(0));
            track.complete = false;
        }
        self.want(dialog);
    }

    /// The connection is gone: everything has to be asked for on the next one.
    pub(super) fn disconnected(&mut self) {
        self.asking.clear();
        for (dialog, track) in &mut self.tracks {
            track.disconnected();
            track.complete = self.mutation == Mutation::SkipCatchUp;
            track.queued = track.wants();
            if track.queued {
                self.asking.push_back(dialog.clone());
            }
        }
    }

    /// The next question; it counts as under way.
    pub(super) fn ask(&mut self) -> Option<Question> {
        while let Some(dialog) = self.asking.pop_front() {
            let Some(track) = self.tracks.get_mut(&dialog) else {
                continue;
            };
            track.queued = false;
            if !track.wants() {
                continue;
            }
            track.asking = true;
            return Some(Question {
                conversation: track.conversation.clone(),
                from: track.next,
                dialog,
            });
        }
        None
    }

    pub(super) fn has_questions(&self) -> bool {
        !self.asking.is_empty()
    }

    /// Whether everything that the server has of this dialog was handed over, or cannot be had.
    pub(super) fn is_settled(&self, dialog: &DialogId) -> bool {
        self.tracks
            .get(dialog)
            .is_none_or(|track| track.barred || !track.is_behind())
    }

    /// How far the history of this dialog was told on this connection; `None` where it is not followed.
    pub(super) fn telling(&self, dialog: &DialogId) -> Option<Telling> {
        self.tracks
            .get(dialog)
            .map(|track| match (track.barred, track.complete) {
                (true, _) => Telling::Refused,
                (false, true) => Telling::Whole,
                (false, false) => Telling::Part,
            })
    }

    /// Whether everything that the server has was handed over.
    pub(super) fn is_all_settled(&self) -> bool {
        self.tracks.values().all(|track| track.barred || !track.is_behind())
    }

    /// Whether this event waits for its turn.
    pub(super) fn holds(&self, dialog: &DialogId, sequence: i64) -> bool {
        self.tracks.get(dialog).is_some_and(|track| track.holds(sequence))
    }

    /// The last sequence that is known to exist, one's own publishes included.
    pub(super) fn last_known(&self, dialog: &str) -> Option<i64> {
        self.tracks.get(dialog).map(|track| track.horizon.max(track.published))
    }

    /// A publish of one's own got this sequence. Its event comes by itself, so it is not asked for.
    pub(super) fn published(&mut self, dialog: &DialogId, sequence: i64) {
        if let Some(track) = self.tracks.get_mut(dialog) {
            track.published = track.published.max(sequence);
        }
    }

    /// What the reader is to get next of a dialog.
    pub(super) fn next(&self, dialog: &DialogId) -> Option<i64> {
        self.tracks.get(dialog).map(|track| track.next)
    }

    /// A question about this dialog, whether or not there is room for the answer; it counts as under way.
    pub(super) fn ask_about(&mut self, dialog: &DialogId) -> Option<Question> {
        let track = self.tracks.get_mut(dialog).filter(|track| track.wants())?;
        track.asking = true;
        Some(Question {
            conversation: track.conversation.clone(),
            from: track.next,
            dialog: dialog.clone(),
        })
    }

    /// How many dialogs there are, how many have something missing, and how many events wait for their turn.
    pub(super) fn sizes(&self) -> (usize, usize, usize) {
        let behind = self.tracks.values().filter(|track| !track.barred && track.is_behind());
        let held = self.tracks.values().map(Track::count_held);
        (self.tracks.len(), behind.count(), held.sum())
    }

    /// The dialogs with the last sequence that was handled in each.
    pub(super) fn positions(&self) -> impl Iterator<Item = (&ConversationId, &DialogId, i64)> {
        let all = self.tracks.iter();
        all.map(|(dialog, track)| (&track.conversation, dialog, track.handled))
    }

    fn want(&mut self, dialog: &DialogId) {
        if self.mutation == Mutation::SkipGapFetch && self.tracks.get(dialog).is_some_and(|track| track.complete) {
            return;
        }
        if let Some(track) = self.tracks.get_mut(dialog)
            && track.wants()
            && !track.queued
        {
            track.queued = true;
            self.asking.push_back(dialog.clone());
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
