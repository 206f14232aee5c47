//! The window of a consumer: one conversation, its survey, and the buttons that can be pressed.

use le_bots::change::{FieldChange, UpdateConversation};
use le_bots::conversation::{CloseReason, Conversation, RequestConversation, Role, Stage, SubscribeConversations};
use le_bots::dialog::{Dialog, DialogType};
use le_bots::event::{AcceptStatus, ChatState, PublishEvent};
use le_bots::history::SubscribeMessages;
use le_bots::profile::SetProfile;
use le_bots::ttr::TtrType;
use le_bots::{Connection, DialogEvent, Event, Events, Incoming, News, Notification};
use le_core::id::{ConversationId, DialogId};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::messaging::card::{self, Button, Card};
use crate::messaging::conversation::{Shown, closed_by};
use crate::messaging::keyboard::{Keyboard, Typed};
use crate::messaging::socket::Ended;
use crate::messaging::transcript;
use crate::output::Output;

const HELP: &str = "\
  text                 say it
  1, 2, 3 ...          press the button with this number, or write its title
  /say TEXT            say it, even where it is the number or title of a button
  /typing              show that you are typing
  /urgent              say that it is urgent
  /close               end the conversation; a survey may follow, which /close ends, too
  /quit                leave the window; the conversation stays open";

/// The seconds that the vendor's window asks for with an urgent matter.
const URGENT_SECONDS: u32 = 300;

/// The state behind the terminal.
#[derive(Debug)]
pub(super) struct Window {
    skill: String,
    name: Option<String>,
    ttr: Option<TtrType>,
    output: Output,
    conversation: Option<ConversationId>,
    /// Dialogs that are open, the newest last; lines go to that one.
    dialogs: Vec<(DialogId, DialogType)>,
    /// Buttons of the newest message that has some, with where it stands.
    buttons: Vec<Button>,
    asked: Option<(DialogId, i64)>,
    /// Whether an agent was there when it was last told.
    attended: Option<bool>,
    over: bool,
    /// Whether the open dialogs are known: after a return they come with the first list.
    caught_up: bool,
    shown: Shown,
}

impl Window {
    pub(super) fn new(skill: &str, name: Option<String>, ttr: Option<TtrType>, output: Output) -> Self {
        Self {
            skill: skill.to_owned(),
            name,
            ttr,
            output,
            conversation: None,
            dialogs: Vec::new(),
            buttons: Vec::new(),
            asked: None,
            attended: None,
            over: false,
            caught_up: false,
            shown: Shown::default(),
        }
    }

    /// Subscribes, and starts the conversation unless it runs already.
    pub(super) async fn begin(&mut self, connection: &Connection) -> Result<()> {
        self.dialogs.clear();
        self.caught_up = self.conversation.is_none();
        let everything = SubscribeConversations::in_stages([Stage::Open, Stage::Close]);
        connection.request(everything).await?;
        if self.conversation.is_some() {
            return Ok(());
        }
        if let Some(name) = &self.name {
            let mut profile = SetProfile::default();
            profile.first_name = Some(name.clone());
            connection.request(profile).await?;
        }
        let mut request = RequestConversation::for_skill(self.skill.clone());
        request.ttr.clone_from(&self.ttr);
        let answer = connection
            .request(request)
            .await
            .map_err(|e| Failure::from(e).while_("no conversation was opened"))?;
        let id = answer
            .conversation_id
            .ok_or_else(|| Failure::new(Exit::Service, "the service opened a conversation without an id"))?;
        self.tell(
            "started",
            &format!("conversation {id}; somebody will be with you"),
            Some(&id),
        )?;
        self.conversation = Some(id.clone());
        self.listen(connection, DialogId::new(id.as_str()), DialogType::Main)
            .await
    }

    /// Serves the terminal and the socket until the conversation is over or one of them ends.
    pub(super) async fn serve(
        &mut self,
        connection: &Connection,
        mut events: Events,
        keyboard: &mut Keyboard,
    ) -> Result<Ended> {
        while !self.over {
            tokio::select! {
                incoming = events.next() => match incoming {
                    Some(incoming) => self.arrived(connection, incoming).await?,
                    None => return Ok(Ended::Lost(connection.closed().await)),
                },
                // What is typed before the dialogs are known would be said to nobody.
                typed = keyboard.next(), if self.caught_up => match typed {
                    None => return Ok(Ended::Left),
                    Some(Typed::Command(name, _)) if name == "quit" || name == "exit" => return Ok(Ended::Left),
                    Some(typed) => self.obey(connection, typed).await?,
                }
            }
        }
        Ok(Ended::Left)
    }

