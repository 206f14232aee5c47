//! The same bot on the framework of le-bots: a link that comes back, lanes in order, effects that happen once.

use std::io;
use std::num::NonZeroU32;
use std::sync::Arc;

use anyhow::{Result, bail};
use async_trait::async_trait;
use le_bots::bot::{Bot, BotHandle, BotRunner, Context, Handled, Message, Shutdown};
use le_bots::credential::FixedToken;
use le_bots::store::{FileStore, MemoryStore};
use le_bots::supervisor::LinkState;
use le_bots::{AgentConnector, AgentIdentity, Settings};
use le_core::discover::FixedBase;
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, TrustedHosts};
use tokio::task::JoinHandle;

use super::ECHO;
use crate::target::Target;

/// Requests that may wait for their answer at once.
const IN_FLIGHT: u32 = 1024;

/// Repeats what a consumer says.
pub(crate) struct Echo;

#[async_trait]
impl Bot for Echo {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        if let Some(text) = message.text() {
            ctx.reply(format!("{ECHO}{text}")).await?;
        }
        Ok(())
    }
}

/// How the bot is set up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Over a plain connection, with what it must not forget in memory: the work of the floor.
    Plain,
    /// With what it must not forget on the disk.
    Stored,
    /// Over TLS, as the vendor's client cannot do otherwise.
    Tls,
}

/// A connector for the user of the target. Reading is not confirmed by receipts, since the floor sends none.
pub(crate) fn connector(target: &Target, way: Way) -> Result<AgentConnector> {
    let (transport, base) = match way {
        Way::Tls => {
            let transport = HttpTransport::builder().no_proxy().only_added_roots();
            (
                transport.add_root_pem(target.ca.as_bytes())?,
                BaseUri::new(&target.csds)?,
            )
        }
        _ => (HttpTransport::builder().no_proxy(), BaseUri::plain(&target.plain)?),
    };
    let mut settings = Settings::default();
    settings.in_flight = NonZeroU32::new(IN_FLIGHT).unwrap_or(NonZeroU32::MIN);
    let me = AgentIdentity::new(AccountId::new(&target.account)?, target.user.as_str());
    let token = Arc::new(FixedToken::new(target.bearer.as_str()));
    let connector = AgentConnector::new(Arc::new(transport.build()?), Arc::new(FixedBase(base)), token, me);
    let trusted = TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1");
    Ok(connector.trusted_hosts(trusted).settings(settings))
}

/// Takes rings and answers messages until `end`.
pub(crate) async fn run(
    target: &Target,
    way: Way,
    ready: impl Fn() -> io::Result<()>,
    end: JoinHandle<io::Result<u64>>,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let runner = BotRunner::new(Echo, connector(target, way)?).read_receipts(false);
    let runner = match way {
        Way::Stored => runner.store(FileStore::open(folder.path().join("echo.redb"))?),
        _ => runner.store(MemoryStore::new()),
    };
    let bot = runner.run().await?;
    online(&bot).await?;
    ready()?;
    end.await??;
    bot.shutdown(Shutdown::Keep).await?;
    Ok(())
}

/// Waits until the bot is online.
pub(crate) async fn online(bot: &BotHandle) -> Result<()> {
    let mut state = bot.state();
    let state = state
        .wait_for(|state| matches!(state, LinkState::Online | LinkState::Ended { .. }))
        .await?;
    match &*state {
        LinkState::Online => Ok(()),
        other => bail!("the bot is {other:?}"),
    }
}
