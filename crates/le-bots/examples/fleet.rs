//! Twenty bot users in one process, and a hundred consumers. `cargo run -p le-bots --example fleet --features health` shows it on
//! a LiveEngage of its own: `-- 1000 2000` takes other numbers, and tells how long it took and what it cost.

#![allow(clippy::print_stdout, reason = "an example shows what happens")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use le_auth::{Session, UserCredentials};
use le_bots::bot::{Bot, BotRunner, Context, Handled, Message, Shutdown};
use le_bots::credential::BearerOf;
use le_bots::fleet::{BotUser, Fleet, Rate};
use le_bots::store::{MemoryStore, Store};
use le_bots::{AgentConnector, AgentIdentity};
use le_core::discover::FixedBase;
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, Client, TrustedHosts};
use le_sim::account::User;
use le_sim::{NewConsumer, Sim};

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

struct Echo;

#[async_trait::async_trait]
impl Bot for Echo {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        if let Some(text) = message.text() {
            ctx.reply(format!("You said: {text}")).await?;
        }
        Ok(())
    }
}

/// A bot user, and how its bot is started.
fn bot(client: &Client, base: &BaseUri, store: &Arc<dyn Store>, user: &User) -> BotUser {
    let (client, base, store, user) = (client.clone(), base.clone(), Arc::clone(store), user.clone());
    BotUser::new(user.nickname.clone(), move |tenure| {
        let (client, base, store, user) = (client.clone(), base.clone(), Arc::clone(&store), user.clone());
        async move {
            let credentials = UserCredentials::new(user.login_name, user.password);
            let session = tenure
                .login(Session::builder(client.clone(), credentials).open())
                .await?;
            let me = AgentIdentity::new(client.account().clone(), user.user_id).with_pid(user.user_pid);
            let connector = AgentConnector::new(
                Arc::clone(client.transport()),
                Arc::new(FixedBase(base)),
                tenure.credential(Arc::new(BearerOf::new(Arc::new(session)))),
                me,
            )
            .trusted_hosts(client.trusted_hosts().clone());
            BotRunner::new(Echo, connector)
                .shared_store(tenure.store(store))
                .run()
                .await
        }
    })
}

#[tokio::main]
async fn main() -> Outcome {
    let mut numbers = std::env::args().skip(1).filter_map(|text| text.parse::<usize>().ok());
    let (bots, consumers) = (numbers.next().unwrap_or(20), numbers.next().unwrap_or(100));
    let sim = Sim::builder().conversations(0).bots(bots).start().await?;
    let base = BaseUri::new(&sim.url())?;
    let client = Client::builder(AccountId::new(sim.account().id.as_str())?)
        .transport(Arc::new(HttpTransport::builder().no_proxy().build()?))
        .discover(Arc::new(FixedBase(base.clone())))
        .trusted_hosts(TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1"))
        .build()?;
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());

    let before = memory();
    let begun = Instant::now();
    // The simulator has no limits. With an account leave the rates as they are.
    let fleet = Fleet::builder()
        .logins(Rate::unlimited())
        .connections(Rate::unlimited())
        .build();
    #[cfg(feature = "health")]
    let endpoint = le_bots::fleet::HealthEndpoint::listen(&fleet, "127.0.0.1:0".parse()?).await?;
    for user in sim.users().iter().filter(|user| user.login_name.starts_with("fleet-")) {
        fleet.add(bot(&client, &base, &store, user))?;
    }
    fleet.online(bots).await;
    println!("{bots} bots online after {:.2?}", begun.elapsed());
    if let (Some(before), Some(after)) = (before, memory()) {
        // The simulator is in this process, too: it holds the other end of each connection.
        println!(
            "{} KiB for each bot, with the simulator's side",
            after.saturating_sub(before) / bots
        );
    }
    #[cfg(feature = "health")]
    println!("their health is at http://{}/health", endpoint.address());

    let begun = Instant::now();
    let window = sim.control().messaging();
    let skill = sim.account().skills[0].id;
    let mut all = Vec::new();
    for _ in 0..consumers {
        let id = window.open_consumer(NewConsumer::default())?.consumer_id;
        window.start_conversation(&id, Some(skill))?;
        window.say(&id, "Is anybody there?")?;
        all.push(id);
    }
    for id in &all {
        while !heard(&window.inbox(id)?) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    println!("{consumers} consumers answered after {:.2?}", begun.elapsed());
    for bot in fleet.health().bots.iter().take(20) {
        println!(
            "  {:<12} {:<10} {} conversations",
            bot.name,
            bot.state,
            bot.conversations.unwrap_or(0)
        );
    }
    fleet.shutdown(Shutdown::HandBack).await;
    sim.stop().await;
    Ok(())
}

fn heard(frames: &[serde_json::Value]) -> bool {
    frames
        .iter()
        .any(|frame| frame.to_string().contains("You said: Is anybody there?"))
}

/// The memory of this process in KiB, where the system tells.
fn memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
