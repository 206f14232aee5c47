//! The same through le-bots: whole connections, with correlation, keep-alive, limits and typed events.

use std::num::NonZeroU32;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use futures_util::future::try_join;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use le_bots::credential::FixedToken;
use le_bots::{AgentConnector, AgentIdentity, ConsumerConnection, ConsumerConnector, Events, Incoming, Settings};
use le_core::discover::FixedBase;
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, TrustedHosts};

use super::{CONNECTIONS, IDLE, IN_FLIGHT, measured, sign_up, text, watch};
use crate::target::{Figures, Target};
use crate::{bare, measure};

struct Socket {
    consumer: ConsumerConnection,
    events: Events,
    dialog: String,
    text: String,
}

fn trusted() -> TrustedHosts {
    TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1")
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.in_flight = NonZeroU32::new(IN_FLIGHT as u32).unwrap_or(NonZeroU32::MIN);
    settings
}

impl Socket {
    async fn conversing(target: &Target, transport: &Arc<HttpTransport>, token: &str) -> Result<Self> {
        let base = Arc::new(FixedBase(BaseUri::plain(&target.plain)?));
        let account = AccountId::new(&target.account)?;
        let connector = ConsumerConnector::new(transport.clone(), base, Arc::new(FixedToken::new(token)), account)
            .trusted_hosts(trusted())
            .settings(settings());
        let (consumer, events) = connector.connect().await?;
        let answer = consumer.request_conversation(target.skill).await?;
        let id = answer.conversation_id.clone().context("no conversation")?;
        consumer.subscribe_messages(id.clone(), id.as_str(), 0).await?;
        Ok(Self {
            consumer,
            events,
            dialog: id.as_str().to_owned(),
            text: text(),
        })
    }

    /// The next event of the dialog. Its envelope is read, as the floor does; the event itself is left to whoever wants it.
    async fn event(&mut self) -> Result<()> {
        match self.events.next().await.context("the socket ended")? {
            Incoming::Notification(_) => Ok(()),
            other => bail!("not foreseen: {other:?}"),
        }
    }

    /// Publishes one after the other: the next when the last is answered and has come back.
    async fn echo_in_turn(mut self, messages: u64) -> Result<()> {
        for _ in 0..messages {
            self.consumer
                .publish_text(self.dialog.as_str(), self.text.as_str())
                .await?;
            self.event().await?;
        }
        Ok(())
    }

    /// Publishes, with many that wait for their answer, until all are answered and have come back.
    async fn echo_at_once(mut self, messages: u64) -> Result<()> {
        let (consumer, dialog, text) = (self.consumer.clone(), self.dialog.clone(), self.text.clone());
        let publish = async {
            let publishes =
                stream::iter(0..messages).map(|_| consumer.publish_text(dialog.as_str(), text.as_str()).into_future());
            publishes
                .buffer_unordered(IN_FLIGHT as usize)
                .try_for_each(|_| async { Ok(()) })
                .await?;
            anyhow::Ok(())
        };
        let read = async {
            for _ in 0..messages {
                self.event().await?;
            }
            Ok(())
        };
        try_join(publish, read).await.map(drop)
    }
}

fn transport() -> Result<Arc<HttpTransport>> {
    Ok(Arc::new(HttpTransport::builder().no_proxy().build()?))
}

pub(crate) async fn echo_one(target: &Target, messages: u64) -> Result<Figures> {
    let token = sign_up(&bare::client(&target.ca)?, target).await?;
    let socket = Socket::conversing(target, &transport()?, &token).await?;
    measured(target, messages, socket.echo_at_once(messages)).await
}

pub(crate) async fn echo_many(target: &Target, messages: u64) -> Result<Figures> {
    let (http, transport) = (bare::client(&target.ca)?, transport()?);
    let mut sockets = Vec::new();
    for _ in 0..CONNECTIONS {
        sockets.push(Socket::conversing(target, &transport, &sign_up(&http, target).await?).await?);
    }
    let each = messages / CONNECTIONS as u64;
    let tasks = sockets
        .into_iter()
        .map(|socket| tokio::spawn(socket.echo_in_turn(each)));
    let work = super::all(tasks);
    measured(target, each * CONNECTIONS as u64, work).await
}

pub(crate) async fn idle(target: &Target) -> Result<Figures> {
    let base = Arc::new(FixedBase(BaseUri::plain(&target.plain)?));
    let me = AgentIdentity::new(AccountId::new(&target.account)?, target.user.as_str());
    let token = Arc::new(FixedToken::new(target.bearer.as_str()));
    let connector = AgentConnector::new(transport()?, base, token, me).trusted_hosts(trusted());
    let warm = connector.connect().await?;
    let before = measure::memory().unwrap_or_default();
    let mut sockets = Vec::new();
    for _ in 0..IDLE {
        let (agent, events) = connector.connect().await?;
        agent.clock().await?;
        sockets.push((agent, events));
    }
    let figures = watch(target, before).await;
    drop((warm, sockets));
    figures
}
