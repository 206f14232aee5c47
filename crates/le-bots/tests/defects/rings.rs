//! Rings that end while they are being answered.

use std::time::Duration;

use le_sim::TokenInvalidation;

use crate::stage::{Stage, within};
use crate::wire::{Fate, Line};

fn accepts(line: &Line) -> bool {
    line.request() == Some("UpdateRingState")
}

/// A ring expires while it is being accepted: the agent thinks it has the conversation, or never takes the next ring.
#[tokio::test(start_paused = true)]
async fn a_ring_that_expires_while_it_is_accepted_is_taken_for_accepted() {
    let stage = Stage::with(|behaviour| behaviour.messaging.ring_ms = 3_000);
    // The request takes four seconds on its way.
    let slow = le_sim::FaultRule::new(le_sim::FaultAction::Delay { ms: 4_000 })
        .route("socket.agent.request.routing.UpdateRingState")
        .first(1);
    stage.sim.control().add_fault(slow).unwrap();
    let bot = stage.link();
    bot.online().await;
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    bot.hears(&conversation, "one").await;
    let seen = bot.seen.lock().unwrap();
    assert!(seen.rings.len() >= 2, "{:?}", seen.rings);
    assert_ne!(seen.rings[0], seen.rings[1]);
    assert!(seen.rings_gone.contains(&seen.rings[0]), "{:?}", seen.rings_gone);
    assert_eq!(stage.messaging().state()["waiting"].as_array().unwrap().len(), 0);
}

/// The answer to the acceptance is lost with the socket: the conversation is there after the reconnect, and rings no more.
#[tokio::test(start_paused = true)]
async fn a_ring_whose_acceptance_was_not_answered_is_lost() {
    let stage = Stage::new();
    let mut accepting = None;
    stage.wire.judge(move |line| {
        if accepting.is_none() && accepts(line) {
            accepting = line.id().map(str::to_owned);
        }
        let lost = line.socket == 1 && line.is_response() && line.id() == accepting.as_deref();
        if lost { Fate::Break } else { Fate::Pass }
    });
    let bot = stage.link();
    bot.online().await;
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    bot.hears(&conversation, "one").await;
    assert_eq!(stage.messaging().state()["waiting"].as_array().unwrap().len(), 0);
    bot.assert_in_order();
}

/// A ring that waits while the socket is down: it is answered after the reconnect, if it still waits.
#[tokio::test(start_paused = true)]
async fn a_ring_from_before_the_reconnect_is_forgotten() {
    let stage = Stage::with(|behaviour| behaviour.messaging.token_invalidation = TokenInvalidation::Close);
    let bot = stage.link();
    bot.online().await;
    stage.wire.once(Fate::Break, accepts);
    let (consumer, conversation) = stage.conversation();
    stage.messaging().say(&consumer, "one").unwrap();
    within(120, "the message", bot.hears(&conversation, "one")).await;
    let answers: Vec<Duration> = stage
        .wire
        .lines()
        .into_iter()
        .filter(accepts)
        .map(|line| line.at)
        .collect();
    assert!(answers.len() >= 2, "{answers:?}");
}
