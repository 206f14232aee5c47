//! Publishing events and reading them.

use std::sync::Arc;

use super::{
    Author, DialogKind, Draft, Engine, Event, EventKind, LinkId, MessageQuery, Notice, Outcome, Refusal, Reply, Role,
    Who,
};

/// Events of one answer to `QueryMessages` unless the request names another number.
const QUERY_DEFAULT: usize = 200;

impl Engine {
    pub(super) fn publish(
        &mut self,
        link: LinkId,
        who: Who,
        dialog: &str,
        conversation: Option<&str>,
        draft: Draft,
    ) -> Outcome {
        let at = self.writable(who, dialog, conversation)?;
        let properties = self.links.get(&link).and_then(|link| link.properties.clone());
        self.check(at, who, &draft)?;
        Ok(Reply::Published(self.store(at, who, properties, draft)))
    }

    /// The dialog that is meant, if it exists and takes messages.
    fn writable(&self, who: Who, dialog: &str, conversation: Option<&str>) -> Result<(usize, usize), Refusal> {
        let at = self
            .find_dialog(dialog)
            .filter(|at| self.may_see(who, *at))
            .ok_or_else(|| Refusal::bad("Dialog does not exist"))?;
        let place = &self.conversations[at.0];
        if conversation.is_some_and(|id| id != &*place.id) {
            return Err(Refusal::bad("Dialog is not part of the conversation"));
        }
        if !place.dialogs[at.1].open {
            return Err(Refusal::bad("Dialog is closed"));
        }
        Ok(at)
    }

    /// Consumers know of their own dialogs only.
    pub(super) fn may_see(&self, who: Who, at: (usize, usize)) -> bool {
        match who {
            Who::Agent(_) => true,
            Who::Consumer(consumer) => self.conversations[at.0].consumer == consumer,
        }
    }

    fn check(&self, at: (usize, usize), who: Who, draft: &Draft) -> Result<(), Refusal> {
        let dialog = &self.conversations[at.0].dialogs[at.1];
        if self.author_role(at, who).is_none() {
            return Err(Refusal::bad("Participant is not part of the conversation"));
        }
        if draft.private && matches!(who, Who::Consumer(_)) {
            return Err(Refusal::bad("messageAudience AGENTS_AND_MANAGERS is for agents"));
        }
        match &draft.kind {
            EventKind::Content { length } => match self.rules().longest_message {
                Some(longest) if *length > longest => Err(Refusal::bad("Message is too long")),
                _ => Ok(()),
            },
            EventKind::Accept { sequences, .. } => {
                let unknown = sequences
                    .iter()
                    .find(|sequence| **sequence >= dialog.next_sequence || **sequence < 0);
                unknown.map_or(Ok(()), |sequence| {
                    Err(Refusal::bad(format!(
                        "sequence {sequence} does not exist in the dialog"
                    )))
                })
            }
            EventKind::Rich | EventKind::ChatState => Ok(()),
        }
    }

    /// In which role someone writes into a dialog. Who takes part in the conversation may write into all its dialogs but
    /// the survey, which has participants of its own.
    fn author_role(&self, at: (usize, usize), who: Who) -> Option<Role> {
        let conversation = &self.conversations[at.0];
        let dialog = &conversation.dialogs[at.1];
        let elsewhere = || {
            (dialog.kind != DialogKind::Survey)
                .then(|| conversation.dialogs.iter().find_map(|dialog| dialog.role_of(who)))
                .flatten()
        };
        dialog.role_of(who).or_else(elsewhere)
    }

    /// Stores an event (chat states are only passed on) and tells everyone who sees it. Returns its sequence, 0 for chat
    /// states.
    pub(super) fn store(
        &mut self,
        at: (usize, usize),
        who: Who,
        properties: Option<Arc<serde_json::value::RawValue>>,
        draft: Draft,
    ) -> i64 {
        let stored = draft.kind != EventKind::ChatState;
        let sequence = stored.then(|| self.next_sequence(at));
        let conversation = &self.conversations[at.0];
        let author = Author {
            who,
            id: Arc::clone(self.old_id(who)),
            pid: Arc::clone(self.pid(who)),
            role: self.author_role(at, who).unwrap_or(Role::Agent),
            properties,
        };
        let event = Arc::new(Event {
            sequence,
            at: stored.then_some(self.now),
            author,
            kind: draft.kind,
            body: draft.body,
            metadata: draft.metadata,
            private: draft.private,
            conversation: Arc::clone(&conversation.id),
            dialog: Arc::clone(&conversation.dialogs[at.1].id),
        });
        let to = self.audience(at, who, draft.private);
        self.notices.push(Notice::Event {
            event: Arc::clone(&event),
            to,
        });
        if stored {
            self.remember(at, &event);
            self.take_effect(at, &event);
        }
        sequence.unwrap_or(0)
    }

    fn next_sequence(&mut self, at: (usize, usize)) -> i64 {
        let scoped = self.rules().dialect.sequence_per_conversation;
        let dialogs = &mut self.conversations[at.0].dialogs;
        let next = if scoped {
            dialogs.iter().map(|dialog| dialog.next_sequence).max().unwrap_or(0)
        } else {
            dialogs[at.1].next_sequence
        };
        dialogs[at.1].next_sequence = next + 1;
        next
    }

