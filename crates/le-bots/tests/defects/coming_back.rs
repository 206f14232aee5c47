//! After a socket ended: subscriptions, missed messages, the pause before the next attempt, and leftovers of the old socket.

use std::time::Duration;

use le_bots::event::{Event, PublishEvent};
use le_bots::supervisor::{AgentLink, LinkState, Offline, Rivalry};
use le_core::{Disposition, ErrorKind};

use crate::stage::{Stage, seconds, within};
use crate::wire::{Door, Fate};

/// What a socket needs before it is of any use.
const BEGINNING: &[&str] = &["SetAgentState", "SubscribeExConversations", "SubscribeRoutingTasks"];

/// node-agent-sdk: no re-subscription; messages that came while the socket was down are never seen.
#[tokio::test(start_paused = true)]
async fn subscriptions_and_missed_messages_are_lost_with_the_socket() {
    let stage = Stage::new();
    let bot = stage.link();
    bot.online().await;
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    bot.hears(&conversation, "one").await;
    stage.wire.porter(|_| Door::Unreachable);
    stage.wire.cut(1);
    seconds(1).await;
    stage.messaging().say(&consumer, "two").unwrap();
    stage.messaging().say(&consumer, "three").unwrap();
    stage.wire.porter(|_| Door::Open);
    bot.hears(&conversation, "three").await;
    stage.messaging().say(&consumer, "four").unwrap();
    bot.hears(&conversation, "four").await;
    assert_eq!(bot.texts(&conversation), ["one", "two", "three", "four"]);
    bot.assert_in_order();
    let again = stage.wire.requests(2);
    for request in BEGINNING.iter().chain(&["QueryMessages"]) {
        assert!(again.iter().any(|one| one == request), "{request} is not in {again:?}");
    }
}

/// node-agent-sdk: a frozen peer stays "connected" for ever.
#[tokio::test(start_paused = true)]
async fn a_frozen_peer_stays_connected_for_ever() {
    let stage = Stage::new();
    let bot = stage.link();
    bot.online().await;
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    bot.hears(&conversation, "one").await;
    stage.wire.once(Fate::Freeze, |line| line.socket == 1);
    stage.messaging().say(&consumer, "two").unwrap();
    // Ping after at most 30 s, 10 s for the pong, then the first pause of 5 s.
    within(60, "the message behind the frozen socket", async {
        while bot.texts(&conversation) != ["one", "two"] {
            seconds(1).await;
        }
    })
    .await;
    assert_eq!(stage.wire.opened(), 2);
    bot.assert_in_order();
}

/// node-agent-sdk: no reconnect and no back-off; and the loop that is suggested calls itself wrongly, so that it never pauses.
#[tokio::test(start_paused = true)]
async fn the_retry_loop_never_pauses() {
    let stage = Stage::new();
    let bot = stage.link();
    bot.online().await;
    stage.wire.porter(|_| Door::Unreachable);
    stage.wire.cut(1);
    seconds(3_600).await;
    let attempts: Vec<Duration> = stage.wire.attempts().iter().skip(1).map(|attempt| attempt.at).collect();
    // The delays grow from 5 s to 2 min and are drawn from 1 s on: about 80 in an hour, and never two at once.
    assert!((30..240).contains(&attempts.len()), "{} attempts", attempts.len());
    let pauses: Vec<Duration> = attempts.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(
        pauses.iter().all(|pause| *pause >= Duration::from_secs(1)),
        "{pauses:?}"
    );
    assert!(
        pauses.iter().all(|pause| *pause <= Duration::from_secs(121)),
        "{pauses:?}"
    );
    assert!(
        pauses.iter().any(|pause| *pause > Duration::from_secs(60)),
        "{pauses:?}"
    );
    stage.wire.porter(|_| Door::Open);
    bot.online().await;
    assert_eq!(stage.logins(), 1, "the bearer was good all the time");
}

