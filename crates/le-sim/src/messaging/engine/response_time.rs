//! When the next answer is due.

use super::{Conversation, Engine};

impl Engine {
    /// Epoch milliseconds of the deadline, -1 if nothing is due. A time set by an agent goes before a delay of the contact
    /// centre, and that before the response time.
    pub(crate) fn effective_ttr(&self, conversation: &Conversation) -> i64 {
        let Some(pending) = conversation.pending_since.filter(|_| conversation.open) else {
            return -1;
        };
        if let Some(manual) = conversation.manual_ettr {
            return manual;
        }
        let from = conversation
            .delay
            .as_ref()
            .map_or(pending, |delay| delay.till.max(pending));
        from.saturating_add(conversation.ttr.value.saturating_mul(1_000))
    }

    /// Seconds of an urgency's response time; `None` for names that have none.
    pub(super) fn ttr_value(&self, kind: &str) -> Option<i64> {
        let times = self.rules().response_times;
        match kind {
            "NORMAL" => Some(times.normal),
            "URGENT" => Some(times.urgent),
            "PRIORITIZED" => Some(times.prioritized),
            _ => None,
        }
    }

    /// A consumer wrote: an answer is due.
    pub(super) fn answer_is_due(&mut self, place: usize) {
        let moves = self.rules().response_times.from_last_message;
        let conversation = &mut self.conversations[place];
        // What stood before the first message counted from the start; that message sets it right.
        if !conversation.consumer_waits || moves {
            conversation.pending_since = Some(self.now);
        }
        conversation.consumer_waits = true;
    }

    /// An agent wrote: nothing is due.
    pub(super) fn answered(&mut self, place: usize) {
        let conversation = &mut self.conversations[place];
        conversation.pending_since = None;
        conversation.consumer_waits = false;
        conversation.manual_ettr = None;
    }
}
