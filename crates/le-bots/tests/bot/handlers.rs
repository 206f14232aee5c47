//! Each handler is called for what it is for, once and in order.

use le_bots::bot::Decision;
use serde_json::json;

use crate::parrot::{Parrot, online};
use crate::support::Stage;

#[tokio::test]
async fn every_handler_of_an_agent_is_called() {
    let stage = Stage::with(|knobs| knobs.survey = Some(le_sim::SurveyKnobs::default()))
        .await
        .unwrap();
    let parrot = Parrot::default();
    let _bot = parrot.run(&stage).await;
    let skill = stage.skill(0);
    let mut consumer = stage.consumer().unwrap();
    consumer.start(skill, "echo one").unwrap();
    consumer.hears("You said: one").await.unwrap();
    let log = &parrot.log;
    assert_eq!(log.wait("offered").await, skill.to_string());
    assert_eq!(log.wait("started").await, "true");
    assert_eq!(log.wait("message").await, "text echo one");

    consumer
        .publish(&json!({"type": "ChatStateEvent", "chatState": "COMPOSING"}), None)
        .unwrap();
    assert_eq!(log.wait("typing true").await, "COMPOSING");
    let read = consumer.read().unwrap();
    assert!(
        log.wait("receipt READ")
            .await
            .contains(&read.last().unwrap().to_string())
    );

    consumer.say("urgent").unwrap();
    assert_eq!(log.wait("ttr").await, "URGENT 60");
    consumer.close().unwrap();
    assert_eq!(log.wait("dialog MAIN").await, "open=false");
    assert_eq!(log.wait("dialog POST_SURVEY").await, "open=true");
    // The survey is held by the simulator; when it ends, the conversation does.
    assert_eq!(log.count("closed"), 0);
    for answer in ["5", "5"] {
        let asks = |event: &serde_json::Value| !event["event"]["quickReplies"].is_null();
        consumer.wait("a question", asks).await.unwrap();
        consumer.answer(answer).unwrap();
    }
    consumer.closed().await.unwrap();
    assert_eq!(log.wait("closed").await, "CONSUMER");
    for once in ["offered", "started", "ttr", "dialog MAIN", "closed"] {
        assert_eq!(log.count(once), 1, "{once} in {:#?}", log.lines());
    }
}

#[tokio::test]
async fn what_others_say_and_where_it_goes_is_told() {
    let stage = Stage::new().await.unwrap();
    let parrot = Parrot::default();
    let bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer().unwrap();
    consumer.start(stage.skill(0), "echo hello").unwrap();
    consumer.hears("hello").await.unwrap();

    // A manager joins and speaks, to the consumer and to the bot alone.
    let (manager, _events) = stage.connector(stage.manager()).await.unwrap().connect().await.unwrap();
    let id = consumer.conversation.clone();
    manager
        .join(id.as_str(), le_bots::conversation::Role::Manager)
        .await
        .unwrap();
    manager.publish_text(id.as_str(), "I am here, too").await.unwrap();
    manager.publish_private(id.as_str(), "Be kind").await.unwrap();
    assert_eq!(parrot.log.wait("colleague MANAGER").await, "I am here, too");
    assert_eq!(parrot.log.wait_for("colleague MANAGER", 2).await, "Be kind");
    // And takes it away.
    let conversation = bot.conversation(&id.as_str().into()).unwrap().conversation();
    manager
        .transfer_to_skill(&conversation, stage.skill(1).to_string())
        .await
        .unwrap();
    assert_eq!(parrot.log.wait("transferred").await, "kept=false certain=true");
    assert_eq!(bot.health().conversations, 0);
    assert!(bot.conversation(&id.as_str().into()).is_none());
}

#[tokio::test]
async fn old_messages_that_others_answered_are_not_answered_again() {
    let stage = Stage::new().await.unwrap();
    let skill = stage.skill(0);
    // A person has the conversation first.
    let (person, mut events) = stage
        .connector(stage.agent(skill, 1))
        .await
        .unwrap()
        .connect()
        .await
        .unwrap();
    person
        .set_state(le_bots::agent_state::Availability::Online)
        .await
        .unwrap();
    person.subscribe_rings().await.unwrap();
    let mut consumer = stage.consumer().unwrap();
    let id = consumer.start(skill, "echo long ago").unwrap().to_owned();
    loop {
        let Some(le_bots::Incoming::Notification(news)) = events.next().await else {
            panic!("no ring")
        };
        let le_bots::News::RoutingTasks(tasks) = news.read().unwrap() else {
            continue;
        };
        let mut rings = tasks
            .changes
            .iter()
            .filter_map(|change| change.task.as_ref())
            .flat_map(|task| task.waiting());
        if let Some(ring) = rings.next() {
            person.accept(ring.ring_id.clone().unwrap()).await.unwrap();
            break;
        }
    }
    person.publish_text(id.as_str(), "I look").await.unwrap();
    person
        .set_state(le_bots::agent_state::Availability::Away)
        .await
        .unwrap();
    consumer.say("echo and now?").unwrap();

    let parrot = Parrot::default();
    let _bot = parrot.run(&stage).await;
    person.back_to_queue(id.as_str()).await.unwrap();
    consumer.hears("You said: and now?").await.unwrap();
    assert_eq!(parrot.log.count("message"), 1, "{:#?}", parrot.log.lines());
    assert_eq!(parrot.log.count("colleague"), 0);
}

#[tokio::test]
async fn a_conversation_that_comes_back_starts_again_with_what_was_kept() {
    let stage = Stage::new().await.unwrap();
    let parrot = Parrot::default();
    let _bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer().unwrap();
    consumer.start(stage.skill(0), "count").unwrap();
    consumer.hears("That was 1").await.unwrap();
    // Nobody else is there, so it rings the same bot again.
    consumer.say("back").unwrap();
    parrot.log.wait("transferred").await;
    parrot.log.wait_for("started", 2).await;
    consumer.say("count").unwrap();
    consumer.hears("That was 2").await.unwrap();
    assert_eq!(parrot.log.count("message"), 3, "{:#?}", parrot.log.lines());
}

#[tokio::test]
async fn an_offer_can_be_refused_or_left_alone() {
    for (decision, state) in [(Decision::Reject, "REJECTED"), (Decision::Ignore, "WAITING")] {
        let stage = Stage::new().await.unwrap();
        let parrot = Parrot {
            decision,
            ..Parrot::default()
        };
        let bot = parrot.run(&stage).await;
        let mut consumer = stage.consumer().unwrap();
        consumer.start(stage.skill(0), "echo one").unwrap();
        parrot.log.wait("offered").await;
        online(&bot).await;
        // One more conversation: when it is offered, the first was answered.
        let mut second = stage.consumer().unwrap();
        second.start(stage.skill(0), "echo two").unwrap();
        parrot.log.wait_for("offered", 2).await;
        assert_eq!(parrot.log.count("started"), 0, "{state}");
        assert_eq!(bot.health().rings_accepted, 0);
    }
}