/// The vendor's guide: a failed reconnect gives an error and a close; a client that acts on both has two loops.
#[tokio::test(start_paused = true)]
async fn a_failed_reconnect_starts_a_second_loop() {
    let stage = Stage::new();
    let bot = stage.link();
    bot.online().await;
    // Some are refused, some break in the middle of the subscriptions: an error and a close at once.
    stage
        .wire
        .porter(|number| if number % 2 == 0 { Door::Refuse(502) } else { Door::Open });
    stage.wire.judge(|line| {
        if line.socket > 1 && line.request() == Some("SubscribeRoutingTasks") {
            Fate::Break
        } else {
            Fate::Pass
        }
    });
    stage.wire.cut(1);
    seconds(900).await;
    let attempts: Vec<Duration> = stage.wire.attempts().iter().map(|attempt| attempt.at).collect();
    let at_once = attempts
        .windows(2)
        .skip(1)
        .filter(|two| two[1] - two[0] < Duration::from_secs(1))
        .count();
    assert_eq!(at_once, 0, "{attempts:?}");
    stage.wire.judge(|_| Fate::Pass);
    stage.wire.porter(|_| Door::Open);
    bot.online().await;
    let open = stage.wire.opened();
    seconds(900).await;
    assert_eq!(stage.wire.opened(), open, "one loop, one socket");
}

/// node-agent-sdk: listeners are removed with the wrong functions, so that the old socket's late close, or a late event, reaches
/// the new connection.
#[tokio::test(start_paused = true)]
async fn a_late_event_or_close_of_the_old_socket_breaks_the_new_connection() {
    let stage = Stage::new();
    let bot = stage.link();
    bot.online().await;
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    bot.hears(&conversation, "one").await;
    stage.wire.once(Fate::Freeze, |line| line.socket == 1);
    // Both sockets are open at the server for a while: it tells both.
    stage.messaging().say(&consumer, "two").unwrap();
    bot.hears(&conversation, "two").await;
    stage.messaging().say(&consumer, "three").unwrap();
    bot.hears(&conversation, "three").await;
    let offlines = bot.seen.lock().unwrap().offlines;
    stage.wire.cut(1);
    seconds(900).await;
    assert_eq!(stage.wire.opened(), 2);
    assert_eq!(bot.seen.lock().unwrap().offlines, offlines, "a close that is none");
    assert_eq!(bot.texts(&conversation), ["one", "two", "three"]);
    bot.assert_in_order();
}

/// node-agent-sdk: events of conversations that were there before the client are silently dropped.
#[tokio::test(start_paused = true)]
async fn events_of_conversations_from_before_are_dropped() {
    let stage = Stage::new();
    let first = stage.link();
    first.online().await;
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    first.hears(&conversation, "one").await;
    drop(first);
    stage.messaging().say(&consumer, "two").unwrap();
    let second = stage.link();
    second.hears(&conversation, "two").await;
    stage.messaging().say(&consumer, "three").unwrap();
    second.hears(&conversation, "three").await;
    assert_eq!(second.texts(&conversation), ["one", "two", "three"]);
    second.assert_in_order();
}

/// The vendor's knowledge base: bots that rely on conversation changes miss the first message, which came before they took part.
#[tokio::test(start_paused = true)]
async fn the_first_message_is_missed() {
    let stage = Stage::new();
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    let bot = stage.link();
    bot.hears(&conversation, "one").await;
    bot.assert_in_order();
}

/// node-agent-sdk: a request while offline without a callback throws; there is no queue.
#[tokio::test(start_paused = true)]
async fn a_request_while_offline_throws() {
    let stage = Stage::new();
    let bot = stage.link();
    bot.online().await;
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    bot.hears(&conversation, "one").await;
    stage.wire.porter(|_| Door::Unreachable);
    stage.wire.cut(1);
    seconds(1).await;
    let link = bot.link.clone();
    let reply = PublishEvent::new(conversation.as_str(), Event::text("reply"));
    let waiting = tokio::spawn(async move { link.publish(reply).await });
    seconds(10).await;
    assert!(!waiting.is_finished());
    stage.wire.porter(|_| Door::Open);
    within(600, "the publish", waiting).await.unwrap().unwrap();
    assert_eq!(stage.texts(&conversation), ["one", "reply"]);
}

