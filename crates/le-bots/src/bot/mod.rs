//! Bots: what to do with conversations, and a runner that loses nothing.
//!
//! A bot is a type with [handlers](Bot). A [`BotRunner`] gives it a connection that comes back, takes its rings, and calls the handlers
//! in the order of what happened in each conversation.
//!
//! ```no_run
//! use le_bots::bot::{Bot, BotRunner, Context, Handled, Message, Shutdown};
//!
//! struct Echo;
//!
//! #[async_trait::async_trait]
//! impl Bot for Echo {
//!     async fn message(&self, ctx: &Context, message: Message) -> Handled {
//!         if let Some(text) = message.text() {
//!             ctx.reply(format!("You said: {text}")).await?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! async fn run(connector: le_bots::AgentConnector) -> le_core::Result<()> {
//!     let mut bot = BotRunner::new(Echo, connector).run().await?;
//!     bot.ended().await // until the server refuses it; `shutdown` ends it in good order
//! }
//! ```
//!
//! # What happens once, and what may happen twice
//!
//! Each stored event and each change of a conversation is handled **once**, across lost connections and restarts, as long as the store
//! survives ([`FileStore`](crate::store::FileStore), the default). When a process is killed in the middle of a handler, the next one
//! runs that handler again, and:
//!
//! * What the handler does **through its [`Context`]** is done once. Before a reply goes out it is written to the journal; the next run
//!   skips what was done, and looks in the conversation's history for what it does not know the outcome of. A handler should do the same
//!   things in the same order when it runs again; where it does not, what was done first counts, and a warning is logged.
//! * The **state** that it keeps is written with the position, so it fits what was handled.
//! * Changes of a conversation that leave no trace of their own (annotations) may be made a second time, with the same result.
//! * What it does **by itself** (a call to a back office, a log line) may happen twice: make it idempotent, by the conversation's
//!   id and the number of the [event](Context::event).
//! * Chat states are never stored: they are handled at most once, and replies to them have no journal.
//!
//! # Order, and what one conversation can do to another
//!
//! Nothing. Handlers of a conversation run one at a time; those of different conversations run at the same time, each on a task of its own
//! that ends when nothing waits. A panic is caught, an error is logged without what was said, and [`Bot::failed`] decides what follows.
//! Where more than [`Limits::waiting`] events of a conversation wait, their contents are forgotten and read from the history
//! when their turn comes, so memory is bounded and nothing is lost.

mod context;
mod handlers;
mod hub;
mod journal;
mod lane;
mod message;
mod options;
mod record;
mod reply;
mod runner;
mod standing;
pub mod telemetry;
mod wire;

pub use context::{Context, HandOver};
pub use handlers::{Bot, BotError, Closed, Decision, Failure, Handled, Remedy, Transfer};
pub use message::{Author, Message, Press, Receipt, SecureForm};
pub use options::{Beyond, Limits, MOST_CONVERSATIONS, Opening};
pub use reply::Reply;
pub use runner::{BotHandle, BotRunner, Health, Shutdown};
