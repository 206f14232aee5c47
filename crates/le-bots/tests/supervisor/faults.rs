//! Faults of the server and of the way to it.

use std::num::NonZeroU32;
use std::time::Duration;

use le_bots::supervisor::{Delivery, Gone};
use le_core::ErrorKind;
use le_sim::{FaultAction, FaultRule, TokenInvalidation};

use crate::party::sim_with;
use crate::stage::{Agent, Stage, settings};

/// An agent that is in a conversation.
async fn engaged(stage: &Stage) -> (Agent, String, String) {
    let mut agent = stage.link().await;
    agent.online().await;
    let (consumer, id) = stage.consumer("one");
    agent.take().await;
    agent.message("one").await;
    (agent, consumer, id)
}

#[tokio::test]
async fn refused_upgrades_are_waited_out_or_answered_with_a_new_bearer() {
    let stage = Stage::new().await;
    let (mut agent, consumer, _) = engaged(&stage).await;
    for (status, times) in [(502, 3), (503, 1), (429, 1), (401, 1), (500, 2)] {
        stage.sim.control().clear_faults();
        stage.refuse(status, times);
        stage.close(1006);
        stage.say(&consumer, &format!("behind {status}"));
        agent.comes_back().await;
        agent.message(&format!("behind {status}")).await;
    }
}

#[tokio::test]
async fn a_revoked_bearer_is_renewed_however_it_shows() {
    for how in [TokenInvalidation::Close, TokenInvalidation::Abort] {
        let sim = sim_with(|messaging| messaging.token_invalidation = how).await;
        let stage = Stage::of(sim);
        let (mut agent, consumer, _) = engaged(&stage).await;
        let before = stage.sim.control().logins_of(&stage.user.login_name);
        stage.sim.control().expire_sessions_of(&stage.user.login_name);
        // The simulator looks at its tokens when its clock moves.
        stage.sim.control().messaging().advance(Duration::from_secs(1));
        agent.comes_back().await;
        stage.say(&consumer, "two");
        agent.message("two").await;
        assert_eq!(
            stage.sim.control().logins_of(&stage.user.login_name),
            before + 1,
            "{how:?}"
        );
    }
}

#[tokio::test]
async fn a_publish_whose_answer_was_lost_is_found_and_not_repeated() {
    let lost = [
        FaultAction::SocketClose {
            code: 1006,
            reason: String::new(),
        },
        FaultAction::SocketClose {
            code: 1011,
            reason: String::new(),
        },
        FaultAction::ResetAfterBody,
    ];
    for (number, action) in lost.into_iter().enumerate() {
        let stage = Stage::new().await;
        let (mut agent, _, id) = engaged(&stage).await;
        // The answer is lost: the event is stored.
        stage.fault(
            FaultRule::new(FaultAction::FrameDrop)
                .route("socket.agent.response.ms.PublishEvent")
                .first(1),
        );
        stage.fault(
            FaultRule::new(action)
                .route("socket.agent.notification.ms.MessagingEventNotification")
                .first(1),
        );
        let published = agent.link.publish_text(id.as_str(), "hello").await.unwrap();
        assert_eq!(published.sequence.unwrap(), 1, "{number}");
        agent.message("hello").await;
        assert_eq!(stage.texts(&id), ["one", "hello"], "{number}");
    }
}

#[tokio::test]
async fn a_publish_that_never_came_through_is_repeated_once() {
    for action in [
        FaultAction::ResetBeforeBody,
        FaultAction::FrameDrop,
        FaultAction::SocketSilent,
    ] {
        let stage = Stage::new().await;
        let (mut agent, _, id) = engaged(&stage).await;
        stage.fault(
            FaultRule::new(action.clone())
                .route("socket.agent.request.ms.PublishEvent")
                .first(1),
        );
        let first = agent.link.publish_text(id.as_str(), "hello");
        let second = agent.link.publish_text(id.as_str(), "again");
        let (first, second) = tokio::join!(first.into_future(), second.into_future());
        let order = (
            first.unwrap().sequence.unwrap().get(),
            second.unwrap().sequence.unwrap().get(),
        );
        agent.message("hello").await;
        agent.message("again").await;
        assert_eq!(stage.texts(&id).len(), 3, "{action:?}: {order:?}");
    }
}