/// The same for those who would rather know at once, or within a time.
#[tokio::test(start_paused = true)]
async fn a_request_while_offline_hangs_for_ever() {
    for (offline, within_s) in [
        (Offline::Fail, 1),
        (
            Offline::Wait {
                at_most: 10,
                deadline: Duration::from_secs(30),
            },
            31,
        ),
    ] {
        let stage = Stage::new();
        let bot = stage.link_of(AgentLink::builder(stage.connector()).offline(offline));
        bot.online().await;
        stage.wire.porter(|_| Door::Unreachable);
        stage.wire.cut(1);
        seconds(1).await;
        let reply = PublishEvent::new("d", Event::text("reply"));
        let error = within(within_s, "an error", bot.link.publish(reply).into_future())
            .await
            .unwrap_err();
        assert_eq!(error.disposition(), Disposition::NotSent, "{error}");
    }
}

/// A publish whose answer is lost with the socket: other clients report a timeout and leave it to the user, who doubles it.
#[tokio::test(start_paused = true)]
async fn a_publish_whose_answer_was_lost_is_doubled_or_forgotten() {
    for lost_is_the_request in [false, true] {
        let stage = Stage::new();
        let bot = stage.link();
        bot.online().await;
        let (consumer, conversation) = stage.conversation();
        stage.messaging().say(&consumer, "one").unwrap();
        bot.hears(&conversation, "one").await;
        let request = move |line: &crate::wire::Line| line.request() == Some("PublishEvent") && line.holds("reply");
        if lost_is_the_request {
            stage.wire.once(Fate::Break, request);
        } else {
            let mut id = None;
            stage.wire.judge(move |line| {
                if id.is_none() && request(line) {
                    id = line.id().map(str::to_owned);
                }
                let lost = line.socket == 1 && line.is_response() && line.id() == id.as_deref();
                if lost { Fate::Break } else { Fate::Pass }
            });
        }
        let reply = PublishEvent::new(conversation.as_str(), Event::text("reply"));
        within(600, "the publish", bot.link.publish(reply).into_future())
            .await
            .unwrap();
        bot.hears(&conversation, "reply").await;
        assert_eq!(
            stage.texts(&conversation),
            ["one", "reply"],
            "the request was lost: {lost_is_the_request}"
        );
        let sent = stage
            .wire
            .lines()
            .into_iter()
            .filter(|line| request(line) && line.to_server)
            .count();
        assert_eq!(sent, if lost_is_the_request { 2 } else { 1 });
        bot.assert_in_order();
    }
}

/// node-agent-sdk: an error event that nobody listens to ends the process.
#[tokio::test(start_paused = true)]
async fn nobody_listens_and_the_process_ends() {
    let stage = Stage::new();
    let (link, deliveries) = AgentLink::builder(stage.connector()).start().unwrap();
    drop(deliveries);
    within(600, "online", link.state().wait_for(LinkState::is_online))
        .await
        .unwrap();
    stage.wire.cut(1);
    seconds(60).await;
    within(600, "online", link.state().wait_for(LinkState::is_online))
        .await
        .unwrap();
    link.clock().await.unwrap();
}

/// Two programs with one user evict each other in a loop, for ever, each logging in again at once.
#[tokio::test(start_paused = true)]
async fn two_programs_with_one_user_fight_for_ever() {
    let stage = Stage::new();
    let rivalry = Rivalry::new(3, Duration::from_secs(60));
    let one = stage.link_of(AgentLink::builder(stage.connector()).rivalry(rivalry));
    one.online().await;
    let other = stage.link_of(AgentLink::builder(stage.connector()).rivalry(rivalry));
    let ended = within(3_600, "an end of the fight", async {
        let (mut one, mut other) = (one.link.state(), other.link.state());
        tokio::select! {
            biased;
            state = one.wait_for(|state| state.ended().is_some()) => state.unwrap().clone(),
            state = other.wait_for(|state| state.ended().is_some()) => state.unwrap().clone(),
        }
    })
    .await;
    let error = ended.ended().and_then(|why| why.error()).unwrap().clone();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    let text = format!("{error} {}", error.advice().unwrap_or_default());
    assert!(text.contains("same user") || text.contains("another program"), "{text}");
    // The other one has the user for itself from now on.
    let logins = stage.logins();
    seconds(3_600).await;
    assert!(
        logins <= 12 && stage.logins() <= logins + 1,
        "{logins}, then {}",
        stage.logins()
    );
    let left = [&one, &other]
        .into_iter()
        .filter(|party| party.link.state().borrow().is_online())
        .count();
    assert_eq!(left, 1);
}
