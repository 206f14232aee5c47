//! `le watch`: what happens in the conversations that a user may see.

use std::collections::HashMap;

use clap::Args;
use le_bots::conversation::{ChangeKind, Conversation, Role, Stage, SubscribeConversations, Subscribed};
use le_bots::history::QueryMessages;
use le_bots::{Connection, DialogEvent, Events, Incoming, News, Notification};
use le_core::id::{ConversationId, DialogId};
use serde_json::json;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Result;
use crate::interrupt;
use crate::messaging::conversation::{Shown, closed_by};
use crate::messaging::socket::{AgentDoor, Ended, end_of};
use crate::messaging::transcript;
use crate::output::Output;
use crate::settings::Settings;

const LONG_ABOUT: &str = "\
Shows conversations as they change: who takes part, what is said, how they end. It takes no conversation, sets no presence and \
writes nothing. Which conversations there are depends on the user: managers see all, agents their own.

With --json each line is an object: `kind` is `event` (something was said; `event` as the service sent it), `conversation` \
(it changed; whole, as the service sent it) or `conversation_gone` (it left what is watched). When the connection breaks it \
comes back and shows what was missed.";

/// The flags of `le watch`.
#[derive(Debug, Args)]
#[command(about = "Show live conversations, for people or as JSON lines", long_about = LONG_ABOUT)]
pub(crate) struct WatchFlags {
    /// Only conversations of this skill; can be given several times
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    skill: Vec<String>,

    /// Only this conversation; can be given several times
    #[arg(long, value_name = "ID")]
    conversation: Vec<String>,

    /// Only conversations that are assigned to this user
    #[arg(long)]
    mine: bool,

    /// Changes of conversations, but not what is said in them
    #[arg(long)]
    no_messages: bool,
}

pub(crate) async fn run(flags: &WatchFlags, global: &Global, output: Output) -> Result<Exit> {
    let settings = Settings::resolve_asking(global)?;
    let stopped = interrupt::interrupted();
    let mut door = AgentDoor::log_in(&settings).await?;
    let mut watch = Watch::new(flags, output);
    let outcome = tokio::select! {
        outcome = Box::pin(go_on(&mut door, &mut watch, output)) => outcome,
        () = stopped => Ok(()),
    };
    door.log_out().await;
    outcome.map(|()| Exit::Ok)
}

/// Watches for ever; comes back where the connection breaks.
async fn go_on(door: &mut AgentDoor, watch: &mut Watch<'_>, output: Output) -> Result<()> {
    loop {
        let (connection, events) = door.open(output).await?;
        let wanted = if watch.flags.mine {
            SubscribeConversations::open_of(door.identity())
        } else {
            SubscribeConversations::in_stages([Stage::Open])
        };
        let followed = async {
            let subscribed = connection.request(wanted.clone()).await?;
            door.good();
            output.note("watching; Ctrl-C ends it");
            watch.follow(&connection, events, &wanted, subscribed).await
        };
        if let Ended::Lost(close) = end_of(&connection, followed.await).await? {
            door.lost(&close, output).await?;
        }
    }
}

struct Watch<'a> {
    flags: &'a WatchFlags,
    output: Output,
    shown: Shown,
    /// The last line about each conversation, so that a change that does not show is not told.
    told: HashMap<ConversationId, String>,
}

impl<'a> Watch<'a> {
    fn new(flags: &'a WatchFlags, output: Output) -> Self {
        Self {
            flags,
            output,
            shown: Shown::default(),
            told: HashMap::new(),
        }
    }

    async fn follow(
        &mut self,
        connection: &Connection,
        mut events: Events,
        wanted: &SubscribeConversations,
        mut subscribed: Subscribed,
    ) -> Result<Ended> {
        while let Some(incoming) = events.next().await {
            match incoming {
                Incoming::Notification(notification) => self.notified(connection, &notification).await?,
                Incoming::Missed(count) => {
                    self.output
                        .note(format_args!("{count} events were lost on the way; reading them again"));
                    // A new subscription begins with a list of all, and what was said is read for each of them.
                    if let Some(id) = subscribed.subscription_id.take() {
                        connection.unsubscribe_conversations(id).await?;
                    }
                    subscribed = connection.request(wanted.clone()).await?;
                }
                _ => {}
            }
        }
        Ok(Ended::Lost(connection.closed().await))
    }

