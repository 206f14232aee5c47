//! Two hundred conversations over real sockets, which break every few hundred frames: nothing is lost, nothing comes twice.
//!
//! `LE_SOAK_ROUNDS` makes it longer: so many questions and answers in each conversation, 50 unless it is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test stops where something is not as expected, and tells its figures"
)]

#[path = "../support/mod.rs"]
mod support;

mod parties;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use le_sim::{Behaviour, FaultAction, FaultPlan, FaultRule, Sim};
use parties::{Talk, bot, consumer};

const CONVERSATIONS: usize = 200;

/// They share the conversations.
const BOTS: usize = 3;

/// Questions and answers of each conversation, unless the environment says otherwise.
const ROUNDS: usize = 50;

/// No machine is that slow; whoever waits longer waits for something that was lost.
const PATIENCE: Duration = Duration::from_secs(600);

/// What breaks: a socket of a consumer every 250 frames or so, one of a bot every 700, and now and then an answer is lost.
fn faults() -> FaultPlan {
    let rule = |route: &str, every: u64, action: FaultAction| FaultRule::new(action).route(route).every(every);
    let closes = |code: u16| FaultAction::SocketClose {
        code,
        reason: String::new(),
    };
    FaultPlan::new(7)
        .with(rule("socket.consumer.*", 503, FaultAction::ResetAfterBody))
        .with(rule("socket.consumer.*", 509, closes(1001)))
        .with(rule("socket.agent.notification.*", 701, FaultAction::ResetBeforeBody))
        .with(rule("socket.agent.notification.*", 1_409, closes(1006)))
        .with(rule("socket.agent.request.*", 2_003, FaultAction::ResetBeforeBody))
        .with(rule("socket.agent.notification.*", 5_003, FaultAction::ExpireSession))
        .with(rule(
            "socket.*.response.ms.PublishEvent",
            1_201,
            FaultAction::ResetBeforeBody,
        ))
        .with(rule("socket.*.notification.ms.*", 307, FaultAction::FrameDuplicate))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_while_sockets_break() {
    let rounds = std::env::var("LE_SOAK_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let started = Instant::now();
    let mut behaviour = Behaviour::default();
    behaviour.messaging.history_latency_ms = 0;
    let sim = Sim::builder()
        .conversations(0)
        .behaviour(behaviour)
        .start()
        .await
        .unwrap();
    let bots: Vec<_> = (0..BOTS).map(|number| bot(&sim, number)).collect();
    for bot in &bots {
        bot.online().await;
    }
    sim.control().set_faults(faults()).unwrap();
    let mut talks = tokio::task::JoinSet::new();
    for number in 0..CONVERSATIONS {
        talks.spawn(tokio::time::timeout(PATIENCE, consumer(&sim, number, rounds)));
    }
    let mut told: BTreeMap<String, Talk> = BTreeMap::new();
    while let Some(talk) = talks.join_next().await {
        let talk = talk.unwrap().expect("a conversation waits for something that was lost");
        told.insert(talk.conversation.clone(), talk);
    }
    let drops: u64 = sim.control().fault_counts().iter().map(|count| count.fired).sum();
    sim.control().clear_faults();
    assert_eq!(told.len(), CONVERSATIONS);
    for talk in told.values() {
        check(&sim, talk, rounds, &bots).await;
    }
    let messages = CONVERSATIONS * rounds * 2;
    eprintln!(
        "{messages} messages, {drops} faults, {:.1} s",
        started.elapsed().as_secs_f64()
    );
    assert!(
        drops > messages as u64 / 200,
        "{drops} faults are too few to show anything"
    );
}

/// What the simulator stored is the whole talk, once; and both sides were handed that, in that order.
async fn check(sim: &Sim, talk: &Talk, rounds: usize, bots: &[parties::Bot]) {
    let stored = sim.control().messaging().conversation(&talk.conversation).unwrap();
    let events = stored["events"].as_array().unwrap();
    let story: Vec<(i64, String)> = events
        .iter()
        .filter_map(|event| {
            Some((
                event["sequence"].as_i64()?,
                event["event"]["message"].as_str()?.to_owned(),
            ))
        })
        .collect();
    let texts: Vec<&str> = story.iter().map(|(_, text)| text.as_str()).collect();
    let expected: Vec<String> = (0..rounds).flat_map(|round| talk.round(round)).collect();
    assert_eq!(texts, expected, "{}", talk.conversation);
    assert_eq!(talk.received, story, "what the consumer got in {}", talk.conversation);
    let handled = async {
        loop {
            // The bot that has the conversation is told of its own last reply a little later.
            let handled: Vec<_> = bots.iter().filter_map(|bot| bot.handled(&talk.conversation)).collect();
            if handled.iter().any(|one| one.len() >= story.len()) {
                return handled;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let handled = tokio::time::timeout(Duration::from_secs(60), handled).await;
    assert_eq!(
        handled.expect("the bot missed something"),
        [story],
        "what the bot handled in {}",
        talk.conversation
    );
}
