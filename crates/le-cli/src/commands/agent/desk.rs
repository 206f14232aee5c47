//! The desk of an agent: rings, conversations, and which of them is in front.

use le_bots::agent_state::{Availability, SetAgentState};
use le_bots::conversation::{ChangeKind, Conversation, SubscribeConversations};
use le_bots::history::QueryMessages;
use le_bots::ring::{RoutingTask, SubscribeRoutingTasks};
use le_bots::{AgentIdentity, Connection, DialogEvent, Events, Incoming, News, Notification};
use le_core::id::{ConversationId, DialogId};
use serde_json::{Value, json};

use crate::failure::{Failure, Result};
use crate::messaging::conversation::{Shown, closed_by};
use crate::messaging::keyboard::Keyboard;
use crate::messaging::socket::Ended;
use crate::messaging::transcript;
use crate::output::Output;

use super::command::Command;

/// A conversation that rang or is held.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) id: ConversationId,
    pub(super) skill: String,
    /// The ring that waits for an answer.
    pub(super) ring: Option<String>,
    pub(super) mine: bool,
    /// It was held before the connection broke, and the server has not said since whether it still is.
    unconfirmed: bool,
}

/// The state behind the terminal.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) me: AgentIdentity,
    availability: Availability,
    accepts: bool,
    pub(super) output: Output,
    /// In the order in which they came; the number of a conversation is its place, counted from 1.
    pub(super) cases: Vec<Case>,
    /// The conversation in front.
    pub(super) front: Option<usize>,
    shown: Shown,
    /// The next news of conversations is the list of all that are held.
    listing: bool,
}

impl Desk {
    pub(super) fn new(me: AgentIdentity, availability: Availability, accepts: bool, output: Output) -> Self {
        Self {
            me,
            availability,
            accepts,
            output,
            cases: Vec::new(),
            front: None,
            shown: Shown::default(),
            listing: false,
        }
    }

    /// Goes online and subscribes; after a return the first notification of each subscription lists what there is.
    pub(super) async fn sit_down(&mut self, connection: &Connection) -> Result<()> {
        for case in &mut self.cases {
            case.ring = None;
            case.unconfirmed = case.mine;
        }
        self.listing = true;
        connection.request(SubscribeConversations::open_of(&self.me)).await?;
        connection.request(SubscribeRoutingTasks::of(&self.me)).await?;
        self.be(connection, self.availability.clone()).await
    }

    pub(super) async fn be(&mut self, connection: &Connection, availability: Availability) -> Result<()> {
        connection
            .request(SetAgentState::new(&self.me, availability.clone()))
            .await?;
        self.remark(&format!("you are {}", availability.as_str().to_lowercase()))?;
        self.availability = availability;
        Ok(())
    }

    /// Serves the terminal and the socket until one of them ends.
    pub(super) async fn work(
        &mut self,
        connection: &Connection,
        mut events: Events,
        keyboard: &mut Keyboard,
    ) -> Result<Ended> {
        loop {
            tokio::select! {
                incoming = events.next() => match incoming {
                    Some(incoming) => self.arrived(connection, incoming).await?,
                    None => return Ok(Ended::Lost(connection.closed().await)),
                },
                typed = keyboard.next() => {
                    let Some(typed) = typed else { return Ok(Ended::Left) };
                    match Command::read(typed) {
                        Ok(Command::Quit) => return Ok(Ended::Left),
                        Ok(command) => self.obey(connection, command).await?,
                        Err(wrong) => self.remark(&wrong)?,
                    }
                }
            }
        }
    }

    async fn arrived(&mut self, connection: &Connection, incoming: Incoming) -> Result<()> {
        match incoming {
            Incoming::Notification(notification) => self.told(connection, &notification).await,
            Incoming::Missed(count) => {
                self.remark(&format!("{count} events were lost on the way; reading them again"))?;
                // Subscribing again lists what is held and what rings.
                self.sit_down(connection).await
            }
            _ => Ok(()),
        }
    }

