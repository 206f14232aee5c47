//! A script at work.

use async_trait::async_trait;
use le_bots::bot::{Bot, BotError, Context, Failure, HandOver, Handled, Message, Remedy, Reply};
use serde::{Deserialize, Serialize};

use super::check::{Fits, Rule};
use super::{Escalation, Script};

/// A bot that plays a script.
#[derive(Debug)]
pub(in super::super) struct Play(Script);

/// What is kept of a conversation.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// Messages in a row that no rule fitted.
    missed: u32,
}

impl Play {
    pub(in super::super) fn new(script: Script) -> Self {
        Self(script)
    }

    async fn follow(&self, ctx: &Context, rule: &Rule, said: &str) -> Result<(), BotError> {
        let last = rule.replies.len().saturating_sub(1);
        for (place, text) in rule.replies.iter().enumerate() {
            let mut reply = Reply::text(filled(&rule.fits, text, said));
            // Quick replies stand below the last message.
            if let Some(choices) = rule
                .quick_replies
                .as_ref()
                .filter(|_| rule.card.is_none() && place == last)
            {
                reply = reply.quick_replies(choices.clone());
            }
            ctx.reply(reply).await?;
        }
        if let Some(card) = &rule.card {
            let mut reply = Reply::rich(card.clone());
            if let Some(choices) = &rule.quick_replies {
                reply = reply.quick_replies(choices.clone());
            }
            ctx.reply(reply).await?;
        }
        if let Some(note) = &rule.note {
            ctx.private_note(filled(&rule.fits, note, said)).await?;
        }
        if let Some((kind, seconds)) = &rule.ttr {
            ctx.set_ttr(kind.clone(), *seconds).await?;
        }
        if let Some((skill, reason)) = &rule.transfer {
            ctx.transfer_to_skill(skill.to_string(), HandOver::because(reason.as_str()))
                .await?;
        }
        if rule.close {
            ctx.close_conversation().await?;
        }
        Ok(())
    }

    /// No rule fits.
    async fn missed(&self, ctx: &Context, mut kept: Kept) -> Result<(), BotError> {
        kept.missed += 1;
        ctx.set_state(&kept)?;
        match &self.0.escalation {
            Some(Escalation { skill, after, reply }) if kept.missed >= *after => {
                if let Some(reply) = reply {
                    ctx.reply(reply.as_str()).await?;
                }
                ctx.transfer_to_skill(skill.to_string(), HandOver::because("escalated_by_bot"))
                    .await?;
            }
            _ => {
                if let Some(reply) = &self.0.no_match {
                    ctx.reply(reply.as_str()).await?;
                }
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Bot for Play {
    async fn started(&self, ctx: &Context) -> Handled {
        for rule in self.0.rules.iter().filter(|rule| matches!(rule.fits, Fits::Start)) {
            self.follow(ctx, rule, "").await?;
        }
        Ok(())
    }

    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        let said = message.text().unwrap_or_default();
        let kept: Kept = ctx.state()?.unwrap_or_default();
        let Some(rule) = self.0.rules.iter().find(|rule| fits(&rule.fits, &message, said)) else {
            return self.missed(ctx, kept).await;
        };
        if kept.missed > 0 {
            ctx.set_state(&Kept::default())?;
        }
        self.follow(ctx, rule, said).await
    }

    /// Whoever cannot be served by the bot is to get to somebody who can.
    async fn failed(&self, _: &Context, _: &Failure) -> Remedy {
        match &self.0.escalation {
            Some(escalation) => Remedy::Escalate {
                skill: escalation.skill.to_string().into(),
            },
            None => Remedy::BackToQueue,
        }
    }
}

fn fits(fits: &Fits, message: &Message, said: &str) -> bool {
    match fits {
        Fits::Start => false,
        Fits::Any => true,
        Fits::Contains(words) => {
            let said = said.to_lowercase();
            words.iter().any(|word| said.contains(word))
        }
        Fits::Regex(regex) => regex.is_match(said),
        Fits::Press(ids) => {
            let Message::Press(press) = message else { return false };
            let pressed = [press.external_id(), press.title.clone()];
            let mut pressed = pressed.into_iter().flatten().map(|text| text.to_lowercase());
            pressed.any(|text| ids.contains(&text))
        }
    }
}

/// Puts what a regular expression found in the place of `$1`, `$name`, `${1}`. A dollar sign is written as `$$`.
fn filled(fits: &Fits, text: &str, said: &str) -> String {
    let Fits::Regex(regex) = fits else {
        return text.to_owned();
    };
    let Some(found) = regex.captures(said) else {
        return text.to_owned();
    };
    let mut out = String::new();
    found.expand(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_stands_in_the_reply() {
        let regex = regex::Regex::new("order (?<number>[0-9]+)").unwrap();
        let fits = Fits::Regex(regex);
        assert_eq!(
            filled(&fits, "Order ${number}, $1: 5 $$", "order 42"),
            "Order 42, 42: 5 $"
        );
        assert_eq!(filled(&Fits::Any, "5 $1", "order 42"), "5 $1");
    }

    #[test]
    fn words_fit_in_any_case_and_buttons_only_when_they_are_pressed() {
        let text = Message::Text("Where is my ORDER?".to_owned());
        let said = text.text().unwrap_or_default();
        assert!(super::fits(&Fits::Contains(vec!["order".into()]), &text, said));
        assert!(!super::fits(&Fits::Contains(vec!["parcel".into()]), &text, said));
        assert!(!super::fits(&Fits::Press(vec!["order".into()]), &text, said));
        assert!(super::fits(&Fits::Any, &text, said));
        assert!(!super::fits(&Fits::Start, &text, said));
    }
}
