//! From and to a resume position.

use le_core::id::{ConversationId, DialogId};

use super::Core;
use crate::supervisor::resume::{Place, Resume};
use crate::supervisor::roster::Memory;

/// Conversations that left and were dealt with, which a position still names: they may come back by a transfer.
const MOST_LEFT: usize = 500;

impl Core {
    /// Goes on where an earlier process was.
    pub(in crate::supervisor) fn restore(&mut self, resume: Resume) {
        for (id, place) in resume.conversations {
            let Place { updated, left, dialogs } = place;
            if left {
                let dialogs = dialogs.into_iter().map(|(dialog, handled)| (dialog, handled, handled));
                let memory = Memory {
                    updated,
                    dialogs: dialogs.collect(),
                    done: true,
                };
                self.roster.remember(id, memory);
                continue;
            }
            self.roster.expect(&id, updated);
            for (dialog, handled) in dialogs {
                if self.ledger.follow(&id, &dialog, handled, handled)
                    && let Some(entry) = self.roster.get_mut(&id)
                {
                    entry.dialogs.push(dialog);
                }
            }
        }
    }

    /// Where this process is.
    pub(in crate::supervisor) fn resume(&self) -> Resume {
        let mut resume = Resume::default();
        let remembered: Vec<_> = self.roster.remembered().collect();
        let done = remembered.iter().filter(|(_, memory)| memory.is_done()).count();
        let mut passed = done.saturating_sub(MOST_LEFT);
        for (id, memory) in remembered {
            let left = memory.is_done();
            if left && passed > 0 {
                passed -= 1;
                continue;
            }
            let place = Place {
                updated: memory.updated,
                left,
                dialogs: memory
                    .dialogs
                    .iter()
                    .map(|(dialog, _, handled)| (dialog.clone(), *handled))
                    .collect(),
            };
            resume.conversations.insert(id.clone(), place);
        }
        for (id, entry) in self.roster.iter() {
            let parked = entry
                .parked
                .iter()
                .map(|(dialog, _, handled)| (dialog.clone(), *handled));
            let place = Place {
                updated: entry.updated,
                left: false,
                dialogs: parked.collect(),
            };
            resume.conversations.insert(id.clone(), place);
        }
        for (id, dialog, handled) in self.ledger.positions() {
            let place = resume.conversations.entry(id.clone()).or_default();
            place.dialogs.insert(dialog.clone(), handled);
        }
        resume
    }

    /// This event, and all before it in its dialog, were handled.
    pub(in crate::supervisor) fn handled(&mut self, dialog: &DialogId, sequence: i64) {
        if self.ledger.follows(dialog) {
            self.ledger.handled(dialog, sequence);
            return;
        }
        let Some(id) = self.unhandled.get(dialog).cloned() else {
            return;
        };
        let Some(memory) = self.roster.left_mut(&id) else {
            return;
        };
        for (_, handed, handled) in memory.dialogs.iter_mut().filter(|(other, ..)| other == dialog) {
            *handled = sequence.min(*handed).max(*handled);
            if handled >= handed {
                self.unhandled.remove(dialog);
            }
        }
    }

    /// The end of a conversation was dealt with.
    pub(in crate::supervisor) fn left_handled(&mut self, id: &ConversationId) {
        if let Some(memory) = self.roster.left_mut(id) {
            memory.done = true;
        }
    }
}