#[tokio::test]
async fn equal_publishes_are_told_apart() {
    let stage = Stage::new().await;
    let (mut agent, _, id) = engaged(&stage).await;
    agent.link.publish_text(id.as_str(), "ping").await.unwrap();
    // Of the next two, one is stored without an answer, the other never arrives.
    stage.fault(
        FaultRule::new(FaultAction::FrameDrop)
            .route("socket.agent.response.ms.PublishEvent")
            .first(1),
    );
    stage.fault(
        FaultRule::new(FaultAction::ResetBeforeBody)
            .route("socket.agent.request.ms.PublishEvent")
            .nth(2),
    );
    let both = [
        agent.link.publish_text(id.as_str(), "ping"),
        agent.link.publish_text(id.as_str(), "ping"),
    ];
    let both = futures_util::future::join_all(both.map(IntoFuture::into_future)).await;
    let mut sequences: Vec<i64> = both
        .into_iter()
        .map(|done| done.unwrap().sequence.unwrap().get())
        .collect();
    sequences.sort_unstable();
    assert_eq!(sequences, [2, 3]);
    assert_eq!(stage.texts(&id), ["one", "ping", "ping", "ping"]);
    for _ in 0..3 {
        agent.message("ping").await;
    }
}

#[tokio::test]
async fn a_failing_server_leaves_no_doubt() {
    let stage = Stage::new().await;
    let (agent, _, id) = engaged(&stage).await;
    stage.fault(
        FaultRule::new(FaultAction::status(503))
            .route("socket.agent.request.ms.PublishEvent")
            .first(1),
    );
    let error = agent.link.publish_text(id.as_str(), "hello").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(error.is_not_applied(), "{error:?}");
    assert_eq!(stage.texts(&id), ["one"]);
}

#[tokio::test]
async fn bursts_of_429_are_waited_out() {
    let stage = Stage::new().await;
    let (agent, _, id) = engaged(&stage).await;
    stage.fault(
        FaultRule::new(FaultAction::status(429))
            .route("socket.agent.request.ms.PublishEvent")
            .first(3),
    );
    agent.link.publish_text(id.as_str(), "hello").await.unwrap();
    assert_eq!(stage.texts(&id), ["one", "hello"]);
}

#[tokio::test]
async fn a_frozen_peer_is_noticed_and_nothing_is_lost() {
    let stage = Stage::new().await;
    let mut probing = settings();
    probing.ping_interval = Some(Duration::from_millis(50));
    probing.pong_timeout = Duration::from_millis(100);
    let connector = crate::party::agent_connector(&stage.sim, &stage.user)
        .await
        .settings(probing);
    let mut agent = stage.link_over(connector, |builder| builder);
    agent.online().await;
    let (consumer, _) = stage.consumer("one");
    agent.take().await;
    agent.message("one").await;
    let event = "socket.agent.notification.ms.MessagingEventNotification";
    stage.fault(FaultRule::new(FaultAction::SocketSilent).route(event).first(1));
    stage.say(&consumer, "two");
    stage.say(&consumer, "three");
    agent.comes_back().await;
    agent.message("two").await;
    agent.message("three").await;
}