    /// Subscribes to a dialog, which sends what was said there.
    async fn listen(&mut self, connection: &Connection, dialog: DialogId, kind: DialogType) -> Result<()> {
        let Some(conversation) = self.conversation.clone() else {
            return Ok(());
        };
        if self.dialogs.iter().any(|(known, _)| *known == dialog) {
            return Ok(());
        }
        let from = self.shown.next(&dialog);
        if kind == DialogType::PostSurvey && from == 0 {
            self.tell("survey", "a few questions; /close leaves them out", Some(&conversation))?;
        }
        self.dialogs.push((dialog.clone(), kind));
        connection
            .request(SubscribeMessages::from(conversation, dialog, from))
            .await?;
        Ok(())
    }

    async fn arrived(&mut self, connection: &Connection, incoming: Incoming) -> Result<()> {
        match incoming {
            Incoming::Notification(notification) => self.told(connection, &notification).await,
            // Subscribing again sends what is missing.
            Incoming::Missed(_) => self.begin(connection).await,
            _ => Ok(()),
        }
    }

    async fn told(&mut self, connection: &Connection, notification: &Notification) -> Result<()> {
        match notification.read() {
            Ok(News::Conversations(news)) => {
                let own = |conversation: &&Conversation| conversation.id() == self.conversation.as_ref();
                let changed = news.changes.iter().filter_map(|change| change.conversation.as_ref());
                let changed: Vec<_> = changed.filter(own).cloned().collect();
                for conversation in &changed {
                    self.changed(connection, conversation).await?;
                }
            }
            Ok(News::Events(news)) => {
                for event in news.events.iter() {
                    self.event(connection, event).await?;
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a notification that cannot be read"),
        }
        Ok(())
    }

    async fn changed(&mut self, connection: &Connection, conversation: &Conversation) -> Result<()> {
        self.caught_up = true;
        if !conversation.is_open() {
            self.over = true;
            return self.tell(
                "closed",
                &format!("the conversation is over: {}", closed_by(conversation)),
                conversation.id(),
            );
        }
        let open: Vec<&Dialog> = conversation.dialogs().filter(|dialog| dialog.is_open()).collect();
        self.dialogs
            .retain(|(known, _)| open.iter().any(|dialog| dialog.dialog_id.as_ref() == Some(known)));
        if conversation.main_dialog().is_some_and(Dialog::is_open) {
            self.attendance(conversation)?;
        }
        for dialog in open {
            let Some(id) = dialog.dialog_id.clone() else { continue };
            let kind = dialog.dialog_type.clone().unwrap_or(DialogType::Main);
            self.listen(connection, id, kind).await?;
        }
        Ok(())
    }

    /// Tells when an agent comes or goes.
    fn attendance(&mut self, conversation: &Conversation) -> Result<()> {
        let details = conversation.details.as_ref();
        let participants =
            details.and_then(|details| details.participants.as_ref().or(details.participants_pid.as_ref()));
        let attended = participants.is_some_and(|all| all.with_role(&Role::AssignedAgent).next().is_some());
        match (self.attended.replace(attended), attended) {
            (Some(false) | None, true) => self.tell("agent_came", "an agent is here", conversation.id()),
            (Some(true), false) => self.tell(
                "agent_left",
                "you are handed over; somebody will be with you",
                conversation.id(),
            ),
            _ => Ok(()),
        }
    }

    async fn event(&mut self, connection: &Connection, event: &DialogEvent) -> Result<()> {
        let known = self
            .dialogs
            .iter()
            .any(|(dialog, _)| Some(dialog) == event.dialog_id.as_ref());
        if !known || !self.shown.is_new(event) {
            return Ok(());
        }
        let role = event
            .originator
            .as_ref()
            .and_then(|originator| originator.role.as_ref());
        // What the consumer says stands on the terminal already.
        if role == Some(&Role::Consumer) {
            return Ok(());
        }
        if self.output.is_json() {
            self.output.line(transcript::to_json(event))?;
        } else {
            // Receipts of the agent are for programs.
            let receipt = event.event.as_ref().is_some_and(|inner| inner.status.is_some());
            for line in transcript::lines(event).iter().filter(|_| !receipt) {
                self.output.line(line)?;
            }
        }
        let (Some(sequence), Some(dialog), Some(inner)) = (&event.sequence, &event.dialog_id, &event.event) else {
            return Ok(());
        };
        if !transcript::is_message(event) {
            return Ok(());
        }
        if let Some(card) = Card::of(inner).filter(|card| !card.buttons.is_empty()) {
            self.buttons = card.buttons;
            self.asked = Some((dialog.clone(), sequence.get()));
        }
        for status in [AcceptStatus::Accept, AcceptStatus::Read] {
            let receipt = Event::receipt(status, [sequence.get()]);
            // The dialog may be closed by now; nobody misses a receipt there.
            if let Err(error) = self.publish(connection, dialog.clone(), receipt).await {
                tracing::info!(%error, "a receipt was refused");
            }
        }
        Ok(())
    }

    async fn obey(&mut self, connection: &Connection, typed: Typed) -> Result<()> {
        let (name, rest) = match typed {
            Typed::Text(text) => {
                if let Some(button) = card::pressed(&self.buttons, &text).cloned() {
                    return self.press(connection, button).await;
                }
                return self.say(connection, text).await;
            }
            Typed::Command(name, rest) => (name, rest),
        };
        match name.as_str() {
            "say" => self.say(connection, rest).await,
            "typing" => self.event_of(connection, Event::chat_state(ChatState::Composing)).await,
            "urgent" => {
                self.change(connection, FieldChange::ttr(TtrType::Urgent, URGENT_SECONDS))
                    .await
            }
            "close" => match self.dialogs.last().cloned() {
                Some((dialog, _)) => {
                    let closing = FieldChange::close_dialog(dialog, CloseReason::Consumer, "Closed by consumer");
                    self.change(connection, closing).await
                }
                None => Ok(()),
            },
            "help" => self.output.line(HELP),
            _ => self.tell(
                "remark",
                &format!("there is no command /{name}; /help lists them"),
                None,
            ),
        }
    }

    /// Reports the click, and says what the button says.
    async fn press(&mut self, connection: &Connection, button: Button) -> Result<()> {
        let Some((dialog, sequence)) = self.asked.clone() else {
            return Ok(());
        };
        let mut events = Vec::new();
        if !button.metadata.is_empty() {
            events.push(Event::receipt(AcceptStatus::Action, [sequence]));
        }
        events.extend(button.text.as_deref().map(Event::text));
        for event in events {
            let mut call = connection.request(self.publication(dialog.clone(), event));
            for metadata in &button.metadata {
                call = call.metadata(metadata);
            }
            let published = call.await.map(drop);
            self.refused(published)?;
        }
        match button.link {
            Some(link) => self.tell("link", &format!("open {}", transcript::printable(&link)), None),
            None => Ok(()),
        }
    }

    async fn say(&mut self, connection: &Connection, text: String) -> Result<()> {
        self.event_of(connection, Event::text(text)).await
    }

    async fn event_of(&mut self, connection: &Connection, event: Event) -> Result<()> {
        let Some((dialog, _)) = self.dialogs.last().cloned() else {
            return self.tell("remark", "there is no open dialog", None);
        };
        let published = self.publish(connection, dialog, event).await;
        self.refused(published)
    }

    fn publication(&self, dialog: DialogId, event: Event) -> PublishEvent {
        let publish = PublishEvent::new(dialog, event);
        match &self.conversation {
            Some(conversation) => publish.in_conversation(conversation.clone()),
            None => publish,
        }
    }

    async fn publish(&self, connection: &Connection, dialog: DialogId, event: Event) -> Result<(), le_core::Error> {
        connection.request(self.publication(dialog, event)).await.map(drop)
    }

    async fn change(&mut self, connection: &Connection, change: FieldChange) -> Result<()> {
        let Some(conversation) = self.conversation.clone() else {
            return Ok(());
        };
        let changed = connection
            .request(UpdateConversation::new(conversation, [change]))
            .await
            .map(drop);
        self.refused(changed)
    }

    fn tell(&self, kind: &str, text: &str, conversation: Option<&ConversationId>) -> Result<()> {
        if self.output.is_json() {
            return self
                .output
                .line(json!({"kind": kind, "text": text, "conversation": conversation}));
        }
        self.output.line(format!("-- {text}"))
    }

    /// A refusal is told and the conversation goes on; a connection that ended is found by the loop.
    fn refused(&self, outcome: Result<(), le_core::Error>) -> Result<()> {
        match outcome {
            Ok(()) => Ok(()),
            Err(error) => self.tell("refused", &format!("that failed: {}", Failure::from(error)), None),
        }
    }
}
