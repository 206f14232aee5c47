//! Many bot users in one process.

use std::time::{Duration, Instant};

use le_bots::bot::Shutdown;
use le_bots::fleet::{BotState, Fleet, Rate};
use le_core::ErrorKind;
use le_sim::UserState;

use crate::stage::{Stage, hasty, online, state, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_bots_serve_sixty_consumers_with_one_login_each() {
    let stage = Stage::new(20).await;
    let fleet = hasty().build();
    for user in stage.users() {
        fleet.add(stage.bot(&user)).unwrap();
    }
    online(&fleet, 20).await;
    stage.converse(60, "hello").await;
    let health = fleet.health();
    assert_eq!(
        health.bots.iter().filter_map(|bot| bot.conversations).sum::<usize>(),
        60
    );
    assert!(health.bots.iter().all(|bot| bot.error.is_none() && bot.restarts == 0));
    assert!(stage.users().iter().all(|user| stage.logins(user) == 1));
    // Every socket breaks; all come back without another login.
    assert_eq!(stage.sim.control().messaging().close_sockets(None, 1006, ""), 20);
    stage.converse(20, "are you back").await;
    online(&fleet, 20).await;
    assert!(stage.users().iter().all(|user| stage.logins(user) == 1));
    fleet.shutdown(Shutdown::HandBack).await;
    assert!(fleet.health().bots.is_empty());
    stage.sim.stop().await;
}

#[tokio::test]
async fn bots_come_and_go_at_run_time() {
    let stage = Stage::new(3).await;
    let users = stage.users();
    let fleet = hasty().build();
    fleet.add(stage.bot(&users[0])).unwrap();
    fleet.add(stage.bot(&users[1])).unwrap();
    let twice = fleet.add(stage.bot(&users[1])).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Validation);
    online(&fleet, 2).await;
    let consumers = stage.converse(4, "one").await;
    // The one that goes gives its conversations to the other.
    assert!(fleet.remove(&users[0].full_name, Shutdown::HandBack).await);
    assert!(!fleet.remove(&users[0].full_name, Shutdown::HandBack).await);
    fleet.add(stage.bot(&users[2])).unwrap();
    online(&fleet, 2).await;
    for consumer in &consumers {
        stage.says(consumer, "two").await;
    }
    let health = fleet.health();
    assert_eq!(health.bots.iter().filter_map(|bot| bot.conversations).sum::<usize>(), 4);
    // One that is started anew keeps its conversations.
    assert!(fleet.restart(&users[1].full_name));
    until("the bot has begun again", || {
        fleet
            .health()
            .bots
            .iter()
            .any(|bot| bot.restarts == 1 && bot.state == BotState::Online)
    })
    .await;
    for consumer in &consumers {
        stage.says(consumer, "three").await;
    }
    fleet.shutdown(Shutdown::Keep).await;
    stage.sim.stop().await;
}

#[tokio::test]
async fn a_user_who_is_refused_fails_alone_and_is_not_tried_again_by_itself() {
    let stage = Stage::new(2).await;
    let users = stage.users();
    let control = stage.sim.control();
    control.set_user_state(&users[0].login_name, UserState::PasswordExpired);
    let fleet = hasty().build();
    for user in &users {
        fleet.add(stage.bot(user)).unwrap();
    }
    online(&fleet, 1).await;
    until("the refused one has failed", || {
        state(&fleet, &users[0].full_name) == BotState::Failed
    })
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let attempts = control.requests_to("login.login");
    assert_eq!(attempts, 2, "one login for each user");
    let health = fleet.health();
    assert!(health.bots[0].error.as_ref().unwrap().advice().is_some());
    control.set_user_state(&users[0].login_name, UserState::Normal);
    assert!(fleet.restart(&users[0].full_name));
    online(&fleet, 2).await;
    fleet.shutdown(Shutdown::Keep).await;
    stage.sim.stop().await;
}

#[tokio::test]
async fn connections_are_made_one_after_the_other() {
    let stage = Stage::new(6).await;
    let fleet = Fleet::builder()
        .logins(Rate::unlimited())
        .connections(Rate::per_second(10.0))
        .build();
    let begun = Instant::now();
    for user in stage.users() {
        fleet.add(stage.bot(&user)).unwrap();
    }
    online(&fleet, 6).await;
    assert!(begun.elapsed() >= Duration::from_millis(500), "{:?}", begun.elapsed());
    drop(fleet);
    // What is dropped ends: its sockets close.
    until("its sockets are closed", || {
        let state = stage.sim.control().messaging().state();
        state["sockets"].as_array().is_none_or(Vec::is_empty)
    })
    .await;
    stage.sim.stop().await;
}

#[tokio::test]
async fn a_process_takes_no_more_bots_than_it_has_places_for() {
    let stage = Stage::new(4).await;
    let fleet = hasty().at_most(3).build();
    for user in stage.users() {
        fleet.add(stage.bot(&user)).unwrap();
    }
    online(&fleet, 3).await;
    until("the fourth one has no place", || {
        fleet.health().count(BotState::Elsewhere) == 1
    })
    .await;
    let health = fleet.health();
    assert_eq!(health.online, 3);
    let waiting = health.bots.iter().find(|bot| bot.state == BotState::Elsewhere).unwrap();
    let serving = health.bots.iter().find(|bot| bot.state == BotState::Online).unwrap();
    fleet.remove(&serving.name, Shutdown::Keep).await;
    until("the other one has its place", || {
        state(&fleet, &waiting.name) == BotState::Online
    })
    .await;
    fleet.shutdown(Shutdown::Keep).await;
    stage.sim.stop().await;
}
