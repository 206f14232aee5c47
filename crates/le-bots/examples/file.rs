//! A bot that sends a picture, and fetches the one that it is sent. `cargo run -p le-bots --example file`

mod support;

use le_bots::bot::{Bot, BotRunner, Context, Handled, Message, Shutdown};
use le_bots::event::FileType;
use le_bots::store::MemoryStore;
use support::{Outcome, Stage};

/// The smallest PNG: one transparent pixel.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1,
    0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

struct Album;

#[async_trait::async_trait]
impl Bot for Album {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        match message {
            Message::File(file) => {
                let bytes = ctx.receive_file(&file).await?;
                ctx.reply(format!("A picture of {} bytes, thank you.", bytes.len()))
                    .await?;
            }
            _ => drop(ctx.send_file(PIXEL, FileType::Png, "All that we have").await?),
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let stage = Stage::new().await?;
    let connector = stage.connector(stage.agent(stage.skill(0), 0)).await?;
    let bot = BotRunner::new(Album, connector).store(MemoryStore::new()).run().await?;

    let mut consumer = stage.consumer()?.aloud();
    consumer.start(stage.skill(0), "Show me something")?;
    let picture = consumer.hears("All that we have").await?;
    // The consumer sends the same file back: it is in the storage already.
    consumer.publish(&picture["event"], None)?;
    consumer.hears(&format!("A picture of {} bytes", PIXEL.len())).await?;
    consumer.close()?;
    consumer.closed().await?;

    Ok(bot.shutdown(Shutdown::HandBack).await?)
}