#[tokio::test]
async fn odd_orders_and_doubles_do_not_reach_the_reader() {
    let stage = Stage::new().await;
    let (mut agent, consumer, _) = engaged(&stage).await;
    let event = "socket.agent.notification.ms.MessagingEventNotification";
    let conversation = "socket.agent.notification.cqm.ExConversationChangeNotification";
    stage.fault(FaultRule::new(FaultAction::FrameDuplicate).route(event).every(2));
    stage.fault(FaultRule::new(FaultAction::FrameReorder).route(event).every(3));
    stage.fault(FaultRule::new(FaultAction::Delay { ms: 20 }).route(event).every(5));
    stage.fault(FaultRule::new(FaultAction::FrameDrop).route(event).every(7));
    stage.fault(FaultRule::new(FaultAction::FrameReorder).route(conversation).every(2));
    stage.fault(FaultRule::new(FaultAction::MalformedJson).route(event).nth(33));
    for number in 0..60 {
        stage.say(&consumer, &format!("text {number}"));
        if number % 10 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    for number in 0..60 {
        agent.message(&format!("text {number}")).await;
    }
    assert!(agent.texts().is_empty());
}

#[tokio::test]
async fn a_conversation_that_closed_while_away_is_told_to_its_end() {
    let stage = Stage::new().await;
    let (mut agent, consumer, id) = engaged(&stage).await;
    stage.refuse(503, 3);
    stage.close(1006);
    stage.say(&consumer, "one more thing");
    stage.sim.control().messaging().close(&consumer).unwrap();
    agent.message("one more thing").await;
    let closed = agent
        .find("the last state", |delivery| match delivery {
            Delivery::Conversation(state) if !state.is_open() => Some(state.clone()),
            _ => None,
        })
        .await;
    assert_eq!(closed.id().unwrap().as_str(), id);
    assert!(
        !agent.has_seen(|delivery| matches!(delivery, Delivery::Left(..))),
        "the end comes last"
    );
    let gone = agent
        .find("the end", |delivery| match delivery {
            Delivery::Left(_, gone) => Some(*gone),
            _ => None,
        })
        .await;
    assert_eq!(gone, Gone::Closed);
    agent.online().await;
}

#[tokio::test]
async fn a_ring_that_expired_while_away_is_gone_and_one_that_waits_comes_again() {
    let stage = Stage::new().await;
    let mut agent = stage.link().await;
    agent.online().await;
    let (_consumer, _) = stage.consumer("one");
    let ring = agent.ring().await;
    stage.close(1001);
    agent.comes_back().await;
    let again = agent.ring().await;
    assert_eq!(again.ring_id, ring.ring_id, "it still waits, and was not answered");

    // The sockets of the others come and go; ours is away while the ring expires.
    stage.refuse(503, 5);
    stage.close(1006);
    stage.sim.control().messaging().advance(Duration::from_secs(80));
    let wanted = ring.ring_id.clone().unwrap();
    agent
        .find("the end of the ring", |delivery| match delivery {
            Delivery::RingGone(id) => (*id == wanted).then_some(()),
            _ => None,
        })
        .await;
}

#[tokio::test]
async fn a_slow_reader_gets_everything_later() {
    let stage = Stage::new().await;
    let mut agent = stage.link_with(|builder| builder.queue(8)).await;
    agent.online().await;
    let (consumer, _) = stage.consumer("text 0");
    agent.take().await;
    for number in 1..300 {
        stage.say(&consumer, &format!("text {number}"));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    for number in 0..300 {
        agent.message(&format!("text {number}")).await;
    }
}

#[tokio::test]
async fn a_narrow_window_is_shared_by_the_catch_up_and_the_application() {
    let stage = Stage::new().await;
    let mut narrow = settings();
    narrow.in_flight = NonZeroU32::MIN;
    let connector = crate::party::agent_connector(&stage.sim, &stage.user)
        .await
        .settings(narrow);
    let mut agent = stage.link_over(connector, |builder| builder);
    agent.online().await;
    let mut conversations = Vec::new();
    for number in 0..12 {
        let (_, id) = stage.consumer(&format!("from {number}"));
        agent.take().await;
        conversations.push(id);
    }
    stage.close(1006);
    for id in &conversations {
        agent.link.publish_text(id.as_str(), "back").await.unwrap();
    }
    for number in 0..12 {
        agent.message(&format!("from {number}")).await;
        agent.message("back").await;
    }
}

#[tokio::test]
async fn an_event_that_never_came_is_noticed_by_the_state_of_its_conversation() {
    let stage = Stage::new().await;
    let (mut agent, consumer, _) = engaged(&stage).await;
    let event = "socket.agent.notification.ms.MessagingEventNotification";
    stage.fault(FaultRule::new(FaultAction::FrameDrop).route(event).first(1));
    stage.say(&consumer, "two");
    agent.message("two").await;
}

#[tokio::test]
async fn nothing_grows_with_the_messages() {
    let stage = Stage::new().await;
    let (mut agent, consumer, id) = engaged(&stage).await;
    let before = agent.link.figures();
    let saved = serde_json::to_string(&agent.link.resume()).unwrap().len();
    for number in 0..600 {
        stage.say(&consumer, "again");
        let event = agent.message("again").await;
        if number % 100 == 0 {
            agent.link.publish_text(id.as_str(), "yes").await.unwrap();
            agent.message("yes").await;
        }
        let (dialog, sequence) = event.key().unwrap();
        agent.link.handled(dialog, sequence);
    }
    let after = agent.link.figures();
    assert_eq!(
        (after.dialogs, after.conversations, after.held, after.behind),
        (before.dialogs, 1, 0, 0)
    );
    assert!(after.waiting_deliveries < 8, "{after:?}");
    assert_eq!((after.connections, after.found, after.repeated), (1, 0, 0));
    assert!(serde_json::to_string(&agent.link.resume()).unwrap().len() <= saved + 4);
    stage.sim.control().messaging().close(&consumer).unwrap();
    agent
        .find("the end", |delivery| {
            matches!(delivery, Delivery::Left(..)).then_some(())
        })
        .await;
    let last = agent.link.figures();
    assert_eq!((last.dialogs, last.conversations, last.remembered), (0, 0, 1));
}
