//! The engine alone: requests in, answers and notices out, with a clock of its own.

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

#[test]
fn the_deadline_follows_the_first_unanswered_message() {
    let mut stage = Stage::new();
    let agent = stage.agent(1);
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    assert_eq!(stage.ettr(place), BEGIN + 600_000);
    stage.answer(agent, place, true).unwrap();
    stage.now += 500;
    stage.say(consumer, place, "one");
    assert_eq!(stage.ettr(place), BEGIN + 500 + 600_000);
    stage.now += 500;
    stage.say(consumer, place, "two");
    assert_eq!(stage.ettr(place), BEGIN + 500 + 600_000, "the first one counts");
    stage.say(agent, place, "answer");
    assert_eq!(stage.ettr(place), -1);
    stage.behaviour.messaging.response_times.from_last_message = true;
    stage.say(consumer, place, "three");
    stage.now += 500;
    stage.say(consumer, place, "four");
    assert_eq!(stage.ettr(place), stage.now + 600_000);
}

#[test]
fn sequences_count_stored_events_of_a_dialog() {
    let mut stage = Stage::new();
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    let typing = json!({ "type": "ChatStateEvent", "chatState": "COMPOSING" });
    assert_eq!(stage.say(consumer, place, "a"), 0);
    assert_eq!(stage.publish(consumer, place, &typing, EventKind::ChatState), 0);
    assert_eq!(stage.say(consumer, place, "b"), 1);
    assert_eq!(stage.engine.conversations[place].main().events.len(), 2);
}

#[test]
fn old_events_are_forgotten_beyond_the_limit() {
    let mut stage = Stage::with(|rules| rules.events_per_dialog = 3);
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    for number in 0..5 {
        assert_eq!(stage.say(consumer, place, "x"), number);
    }
    let kept: Vec<_> = stage.engine.conversations[place]
        .main()
        .events_from(0)
        .map(|event| event.sequence)
        .collect();
    assert_eq!(kept, [Some(2), Some(3), Some(4)]);
}

#[test]
fn unread_counts_start_with_what_was_there_and_fall_with_reads() {
    let mut stage = Stage::new();
    let agent = stage.agent(1);
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    stage.say(consumer, place, "a");
    stage.answer(agent, place, true).unwrap();
    stage.say(consumer, place, "b");
    let unread = |stage: &Stage, who: Who| {
        let people = &stage.engine.conversations[place].main().participants;
        people.iter().find(|one| one.who == who).unwrap().unread.clone()
    };
    assert_eq!(unread(&stage, Who::Agent(1)), [0, 1]);
    let read = EventKind::Accept {
        status: "READ".to_owned(),
        sequences: vec![0],
    };
    stage.publish(agent, place, &json!({ "type": "AcceptStatusEvent" }), read);
    assert_eq!(unread(&stage, Who::Agent(1)), [1]);
    stage.say(agent, place, "c");
    assert_eq!(unread(&stage, Who::Consumer(0)), [3]);
}

#[test]
fn a_rejecting_agent_gets_a_pause_and_others_go_first() {
    let mut stage = Stage::new();
    let (one, two) = (stage.agent(1), stage.agent(2));
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    assert_eq!(stage.ring_of(place).unwrap().1, 1);
    stage.answer(one, place, false).unwrap();
    assert_eq!(stage.ring_of(place).unwrap().1, 2);
    stage.answer(two, place, false).unwrap();
    assert_eq!(stage.ring_of(place), None, "both said no just now");
    assert_eq!(stage.engine.next_due(), Some(BEGIN + 5_000));
    stage.pass(5_000);
    assert_eq!(stage.ring_of(place).unwrap().1, 1);
    stage.pass(72_000);
    assert_eq!(
        stage.ring_of(place).unwrap().1,
        2,
        "the other one, who was rung longer ago"
    );
}

#[test]
fn ids_of_rings_differ_even_within_a_millisecond() {
    let mut stage = Stage::with(|rules| rules.ring_again_ms = 0);
    let agent = stage.agent(1);
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (ring, _) = stage.ring_of(place).unwrap();
        assert!(!seen.contains(&ring));
        seen.push(ring);
        stage.answer(agent, place, false).unwrap();
    }
}

#[test]
fn the_least_busy_agent_is_rung_and_the_one_due_first_goes_first() {
    let mut stage = Stage::with(|rules| rules.capacity = 2);
    let consumers: Vec<LinkId> = ["a", "b", "c"].map(|id| stage.consumer(id)).to_vec();
    let late = stage.open(consumers[0], -1);
    stage.now += 10;
    let urgent = stage.open(consumers[1], -1);
    let change = Change::Ttr {
        kind: "URGENT".to_owned(),
        value: 60,
    };
    stage.change(consumers[1], urgent, vec![change]).unwrap();
    let one = stage.agent(1);
    assert!(
        stage.ring_of(urgent).is_some() && stage.ring_of(late).is_some(),
        "there is room for both"
    );
    stage.answer(one, urgent, true).unwrap();
    stage.answer(one, late, true).unwrap();
    let third = stage.open(consumers[2], -1);
    assert_eq!(stage.ring_of(third), None, "the agent is full");
    stage.agent(2);
    assert_eq!(stage.ring_of(third).unwrap().1, 2);
}

