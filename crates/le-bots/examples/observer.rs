//! An observer: it reads along in the conversations of others, and warns a colleague. `cargo run -p le-bots --example observer`

#![allow(clippy::print_stdout, reason = "it shows what happens")]

mod support;

use le_bots::bot::{Author, Bot, BotRunner, Closed, Context, Handled, Message, Shutdown};
use le_bots::conversation::Role;
use le_bots::store::MemoryStore;
use support::{Outcome, Stage};

struct Echo;

#[async_trait::async_trait]
impl Bot for Echo {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        ctx.reply(format!("You said: {}", message.text().unwrap_or_default()))
            .await?;
        Ok(())
    }
}

struct Watch;

#[async_trait::async_trait]
impl Bot for Watch {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        if message.text().is_some_and(|text| text.contains("lawyer")) {
            ctx.private_note("Careful: there may be a complaint.").await?;
        }
        Ok(())
    }

    async fn colleague(&self, _: &Context, author: &Author, message: Message) -> Handled {
        let role = author.role.as_ref().map_or("", |role| role.as_str());
        println!(
            "{:>10}: {role} wrote {} letters",
            "observer",
            message.text().unwrap_or_default().len()
        );
        Ok(())
    }

    async fn closed(&self, _: &Context, closed: &Closed) -> Handled {
        println!(
            "{:>10}: closed by {}",
            "observer",
            closed.by.as_ref().map_or("nobody", |by| by.as_str())
        );
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let stage = Stage::new().await?;
    let connector = stage.connector(stage.agent(stage.skill(0), 0)).await?;
    let echo = BotRunner::new(Echo, connector).store(MemoryStore::new()).run().await?;
    // A manager may join conversations. Readers only listen, managers may speak.
    let connector = stage.connector(stage.manager()).await?;
    let runner = BotRunner::new(Watch, connector).store(MemoryStore::new());
    let watch = runner.observer(Role::Manager).run().await?;

    let mut consumer = stage.consumer()?.aloud();
    consumer.start(stage.skill(0), "Where is my kettle?")?;
    consumer.hears("You said").await?;
    consumer.say("I will call my lawyer")?;
    let warned = |found: &serde_json::Value| found.to_string().contains("Careful");
    consumer.conversation("the warning", warned).await?;
    consumer.close()?;
    consumer.closed().await?;
    while watch.health().conversations > 0 {
        tokio::task::yield_now().await;
    }

    watch.shutdown(Shutdown::HandBack).await?;
    Ok(echo.shutdown(Shutdown::HandBack).await?)
}
