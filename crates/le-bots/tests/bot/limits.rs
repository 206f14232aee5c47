//! Rings: the limit of conversations, and rings that end while they are answered.

use std::time::Duration;

use le_bots::bot::{Beyond, Limits};
use le_sim::{FaultAction, FaultRule};

use crate::parrot::Parrot;
use crate::support::{Outcome, Stage};

#[tokio::test]
async fn rings_beyond_the_limit_are_rejected_or_left() -> Outcome {
    for beyond in [Beyond::Reject, Beyond::Leave] {
        let stage = Stage::new().await?;
        let parrot = Parrot::default();
        let limits = Limits::default().conversations(2).recommended(1).beyond(beyond);
        let bot = parrot.run_as(&stage, |runner| runner.limits(limits)).await;
        let mut consumers = Vec::new();
        for number in 1..=3 {
            let mut consumer = stage.consumer()?;
            consumer.start(stage.skill(0), "echo hello")?;
            parrot.log.wait_for("offered", number).await;
            if number < 3 {
                consumer.hears("hello").await?;
            }
            consumers.push(consumer);
        }
        let health = bot.health();
        assert_eq!(
            (health.conversations, health.rings_accepted, health.overloaded),
            (2, 2, true)
        );
        assert_eq!(parrot.log.count("started"), 2);
        // When there is room again, the next ring is taken.
        consumers[0].close()?;
        consumers[0].closed().await?;
        parrot.log.wait("closed").await;
        let mut fourth = stage.consumer()?;
        fourth.start(stage.skill(0), "echo there is room")?;
        fourth.hears("there is room").await?;
    }
    Ok(())
}

#[test]
fn the_vendors_ceiling_cannot_be_raised() {
    assert_eq!(Limits::default().conversations(5000).conversations, 999);
    assert_eq!(Limits::default().conversations, 999);
    assert_eq!(Limits::default().recommended, 250);
}

#[tokio::test]
async fn a_ring_that_ends_while_it_is_accepted_does_no_harm() -> Outcome {
    let stage = Stage::with(|knobs| knobs.ring_ms = 1000).await?;
    // The answer to the ring arrives after it has expired.
    let late = FaultAction::Delay { ms: 300 };
    let rule = FaultRule::new(late)
        .route("socket.agent.request.routing.UpdateRingState")
        .first(1);
    stage.sim.control().add_fault(rule)?;
    let parrot = Parrot::default();
    let bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "echo hello")?;
    parrot.log.wait("offered").await;
    stage.sim.control().messaging().advance(Duration::from_secs(2));
    // It is offered anew, and taken.
    consumer.hears("hello").await?;
    assert_eq!(parrot.log.count("started"), 1);
    assert_eq!(bot.health().conversations, 1);
    Ok(())
}
