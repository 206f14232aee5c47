//! A consumer logs in while it writes: its id changes inside the conversation.

use super::{Engine, Refusal, Who};

impl Engine {
    /// Hands the conversations of one consumer, the open ones, to another identity. Returns how many there were.
    pub(crate) fn step_up(&mut self, from: &str, to: &str) -> Result<usize, Refusal> {
        let old = self
            .find_consumer(from)
            .ok_or_else(|| Refusal::new(404, "no such consumer"))?;
        let new = self.consumer(to);
        if old == new {
            return Err(Refusal::bad("the new id must differ from the old one"));
        }
        let conversations = &self.conversations;
        let (open, kept) = self.consumers[old]
            .conversations
            .iter()
            .partition(|place| conversations[**place].stage_open);
        self.consumers[old].conversations = kept;
        let open: Vec<usize> = open;
        for place in &open {
            let conversation = &mut self.conversations[*place];
            conversation.consumer = new;
            conversation.story.stepped_up = true;
            for participant in conversation
                .dialogs
                .iter_mut()
                .flat_map(|dialog| &mut dialog.participants)
            {
                if participant.who == Who::Consumer(old) {
                    participant.who = Who::Consumer(new);
                }
            }
            self.consumers[new].conversations.push(*place);
            self.watch_reports(*place);
            self.touch(*place);
        }
        if self.consumers[new].features.is_empty() {
            self.consumers[new].features = self.consumers[old].features.clone();
        }
        self.settle();
        Ok(open.len())
    }
}
