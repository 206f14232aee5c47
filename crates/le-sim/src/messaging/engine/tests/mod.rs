//! The engine alone: requests in, answers and notices out, with a clock of its own.

mod dialogs;
mod routing;
mod updates;

use std::sync::Arc;

use serde_json::{Value, json, value::to_raw_value};

use super::*;
use crate::account::Account;

const BEGIN: i64 = 1_760_000_000_000;

/// An engine with everything that a test says to it.
struct Stage {
    engine: Engine,
    behaviour: Behaviour,
    now: i64,
    next_link: LinkId,
}

impl Stage {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut MessagingBehaviour)) -> Self {
        let account = Account::generate("70011223", 7);
        let mut behaviour = Behaviour::default();
        change(&mut behaviour.messaging);
        let bot = ("700000001".to_owned(), "bot-pid".to_owned());
        Self {
            engine: Engine::new(&account, &bot, 7, Arc::new(behaviour.clone())),
            behaviour,
            now: BEGIN,
            next_link: 1,
        }
    }

    fn engine(&mut self) -> &mut Engine {
        let behaviour = Arc::new(self.behaviour.clone());
        self.engine.at(self.now, &behaviour)
    }

    fn link(&mut self, who: Who) -> LinkId {
        let id = self.next_link;
        self.next_link += 1;
        let version = if who.agent().is_some() {
            Version::Agent21
        } else {
            Version::Consumer
        };
        self.engine().connect(id, who, version, None);
        id
    }

    /// An agent who is online.
    fn agent(&mut self, place: usize) -> LinkId {
        let link = self.link(Who::Agent(place));
        self.engine().set_availability(place, "ONLINE");
        self.engine().tick();
        link
    }

    fn consumer(&mut self, id: &str) -> LinkId {
        let place = self.engine().consumer(id);
        self.link(Who::Consumer(place))
    }

    fn ask(&mut self, link: LinkId, request: Request) -> Outcome {
        self.engine().request(link, request)
    }

    /// Starts a conversation on a skill; returns its place.
    fn open(&mut self, link: LinkId, skill: i64) -> usize {
        let opening = NewConversation {
            skill: Some(skill.to_string()),
            ..NewConversation::default()
        };
        match self.ask(link, Request::NewConversation(opening)) {
            Ok(Reply::Conversation(id)) => self.engine.find_conversation(&id).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn say(&mut self, link: LinkId, place: usize, text: &str) -> i64 {
        let event = json!({ "type": "ContentEvent", "contentType": "text/plain", "message": text });
        self.publish(link, place, &event, EventKind::Content { length: text.len() })
    }

    fn publish(&mut self, link: LinkId, place: usize, event: &Value, kind: EventKind) -> i64 {
        let draft = Draft {
            kind,
            body: to_raw_value(event).unwrap(),
            metadata: None,
            private: false,
        };
        let request = Request::Publish {
            dialog: self.engine.conversations[place].id.to_string(),
            conversation: None,
            draft,
        };
        match self.ask(link, request) {
            Ok(Reply::Published(sequence)) => sequence,
            other => panic!("{other:?}"),
        }
    }

    fn ring_of(&self, place: usize) -> Option<(String, usize)> {
        let ring = self.engine.tasks.get(&place)?.waiting()?;
        Some((ring.id.to_string(), ring.agent))
    }

    fn answer(&mut self, link: LinkId, place: usize, accepted: bool) -> Outcome {
        let (ring, _) = self.ring_of(place).unwrap();
        self.ask(link, Request::AnswerRing { ring, accepted })
    }

    fn change(&mut self, link: LinkId, place: usize, changes: Vec<Change>) -> Outcome {
        let conversation = self.engine.conversations[place].id.to_string();
        self.ask(
            link,
            Request::UpdateConversation {
                conversation,
                changes,
                metadata: None,
            },
        )
    }

    fn pass(&mut self, ms: i64) {
        self.now += ms;
        self.engine().tick();
    }

    fn ettr(&self, place: usize) -> i64 {
        self.engine.effective_ttr(&self.engine.conversations[place])
    }
}

fn participant(action: ParticipantAction, role: &str, user: &str) -> Change {
    Change::Participant {
        action,
        role: role.to_owned(),
        user: Some(user.to_owned()),
        dialog: None,
    }
}
