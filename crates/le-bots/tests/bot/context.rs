//! Each method of the context does what it says, as the server sees it.

use serde_json::{Value, json};

use crate::parrot::Parrot;
use crate::support::{Consumer, Outcome, Stage};

async fn talk(stage: &Stage) -> (Parrot, le_bots::bot::BotHandle, Consumer) {
    let parrot = Parrot::default();
    let bot = parrot.run(stage).await;
    let mut consumer = stage.consumer().unwrap();
    consumer.start(stage.skill(0), "echo hello").unwrap();
    consumer.hears("You said: hello").await.unwrap();
    (parrot, bot, consumer)
}

#[tokio::test]
async fn everything_that_can_be_said_is_said() -> Outcome {
    let stage = Stage::new().await?;
    let (_parrot, bot, mut consumer) = talk(&stage).await;

    consumer.say("card")?;
    let card = consumer.hears("Blue kettle").await?;
    assert_eq!(card["event"]["content"]["elements"][1]["title"], "Buy");
    consumer.say("carousel")?;
    consumer
        .wait("a carousel", |event| event["event"]["content"]["type"] == "carousel")
        .await?;
    consumer.say("json")?;
    consumer.hears("as it is").await?;
    consumer.say("choose")?;
    let question = consumer.hears("Which one?").await?;
    assert_eq!(question["event"]["quickReplies"]["replies"][1]["title"], "Blue");
    consumer.say("marked")?;
    assert_eq!(
        consumer.hears("marked").await?["metadata"],
        json!([{"type": "ExternalId", "id": "id-7"}])
    );
    consumer.say("typing")?;
    consumer
        .wait("typing", |event| event["event"]["chatState"] == "COMPOSING")
        .await?;
    consumer.say("type")?;
    consumer
        .wait("typing", |event| event["event"]["chatState"] == "COMPOSING")
        .await?;
    consumer.hears("typed").await?;
    consumer
        .wait("no typing", |event| event["event"]["chatState"] == "ACTIVE")
        .await?;
    consumer.say("history")?;
    consumer.hears(" texts, ").await?;
    consumer.say("profile")?;
    consumer.hears("Ada has 1 attributes").await?;

    consumer.say("note")?;
    let noted = |found: &Value| {
        found["events"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|event| event["private"] == true)
    };
    consumer.conversation("a note", noted).await?;
    consumer.say("picture")?;
    let picture = consumer.hears("(file \"A picture\")").await?;
    assert_eq!(picture["event"]["contentType"], "hosted/file");
    // From outside of the handlers, too.
    let outside = bot.conversation(&consumer.conversation.as_str().into()).unwrap();
    outside.reply("by the way").await?;
    consumer.hears("by the way").await?;
    assert!(outside.set_state(&1).is_err());
    assert_eq!(bot.health().failures, 0);
    Ok(())
}

#[tokio::test]
async fn every_message_is_read_once() -> Outcome {
    let stage = Stage::new().await?;
    let (_parrot, _bot, mut consumer) = talk(&stage).await;
    let second = consumer.say("echo again")?;
    consumer
        .wait("a receipt", |event| {
            event["event"]["status"] == "READ" && event["event"]["sequenceList"] == json!([second])
        })
        .await?;
    consumer.hears("again").await?;
    Ok(())
}

#[tokio::test]
async fn a_conversation_moves_as_it_is_told() -> Outcome {
    let stage = Stage::new().await?;
    let skill = stage.skill(1);
    let (parrot, _bot, consumer) = talk(&stage).await;
    consumer.say("urgent")?;
    parrot.log.wait("ttr URGENT").await;
    consumer.say(&format!("skill {skill}"))?;
    parrot.log.wait("transferred").await;
    consumer
        .conversation("another skill", |found| is(&found["skillId"], skill))
        .await?;

    let stage = Stage::new().await?;
    let (parrot, _bot, mut consumer) = talk(&stage).await;
    let second = Parrot::default();
    let _second = second.run_for(&stage, 1, |runner| runner).await;
    let id = format!("{}.{}", stage.sim.account().id, stage.agent(stage.skill(0), 1).user_id);
    consumer.say(&format!("agent {id} {}", stage.skill(0)))?;
    parrot.log.wait("transferred").await;
    second.log.wait("started").await;
    consumer.say("echo who is there?")?;
    consumer.hears("You said: who is there?").await?;
    assert_eq!(
        (parrot.log.count("started"), second.log.count("message text echo")),
        (1, 1)
    );

    let stage = Stage::new().await?;
    let (parrot, _bot, consumer) = talk(&stage).await;
    consumer.say("close-dialog")?;
    consumer.closed().await?;
    parrot.log.wait("dialog MAIN open=false").await;
    parrot.log.wait("closed AGENT").await;

    let stage = Stage::new().await?;
    let (parrot, _bot, consumer) = talk(&stage).await;
    consumer.say("close")?;
    let closed = consumer.closed().await?;
    assert_eq!(closed["closeReason"], "AGENT");
    parrot.log.wait("closed AGENT").await;
    assert_eq!(parrot.log.count("transferred"), 0);
    Ok(())
}

fn is(value: &Value, number: i64) -> bool {
    value.as_i64() == Some(number) || value.as_str() == Some(number.to_string().as_str())
}

#[tokio::test]
async fn a_file_of_the_consumer_is_fetched() -> Outcome {
    let stage = Stage::new().await?;
    let (parrot, bot, mut consumer) = talk(&stage).await;
    // The simulator's consumers cannot upload; what the bot stored can be shown by anybody.
    consumer.say("picture")?;
    let picture = consumer.hears("A picture").await?;
    consumer.publish(&picture["event"], None)?;
    assert_eq!(parrot.log.wait("message file").await, "");
    consumer.hears("got 1000 bytes").await?;
    assert_eq!(bot.health().failures, 0);
    Ok(())
}

#[tokio::test]
async fn long_texts_are_cut_where_that_is_wanted() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let _bot = parrot
        .run_as(&stage, |runner| {
            runner.split_text(std::num::NonZeroUsize::new(20).unwrap())
        })
        .await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "echo this is longer than that")?;
    let first = consumer.hears("You said: this is").await?;
    let second = consumer.hears("longer than that").await?;
    assert!(first["sequence"].as_i64() < second["sequence"].as_i64());
    Ok(())
}
