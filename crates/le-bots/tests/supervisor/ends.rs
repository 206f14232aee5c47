//! How links end, what they leave behind, and what requests learn of it.

use std::sync::Arc;
use std::time::Duration;

use le_bots::agent_state::Availability;
use le_bots::credential::FixedToken;
use le_bots::supervisor::{Backoff, Delivery, Ended, Follow, LinkState, Offline, Resume, Rivalry};
use le_core::{Disposition, ErrorKind};

use crate::stage::{PATIENCE, Stage, settings};

#[tokio::test]
async fn a_user_that_another_program_uses_ends_the_link_with_a_clear_error() {
    let stage = Stage::new().await;
    let agent = stage
        .link_with(|builder| builder.rivalry(Rivalry::new(3, Duration::from_secs(60))))
        .await;
    let before = stage.sim.control().logins_of(&stage.user.login_name);
    let mut state = agent.link.state();
    for _ in 0..3 {
        let online = state.wait_for(|state| state.is_online() || state.ended().is_some());
        assert!(
            tokio::time::timeout(PATIENCE, online)
                .await
                .unwrap()
                .unwrap()
                .is_online()
        );
        // What a login of the other program does.
        stage.sim.control().expire_sessions_of(&stage.user.login_name);
        stage.sim.control().messaging().advance(Duration::from_secs(1));
        let gone = state.wait_for(|state| !state.is_connected());
        tokio::time::timeout(PATIENCE, gone).await.unwrap().unwrap();
    }
    let ended = tokio::time::timeout(PATIENCE, agent.link.ended()).await.unwrap();
    let Ended::Evicted(error) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(error.kind(), ErrorKind::Authentication);
    let text = error.to_string();
    assert!(
        text.contains("another program logs in as this user") && text.contains("a user of its own"),
        "{text}"
    );
    let logins = stage.sim.control().logins_of(&stage.user.login_name) - before;
    assert_eq!(
        logins, 2,
        "it logs in after the first two losses, and gives up at the third"
    );
}

#[tokio::test]
async fn two_programs_with_one_user_do_not_fight() {
    let stage = Stage::new().await;
    let rivalry = Rivalry::new(3, Duration::from_secs(60));
    let first = stage.link_with(|builder| builder.rivalry(rivalry)).await;
    let second = stage.link_with(|builder| builder.rivalry(rivalry)).await;
    // The simulator ends a session only where its user has a socket open, so the two may also come to terms.
    let at_rest = |state: &LinkState| state.is_online() || matches!(state.ended(), Some(Ended::Evicted(_)));
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        first.state("rest", at_rest).await;
        second.state("rest", at_rest).await;
    }
    let logins = stage.sim.control().logins_of(&stage.user.login_name);
    assert!(logins < 10, "{logins} logins are a fight");
}

#[tokio::test]
async fn a_credential_that_cannot_be_renewed_ends_it() {
    let stage = Stage::new().await;
    let connector = stage.connector().await;
    let bad = le_bots::AgentConnector::new(
        crate::party::transport(),
        Arc::new(le_core::discover::FixedBase(
            le_core::BaseUri::new(&stage.sim.url()).unwrap(),
        )),
        Arc::new(FixedToken::new("0123456789abcdef")),
        connector.agent().clone(),
    )
    .trusted_hosts(
        le_core::TrustedHosts::vendor()
            .with_host("localhost")
            .with_host("127.0.0.1"),
    )
    .settings(settings());
    let agent = stage.link_over(bad, |builder| builder);
    let ended = tokio::time::timeout(PATIENCE, agent.link.ended()).await.unwrap();
    let Ended::Refused(error) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(!format!("{error:?}").contains("0123456789abcdef"));
    let error = agent.link.publish_text("d", "x").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::Authentication, Disposition::NotSent)
    );
}

#[tokio::test]
async fn requests_made_while_offline_wait_or_fail_as_the_caller_chooses() {
    let stage = Stage::new().await;
    let slow = Backoff::new(Duration::from_secs(60), Duration::from_secs(60));
    let waiting = Offline::Wait {
        at_most: 1,
        deadline: Duration::from_millis(150),
    };
    for (offline, kinds) in [
        (Offline::Fail, [ErrorKind::Transport, ErrorKind::Transport]),
        (waiting, [ErrorKind::Timeout, ErrorKind::Transport]),
    ] {
        let mut agent = stage.link_with(|builder| builder.offline(offline).backoff(slow)).await;
        agent.online().await;
        stage.close(1006);
        let state = agent
            .state("waiting", |state| matches!(state, LinkState::Waiting { .. }))
            .await;
        let LinkState::Waiting { why, .. } = state else {
            panic!("{state:?}")
        };
        assert_eq!(why.kind(), ErrorKind::Transport);
        let (one, two) = tokio::join!(
            agent.link.publish_text("d", "x").into_future(),
            agent.link.own_profile().into_future()
        );
        let errors = [one.unwrap_err(), two.unwrap_err()];
        assert_eq!([errors[0].kind(), errors[1].kind()], kinds, "{offline:?}");
        assert!(errors.iter().all(|error| error.disposition() == Disposition::NotSent));
        assert!(agent.link.shutdown().await.error().is_none());
    }
}

