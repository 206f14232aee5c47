//! A bot that does what it is told, and writes down what its handlers are called for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use le_bots::bot::{
    Author, Bot, BotHandle, BotRunner, Closed, Context, Decision, Failure, HandOver, Handled, Message, Receipt, Remedy,
    Reply, Transfer,
};
use le_bots::conversation::Conversation;
use le_bots::dialog::Dialog;
use le_bots::event::{ChatState, FileType};
use le_bots::metadata::EscalationSummary;
use le_bots::ring::Ring;
use le_bots::secure_form::DownloadToken;
use le_bots::store::MemoryStore;
use le_bots::structured_content::{Button, Carousel, Element, Text, Vertical};
use le_bots::ttr::{Ttr, TtrType};
use tokio::sync::Notify;

use crate::support::Stage;

/// Nothing here takes longer, however busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What handlers were called for, one line each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    news: Arc<Notify>,
}

impl Log {
    pub(crate) fn write(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push(line.into());
        self.news.notify_waiters();
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, start: &str) -> usize {
        self.lines().iter().filter(|line| line.starts_with(start)).count()
    }

    /// Waits for a line that begins so; gives its rest.
    pub(crate) async fn wait(&self, start: &str) -> String {
        self.wait_for(start, 1).await
    }

    /// Waits for so many of them; gives the rest of the last.
    pub(crate) async fn wait_for(&self, start: &str, count: usize) -> String {
        let found = async {
            loop {
                let news = self.news.notified();
                let mut news = std::pin::pin!(news);
                news.as_mut().enable();
                if let Some(rest) = self
                    .lines()
                    .iter()
                    .filter_map(|line| line.strip_prefix(start))
                    .nth(count - 1)
                {
                    return rest.trim().to_owned();
                }
                news.await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        found.unwrap_or_else(|_| panic!("waited for {count} of {start:?}, saw {:#?}", self.lines()))
    }
}

/// The bot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parrot {
    pub(crate) log: Log,
    pub(crate) decision: Decision,
    pub(crate) remedy: Remedy,
    /// Opened by the test to let handlers that wait go on.
    pub(crate) gate: Arc<Notify>,
}

impl Parrot {
    /// Runs it for the first agent of the first skill.
    pub(crate) async fn run(&self, stage: &Stage) -> BotHandle {
        self.run_as(stage, |runner| runner).await
    }

    pub(crate) async fn run_as(&self, stage: &Stage, change: impl FnOnce(BotRunner) -> BotRunner) -> BotHandle {
        self.run_for(stage, 0, change).await
    }

    /// Runs it for the n-th agent of the first skill.
    pub(crate) async fn run_for(
        &self,
        stage: &Stage,
        n: usize,
        change: impl FnOnce(BotRunner) -> BotRunner,
    ) -> BotHandle {
        let connector = stage.connector(stage.agent(stage.skill(0), n)).await.unwrap();
        let runner = BotRunner::new(self.clone(), connector).store(MemoryStore::surviving());
        let bot = change(runner).run().await.unwrap();
        online(&bot).await;
        bot
    }
}

pub(crate) async fn online(bot: &BotHandle) {
    let mut state = bot.state();
    let online = state.wait_for(|state| state.is_online() || state.ended().is_some());
    let state = tokio::time::timeout(PATIENCE, online).await.unwrap().unwrap();
    assert!(state.is_online(), "{state:?}");
}

#[async_trait]
impl Bot for Parrot {
    async fn offered(&self, ring: &Ring) -> Decision {
        self.log.write(format!("offered {}", ring.skill_id.as_ref().unwrap()));
        self.decision
    }

    async fn found(&self, conversation: &Conversation) -> Decision {
        self.log.write(format!("found {}", conversation.is_open()));
        self.decision
    }

    async fn started(&self, ctx: &Context) -> Handled {
        self.log
            .write(format!("started {}", ctx.dialog().as_str() == ctx.id().as_str()));
        Ok(())
    }

    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        let text = message.text().unwrap_or_default().to_owned();
        self.log.write(format!("message {} {text}", kind(&message)));
        if let Message::File(file) = &message {
            let bytes = ctx.receive_file(file).await?;
            ctx.reply(format!("got {} bytes", bytes.len())).await?;
        }
        if let Message::SecureForm(form) = &message {
            let (invitation, submission) = (form.invitation_id.clone(), form.submission_id.clone());
            let request = DownloadToken::new(
                ctx.dialog().clone(),
                invitation.unwrap_or_default(),
                submission.unwrap_or_default(),
            );
            let token = ctx.link().request(request).await?.read_once();
            ctx.reply(format!("one token: {}", token.is_some())).await?;
        }
        let (command, rest) = text.split_once(' ').unwrap_or((&text, ""));
        self.obey(ctx, command, rest).await
    }

    async fn colleague(&self, _: &Context, author: &Author, message: Message) -> Handled {
        let role = author.role.as_ref().map_or("", |role| role.as_str());
        self.log
            .write(format!("colleague {role} {}", message.text().unwrap_or_default()));
        Ok(())
    }

