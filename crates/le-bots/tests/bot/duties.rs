//! Observers, survey bots, and conversations that a bot begins.

use le_bots::bot::{Bot, BotRunner, Context, Handled, Message, Reply};
use le_bots::conversation::Role;
use le_bots::metadata::SurveyMark;
use le_bots::store::MemoryStore;
use le_bots::structured_content::{Button, QuickReplies};
use serde_json::json;

use crate::parrot::{Log, Parrot, online};
use crate::support::{Outcome, Stage};

#[tokio::test]
async fn an_observer_joins_hears_everything_and_never_answers_rings() -> Outcome {
    for role in [Role::Manager, Role::Reader] {
        let stage = Stage::new().await?;
        let bot = Parrot::default();
        let _bot = bot.run(&stage).await;
        let watcher = Parrot::default();
        let mut consumer = stage.consumer()?;
        consumer.start(stage.skill(0), "echo one")?;
        consumer.hears("You said: one").await?;
        let connector = stage.connector(stage.manager()).await?;
        let runner = BotRunner::new(watcher.clone(), connector)
            .store(MemoryStore::new())
            .observer(role.clone());
        let running = runner.run().await?;
        online(&running).await;
        watcher.log.wait("found true").await;
        watcher.log.wait("started").await;
        // Also what was said before.
        assert_eq!(watcher.log.wait("message text").await, "echo one");
        assert_eq!(watcher.log.wait("colleague ASSIGNED_AGENT").await, "You said: one");
        consumer.say("what now")?;
        assert_eq!(watcher.log.wait_for("message text", 2).await, "what now");
        assert_eq!(watcher.log.count("offered"), 0);
        consumer.close()?;
        watcher.log.wait("closed CONSUMER").await;
        // Receipts are for those who have the conversation.
        let heard = consumer.conversation("", |_| true).await?;
        let manager = format!("{}.{}", stage.sim.account().id, stage.manager().user_id);
        let events = heard["events"].as_array().into_iter().flatten();
        let mut by_manager = events.filter(|event| event["by"] == manager.as_str());
        assert!(by_manager.all(|event| event["event"]["status"] != "READ"));
    }
    Ok(())
}

struct Surveyor(Log);

#[async_trait::async_trait]
impl Bot for Surveyor {
    async fn started(&self, ctx: &Context) -> Handled {
        self.0.write("started");
        let answer = |title: &str, id: &str| Button::says(title, title).metadata(&SurveyMark::answer(id, "q1"));
        let replies = QuickReplies::new([answer("Good", "a1")?, answer("Bad", "a2")?]);
        let question = SurveyMark::question("q1", "sv1", ["a1".to_owned(), "a2".to_owned()]);
        ctx.reply(Reply::text("How was it?").quick_replies(replies).metadata(&question))
            .await?;
        Ok(())
    }

    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        self.0.write(format!("message {}", message.text().unwrap_or_default()));
        ctx.reply("Thank you").await?;
        ctx.complete_survey().await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_survey_bot_holds_the_surveys_of_its_installation_and_no_others() -> Outcome {
    let knobs = || {
        let mut knobs = le_sim::SurveyKnobs::default();
        knobs.built_in_bot = false;
        knobs
    };
    for (app, ours) in [("inst-1", true), ("inst-2", false)] {
        let stage = Stage::with(|messaging| messaging.survey = Some(knobs())).await?;
        let parrot = Parrot::default();
        let _bot = parrot.run(&stage).await;
        let surveyor = Surveyor(Log::default());
        let log = surveyor.0.clone();
        let connector = stage.connector(stage.manager()).await?;
        let runner = BotRunner::new(surveyor, connector).store(MemoryStore::new());
        let running = runner.marked_survey(app, SurveyMark::survey("sv1", "1")).run().await?;
        online(&running).await;
        let mut consumer = stage.consumer()?;
        consumer.start(stage.skill(0), "echo hello")?;
        consumer.hears("hello").await?;
        consumer.close()?;
        if ours {
            consumer
                .conversation("the survey bot", |found| found.to_string().contains("POST_SURVEY"))
                .await?;
            log.wait("started").await;
            consumer
                .wait("the question", |event| event["event"]["message"] == "How was it?")
                .await?;
            consumer.press("Good")?;
            assert_eq!(log.wait("message").await, "Good");
            consumer.hears("Thank you").await?;
            consumer.closed().await?;
            assert_eq!(log.lines(), ["started", "message Good"]);
        } else {
            parrot.log.wait("dialog POST_SURVEY").await;
            assert_eq!(running.health().conversations, 0);
            assert_eq!(log.count("started"), 0);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_bot_begins_a_conversation_with_a_consumer_it_knows() -> Outcome {
    let stage = Stage::new().await?;
    let parrot = Parrot::default();
    let bot = parrot.run(&stage).await;
    let mut consumer = stage.consumer()?;
    consumer.start(stage.skill(0), "close")?;
    consumer.closed().await?;
    parrot.log.wait("closed").await;
    let id = bot
        .request_conversation(consumer.id.as_str(), consumer.conversation.as_str())
        .await?;
    parrot.log.wait_for("started", 2).await;
    let ctx = bot.conversation(&id).expect("it is the bot's");
    ctx.reply("Your parcel is here").await?;
    consumer.conversation = id.as_str().to_owned();
    let said = json!("Your parcel is here").to_string();
    consumer
        .conversation("the message", |found| found.to_string().contains(&said))
        .await?;
    assert_eq!(bot.conversations(), [id]);
    Ok(())
}
