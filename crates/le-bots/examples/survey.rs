//! A bot that holds the survey after a conversation. `cargo run -p le-bots --example survey`

#![allow(clippy::print_stdout, reason = "it shows what happens")]

mod support;

use le_bots::bot::{Bot, BotRunner, Context, Handled, Message, Reply, Shutdown};
use le_bots::metadata::SurveyMark;
use le_bots::store::MemoryStore;
use le_bots::structured_content::{Button, QuickReplies};
use support::{Outcome, Stage};

/// The installation of the survey bot in the account: surveys for others are left alone.
const APP: &str = "inst-1";
const SURVEY: &str = "after-sales";

struct Surveyor;

/// A question with its answers, marked so that reports know them.
fn question(id: &str, text: &str, answers: &[&str]) -> le_core::Result<Reply> {
    let ids: Vec<String> = answers.iter().map(|answer| format!("{id}-{answer}")).collect();
    let buttons = answers.iter().zip(&ids).map(|(answer, answer_id)| {
        Button::says(*answer, *answer).metadata(&SurveyMark::answer(answer_id.as_str(), id))
    });
    let replies = QuickReplies::new(buttons.collect::<le_core::Result<Vec<_>>>()?);
    Ok(Reply::text(text)
        .quick_replies(replies)
        .metadata(&SurveyMark::question(id, SURVEY, ids)))
}

#[async_trait::async_trait]
impl Bot for Surveyor {
    async fn started(&self, ctx: &Context) -> Handled {
        ctx.reply(question("happy", "Are you happy with us?", &["1", "2", "3", "4", "5"])?)
            .await?;
        Ok(())
    }

    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        let mut answers = ctx.state::<Vec<String>>()?.unwrap_or_default();
        answers.extend(message.text().map(str::to_owned));
        ctx.set_state(&answers)?;
        if answers.len() == 1 {
            ctx.reply(question("solved", "Is your question answered?", &["Yes", "No"])?)
                .await?;
        } else {
            ctx.reply("Thank you!").await?;
            ctx.complete_survey().await?;
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let stage = Stage::with(|knobs| {
        let mut survey = le_sim::SurveyKnobs::default();
        (survey.app_install_id, survey.built_in_bot) = (APP.to_owned(), false);
        knobs.survey = Some(survey);
    })
    .await?;
    let connector = stage.connector(stage.manager()).await?;
    let runner = BotRunner::new(Surveyor, connector).store(MemoryStore::new());
    let bot = runner.marked_survey(APP, SurveyMark::survey(SURVEY, "1")).run().await?;

    let mut consumer = stage.consumer()?.aloud();
    consumer.start(stage.skill(0), "I only wanted to say hello")?;
    consumer.close()?;
    consumer.hears("Are you happy").await?;
    consumer.press("5")?;
    consumer.hears("question answered").await?;
    consumer.press("Yes")?;
    consumer.hears("Thank you").await?;
    consumer.closed().await?;
    println!("{:>10}: conversation closed, the survey is completed", "server");

    Ok(bot.shutdown(Shutdown::HandBack).await?)
}