    async fn notified(&mut self, connection: &Connection, notification: &Notification) -> Result<()> {
        match notification.read() {
            Ok(News::Conversations(news)) => {
                for change in news.changes.iter() {
                    let Some(conversation) = &change.conversation else {
                        continue;
                    };
                    self.changed(connection, conversation, change.kind.as_ref()).await?;
                }
            }
            // These come for conversations that the user takes part in.
            Ok(News::Events(news)) => {
                for event in news.events.iter() {
                    self.event(event)?;
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a notification that cannot be read"),
        }
        Ok(())
    }

    async fn changed(
        &mut self,
        connection: &Connection,
        conversation: &Conversation,
        kind: Option<&ChangeKind>,
    ) -> Result<()> {
        let Some(id) = conversation.id().filter(|_| self.wants(conversation)) else {
            return Ok(());
        };
        let gone = kind == Some(&ChangeKind::Delete);
        if !self.flags.no_messages {
            self.read(connection, conversation).await?;
        }
        let line = summary(conversation, gone);
        if self.output.is_json() {
            let kind = if gone { "conversation_gone" } else { "conversation" };
            self.output.line(json!({"kind": kind, "conversation": conversation}))?;
        } else if self.told.get(id) != Some(&line) {
            self.output.line(format!("{id} -- {line}"))?;
        }
        if gone {
            self.told.remove(id);
            self.shown.forget(conversation);
        } else {
            self.told.insert(id.clone(), line);
        }
        Ok(())
    }

    fn wants(&self, conversation: &Conversation) -> bool {
        let skill = conversation
            .details
            .as_ref()
            .and_then(|details| details.skill_id.as_ref());
        let named = |list: &[String], value: Option<&str>| {
            list.is_empty() || list.iter().any(|one| Some(one.as_str()) == value)
        };
        named(&self.flags.skill, skill.map(|skill| skill.as_str()))
            && named(&self.flags.conversation, conversation.id().map(|id| id.as_str()))
    }

    /// What was said since the last look. A user who does not take part gets no events by itself.
    async fn read(&mut self, connection: &Connection, conversation: &Conversation) -> Result<()> {
        let dialogs: Vec<DialogId> = conversation
            .dialogs()
            .filter_map(|dialog| dialog.dialog_id.clone())
            .collect();
        for dialog in dialogs {
            loop {
                let from = self.shown.next(&dialog);
                let mut query = QueryMessages::from(dialog.clone(), from);
                if let Some(id) = conversation.id() {
                    query = query.in_conversation(id.clone());
                }
                let page = match connection.request(query).await {
                    Ok(page) => page,
                    Err(error) => {
                        tracing::info!(%error, "the messages of a dialog cannot be read");
                        break;
                    }
                };
                for event in page.iter() {
                    self.event(event)?;
                }
                if self.shown.next(&dialog) == from {
                    break;
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, event: &DialogEvent) -> Result<()> {
        let Some(id) = event.conversation() else { return Ok(()) };
        let left_out =
            !self.flags.conversation.is_empty() && !self.flags.conversation.iter().any(|one| one == id.as_str());
        if left_out || self.flags.no_messages || !self.shown.is_new(event) {
            return Ok(());
        }
        if self.output.is_json() {
            return self.output.line(transcript::to_json(event));
        }
        let lines = transcript::lines(event);
        lines
            .into_iter()
            .try_for_each(|line| self.output.line(format!("{id} {line}")))
    }
}

/// A conversation in a line.
fn summary(conversation: &Conversation, gone: bool) -> String {
    if !conversation.is_open() {
        return closed_by(conversation).to_owned();
    }
    let details = conversation.details.as_ref();
    let skill = details
        .and_then(|details| details.skill_id.as_ref())
        .map_or("-1", |skill| skill.as_str());
    let participants = details.and_then(|details| details.participants.as_ref());
    let agent = participants.and_then(|all| all.with_role(&Role::AssignedAgent).next());
    let with = agent.map_or_else(|| "waits for an agent".to_owned(), |agent| format!("with {agent}"));
    let survey = conversation.main_dialog().is_some_and(|dialog| !dialog.is_open());
    let state = if survey { "in the survey".to_owned() } else { with };
    let gone = if gone { ", no longer watched" } else { "" };
    format!("skill {skill}, {state}{gone}")
}
