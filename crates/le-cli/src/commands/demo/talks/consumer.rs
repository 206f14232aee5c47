//! One consumer: what is said, and what has to be heard.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use le_attributes::monitoring::ConversationStart;
use le_bots::consumer_client::{ConsumerClient, ConsumerEvent, ConsumerEvents, Start};
use le_bots::conversation::{ContextType, ConversationContext};
use le_bots::event::DialogEvent;
use le_bots::supervisor::{ConsumerLink, Deliveries};
use le_core::id::{ConversationId, DialogId, SkillId};

use super::super::visitor;
use super::bots::{self, BYE, CONNECTING, ON_ITS_WAY, PARCEL, PERSON, RUTH, THANKS};
use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// How many questions each asks of the bot.
const QUESTIONS: u32 = 5;

pub(super) struct Script {
    pub(super) number: usize,
    pub(super) skill: i64,
    /// The visit to the shop that the conversation comes of.
    pub(super) visit: Option<ConversationStart>,
    /// Counts what all consumers hear.
    pub(super) heard: Arc<AtomicU64>,
}

/// What a consumer said and heard.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) conversation: Option<ConversationId>,
    /// Whether it was handed over.
    pub(super) handed_over: bool,
    /// What was said, in order.
    pub(super) said: Vec<String>,
    /// What the brand has to have said for it, in order.
    pub(super) expected: Vec<String>,
    /// The messages that reached the handler, with their places.
    pub(super) heard: Vec<(DialogId, i64, Option<String>)>,
    pub(super) surveyed: bool,
    /// Whether it came from the shop.
    pub(super) is_visitor: bool,
}

impl Told {
    /// Whether this text was heard.
    pub(super) fn has_heard(&self, text: &str) -> bool {
        self.heard.iter().any(|(_, _, heard)| heard.as_deref() == Some(text))
    }
}

impl Script {
    fn start(&self) -> Start {
        let Some(visit) = &self.visit else {
            return Start::for_skill(SkillId::new(self.skill.to_string()));
        };
        let mut context = ConversationContext::default();
        context.kind = Some(ContextType::Web);
        context.language.clone_from(&visit.language);
        context.visitor_id = Some(visit.visitor_id.clone());
        context.session_id = Some(visit.session_id.clone());
        context.interaction_context_id.clone_from(&visit.interaction_context_id);
        let start = Start::new().context(context);
        match (&visit.campaign_id, &visit.engagement_id) {
            (Some(campaign), Some(engagement)) => start.campaign(campaign.as_str(), engagement.as_str()),
            _ => start,
        }
    }

    /// Plays it. Those with odd numbers ask for a person.
    pub(super) async fn play(self, link: ConsumerLink, deliveries: Deliveries) -> Result<Told> {
        let (client, events) = ConsumerClient::over(link, deliveries);
        let mut ear = Ear {
            events,
            told: Told::default(),
            heard: Arc::clone(&self.heard),
        };
        let hello = format!("Hello, I am number {}", self.number);
        let chat = client.converse(self.start().saying(hello.as_str())).await?;
        ear.told.conversation = Some(chat.id().clone());
        ear.told.said.push(hello);
        let card = ear.card().await?;
        if self.visit.is_some() {
            ear.told.is_visitor = true;
            ear.told.expected.push(visitor::expected_greeting());
        }
        chat.read(&card).await?;
        chat.press(&card, "Parcel").await?;
        ear.told.said.push(PARCEL.to_owned());
        ear.hears(ON_ITS_WAY).await?;
        for number in 1..=QUESTIONS {
            let question = format!("Question {number}");
            chat.say(question.as_str()).await?;
            ear.hears(&bots::answer(&question).unwrap_or_default()).await?;
            ear.told.said.push(question);
        }
        if self.number % 2 == 1 {
            ear.told.handed_over = true;
            chat.press(&card, "A person").await?;
            ear.told.said.push(PERSON.to_owned());
            ear.hears(CONNECTING).await?;
            ear.hears(RUTH).await?;
            let question = "Question 6";
            chat.say(question).await?;
            ear.told.said.push(question.to_owned());
            ear.hears(&bots::persons_answer(question).unwrap_or_default()).await?;
            chat.say(THANKS).await?;
            ear.told.said.push(THANKS.to_owned());
            ear.hears(BYE).await?;
        } else {
            chat.close().await?;
        }
        // The survey of the simulator asks two questions.
        for rating in ["5", "9"] {
            let _ = ear.message().await?;
            chat.say(rating).await?;
            ear.told.said.push(rating.to_owned());
        }
        ear.told.surveyed = true;
        ear.left().await?;
        client.shutdown().await;
        Ok(ear.told)
    }
}

/// Listens, and notes everything that is heard.
struct Ear {
    events: ConsumerEvents,
    told: Told,
    heard: Arc<AtomicU64>,
}

impl Ear {
    async fn event(&mut self) -> Result<ConsumerEvent> {
        let event = self.events.next().await;
        event.ok_or_else(|| Failure::new(Exit::Service, "a consumer of the demo was cut off for good"))
    }

    async fn message(&mut self) -> Result<DialogEvent> {
        loop {
            if let ConsumerEvent::Message(message) = self.event().await? {
                self.note(&message);
                return Ok(*message);
            }
        }
    }

    fn note(&mut self, message: &DialogEvent) {
        self.heard.fetch_add(1, Ordering::Relaxed);
        if let Some((dialog, sequence)) = message.key() {
            let text = message
                .event
                .as_ref()
                .and_then(|event| event.as_text())
                .map(str::to_owned);
            self.told.heard.push((dialog.clone(), sequence, text));
        }
    }

    async fn card(&mut self) -> Result<DialogEvent> {
        loop {
            let message = self.message().await?;
            if message.event.as_ref().is_some_and(|event| event.as_rich().is_some()) {
                return Ok(message);
            }
        }
    }

    async fn hears(&mut self, text: &str) -> Result<()> {
        self.told.expected.push(text.to_owned());
        loop {
            let message = self.message().await?;
            if message.event.as_ref().and_then(|event| event.as_text()) == Some(text) {
                return Ok(());
            }
        }
    }

    async fn left(&mut self) -> Result<()> {
        loop {
            match self.event().await? {
                ConsumerEvent::Left(_) => return Ok(()),
                ConsumerEvent::Message(message) => self.note(&message),
                _ => {}
            }
        }
    }
}
