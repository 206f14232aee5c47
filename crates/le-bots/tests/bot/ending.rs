//! The end in good order.

use std::time::Duration;

use le_bots::bot::Shutdown;

use crate::parrot::Parrot;
use crate::support::{Outcome, Stage};

#[tokio::test]
async fn a_bot_that_finishes_takes_no_more_rings_and_waits_for_its_conversations() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let bot = parrot.run(&stage).await;
    let mut first = stage.consumer()?;
    first.start(stage.skill(0), "echo hello")?;
    first.hears("hello").await?;
    let ending = tokio::spawn(bot.shutdown(Shutdown::finish(Duration::from_secs(30))));
    // It is away when the server knows; only then a new conversation is not offered.
    let away = || stage.sim.control().messaging().state().to_string().contains("AWAY");
    while !away() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut second = stage.consumer()?;
    second.start(stage.skill(0), "echo too late")?;
    first.say("echo go on")?;
    first.hears("You said: go on").await?;
    assert!(!ending.is_finished());
    first.say("close")?;
    first.closed().await?;
    ending.await??;
    assert_eq!(parrot.log.count("offered"), 1);
    assert_eq!(parrot.log.count("closed"), 1);
    Ok(())
}

#[tokio::test]
async fn a_bot_that_hands_back_leaves_its_conversations_to_others() -> Outcome {
    for how in [Shutdown::HandBack, Shutdown::finish(Duration::from_millis(50))] {
        let stage = Stage::new().await?;
        let parrot = Parrot::default();
        let bot = parrot.run(&stage).await;
        let mut consumer = stage.consumer()?;
        consumer.start(stage.skill(0), "wait")?;
        parrot.log.wait("message text wait").await;
        let ending = tokio::spawn(bot.shutdown(how));
        tokio::time::sleep(Duration::from_millis(100)).await;
        // A handler at work comes to its end first.
        assert!(!ending.is_finished());
        parrot.gate.notify_one();
        consumer.hears("waited").await?;
        ending.await??;
        let open = consumer
            .conversation("nobody", |found| {
                !found.to_string().contains("ASSIGNED_AGENT\",\"state\":\"ACTIVE")
            })
            .await?;
        assert_eq!(open["stage"], "OPEN");

        let next = Parrot::default();
        let connector = stage.connector(stage.agent(stage.skill(0), 1)).await?;
        let runner = le_bots::bot::BotRunner::new(next.clone(), connector).store(le_bots::store::MemoryStore::new());
        let _bot = runner.run().await?;
        next.log.wait("started").await;
        consumer.say("echo hello again")?;
        consumer.hears("You said: hello again").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_bot_that_keeps_its_conversations_goes_on_with_them() -> Outcome {
    let stage = Stage::new().await?;
    let store: std::sync::Arc<dyn le_bots::store::Store> =
        std::sync::Arc::new(le_bots::store::MemoryStore::surviving());
    let parrot = Parrot::default();
    let bot = parrot.run_as(&stage, |runner| runner.shared_store(store.clone())).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "count")?;
    consumer.hears("That was 1").await?;
    bot.shutdown(Shutdown::Keep).await?;
    consumer.say("count")?;
    consumer.say("echo and on")?;
    let bot = parrot.run_as(&stage, |runner| runner.shared_store(store.clone())).await;
    consumer.hears("That was 2").await?;
    consumer.hears("You said: and on").await?;
    assert_eq!(parrot.log.count("started"), 1);
    assert_eq!(parrot.log.count("message"), 3, "{:#?}", parrot.log.lines());

    // What is closed while nobody is there is told, once, and then nothing is kept of it.
    bot.shutdown(Shutdown::Keep).await?;
    consumer.close()?;
    consumer.closed().await?;
    let bot = parrot.run_as(&stage, |runner| runner.shared_store(store.clone())).await;
    let told = async {
        while parrot.log.count("closed") + parrot.log.count("transferred kept=false certain=false") == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await?;
    bot.shutdown(Shutdown::HandBack).await?;
    Ok(())
}

#[tokio::test]
async fn a_bot_whose_handle_is_dropped_or_aborted_is_gone() -> Outcome {
    let stage = Stage::new().await?;
    let gone = async |stage: &Stage| {
        while stage.sim.control().messaging().state()["sockets"]
            .as_array()
            .is_some_and(|sockets| !sockets.is_empty())
        {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    drop(Parrot::default().run(&stage).await);
    tokio::time::timeout(Duration::from_secs(20), gone(&stage)).await?;
    Parrot::default().run(&stage).await.abort();
    tokio::time::timeout(Duration::from_secs(20), gone(&stage)).await?;
    // A handler that waits keeps nothing of it alive.
    let parrot = Parrot::default();
    let bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "wait")?;
    parrot.log.wait("message text wait").await;
    let mut state = bot.state();
    bot.abort();
    let ended = state.wait_for(|state| state.ended().is_some());
    assert!(tokio::time::timeout(Duration::from_secs(20), ended).await?.is_ok());
    Ok(())
}

#[tokio::test]
async fn two_programs_with_one_user_end_with_a_clear_error() -> Outcome {
    let stage = Stage::new().await?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("bot.redb");
    let runner = |path| async {
        let connector = stage.connector(stage.agent(stage.skill(0), 0)).await?;
        let runner = le_bots::bot::BotRunner::new(Parrot::default(), connector);
        le_bots::store::FileStore::open(path)
            .map(|store| runner.store(store))
            .map_err(crate::support::Failed::from)
    };
    let _first = runner(path.clone()).await?.run().await?;
    let second = runner(path).await.unwrap_err().to_string();
    assert!(second.contains("another process has the store"), "{second}");
    Ok(())
}
