//! A bot at work: its link, its conversations, its end.

mod ending;
mod handle;
mod rings;
mod work;

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use le_core::id::ConversationId;
use le_core::{Error, Timestamp};
use tokio::sync::mpsc;

pub use ending::Shutdown;
pub use handle::{BotHandle, Health};

use super::handlers::Bot;
use super::hub::{Files, Hub, Parts};
use super::options::{Duty, Limits, Opening, Options};
use super::record::{Keys, POSITION, Record, read};
use crate::agent_state::Availability;
use crate::connector::AgentConnector;
use crate::conversation::{Role, Stage, SubscribeConversations};
use crate::metadata::SurveyMark;
use crate::store::{Batch, Store};
use crate::supervisor::{AgentLink, Backoff, Follow, Offline, Resume};

/// A bot user, before it starts.
///
/// ```no_run
/// # use le_bots::bot::{Bot, BotRunner, Context, Handled, Message, Shutdown};
/// # struct Echo;
/// # #[async_trait::async_trait]
/// # impl Bot for Echo {}
/// # async fn run(connector: le_bots::AgentConnector) -> le_core::Result<()> {
/// let bot = BotRunner::new(Echo, connector).run().await?;
/// // ... until the program is to end:
/// bot.shutdown(Shutdown::finish(std::time::Duration::from_secs(60))).await?;
/// # Ok(()) }
/// ```
#[must_use = "a bot does nothing until it runs"]
pub struct BotRunner {
    bot: Arc<dyn Bot>,
    connector: AgentConnector,
    store: Option<Arc<dyn Store>>,
    duty: Duty,
    options: Options,
    backoff: Backoff,
    offline: Offline,
    queue: usize,
}

impl BotRunner {
    /// A bot that takes conversations, over the sockets of this connector.
    pub fn new(bot: impl Bot, connector: AgentConnector) -> Self {
        Self::shared(Arc::new(bot), connector)
    }

    /// The same for a bot that several bot users share.
    pub fn shared(bot: Arc<dyn Bot>, connector: AgentConnector) -> Self {
        Self {
            options: Options::new(&Duty::Agent),
            duty: Duty::Agent,
            bot,
            connector,
            store: None,
            backoff: Backoff::default(),
            offline: Offline::default(),
            queue: 256,
        }
    }

    /// Where state and journal are kept. Several bot users may share a store.
    ///
    /// Where none is given it is a [`FileStore`](crate::store::FileStore) named after the bot user, in the
    /// [state directory](crate::store::state_directory); without the feature `store` it is a
    /// [`MemoryStore`](crate::store::MemoryStore).
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// As [`store`](Self::store), for one that is shared.
    pub fn shared_store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// Makes it an observer: it takes no rings, stays away, and joins the conversations of others as [`Role::Manager`], who may speak, or
    /// as [`Role::Reader`], who listens. [`Bot::found`] says which ones.
    pub fn observer(self, role: Role) -> Self {
        self.duty(Duty::Observer(role))
    }

    /// Makes it a survey bot: it takes no rings, stays away, and joins the surveys that are for this app installation as
    /// [`Role::Agent`]. [`Bot::started`] asks the first question; [`Context::complete_survey`](super::Context::complete_survey) ends it.
    pub fn survey(self, app_install_id: impl Into<String>) -> Self {
        let app_install_id = app_install_id.into();
        self.duty(Duty::Survey {
            app_install_id,
            mark: None,
        })
    }

    /// As [`survey`](Self::survey), and marks each survey with its id and revision before the bot is told.
    pub fn marked_survey(self, app_install_id: impl Into<String>, mark: SurveyMark) -> Self {
        let app_install_id = app_install_id.into();
        let mark = Some(Box::new(mark));
        self.duty(Duty::Survey { app_install_id, mark })
    }

    fn duty(mut self, duty: Duty) -> Self {
        self.options.opening = Options::new(&duty).opening;
        self.duty = duty;
        self
    }

    /// How much there may be of it.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// Which messages are the bot's to answer in a conversation that others had before.
    pub fn opening(mut self, opening: Opening) -> Self {
        self.options.opening = opening;
        self
    }

    /// Whether the bot says that it read each message (yes).
    pub fn read_receipts(mut self, receipts: bool) -> Self {
        self.options.read_receipts = receipts;
        self
    }

    /// Cuts replies of more characters into several messages; off by default. The vendor publishes no limit; its own bots cut at 1 000.
    pub fn split_text(mut self, characters: NonZeroUsize) -> Self {
        self.options.split_text = Some(characters);
        self
    }

    /// Breaks off a handler that takes longer; off by default. A handler that hangs holds up its own conversation only.
    pub fn handler_timeout(mut self, most: Duration) -> Self {
        self.options.handler_timeout = Some(most);
        self
    }

    /// Shows conversation ids in logs and spans; by default they are hashed.
    pub fn show_conversation_ids(mut self, show: bool) -> Self {
        self.options.show_conversation_ids = show;
        self
    }