    /// Links that see an event: all of the agents that take part, and those of the consumer that subscribed.
    fn audience(&self, at: (usize, usize), author: Who, private: bool) -> Vec<LinkId> {
        let conversation = &self.conversations[at.0];
        let mut to = Vec::with_capacity(4);
        for participant in conversation.dialogs.iter().flat_map(|dialog| &dialog.participants) {
            if let Who::Agent(agent) = participant.who
                && !participant.suggested
            {
                let unseen = self.agents[agent].links.iter().filter(|link| !to.contains(*link));
                let unseen: Vec<LinkId> = unseen.copied().collect();
                to.extend(unseen);
            }
        }
        // A private note of an author who is there by manager rights only is still told to the author.
        if let Who::Agent(agent) = author {
            for link in &self.agents[agent].links {
                if !to.contains(link) {
                    to.push(*link);
                }
            }
        }
        if self.rules().dialect.stray_events {
            let managers = self.agents.iter().filter(|agent| agent.manager);
            to.extend(managers.flat_map(|agent| &agent.links));
            to.sort_unstable();
            to.dedup();
        }
        if !private {
            to.extend(&conversation.dialogs[at.1].subscribers);
        }
        to
    }

    fn remember(&mut self, at: (usize, usize), event: &Arc<Event>) {
        let most = self.rules().events_per_dialog.max(1);
        let dialog = &mut self.conversations[at.0].dialogs[at.1];
        dialog.events.push_back(Arc::clone(event));
        if dialog.events.len() > most {
            dialog.events.pop_front();
        }
    }

    fn take_effect(&mut self, at: (usize, usize), event: &Arc<Event>) {
        match &event.kind {
            EventKind::Accept { status, sequences } => {
                let reads = matches!(status.as_str(), "READ" | "ACTION" | "VIEWED");
                let changed = reads && self.has_read(at, event.author.who, sequences);
                if changed {
                    self.touch(at.0);
                }
            }
            kind if kind.is_message() => self.message_came(at, event),
            _ => {}
        }
        self.publish_later(at.0);
    }

    /// A message is unread by all others, and decides whether an answer is due.
    fn message_came(&mut self, at: (usize, usize), event: &Arc<Event>) {
        let (place, number) = at;
        let sequence = event.sequence.unwrap_or(0);
        for participant in &mut self.conversations[place].dialogs[number].participants {
            let hidden = event.private && matches!(participant.who, Who::Consumer(_));
            if participant.who != event.author.who && !participant.suggested && !hidden {
                participant.unread.push(sequence);
            }
        }
        if number == 0 && !event.private {
            match event.author.who {
                Who::Consumer(_) => self.answer_is_due(place),
                Who::Agent(_) => self.answered(place),
            }
        }
        self.push(at, event);
        let conversation = &mut self.conversations[place];
        conversation.last_activity = self.now;
        if !event.private {
            conversation.last_content = Some(Arc::clone(event));
        }
        self.touch(place);
        self.survey_heard(at, event);
    }

    /// Takes messages off someone's list of unread ones. `false` if none was on it.
    fn has_read(&mut self, at: (usize, usize), who: Who, sequences: &[i64]) -> bool {
        let mut any = false;
        for participant in &mut self.conversations[at.0].dialogs[at.1].participants {
            if participant.who == who {
                let before = participant.unread.len();
                participant.unread.retain(|sequence| !sequences.contains(sequence));
                any |= participant.unread.len() != before;
            }
        }
        any
    }

    pub(super) fn subscribe_messages(&mut self, link: LinkId, consumer: usize, dialog: &str, from: i64) -> Outcome {
        let at = self
            .find_dialog(dialog)
            .filter(|at| self.may_see(Who::Consumer(consumer), *at))
            .ok_or_else(|| Refusal::bad("Dialog does not exist"))?;
        let dialog = &mut self.conversations[at.0].dialogs[at.1];
        if dialog.open && !dialog.subscribers.contains(&link) {
            dialog.subscribers.push(link);
        }
        let events = dialog
            .events_from(from)
            .filter(|event| !event.private)
            .cloned()
            .collect();
        self.notices.push(Notice::Replay {
            to: link,
            dialog: Arc::clone(&dialog.id),
            events,
        });
        Ok(Reply::MessagesSubscribed)
    }

    pub(super) fn query_messages(&mut self, who: Who, query: &MessageQuery) -> Outcome {
        let at = self
            .find_dialog(&query.dialog)
            .filter(|at| self.may_see(who, *at))
            .ok_or_else(|| Refusal::bad("Dialog does not exist"))?;
        if let Who::Agent(agent) = who
            && self.rules().own_conversations_only
            && !self.agents[agent].manager
            && !self.conversations[at.0].has_agent(agent)
        {
            return Err(Refusal::bad("Participant is not part of the conversation"));
        }
        let exclusive = i64::from(self.rules().dialect.exclusive_lower_bound && query.newer.is_some());
        let first = query.newer.unwrap_or(0).saturating_add(exclusive);
        let consumer = matches!(who, Who::Consumer(_));
        let events = self.conversations[at.0].dialogs[at.1]
            .events_from(first)
            .take_while(|event| {
                query
                    .older
                    .is_none_or(|older| event.sequence.is_none_or(|sequence| sequence < older))
            })
            .filter(|event| !(consumer && event.private))
            .take(query.most.unwrap_or(QUERY_DEFAULT))
            .cloned()
            .collect();
        Ok(Reply::Events(events))
    }
}
