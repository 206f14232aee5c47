//! A menu with quick replies, and a card with buttons. `cargo run -p le-bots --example menu`

mod support;

use le_bots::bot::{Bot, BotRunner, Context, Handled, Message, Shutdown};
use le_bots::store::MemoryStore;
use le_bots::structured_content::{Button, Image, Text, Vertical};
use support::{Outcome, Stage};

struct Shop;

#[async_trait::async_trait]
impl Bot for Shop {
    async fn started(&self, ctx: &Context) -> Handled {
        ctx.quick_replies("Welcome! What are you looking for?", ["Kettles", "Opening hours"])
            .await?;
        Ok(())
    }

    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        // What a button carries is the same in every language; what it says is not.
        match message.choice().as_deref() {
            Some("Kettles") => {
                let card = Vertical::new()
                    .with(Image::new("https://shop.example/kettle.png").alt("A blue kettle"))
                    .with(Text::new("Blue kettle, 1.7 l").bold())
                    .with(Button::says("Buy", "I take the kettle").marked("buy-kettle"))
                    .with(Button::opens("More", "https://shop.example/kettle").marked("more-kettle"));
                ctx.rich(card).await?;
            }
            Some("Opening hours") => drop(ctx.reply("We are open from 8 to 20.").await?),
            Some("buy-kettle") => {
                ctx.reply("It is yours. Good bye!").await?;
                ctx.close_conversation().await?;
            }
            Some("Hello") | None => {}
            Some(_) => drop(
                ctx.quick_replies("Please choose:", ["Kettles", "Opening hours"])
                    .await?,
            ),
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let stage = Stage::new().await?;
    let connector = stage.connector(stage.agent(stage.skill(0), 0)).await?;
    let bot = BotRunner::new(Shop, connector).store(MemoryStore::new()).run().await?;

    let mut consumer = stage.consumer()?.aloud();
    consumer.start(stage.skill(0), "Hello")?;
    consumer.hears("What are you looking for?").await?;
    consumer.press("Opening hours")?;
    consumer.hears("8 to 20").await?;
    consumer.say("Something blue")?;
    consumer.hears("Please choose").await?;
    consumer.press("Kettles")?;
    consumer.hears("Blue kettle").await?;
    consumer.press("Buy")?;
    consumer.hears("It is yours").await?;
    consumer.closed().await?;

    Ok(bot.shutdown(Shutdown::HandBack).await?)
}
