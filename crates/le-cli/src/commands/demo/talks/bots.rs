//! The two sides of the brand: a bot that answers, and a person (played by another bot) whom it hands over to.

use async_trait::async_trait;
use le_attributes::Attributes;
use le_bots::bot::{Bot, Context, HandOver, Handled, Message};
use le_bots::structured_content::{Button, Text, Vertical};
use le_bots::ttr::TtrType;

use super::super::visitor;

/// What is answered to the question with this number.
pub(super) fn answer(question: &str) -> Option<String> {
    Some(format!("Answer {}", question.strip_prefix("Question ")?))
}

/// What the person answers.
pub(super) fn persons_answer(question: &str) -> Option<String> {
    Some(format!("Ruth's answer {}", question.strip_prefix("Question ")?))
}

pub(super) const PARCEL: &str = "Where is my parcel?";
pub(super) const PERSON: &str = "I want to talk to a person";
pub(super) const ON_ITS_WAY: &str = "It is on its way. What else?";
pub(super) const CONNECTING: &str = "I connect you with Ruth.";
pub(super) const RUTH: &str = "Ruth here. What can I do?";
pub(super) const THANKS: &str = "Thank you";
pub(super) const BYE: &str = "Good bye!";

/// Answers, shows a card, makes it urgent, hands over. Whoever comes from the shop hears what is known of the visit.
pub(super) struct Clerk {
    pub(super) attributes: Attributes,
    /// The skill of the people.
    pub(super) people: String,
}

impl Clerk {
    async fn greet(&self, ctx: &Context) -> Handled {
        let conversation = ctx.conversation();
        let details = conversation.details.as_ref();
        let Some(from) = details.and_then(|details| details.context.as_ref()) else {
            return Ok(());
        };
        if let Some(greeting) = visitor::greeting(&self.attributes, from).await? {
            ctx.reply(greeting).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Bot for Clerk {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        match message.choice().as_deref() {
            Some("parcel") => {
                ctx.set_ttr(TtrType::Urgent, 300).await?;
                ctx.reply(ON_ITS_WAY).await?;
            }
            Some("person") => {
                ctx.reply(CONNECTING).await?;
                let why = HandOver::because("escalated_by_user");
                ctx.transfer_to_skill(self.people.as_str(), why).await?;
            }
            Some(text) if text.starts_with("Hello") => {
                self.greet(ctx).await?;
                let card = Vertical::new()
                    .with(Text::new("What can I do for you?").bold())
                    .with(Button::says("Parcel", PARCEL).marked("parcel"))
                    .with(Button::says("A person", PERSON).marked("person"));
                ctx.rich(card).await?;
            }
            Some(text) => {
                if let Some(answer) = answer(text) {
                    ctx.reply(answer).await?;
                }
            }
            None => {}
        }
        Ok(())
    }
}

/// Takes over, answers, and closes.
pub(super) struct Person;

#[async_trait]
impl Bot for Person {
    async fn started(&self, ctx: &Context) -> Handled {
        ctx.reply(RUTH).await?;
        Ok(())
    }

    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        match message.text() {
            Some(THANKS) => {
                ctx.reply(BYE).await?;
                ctx.close_dialog("Closed by agent").await?;
            }
            Some(text) => {
                if let Some(answer) = persons_answer(text) {
                    ctx.reply(answer).await?;
                }
            }
            None => {}
        }
        Ok(())
    }
}
