//! A LiveEngage with bot users, and fleets for them.

use std::sync::Arc;
use std::time::Duration;

use le_auth::{Session, UserCredentials};
use le_bots::bot::{Bot, BotRunner, Context, Handled, Message};
use le_bots::credential::BearerOf;
use le_bots::fleet::{BotState, BotUser, Fleet, FleetBuilder, Rate};
use le_bots::store::{MemoryStore, Store};
use le_bots::supervisor::Backoff;
use le_bots::{AgentConnector, AgentIdentity};
use le_core::discover::FixedBase;
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, Client, TrustedHosts};
use le_sim::account::User;
use le_sim::{Behaviour, NewConsumer, Sim};

/// Nothing here takes longer, however busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Says everything back.
pub(crate) struct Echo;

#[async_trait::async_trait]
impl Bot for Echo {
    async fn message(&self, ctx: &Context, message: Message) -> Handled {
        if let Some(text) = message.text() {
            ctx.reply(format!("You said: {text}")).await?;
        }
        Ok(())
    }
}

pub(crate) struct Stage {
    pub(crate) sim: Sim,
    pub(crate) client: Client,
}

impl Stage {
    pub(crate) async fn new(bots: usize) -> Self {
        Self::with(bots, |_| {}).await
    }

    pub(crate) async fn with(bots: usize, change: impl FnOnce(&mut Behaviour)) -> Self {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour);
        let builder = Sim::builder().conversations(0).bots(bots).behaviour(behaviour);
        let sim = builder.start().await.unwrap();
        let client = Client::builder(AccountId::new(&sim.account().id).unwrap())
            .transport(Arc::new(HttpTransport::builder().no_proxy().build().unwrap()))
            .discover(Arc::new(FixedBase(BaseUri::new(&sim.url()).unwrap())))
            .trusted_hosts(TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1"))
            .build()
            .unwrap();
        Self { sim, client }
    }

    /// The bot users of the fleet.
    pub(crate) fn users(&self) -> Vec<User> {
        let all = self.sim.users().iter();
        all.filter(|user| user.login_name.starts_with("fleet-"))
            .cloned()
            .collect()
    }

    /// An echo bot, with a store of its own.
    pub(crate) fn bot(&self, user: &User) -> BotUser {
        self.bot_with(user, Arc::new(MemoryStore::new()))
    }

    pub(crate) fn bot_with(&self, user: &User, store: Arc<dyn Store>) -> BotUser {
        let (client, user) = (self.client.clone(), user.clone());
        let base = BaseUri::new(&self.sim.url()).unwrap();
        let name = user.full_name.clone();
        BotUser::new(name, move |tenure| {
            let (client, user, store) = (client.clone(), user.clone(), Arc::clone(&store));
            let base = base.clone();
            async move {
                let me = AgentIdentity::new(client.account().clone(), user.user_id.as_str());
                let me = me.with_pid(user.user_pid.as_str());
                let credentials = UserCredentials::new(&*user.login_name, user.password.as_str());
                let session = tenure
                    .login(Session::builder(client.clone(), credentials).open())
                    .await?;
                let connector = AgentConnector::new(
                    Arc::clone(client.transport()),
                    Arc::new(FixedBase(base)),
                    tenure.credential(Arc::new(BearerOf::new(Arc::new(session)))),
                    me,
                )
                .trusted_hosts(client.trusted_hosts().clone());
                let backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(1));
                let runner = BotRunner::new(Echo, connector).backoff(backoff);
                runner.shared_store(tenure.store(store)).run().await
            }
        })
    }

    /// Starts a conversation for each of these consumers, and waits until all have been answered.
    pub(crate) async fn converse(&self, consumers: usize, text: &str) -> Vec<String> {
        let window = self.sim.control().messaging();
        let skill = self.sim.account().skills[0].id;
        let mut ids = Vec::new();
        for _ in 0..consumers {
            let id = window.open_consumer(NewConsumer::default()).unwrap().consumer_id;
            window.start_conversation(&id, Some(skill)).unwrap();
            window.say(&id, text).unwrap();
            ids.push(id);
        }
        for id in &ids {
            self.hears(id, &format!("You said: {text}")).await;
        }
        ids
    }

    pub(crate) async fn says(&self, consumer: &str, text: &str) {
        self.sim.control().messaging().say(consumer, text).unwrap();
        self.hears(consumer, &format!("You said: {text}")).await;
    }

    async fn hears(&self, consumer: &str, text: &str) {
        let window = self.sim.control().messaging();
        until(&format!("{consumer} hears {text:?}"), || {
            let frames = window.inbox(consumer).unwrap();
            frames.iter().any(|frame| frame.to_string().contains(text))
        })
        .await;
    }

    pub(crate) fn logins(&self, user: &User) -> u64 {
        self.sim.control().logins_of(&user.login_name)
    }
}

/// A fleet that does not wait for anything.
pub(crate) fn hasty() -> FleetBuilder {
    Fleet::builder()
        .logins(Rate::unlimited())
        .connections(Rate::unlimited())
        .restart(Backoff::new(Duration::from_millis(50), Duration::from_millis(500)))
}

pub(crate) async fn online(fleet: &Fleet, bots: usize) {
    let waited = tokio::time::timeout(PATIENCE, fleet.online(bots)).await;
    assert!(waited.is_ok(), "{:?}", fleet.health());
}

pub(crate) async fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !happened() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn state(fleet: &Fleet, name: &str) -> BotState {
    let health = fleet.health();
    health.bots.iter().find(|bot| &*bot.name == name).unwrap().state
}