    async fn told(&mut self, connection: &Connection, notification: &Notification) -> Result<()> {
        match notification.read() {
            Ok(News::Conversations(news)) => {
                for change in news.changes.iter() {
                    let Some(conversation) = &change.conversation else {
                        continue;
                    };
                    self.conversation(connection, conversation, change.kind.as_ref())
                        .await?;
                }
                self.listed()?;
            }
            Ok(News::RoutingTasks(news)) => {
                for change in news.changes.iter() {
                    let Some(task) = &change.task else { continue };
                    self.rung(connection, task, change.kind.as_ref()).await?;
                }
            }
            Ok(News::Events(news)) => {
                for event in news.events.iter() {
                    self.event(connection, event, true).await?;
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a notification that cannot be read"),
        }
        Ok(())
    }

    /// What was held before a break and is not in the list has ended or moved meanwhile.
    fn listed(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.listing) {
            return Ok(());
        }
        for place in 0..self.cases.len() {
            if std::mem::take(&mut self.cases[place].unconfirmed) {
                self.cases[place].mine = false;
                let how = "ended or went to somebody else while you were away";
                self.say(place, json!({"kind": "left", "how": how}), how)?;
            }
        }
        self.front = self.front.filter(|front| self.cases[*front].mine);
        Ok(())
    }

    async fn rung(&mut self, connection: &Connection, task: &RoutingTask, kind: Option<&ChangeKind>) -> Result<()> {
        let Some(id) = &task.conversation_id else { return Ok(()) };
        let skill = task.skill_id.as_ref().map_or("-1", |skill| skill.as_str()).to_owned();
        let waiting = task.waiting().find_map(|ring| ring.ring_id.clone());
        let waiting = waiting.filter(|_| kind != Some(&ChangeKind::Delete));
        if waiting.is_none() && !self.cases.iter().any(|case| case.id == *id) {
            return Ok(());
        }
        let place = self.place(id, &skill);
        let before = std::mem::replace(&mut self.cases[place].ring, waiting.clone());
        match waiting {
            Some(ring) if before.as_deref() != Some(&ring) => {
                self.say(
                    place,
                    json!({"kind": "ring", "skill": skill}),
                    &format!("rings (skill {skill}); /accept or /reject"),
                )?;
                if self.accepts {
                    self.answer(connection, Some(place + 1), true).await?;
                }
                Ok(())
            }
            None if before.is_some() && !self.cases[place].mine => {
                self.say(place, json!({"kind": "ring_ended"}), "no longer rings")
            }
            _ => Ok(()),
        }
    }

    async fn conversation(
        &mut self,
        connection: &Connection,
        conversation: &Conversation,
        kind: Option<&ChangeKind>,
    ) -> Result<()> {
        let Some(id) = conversation.id() else { return Ok(()) };
        let skill = conversation
            .details
            .as_ref()
            .and_then(|details| details.skill_id.clone());
        let skill = skill.map_or_else(|| "-1".to_owned(), |skill| skill.to_string());
        // During the survey the conversation is still open, and nothing in it is left to do.
        let held = conversation.is_assigned_to(&self.me) && main_is_open(conversation);
        let mine = held && kind != Some(&ChangeKind::Delete);
        let known = self.cases.iter().any(|case| case.id == *id);
        if !mine && !known {
            return Ok(());
        }
        let place = self.place(id, &skill);
        let was_mine = std::mem::replace(&mut self.cases[place].mine, mine);
        self.cases[place].skill.clone_from(&skill);
        let returned = std::mem::take(&mut self.cases[place].unconfirmed);
        if mine && was_mine && returned {
            return self.read(connection, place).await;
        }
        if mine && !was_mine {
            self.front = Some(place);
            self.say(
                place,
                json!({"kind": "assigned", "skill": skill}),
                &format!("is yours (skill {skill})"),
            )?;
            return self.read(connection, place).await;
        }
        if was_mine && !mine {
            let how = if main_is_open(conversation) {
                "is no longer yours"
            } else {
                closed_by(conversation)
            };
            self.say(place, json!({"kind": "left", "how": how}), how)?;
            self.shown.forget(conversation);
            self.front = self
                .front
                .filter(|front| *front != place)
                .or_else(|| self.cases.iter().position(|case| case.mine));
        }
        Ok(())
    }

    /// Shows what was written and not shown yet.
    async fn read(&mut self, connection: &Connection, place: usize) -> Result<()> {
        let dialog = self.dialog(place);
        loop {
            let from = self.shown.next(&dialog);
            let page = connection.request(QueryMessages::from(dialog.clone(), from)).await?;
            for event in page.iter() {
                self.event(connection, event, false).await?;
            }
            if self.shown.next(&dialog) == from {
                return Ok(());
            }
        }
    }

    async fn event(&mut self, connection: &Connection, event: &DialogEvent, live: bool) -> Result<()> {
        let id = event.conversation().map(std::borrow::Cow::into_owned);
        let place = self
            .cases
            .iter()
            .position(|case| case.mine && Some(&case.id) == id.as_ref());
        let Some(place) = place else { return Ok(()) };
        if !self.shown.is_new(event) {
            return Ok(());
        }
        let own = event.is_by(&self.me);
        // What was typed here stands on the terminal already, and nobody needs to be told of the own receipts.
        if !own || !live && transcript::is_message(event) {
            let lines = transcript::lines(event);
            if self.output.is_json() {
                self.output.line(transcript::to_json(event))?;
            } else {
                for line in &lines {
                    self.output.line(format!("#{} {line}", place + 1))?;
                }
            }
        }
        if own || event.is_private() || !transcript::is_message(event) {
            return Ok(());
        }
        let (Some(sequence), Some(dialog)) = (&event.sequence, &event.dialog_id) else {
            return Ok(());
        };
        // The dialog may be closed by now; nobody misses a receipt there.
        if let Err(error) = connection.mark_read(dialog.clone(), [sequence.get()]).await {
            tracing::info!(%error, "a receipt was refused");
        }
        Ok(())
    }

    fn place(&mut self, id: &ConversationId, skill: &str) -> usize {
        if let Some(place) = self.cases.iter().position(|case| case.id == *id) {
            return place;
        }
        self.cases.push(Case {
            id: id.clone(),
            skill: skill.to_owned(),
            ring: None,
            mine: false,
            unconfirmed: false,
        });
        self.cases.len() - 1
    }

    /// The main dialog, whose id is that of the conversation.
    pub(super) fn dialog(&self, place: usize) -> DialogId {
        DialogId::new(self.cases[place].id.as_str())
    }

    /// Tells of a conversation.
    pub(super) fn say(&self, place: usize, mut facts: Value, text: &str) -> Result<()> {
        if self.output.is_json() {
            facts["number"] = json!(place + 1);
            facts["conversation"] = json!(self.cases[place].id);
            return self.output.line(&facts);
        }
        self.output.line(format!("-- #{} {text}", place + 1))
    }

    pub(super) fn remark(&self, text: &str) -> Result<()> {
        if self.output.is_json() {
            return self.output.line(json!({"kind": "remark", "text": text}));
        }
        self.output.line(format!("-- {text}"))
    }

    /// A refusal is told and the work goes on; a connection that ended is found by the loop.
    pub(super) fn refused<T>(&self, outcome: Result<T, le_core::Error>) -> Result<()> {
        match outcome {
            Ok(_) => Ok(()),
            Err(error) => self.remark(&format!("that failed: {}", Failure::from(error))),
        }
    }
}

fn main_is_open(conversation: &Conversation) -> bool {
    conversation.main_dialog().is_some_and(le_bots::dialog::Dialog::is_open)
}