    /// How long the state of a conversation is kept that went elsewhere and may come back (30 days).
    pub fn remember(mut self, time: Duration) -> Self {
        self.options.remember = time;
        self
    }

    /// The pauses between attempts to connect.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// What becomes of replies while there is no connection.
    pub fn offline(mut self, offline: Offline) -> Self {
        self.offline = offline;
        self
    }

    /// How many events wait between the link and the conversations at most (256).
    pub fn queue(mut self, events: usize) -> Self {
        self.queue = events;
        self
    }

    /// Starts the bot on the current runtime. It connects by itself and comes back by itself, until it is
    /// [shut down](BotHandle::shutdown) or its handle is dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) where another process has the store, and
    /// [`ErrorKind::Io`](le_core::ErrorKind::Io) where it cannot be read. That the server refuses the bot is no error here: see
    /// [`BotHandle::ended`].
    pub async fn run(self) -> Result<BotHandle, Error> {
        let me = self.connector.agent().clone();
        let store = match self.store {
            Some(store) => store,
            None => default_store(me.old_id().as_str())?,
        };
        let clock = Arc::clone(&self.connector.of_connections().clock);
        let keys = Keys::of(me.old_id().as_str());
        let (resume, known) = restore(&*store, &keys, clock.now(), self.options.remember).await?;
        let files = Files {
            transport: self.connector.transport(),
            discover: self.connector.discovery(),
            trusted: self.connector.trusted().clone(),
        };
        let (availability, follow) = stance(&self.duty);
        let (link, deliveries) = AgentLink::builder(self.connector)
            .rings(self.duty == Duty::Agent)
            .availability(availability)
            .follow(follow)
            .resume(resume)
            .backoff(self.backoff)
            .offline(self.offline)
            .queue(self.queue)
            // A bot that joins by itself may take each of them as an occasion to try again.
            .brief(self.duty == Duty::Agent)
            .start()?;
        let (bot, duty, options) = (self.bot, self.duty, self.options);
        let hub = Arc::new(Hub::new(Parts {
            bot,
            link,
            me,
            store,
            duty,
            options,
            clock,
            files,
            known,
        }));
        let (orders, received) = mpsc::channel(1);
        let task = tokio::spawn(work::work(Arc::clone(&hub), deliveries, received));
        Ok(BotHandle::new(hub, orders, task))
    }
}

impl fmt::Debug for BotRunner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotRunner")
            .field("agent", self.connector.agent())
            .field("duty", &self.duty)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

fn stance(duty: &Duty) -> (Availability, Follow) {
    match duty {
        Duty::Agent => (Availability::Online, Follow::Own),
        Duty::Observer(_) => (Availability::Away, Follow::Everything),
        Duty::Survey { .. } => {
            let open = SubscribeConversations::in_stages([Stage::Open]);
            (Availability::Away, Follow::Query(Box::new(open)))
        }
    }
}

#[cfg(feature = "store")]
fn default_store(user: &str) -> Result<Arc<dyn Store>, Error> {
    let path = crate::store::state_directory()?.join(format!("{user}.redb"));
    Ok(Arc::new(crate::store::FileStore::open(path)?))
}

#[cfg(not(feature = "store"))]
#[expect(clippy::unnecessary_wraps, reason = "with the feature it can fail")]
fn default_store(_: &str) -> Result<Arc<dyn Store>, Error> {
    Ok(Arc::new(crate::store::MemoryStore::new()))
}

/// Where an earlier process was; and forgets conversations that went elsewhere long ago.
async fn restore(
    store: &dyn Store,
    keys: &Keys,
    now: Timestamp,
    remember: Duration,
) -> Result<(Resume, BTreeSet<ConversationId>), Error> {
    let mut resume = Resume::default();
    let mut known = BTreeSet::new();
    let mut old = Batch::new();
    let remember = i64::try_from(remember.as_millis()).unwrap_or(i64::MAX);
    let all = store.scan(keys.all()).await?;
    for (key, value) in &all {
        let Some((conversation, POSITION)) = keys.split(key) else {
            continue;
        };
        let record: Record = read(POSITION, value)?;
        if record
            .left
            .is_some_and(|left| now.as_millis().saturating_sub(left.as_millis()) > remember)
        {
            let prefix = keys.conversation(&conversation);
            let within = all.iter().filter(|(key, _)| key.starts_with(&prefix));
            old = within.fold(old, |old, (key, _)| old.delete(key.clone()));
        } else if record.left.is_none() && !record.closed {
            // Also where nothing was handled yet: the conversation may be closed by now, and would not come by itself.
            for (dialog, place) in &record.places {
                resume.set_handled(conversation.clone(), dialog.clone(), place.at);
            }
            known.insert(conversation);
        }
    }
    if !old.is_empty() {
        store.write(old).await?;
    }
    Ok((resume, known))
}