    async fn typing(&self, _: &Context, author: &Author, state: ChatState) -> Handled {
        self.log
            .write(format!("typing {} {}", author.is_consumer(), state.as_str()));
        Ok(())
    }

    async fn receipt(&self, _: &Context, receipt: &Receipt) -> Handled {
        self.log
            .write(format!("receipt {} {:?}", receipt.status.as_str(), receipt.sequences));
        Ok(())
    }

    async fn transferred(&self, _: &Context, transfer: &Transfer) -> Handled {
        self.log.write(format!(
            "transferred kept={} certain={}",
            transfer.kept, transfer.certain
        ));
        Ok(())
    }

    async fn ttr_changed(&self, _: &Context, ttr: &Ttr) -> Handled {
        let kind = ttr.kind.as_ref().unwrap().as_str();
        self.log
            .write(format!("ttr {kind} {}", ttr.duration().unwrap().as_secs()));
        Ok(())
    }

    async fn dialog_changed(&self, _: &Context, dialog: &Dialog) -> Handled {
        let kind = dialog.dialog_type.as_ref().unwrap().as_str();
        self.log.write(format!("dialog {kind} open={}", dialog.is_open()));
        Ok(())
    }

    async fn closed(&self, _: &Context, closed: &Closed) -> Handled {
        let by = closed.by.as_ref().map_or("", |by| by.as_str());
        self.log.write(format!("closed {by}"));
        Ok(())
    }

    async fn failed(&self, _: &Context, failure: &Failure) -> Remedy {
        let how = match (&failure.error, failure.panicked) {
            (Some(_), _) => "error",
            (None, true) => "panic",
            (None, false) => "too long",
        };
        self.log.write(format!("failed {} {how}", failure.handler));
        self.remedy.clone()
    }
}

fn kind(message: &Message) -> &'static str {
    match message {
        Message::Text(_) => "text",
        Message::Rich(_) => "rich",
        Message::File(_) => "file",
        Message::Press(_) => "press",
        Message::SecureForm(_) => "form",
        _ => "other",
    }
}

impl Parrot {
    async fn obey(&self, ctx: &Context, command: &str, rest: &str) -> Handled {
        match command {
            "echo" => drop(ctx.reply(format!("You said: {rest}")).await?),
            "card" => drop(ctx.rich(card()).await?),
            "carousel" => drop(ctx.rich(Carousel::new([card().into(), card().into()])).await?),
            "json" => drop(
                ctx.rich(Element::json(&serde_json::json!({"type": "text", "text": "as it is"}))?)
                    .await?,
            ),
            "choose" => drop(ctx.quick_replies("Which one?", ["Red", "Blue"]).await?),
            "marked" => drop(ctx.reply(Reply::text("marked").external_id("id-7")).await?),
            "note" => drop(ctx.private_note("VIP").await?),
            "typing" => ctx.typing(true).await?,
            "type" => drop(ctx.type_and_reply("typed", Duration::from_millis(1)).await?),
            "skill" => {
                let summary = EscalationSummary::new("asked")?;
                let why = HandOver::because("escalated_by_user").with(&summary);
                ctx.transfer_to_skill(rest, why).await?;
            }
            "agent" => {
                ctx.reply("A colleague comes").await?;
                let (agent, skill) = rest.split_once(' ').unwrap();
                ctx.transfer_to_agent(agent, skill, HandOver::default()).await?;
            }
            "back" => ctx.back_to_queue(HandOver::default()).await?,
            "urgent" => ctx.set_ttr(TtrType::Urgent, 60).await?,
            "close-dialog" => ctx.close_dialog("done").await?,
            "close" => ctx.close_conversation().await?,
            "picture" => drop(ctx.send_file(vec![7; 1000], FileType::Png, "A picture").await?),
            "history" => {
                let history = ctx.history().await?;
                let texts = history
                    .iter()
                    .filter_map(|event| event.event.as_ref()?.as_text())
                    .count();
                ctx.reply(format!("{texts} texts, {} later", ctx.history_from(1).await?.len()))
                    .await?;
            }
            "profile" => {
                let profile = ctx.profile().await?;
                let sdes = ctx.sdes().await?;
                let name = profile.first_name.unwrap_or_default();
                ctx.reply(format!("{name} has {} attributes", sdes.len())).await?;
            }
            "count" => {
                let count = ctx.state::<u32>()?.unwrap_or_default() + 1;
                ctx.set_state(&count)?;
                ctx.reply(format!("That was {count}")).await?;
                assert!(rest != "panic", "as it was told");
            }
            "forget" => ctx.clear_state()?,
            "panic" => panic!("as it was told"),
            "fail" => return Err("as it was told".into()),
            "wait" => {
                self.gate.notified().await;
                ctx.reply("waited").await?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn card() -> Vertical {
    Vertical::new()
        .with(Text::new("Blue kettle"))
        .with(Button::says("Buy", "echo I take it").marked("buy-kettle"))
        .with(Button::opens("Look", "https://shop.example/k").marked("look-kettle"))
}
