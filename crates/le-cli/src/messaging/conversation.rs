//! Which events of which dialogs were shown: the same event comes live, in answers and in replays.

use std::collections::{HashMap, HashSet};

use le_bots::DialogEvent;
use le_bots::conversation::{CloseReason, Conversation};
use le_core::id::DialogId;

/// Events that were shown.
#[derive(Debug, Default)]
pub(crate) struct Shown(HashMap<DialogId, HashSet<i64>>);

impl Shown {
    /// Whether the event is to be shown, which it then counts as. Chat states have no number and are always new.
    pub(crate) fn is_new(&mut self, event: &DialogEvent) -> bool {
        let Some((dialog, sequence)) = event.key() else {
            return true;
        };
        match self.0.get_mut(dialog) {
            Some(known) => known.insert(sequence),
            None => {
                self.0.insert(dialog.clone(), HashSet::from([sequence]));
                true
            }
        }
    }

    /// The first sequence that may be missing.
    pub(crate) fn next(&self, dialog: &DialogId) -> i64 {
        let known = self.0.get(dialog);
        (0..)
            .find(|sequence| known.is_none_or(|known| !known.contains(sequence)))
            .unwrap_or(0)
    }

    /// Forgets the dialogs of a conversation that is over.
    pub(crate) fn forget(&mut self, conversation: &Conversation) {
        for dialog in conversation.dialogs().filter_map(|dialog| dialog.dialog_id.as_ref()) {
            self.0.remove(dialog);
        }
    }
}

/// Who closed a conversation, in words.
pub(crate) fn closed_by(conversation: &Conversation) -> &'static str {
    let reason = conversation
        .details
        .as_ref()
        .and_then(|details| details.close_reason.as_ref());
    match reason {
        Some(CloseReason::Consumer) => "closed by the consumer",
        Some(CloseReason::Agent) => "closed by the agent",
        Some(CloseReason::Timeout) => "closed after a long silence",
        _ => "closed by the system",
    }
}

#[cfg(test)]
mod tests {
    use le_bots::Event;
    use le_bots::event::ChatState;

    use super::*;

    fn event(sequence: Option<i64>, event: Event) -> DialogEvent {
        let mut given = DialogEvent::default();
        given.sequence = sequence.map(Into::into);
        given.dialog_id = Some(DialogId::new("d"));
        given.event = Some(event);
        given
    }

    #[test]
    fn an_event_is_shown_once_in_whatever_order_it_comes() {
        let mut shown = Shown::default();
        let dialog = DialogId::new("d");
        assert_eq!(shown.next(&dialog), 0);
        for (sequence, new) in [(0, true), (2, true), (0, false), (1, true), (2, false)] {
            assert_eq!(
                shown.is_new(&event(Some(sequence), Event::text("x"))),
                new,
                "{sequence}"
            );
        }
        assert_eq!(shown.next(&dialog), 3);
        let typing = event(None, Event::chat_state(ChatState::Composing));
        assert!(shown.is_new(&typing) && shown.is_new(&typing));
    }
}
