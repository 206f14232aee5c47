//! A bot user of a fleet: its name, and how it is started.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use le_core::Error;
use tokio::sync::watch;

use super::gate::Tenure;
use crate::bot::{BotHandle, Shutdown};
use crate::supervisor::{AgentLink, LinkState};

/// A bot on its way.
type Starting = BoxFuture<'static, Result<Box<dyn Running>, Error>>;

/// A bot user of a fleet.
#[derive(Clone)]
pub struct BotUser {
    name: Arc<str>,
    start: Arc<dyn Fn(Tenure) -> Starting + Send + Sync>,
}

impl BotUser {
    /// A bot user, and how its bot is started. The name stands in logs, in the health and in the key of its lease: no personal data.
    ///
    /// `start` is called for each time that this process has the bot user: after a bot has ended, and after its lease came back. It
    /// logs in through the [`Tenure`], and gives its connector the tenure's credential:
    ///
    /// ```no_run
    /// use std::sync::Arc;
    /// use le_bots::bot::{Bot, BotRunner};
    /// use le_bots::credential::{BearerOf, SocketCredential};
    /// use le_bots::fleet::BotUser;
    /// use le_bots::store::MemoryStore;
    /// use le_bots::{AgentConnector, AgentIdentity};
    /// # use le_core::{Authorize, Discover, Error, Transport};
    /// # struct NightBot;
    /// # #[async_trait::async_trait]
    /// # impl Bot for NightBot {}
    /// # async fn log_in() -> Result<Arc<dyn Authorize>, Error> { std::future::pending().await }
    ///
    /// fn night_bot(transport: Arc<dyn Transport>, discover: Arc<dyn Discover>, me: AgentIdentity) -> BotUser {
    ///     BotUser::new("night-bot", move |tenure| {
    ///         let (transport, discover, me) = (Arc::clone(&transport), Arc::clone(&discover), me.clone());
    ///         async move {
    ///             let session = tenure.login(log_in()).await?;
    ///             let credential = tenure.credential(Arc::new(BearerOf::new(session)));
    ///             let connector = AgentConnector::new(transport, discover, credential, me);
    ///             let store = tenure.store(Arc::new(MemoryStore::new()));
    ///             BotRunner::new(NightBot, connector).shared_store(store).run().await
    ///         }
    ///     })
    /// }
    /// ```
    pub fn new<S, F, R>(name: impl Into<Arc<str>>, start: S) -> Self
    where
        S: Fn(Tenure) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, Error>> + Send + 'static,
        R: Running,
    {
        Self {
            name: name.into(),
            start: Arc::new(move |tenure| {
                let started = start(tenure);
                Box::pin(async move { Ok(Box::new(started.await?) as Box<dyn Running>) })
            }),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    pub(super) fn start(&self, tenure: Tenure) -> Starting {
        (self.start)(tenure)
    }
}

impl fmt::Debug for BotUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotUser")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// How many conversations a running bot has open.
pub type Gauge = Arc<dyn Fn() -> usize + Send + Sync>;

/// A bot that runs, as its fleet sees it: a [`BotHandle`], a bare [`AgentLink`], or a type of your own.
///
/// Dropping it must end it at once, as [`abort`](Running::abort) does.
#[async_trait]
pub trait Running: fmt::Debug + Send + 'static {
    /// What its link is doing.
    fn state(&self) -> watch::Receiver<LinkState>;

    /// Counts its open conversations, where it can. It must not keep the bot alive.
    fn gauge(&self) -> Option<Gauge> {
        None
    }

    /// Waits until it is over by itself.
    ///
    /// # Errors
    /// Why it ended. Where the server refuses the bot user, of the kind [`Authentication`](le_core::ErrorKind::Authentication) or
    /// [`Authorization`](le_core::ErrorKind::Authorization): then it is not started again by itself.
    ///
    /// # Cancel safety
    /// Dropping the future must change nothing.
    async fn ended(&mut self) -> Result<(), Error>;

    /// Ends it in good order, and waits for that.
    async fn shutdown(self: Box<Self>, how: Shutdown);

    /// Ends it at once, without waiting for handlers: its lease is lost, and another process may have the bot user. When this is over, its
    /// socket is closed.
    async fn abort(self: Box<Self>);
}

/// How long a socket may take to close. It ends by itself afterwards.
const CLOSING: Duration = Duration::from_millis(500);

#[async_trait]
impl Running for BotHandle {
    fn state(&self) -> watch::Receiver<LinkState> {
        Self::state(self)
    }

    fn gauge(&self) -> Option<Gauge> {
        Some(Self::gauge(self))
    }

    async fn ended(&mut self) -> Result<(), Error> {
        Self::ended(self).await
    }

    async fn shutdown(self: Box<Self>, how: Shutdown) {
        if let Err(error) = Self::shutdown(*self, how).await {
            tracing::warn!(%error, "the bot did not end in good order");
        }
    }

    async fn abort(self: Box<Self>) {
        let link = self.link().clone();
        Self::abort(*self);
        close(&link).await;
    }
}

/// A bare link, for bots that read the deliveries themselves. It knows nothing of handlers: however it is told to end, it keeps
/// its conversations.
#[async_trait]
impl Running for AgentLink {
    fn state(&self) -> watch::Receiver<LinkState> {
        Self::state(self)
    }

    async fn ended(&mut self) -> Result<(), Error> {
        Self::ended(self).await.error().cloned().map_or(Ok(()), Err)
    }

    async fn shutdown(self: Box<Self>, _: Shutdown) {
        Self::shutdown(&self).await;
    }

    async fn abort(self: Box<Self>) {
        close(&self).await;
    }
}

async fn close(link: &AgentLink) {
    // It is told to close when this is polled first, and goes on where nobody waits any more.
    drop(tokio::time::timeout(CLOSING, link.shutdown()).await);
}
