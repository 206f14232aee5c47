//! A bot that says everything back. `cargo run -p le-bots --example echo` shows it with a consumer, on a LiveEngage of its own.
//!
//! With `LE_BEARER`, `LE_ACCOUNT_ID`, `LE_USER_ID` and `LE_MESSAGING_HOST` in the environment it runs for that user until Ctrl-C.

mod support;

use le_bots::bot::{Bot, BotRunner, Context, Handled, Message, Shutdown};
use le_bots::store::MemoryStore;
use support::{Outcome, Stage};

struct Echo;

#[async_trait::async_trait]
impl Bot for Echo {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        if let Some(text) = message.text() {
            ctx.reply(format!("You said: {text}")).await?;
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Outcome {
    if let Some(connector) = support::of_environment()? {
        // Its state is kept in a file, so it goes on where it was.
        return Ok(BotRunner::new(Echo, connector).run().await?.ended().await?);
    }
    let stage = Stage::new().await?;
    let connector = stage.connector(stage.agent(stage.skill(0), 0)).await?;
    let bot = BotRunner::new(Echo, connector).store(MemoryStore::new()).run().await?;

    let mut consumer = stage.consumer()?.aloud();
    consumer.start(stage.skill(0), "Is anybody there?")?;
    consumer.hears("You said: Is anybody there?").await?;
    consumer.say("Then I am not alone")?;
    consumer.hears("You said: Then I am not alone").await?;
    consumer.close()?;
    consumer.closed().await?;

    Ok(bot.shutdown(Shutdown::HandBack).await?)
}