#[tokio::test]
async fn a_restarted_process_goes_on_where_it_was() {
    let stage = Stage::new().await;
    let mut agent = stage.link().await;
    agent.online().await;
    let (consumer, id) = stage.consumer("one");
    let (closing, _) = stage.consumer("short");
    agent.take().await;
    agent.take().await;
    let handled = agent.message("one").await;
    let short = agent.message("short").await;
    for event in [&handled, &short] {
        let (dialog, sequence) = event.key().unwrap();
        agent.link.handled(dialog, sequence);
    }
    stage.say(&consumer, "two");
    agent.message("two").await;
    // It goes down before "two" is handled.
    let saved = serde_json::to_string(&agent.link.resume()).unwrap();
    assert!(!saved.contains("one"), "a position holds nothing personal");
    agent.link.shutdown().await;
    stage.say(&consumer, "three");
    stage.say(&closing, "goodbye");
    stage.sim.control().messaging().close(&closing).unwrap();

    let resume: Resume = serde_json::from_str(&saved).unwrap();
    assert_eq!(resume.conversations().count(), 2);
    let mut again = stage.link_with(|builder| builder.resume(resume)).await;
    again.message("two").await;
    again.message("three").await;
    again.message("goodbye").await;
    again
        .find("the end of the other", |delivery| {
            matches!(delivery, Delivery::Left(..)).then_some(())
        })
        .await;
    again.online().await;
    assert!(
        again.texts().is_empty(),
        "what was handled does not come again: {:?}",
        again.texts()
    );
    assert_eq!(again.link.conversations().len(), 1);
    assert_eq!(again.link.conversations()[0].id().unwrap().as_str(), id);
}

#[tokio::test]
async fn a_position_of_a_later_version_is_refused() {
    let stage = Stage::new().await;
    let later: Resume = serde_json::from_str(r#"{"version": 99, "conversations": {}}"#).unwrap();
    let started = le_bots::AgentLink::builder(stage.connector().await)
        .resume(later)
        .start();
    assert_eq!(started.unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn dropping_everything_closes_the_socket() {
    let stage = Stage::new().await;
    let mut agent = stage.link().await;
    agent.online().await;
    let open = || stage.sim.control().messaging().state()["sockets"].clone();
    let count = |sockets: serde_json::Value| {
        sockets
            .as_u64()
            .or_else(|| sockets.as_array().map(|all| all.len() as u64))
    };
    assert_eq!(count(open()), Some(1), "{}", open());
    drop(agent);
    for _ in 0..200 {
        if count(open()) == Some(0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the socket is still open: {}", open());
}

#[tokio::test]
async fn draining_takes_no_more_rings_and_keeps_conversations() {
    let stage = Stage::new().await;
    let mut agent = stage.link().await;
    agent.online().await;
    let (consumer, id) = stage.consumer("one");
    agent.take().await;
    agent.link.drain().await.unwrap();
    let (_other, _) = stage.consumer("another");
    stage.say(&consumer, "two");
    agent.message("two").await;
    stage.close(1006);
    agent.comes_back().await;
    agent.link.publish_text(id.as_str(), "bye").await.unwrap();
    agent.message("bye").await;
    assert!(!agent.has_seen(|delivery| matches!(delivery, Delivery::Ring(_))));
}

#[tokio::test]
async fn the_availability_is_said_again_after_each_reconnect() {
    let stage = Stage::new().await;
    let mut agent = stage
        .link_with(|builder| builder.availability(Availability::Online))
        .await;
    agent.online().await;
    agent.link.set_availability(Availability::BackSoon).await.unwrap();
    let state = |wanted: Availability| {
        move |delivery: &Delivery| match delivery {
            Delivery::AgentState(state) => (state.availability == Some(wanted.clone())).then_some(()),
            _ => None,
        }
    };
    agent.find("back soon", state(Availability::BackSoon)).await;
    stage.close(1006);
    agent.comes_back().await;
    let shown = stage.sim.control().messaging().state().to_string();
    assert!(shown.contains("BACK_SOON"), "{shown}");
}

#[tokio::test]
async fn a_manager_follows_everything_and_hears_where_it_takes_part() {
    let stage = Stage::new().await;
    let mut bot = stage.link().await;
    bot.online().await;
    let manager = stage.sim.users()[0].clone();
    let connector = crate::party::agent_connector(&stage.sim, &manager)
        .await
        .settings(settings());
    let mut manager = stage.link_over(connector, |builder| {
        builder.follow(Follow::Everything).rings(false).availability(None)
    });
    manager.online().await;
    let (consumer, id) = stage.consumer("one");
    bot.take().await;
    let wanted = id.clone();
    let there = move |delivery: &Delivery| match delivery {
        Delivery::Conversation(state) => (state.id()?.as_str() == wanted).then_some(()),
        _ => None,
    };
    manager.find("the conversation", there).await;
    assert!(manager.texts().is_empty());
    manager
        .link
        .join(id.as_str(), le_bots::conversation::Role::Manager)
        .await
        .unwrap();
    manager.message("one").await;
    stage.say(&consumer, "two");
    manager.message("two").await;
    manager.link.publish_private(id.as_str(), "note").await.unwrap();
    bot.message("note").await;
}
