//! Limits that must hold across sockets: the issues of twilight's gateway, translated.

use std::collections::BTreeSet;
use std::time::Duration;

use le_bots::connector::Introduction;
use le_bots::event::{Event, PublishEvent};
use le_bots::supervisor::{AgentLink, ConsumerLink, LinkState, Offline};

use crate::stage::{Stage, seconds, within};
use crate::support::clients;
use crate::wire::{Door, Fate, Seen};

/// twilight 1973: what depends on the server's hello is sent before it.
#[tokio::test(start_paused = true)]
async fn requests_are_sent_before_the_server_said_hello() {
    let stage = Stage::new();
    let transport = std::sync::Arc::new(stage.wire.clone());
    let connector = clients::consumer(&stage.sim, transport, stage.settings()).introduction(Introduction::Request);
    let (link, _deliveries) = ConsumerLink::builder(connector).start().unwrap();
    within(60, "online", link.state().wait_for(LinkState::is_online))
        .await
        .unwrap();
    stage.wire.cut(1);
    // What is asked for meanwhile waits, too.
    let asked = link.request_conversation("-1");
    within(60, "a conversation", asked.into_future()).await.unwrap();
    for socket in [1, 2] {
        let lines: Vec<_> = stage
            .wire
            .lines()
            .into_iter()
            .filter(|line| line.socket == socket)
            .collect();
        assert_eq!(lines[0].request(), Some("InitConnection"), "socket {socket}");
        assert!(
            lines[1].is_response() && lines[1].id() == lines[0].id(),
            "socket {socket}: {:?}",
            lines[1]
        );
    }
}

/// twilight 1975: the limiter of the old socket rules the new one.
#[tokio::test(start_paused = true)]
async fn a_pause_after_429_outlives_its_socket() {
    let stage = Stage::new();
    let mut settings = stage.settings();
    settings.throttled_pause = Duration::from_secs(600);
    let bot = stage.link_of(AgentLink::builder(stage.connector_with(settings)));
    bot.online().await;
    let throttled = le_sim::FaultRule::new(le_sim::FaultAction::status(429))
        .route("socket.agent.request.ms.*")
        .first(1);
    stage.sim.control().add_fault(throttled).unwrap();
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    seconds(1).await;
    stage.messaging().close_sockets(None, 1001, "");
    within(60, "the message", bot.hears(&conversation, "one")).await;
    bot.online().await;
}

/// twilight 193: 1 400 commands that waited for the connection are written at once, and the server closes it.
#[tokio::test(start_paused = true)]
async fn what_waited_offline_floods_the_new_socket() {
    let stage = Stage::new();
    let patience = Offline::Wait {
        at_most: 2_000,
        deadline: Duration::from_secs(3_600),
    };
    let bot = stage.link_of(AgentLink::builder(stage.connector()).offline(patience));
    bot.online().await;
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    bot.hears(&conversation, "one").await;
    stage.wire.porter(|_| Door::Unreachable);
    stage.wire.cut(1);
    seconds(1).await;
    let mut publishes = tokio::task::JoinSet::new();
    for number in 0..1_400 {
        let link = bot.link.clone();
        let event = PublishEvent::new(conversation.as_str(), Event::text(format!("reply {number}")));
        publishes.spawn(async move { link.publish(event).await.map(drop) });
    }
    seconds(10).await;
    stage.wire.porter(|_| Door::Open);
    within(600, "all publishes", async {
        while let Some(done) = publishes.join_next().await {
            done.unwrap().unwrap();
        }
    })
    .await;
    assert_eq!(stage.texts(&conversation).len(), 1_401);
    let mut open = BTreeSet::new();
    let mut most = 0;
    for line in stage.wire.lines().into_iter().filter(|line| line.socket > 1) {
        let Some(id) = line.id().map(str::to_owned) else {
            continue;
        };
        if line.to_server {
            open.insert(id);
        } else {
            open.remove(&id);
        }
        most = most.max(open.len());
    }
    // Five requests, and the one for the server's clock.
    assert!((2..=6).contains(&most), "{most} requests at once");
}

/// twilight 1060: the heartbeat is not counted, so that it goes out in the pause that the server asked for.
#[tokio::test(start_paused = true)]
async fn the_heartbeat_ignores_the_pause_after_429() {
    // The tap answers pings itself, so that the server would think that nobody is there.
    let stage = Stage::with(|behaviour| behaviour.messaging.idle_ms = None);
    let mut settings = stage.settings();
    settings.throttled_pause = Duration::from_secs(100);
    settings.throttled_retries = 1;
    let bot = stage.link_of(AgentLink::builder(stage.connector_with(settings)));
    bot.online().await;
    let throttled = le_sim::FaultRule::new(le_sim::FaultAction::status(429))
        .route("socket.agent.request.GetClock")
        .nth(1);
    stage.sim.control().add_fault(throttled).unwrap();
    let asked = tokio::spawn({
        let link = bot.link.clone();
        async move { link.clock().await.map(drop) }
    });
    seconds(1).await;
    let from = stage.wire.lines().last().unwrap().at;
    seconds(90).await;
    let sent: Vec<_> = stage
        .wire
        .lines()
        .into_iter()
        .filter(|line| line.at > from && line.to_server)
        .collect();
    let asked_meanwhile = sent.iter().filter(|line| line.request().is_some()).count();
    assert_eq!(asked_meanwhile, 0, "{sent:?}");
    // The connection is watched all the same: a ping is no request.
    assert!(sent.iter().any(|line| line.seen == Seen::Ping));
    within(300, "the answer", asked).await.unwrap().unwrap();
}

/// A burst of events that a slow reader cannot follow: others keep them all in memory, or drop some.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_fills_the_memory_or_loses_events() {
    let stage = Stage::new();
    let mut settings = stage.settings();
    settings.waiting_events = 50;
    let (link, mut deliveries) = AgentLink::builder(stage.connector_with(settings))
        .availability(le_bots::agent_state::Availability::Online)
        .rings(true)
        .start()
        .unwrap();
    within(60, "online", link.state().wait_for(LinkState::is_online))
        .await
        .unwrap();
    let (consumer, conversation) = stage.conversation();
    stage.wire.judge(|_| Fate::Pass);
    let mut ring = None;
    while ring.is_none() {
        if let Some(le_bots::supervisor::Delivery::Ring(one)) = deliveries.next().await {
            ring = one.ring_id.clone();
        }
    }
    link.accept(ring.unwrap()).await.unwrap();
    for number in 0..3_000 {
        stage.messaging().say(&consumer, &format!("m{number}")).unwrap();
    }
    seconds(300).await;
    let mut heard = Vec::new();
    within(3_600, "all messages", async {
        while heard.len() < 3_000 {
            if let Some(le_bots::supervisor::Delivery::Event(event)) = deliveries.next().await
                && let Some(text) = event.event.as_ref().and_then(|event| event.as_text())
            {
                heard.push(text.to_owned());
            }
        }
    })
    .await;
    assert_eq!(heard, stage.texts(&conversation));
}