#[test]
fn an_update_happens_as_a_whole_or_not_at_all() {
    let mut stage = Stage::new();
    let agent = stage.agent(1);
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    stage.answer(agent, place, true).unwrap();
    let old_id = stage.engine.agents[1].old_id.to_string();
    let wrong = Change::Ttr {
        kind: "NORMAL".to_owned(),
        value: -1,
    };
    let remove = participant(ParticipantAction::Remove, "ASSIGNED_AGENT", &old_id);
    let before = stage.engine.conversations[place].updated;
    let refusal = stage
        .change(agent, place, vec![remove.clone(), Change::Note("x".into()), wrong])
        .unwrap_err();
    assert_eq!(refusal.code, 400);
    let conversation = &stage.engine.conversations[place];
    assert_eq!(
        (
            conversation.assigned(),
            conversation.note.as_str(),
            conversation.updated
        ),
        (Some(1), "", before)
    );
    // The order within a transfer does not matter.
    stage
        .change(agent, place, vec![Change::Skill("42".into()), remove])
        .unwrap();
    let conversation = &stage.engine.conversations[place];
    assert_eq!((conversation.assigned(), conversation.skill), (None, 42));
    assert_eq!(conversation.story.transfers[0].reason, "Skill");
}

#[test]
fn each_change_has_a_later_time_than_the_one_before() {
    let mut stage = Stage::new();
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    let mut last = stage.engine.conversations[place].updated;
    for _ in 0..3 {
        stage.say(consumer, place, "x");
        assert!(stage.engine.conversations[place].updated > last);
        last = stage.engine.conversations[place].updated;
    }
}

#[test]
fn a_subscription_hears_of_what_leaves_it_once() {
    let mut stage = Stage::new();
    let agent = stage.agent(1);
    let filter = Filter {
        stages: vec!["OPEN".to_owned()],
        agents: Some(vec![stage.engine.agents[1].pid.to_string()]),
        ..Filter::default()
    };
    stage.ask(agent, Request::SubscribeConversations(filter)).unwrap();
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    stage.engine().take_notices();
    stage.answer(agent, place, true).unwrap();
    let deliveries = |stage: &mut Stage| -> Vec<bool> {
        let notices = stage.engine().take_notices();
        notices
            .iter()
            .filter_map(|notice| match notice {
                Notice::Conversation { to, .. } => Some(to.iter().map(|delivery| delivery.deleted)),
                _ => None,
            })
            .flatten()
            .collect()
    };
    assert_eq!(deliveries(&mut stage), [false]);
    stage.change(agent, place, vec![Change::Close]).unwrap();
    assert_eq!(deliveries(&mut stage), [true]);
    let csat = Change::Csat {
        rate: 5,
        resolved: None,
        status: "FILLED".to_owned(),
    };
    stage.change(consumer, place, vec![csat]).unwrap();
    assert!(deliveries(&mut stage).is_empty());
}

#[test]
fn one_notice_tells_all_changes_of_a_request() {
    let mut stage = Stage::new();
    let consumer = stage.consumer("c");
    stage
        .ask(consumer, Request::SubscribeConversations(Filter::default()))
        .unwrap();
    stage.engine().take_notices();
    stage.open(consumer, -1);
    let told = stage.engine().take_notices();
    let conversations = told
        .iter()
        .filter(|notice| matches!(notice, Notice::Conversation { .. }));
    assert_eq!(conversations.count(), 1);
}

#[test]
fn silent_conversations_and_surveys_are_closed_in_time() {
    let mut stage = Stage::with(|rules| {
        rules.inactivity_ms = Some(1_000);
        rules.survey = Some(crate::SurveyKnobs {
            needs_multi_dialog: false,
            built_in_bot: false,
            timeout_ms: 5_000,
            ..crate::SurveyKnobs::default()
        });
    });
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, 42);
    assert_eq!(stage.engine.next_due(), Some(BEGIN + 1_000));
    let id = stage.engine.conversations[place].id.to_string();
    let close = serde_json::Map::from_iter([("dialogId".to_owned(), json!(id)), ("state".to_owned(), json!("CLOSE"))]);
    let change = Change::Dialog {
        create: false,
        dialog: close,
        dialog_id: None,
    };
    stage.change(consumer, place, vec![change]).unwrap();
    let stages = |stage: &Stage| {
        (
            stage.engine.conversations[place].open,
            stage.engine.conversations[place].stage_open,
        )
    };
    assert_eq!(stages(&stage), (false, true));
    stage.pass(5_000);
    assert_eq!(stages(&stage), (false, false));
    let other = stage.open(consumer, -1);
    stage.pass(1_000);
    assert_eq!(stage.engine.conversations[other].close_reason, Some("TIMEOUT"));
}

#[test]
fn conversations_of_no_skill_have_no_survey() {
    let mut stage = Stage::with(|rules| {
        rules.survey = Some(crate::SurveyKnobs {
            needs_multi_dialog: false,
            ..crate::SurveyKnobs::default()
        });
    });
    let consumer = stage.consumer("c");
    let place = stage.open(consumer, -1);
    stage.engine().close_main_dialog(place, "CONSUMER", None);
    assert!(!stage.engine.conversations[place].stage_open);
}

#[test]
fn the_same_requests_give_the_same_ids() {
    let ids = || {
        let mut stage = Stage::new();
        let consumer = stage.consumer("c");
        let place = stage.open(consumer, -1);
        stage.engine.conversations[place].id.to_string()
    };
    assert_eq!(ids(), ids());
}

#[test]
fn what_the_other_side_may_ask_is_refused() {
    let mut stage = Stage::new();
    let agent = stage.agent(1);
    let consumer = stage.consumer("c");
    let state = Request::SetAgentState {
        agent: None,
        availability: "ONLINE".to_owned(),
    };
    assert_eq!(stage.ask(consumer, state).unwrap_err().code, 403);
    let opening = Request::NewConversation(NewConversation::default());
    assert_eq!(stage.ask(agent, opening).unwrap_err().code, 403);
    assert_eq!(stage.ask(99, Request::Clock).unwrap_err().code, 401);
}
