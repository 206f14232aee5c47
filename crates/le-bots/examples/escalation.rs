//! A bot that hands over to a person, with the reason and a summary. `cargo run -p le-bots --example escalation`

mod support;

use le_bots::agent_state::Availability;
use le_bots::bot::{Bot, BotRunner, Context, Failure, HandOver, Handled, Message, Remedy, Shutdown};
use le_bots::metadata::EscalationSummary;
use le_bots::store::MemoryStore;
use le_bots::supervisor::{AgentLink, Delivery};
use support::{Outcome, Stage};

struct FirstLine {
    /// The skill of the people.
    people: String,
}

#[async_trait::async_trait]
impl Bot for FirstLine {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        let misses = ctx.state::<u32>()?.unwrap_or_default();
        let (reason, cause) = match message.text() {
            Some(text) if text.contains("hours") => {
                ctx.reply("We are open from 8 to 20.").await?;
                return Ok(());
            }
            Some(text) if text.contains("person") => ("escalated_by_user", "asked for a person"),
            _ if misses > 0 => ("escalated_by_bot", "understood nothing twice"),
            _ => {
                ctx.set_state(&(misses + 1))?;
                ctx.reply("I did not understand that. Could you say it in other words?")
                    .await?;
                return Ok(());
            }
        };
        // Always say it first; then the transfer, with what the agent's escalation widget shows.
        ctx.reply("I connect you with a colleague.").await?;
        ctx.private_note(format!("The consumer was handed over: {cause}"))
            .await?;
        let why = HandOver::because(reason).with(&EscalationSummary::new(cause)?);
        ctx.transfer_to_skill(self.people.as_str(), why).await?;
        Ok(())
    }

    async fn failed(&self, _: &Context, _: &Failure) -> Remedy {
        // A bot must always leave a way out.
        Remedy::Escalate {
            skill: self.people.as_str().into(),
        }
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let stage = Stage::new().await?;
    let (first, people) = (stage.skill(0), stage.skill(1));
    let connector = stage.connector(stage.agent(first, 0)).await?;
    let line = FirstLine {
        people: people.to_string(),
    };
    let bot = BotRunner::new(line, connector).store(MemoryStore::new()).run().await?;

    let mut consumer = stage.consumer()?.aloud();
    consumer.start(first, "What are your hours?")?;
    consumer.hears("8 to 20").await?;
    consumer.say("My kettle sings")?;
    consumer.hears("other words").await?;
    consumer.say("It sings in a minor key")?;
    consumer.hears("colleague").await?;

    // The person, who needs no framework.
    let n = (0..)
        .find(|n| stage.agent(people, *n).user_id != stage.agent(first, 0).user_id)
        .unwrap_or(0);
    let connector = stage.connector(stage.agent(people, n)).await?;
    let (person, mut deliveries) = AgentLink::builder(connector)
        .availability(Availability::Online)
        .start()?;
    while let Some(delivery) = deliveries.next().await {
        match delivery {
            Delivery::Ring(ring) => drop(person.accept(ring.ring_id.unwrap_or_default()).await?),
            Delivery::Conversation(conversation) if conversation.is_assigned_to(person.agent()) => {
                person
                    .publish_text(consumer.conversation.as_str(), "Ruth here. A minor key, you say?")
                    .await?;
                break;
            }
            _ => {}
        }
    }
    consumer.hears("Ruth here").await?;
    consumer.close()?;
    consumer.closed().await?;
    person.shutdown().await;
    Ok(bot.shutdown(Shutdown::HandBack).await?)
}
