//! `--sim`: a LiveEngage in this process, the bot on one side and the person at the terminal on the other.

use std::sync::Arc;

use le_auth::UserCredentials;
use le_bots::bot::{Bot, BotRunner};
use le_core::transport::HttpTransport;
use le_core::{AccountId, Client, TrustedHosts};
use le_domain::Domain;
use le_sim::account::{User, UserType};
use le_sim::{Behaviour, Sim};

use super::BotFlags;
use super::run::{farewell, forgetful, limited};
use crate::cli::Global;
use crate::commands::chat;
use crate::connection::Connection;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt;
use crate::messaging::socket::{AgentDoor, ConsumerDoor};
use crate::output::Output;

/// The account that is simulated where none is given.
const ACCOUNT: &str = "70011223";

pub(super) async fn run(bot: impl Bot, flags: &BotFlags, global: &Global, output: Output) -> Result<Exit> {
    let stopped = interrupt::interrupted();
    let mut behaviour = Behaviour::default();
    behaviour.messaging.survey = Some(Default::default());
    let sim = Sim::builder()
        .account(global.account.as_deref().unwrap_or(ACCOUNT))
        .conversations(0)
        .behaviour(behaviour)
        .start()
        .await
        .map_err(|e| crate::commands::sim::failure(&e))?;
    let outcome = Box::pin(meet(bot, flags, &sim, stopped, output)).await;
    sim.stop().await;
    outcome.map(|()| Exit::Ok)
}

/// A bot user with a skill, and the skill.
fn cast(sim: &Sim) -> Result<(&User, i64)> {
    let bots = sim
        .users()
        .iter()
        .filter(|user| user.user_type == UserType::Bot && user.enabled);
    bots.filter_map(|user| Some((user, *user.skills.first()?)))
        .next()
        .ok_or_else(|| Failure::new(Exit::Unexpected, "the simulated account has no bot user with a skill"))
}

async fn meet(
    bot: impl Bot,
    flags: &BotFlags,
    sim: &Sim,
    stopped: impl Future<Output = ()>,
    output: Output,
) -> Result<()> {
    let (client, domain) = client(sim)?;
    let (user, skill) = cast(sim)?;
    let credentials = UserCredentials::new(&*user.login_name, user.password.as_str());
    let connection = Connection::log_in(client.clone(), domain.clone(), credentials.into()).await?;
    let (connector, connection) = AgentDoor::of(connection, domain.clone())?.into_parts();
    let runner = forgetful(limited(BotRunner::new(bot, connector), flags));
    let bot = Box::pin(runner.run()).await?;
    let mut state = bot.state();
    // Nobody but this process knows the simulator, so the bot is there at once.
    drop(
        state
            .wait_for(|state| state.is_online() || state.ended().is_some())
            .await,
    );
    output.note(format_args!(
        "a LiveEngage at {} with the bot {} of skill {skill}; you are the consumer, /help shows what you can do",
        sim.url(),
        user.nickname
    ));
    let door = ConsumerDoor::of(&client, domain, ConsumerDoor::anonymous(&client).await?);
    let skill = skill.to_string();
    let outcome = tokio::select! {
        outcome = chat::converse(door, &skill, output) => outcome,
        () = stopped => Ok(()),
    };
    let ended = farewell(bot, flags, output).await;
    connection.close().await;
    outcome.and(ended)
}

/// A client that knows nothing but the simulator.
fn client(sim: &Sim) -> Result<(Client, Domain)> {
    let account = AccountId::new(&sim.account().id)?;
    let transport = Arc::new(HttpTransport::builder().no_proxy().build()?);
    let trusted = TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1");
    let client = Client::builder(account.clone())
        .transport(transport)
        .trusted_hosts(trusted)
        .build()?;
    let domain = Domain::builder(account)
        .client(client.clone())
        .host(sim.url())
        .build()?;
    Ok((client.with_discover(Arc::new(domain.clone())), domain))
}
