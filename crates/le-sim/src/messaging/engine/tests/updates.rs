//! Changes of conversations, and who hears of them.

use super::*;

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
