//! The Rust handle for messaging.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    error::ControlError,
    messaging::{self, Driven, DrivenConsumer, NewConsumer, PushDelivery, drive, inspect},
    world::World,
};

/// Steers messaging: drives consumers that have no socket, sets presence, closes sockets, shows the state.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sim = le_sim::Sim::builder().conversations(0).start().await?;
/// let messaging = sim.control().messaging();
/// let consumer = messaging.open_consumer(le_sim::NewConsumer::default())?;
/// let conversation = messaging.start_conversation(&consumer.consumer_id, None)?;
/// messaging.say(&consumer.consumer_id, "Where is my parcel?")?;
/// assert_eq!(messaging.conversation(&conversation).unwrap()["state"], "OPEN");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MessagingControl {
    world: Arc<World>,
}

impl MessagingControl {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self { world }
    }

    /// Sockets, agents, conversations and rings, as `GET /_sim/messaging` shows them.
    #[must_use]
    pub fn state(&self) -> Value {
        inspect::state(&self.world)
    }

    /// One conversation with all of its events.
    #[must_use]
    pub fn conversation(&self, id: &str) -> Option<Value> {
        inspect::conversation_with_events(&self.world, id)
    }

    /// Makes a consumer that is driven from here, or opens one again that was closed.
    ///
    /// # Errors
    ///
    /// If it is driven already.
    pub fn open_consumer(&self, new: NewConsumer) -> Result<DrivenConsumer, ControlError> {
        told(drive::open_consumer(&self.world, new))
    }

    /// Closes a consumer's window: participants see `BACKGROUND`.
    ///
    /// # Errors
    ///
    /// If no such consumer is driven; so too below.
    pub fn close_consumer(&self, consumer: &str) -> Result<(), ControlError> {
        told(drive::drop_consumer(&self.world, consumer))
    }

    /// Starts a conversation on a skill (`None`: -1). Returns its id.
    ///
    /// # Errors
    ///
    /// What a consumer's client would be refused, such as a second open conversation.
    pub fn start_conversation(&self, consumer: &str, skill: Option<i64>) -> Result<String, ControlError> {
        let skill = skill.map(|skill| skill.to_string());
        told(drive::start(&self.world, consumer, skill, None))
    }

    /// Has a consumer log in while it writes: its open conversations go on under the id `to`. Returns how many there were.
    ///
    /// # Errors
    ///
    /// If there is no such consumer, or the ids are the same.
    pub fn step_up(&self, consumer: &str, to: &str) -> Result<usize, ControlError> {
        told(drive::step_up(&self.world, consumer, to))
    }

    /// Writes a text into the newest open dialog. Returns its sequence.
    ///
    /// # Errors
    ///
    /// If there is no open dialog.
    pub fn say(&self, consumer: &str, text: &str) -> Result<i64, ControlError> {
        let event = serde_json::json!({ "type": "ContentEvent", "contentType": "text/plain", "message": text });
        self.publish(consumer, &event, None)
    }

    /// Publishes an event of the wire's shape into the newest open dialog. Returns its sequence.
    ///
    /// # Errors
    ///
    /// If the event is not valid, or there is no open dialog.
    pub fn publish(&self, consumer: &str, event: &Value, metadata: Option<&Value>) -> Result<i64, ControlError> {
        told(drive::publish(&self.world, consumer, None, event, metadata))
    }

    /// Reads everything that is unread in the newest open dialog. Returns the sequences.
    ///
    /// # Errors
    ///
    /// If there is no open dialog.
    pub fn read(&self, consumer: &str) -> Result<Vec<i64>, ControlError> {
        told(drive::read_all(&self.world, consumer))
    }

    /// Closes the newest open dialog. After the main one a survey may follow.
    ///
    /// # Errors
    ///
    /// If there is no open dialog.
    pub fn close(&self, consumer: &str) -> Result<(), ControlError> {
        told(drive::close(&self.world, consumer))
    }

    /// Answers the question that a survey asked last: presses the reply with this title, or writes the text.
    ///
    /// # Errors
    ///
    /// If no survey has asked anything.
    pub fn answer_survey(&self, consumer: &str, answer: &str) -> Result<(), ControlError> {
        told(drive::answer_survey(&self.world, consumer, answer))
    }

    /// The frames that the consumer was sent, in its dialect, oldest first.
    ///
    /// # Errors
    ///
    /// If no such consumer is driven.
    pub fn inbox(&self, consumer: &str) -> Result<Vec<Value>, ControlError> {
        told(drive::inbox(&self.world, consumer, false))
    }

    /// Sets the availability of an agent (login name, user id, old id or public id), as a manager can.
    ///
    /// # Errors
    ///
    /// If there is no such agent or availability.
    pub fn set_presence(&self, agent: &str, availability: &str) -> Result<(), ControlError> {
        told(drive::set_presence(&self.world, agent, availability))
    }

    /// What became of push notifications, oldest first.
    #[must_use]
    pub fn pushes(&self) -> Vec<PushDelivery> {
        self.world.messaging.pushes.deliveries()
    }

    /// Closes all sockets, or those of one user (login name, old id or consumer id). Code 1006 drops them without a close
    /// frame. Returns how many.
    pub fn close_sockets(&self, user: Option<&str>, code: u16, reason: &str) -> usize {
        drive::close_sockets(&self.world, user, code, reason)
    }

    /// Moves the clock and does at once what becomes due: rings, surveys, tokens, sessions.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
        messaging::beat(&self.world);
    }
}

fn told<T>(driven: Driven<T>) -> Result<T, ControlError> {
    driven.map_err(|refusal| ControlError {
        code: refusal.code,
        reason: refusal.text,
    })
}
