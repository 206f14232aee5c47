//! Deadlines, sequences, unread counts, closing: the life of a conversation.

use super::*;

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
