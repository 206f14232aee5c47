//! What goes wrong in one conversation stays there.

use std::time::Duration;

use le_bots::bot::{Limits, Remedy};

use crate::parrot::Parrot;
use crate::support::{Outcome, Stage};

#[tokio::test]
async fn a_panic_or_error_is_contained_and_what_it_kept_is_forgotten() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "count")?;
    consumer.hears("That was 1").await?;
    consumer.say("count panic")?;
    // What it said remains, what it wanted to keep does not.
    consumer.hears("That was 2").await?;
    assert_eq!(parrot.log.wait("failed message").await, "panic");
    consumer.say("fail")?;
    assert_eq!(parrot.log.wait_for("failed message", 2).await, "error");
    consumer.say("count")?;
    consumer.hears("That was 2").await?;
    let mut other = stage.consumer()?;
    other.start(stage.skill(0), "echo still here")?;
    other.hears("still here").await?;
    assert_eq!(bot.health().failures, 2);
    Ok(())
}

#[tokio::test]
async fn a_failure_is_remedied_as_the_bot_says() -> Outcome {
    let stage = Stage::new().await?;
    let skill = stage.skill(1);
    let remedy = Remedy::Escalate {
        skill: skill.to_string().into(),
    };
    let parrot = Parrot {
        remedy,
        ..Parrot::default()
    };
    let _bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "panic")?;
    parrot.log.wait("transferred kept=false").await;
    consumer
        .conversation("the other skill", |found| {
            found["skillId"].to_string().contains(&skill.to_string())
        })
        .await?;

    let stage = Stage::new().await?;
    let parrot = Parrot {
        remedy: Remedy::Close,
        ..Parrot::default()
    };
    let _bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "fail")?;
    consumer.closed().await?;
    Ok(())
}

#[tokio::test]
async fn a_slow_handler_holds_up_its_own_conversation_only() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let bot = parrot.run(&stage).await;
    let mut slow = stage.consumer()?;
    slow.start(stage.skill(0), "wait")?;
    parrot.log.wait("message text wait").await;
    slow.say("echo later")?;
    let mut quick = stage.consumer()?;
    quick.start(stage.skill(0), "echo one")?;
    for word in ["one", "two", "three"] {
        quick.hears(&format!("You said: {word}")).await?;
        quick.say(&format!(
            "echo {}",
            match word {
                "one" => "two",
                _ => "three",
            }
        ))?;
    }
    assert_eq!(parrot.log.count("message text echo later"), 0);
    while bot.health().running != 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    parrot.gate.notify_one();
    slow.hears("waited").await?;
    slow.hears("You said: later").await?;
    Ok(())
}

#[tokio::test]
async fn a_handler_that_hangs_is_broken_off_where_that_is_wanted() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let _bot = parrot
        .run_as(&stage, |runner| runner.handler_timeout(Duration::from_millis(50)))
        .await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "wait")?;
    assert_eq!(parrot.log.wait("failed message").await, "too long");
    consumer.say("echo next")?;
    consumer.hears("next").await?;
    Ok(())
}

#[tokio::test]
async fn what_does_not_fit_into_memory_is_read_again_in_order() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let limits = Limits::default().waiting(3);
    let bot = parrot
        .run_as(&stage, |runner| runner.limits(limits).read_receipts(false))
        .await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "wait")?;
    parrot.log.wait("message text wait").await;
    for number in 0..300 {
        consumer.say(&format!("number {number}"))?;
    }
    while bot.health().overflows == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    parrot.gate.notify_one();
    consumer.hears("waited").await?;
    parrot.log.wait("message text number 299").await;
    consumer.say("echo live again")?;
    consumer.hears("live again").await?;
    let told: Vec<_> = parrot
        .log
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("message text number"))
        .collect();
    let expected: Vec<_> = (0..300).map(|number| format!("message text number {number}")).collect();
    assert_eq!(told, expected);
    Ok(())
}

#[tokio::test]
async fn a_drop_of_the_connection_loses_and_doubles_nothing() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let quick = le_bots::supervisor::Backoff::new(Duration::from_millis(20), Duration::from_millis(50));
    let bot = parrot.run_as(&stage, |runner| runner.backoff(quick)).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "echo 0")?;
    for number in 1..30 {
        consumer.hears(&format!("You said: {}", number - 1)).await?;
        if number % 5 == 0 {
            stage.sim.control().messaging().close_sockets(None, 1006, "");
        }
        consumer.say(&format!("echo {number}"))?;
    }
    consumer.hears("You said: 29").await?;
    let said = consumer.conversation("", |_| true).await?.to_string();
    for number in 0..30 {
        assert_eq!(said.matches(&format!("You said: {number}\"")).count(), 1, "{number}");
    }
    assert!(bot.health().reconnects >= 4, "{:?}", bot.health());
    Ok(())
}
