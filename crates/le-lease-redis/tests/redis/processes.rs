//! Several processes with one set of bot users: killed, frozen, and bereft of their lease server.
//!
//! A process is this test program once more, told by its environment to be a member of the fleet.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use le_auth::{Session, UserCredentials};
use le_bots::bot::{Bot, BotRunner, Context, Handled, Message};
use le_bots::credential::BearerOf;
use le_bots::fleet::lease::LeaseTimes;
use le_bots::fleet::{BotUser, Fleet, Rate};
use le_bots::store::MemoryStore;
use le_bots::supervisor::Backoff;
use le_bots::{AgentConnector, AgentIdentity};
use le_core::discover::FixedBase;
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, Client, TrustedHosts};
use le_lease_redis::RedisLeases;
use le_sim::account::User;
use le_sim::{NewConsumer, Sim};
use tokio::process::{Child, Command};

use crate::server::RedisServer;

const TTL: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(60);
const BOTS: usize = 4;

/// What a process is told: the simulator, the lease server, and the users with their passwords.
const SIM: &str = "LE_TEST_SIM";
const SERVER: &str = "LE_TEST_REDIS";
const USERS: &str = "LE_TEST_USERS";

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

/// Not a test: a process of the fleet, until it is killed.
#[tokio::test]
#[ignore = "is started by the other tests"]
async fn a_process_of_the_fleet() {
    let told = |name: &str| std::env::var(name);
    let (Ok(url), Ok(server), Ok(users)) = (told(SIM), told(SERVER), told(USERS)) else {
        return;
    };
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .transport(Arc::new(HttpTransport::builder().no_proxy().build().unwrap()))
        .discover(Arc::new(FixedBase(BaseUri::new(&url).unwrap())))
        .trusted_hosts(TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1"))
        .build()
        .unwrap();
    let leases = RedisLeases::builder(server)
        .timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let fleet = Fleet::builder()
        .logins(Rate::unlimited())
        .connections(Rate::unlimited())
        .restart(Backoff::new(Duration::from_millis(100), Duration::from_secs(1)))
        .leases(Arc::new(leases))
        .lease_times(LeaseTimes::new(TTL))
        .scope("70011223")
        .build();
    for user in users.lines() {
        let [login, password, id, pid]: [&str; 4] = user.split(' ').collect::<Vec<_>>().try_into().unwrap();
        fleet
            .add(member(&client, &url, [login, password, id, pid].map(str::to_owned)))
            .unwrap();
    }
    std::future::pending::<()>().await;
}

fn member(client: &Client, url: &str, [login, password, id, pid]: [String; 4]) -> BotUser {
    let (client, base) = (client.clone(), BaseUri::new(url).unwrap());
    let name = login.split('@').next().unwrap_or_default().to_owned();
    BotUser::new(name, move |tenure| {
        let (client, base) = (client.clone(), base.clone());
        let credentials = UserCredentials::new(login.as_str(), password.as_str());
        let me = AgentIdentity::new(client.account().clone(), id.as_str()).with_pid(pid.as_str());
        async move {
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
            let runner = BotRunner::new(Echo, connector).store(MemoryStore::new());
            runner.run().await
        }
    })
}

struct World {
    sim: Sim,
    server: RedisServer,
}

impl World {
    async fn new() -> Self {
        let sim = Sim::builder().conversations(0).bots(BOTS).start().await.unwrap();
        let server = RedisServer::forgetful().await;
        Self { sim, server }
    }

    fn users(&self) -> Vec<&User> {
        let all = self.sim.users().iter();
        all.filter(|user| user.login_name.starts_with("fleet-")).collect()
    }

    fn process(&self) -> Child {
        let users = self.users();
        let lines = users
            .iter()
            .map(|user| [&*user.login_name, &*user.password, &*user.user_id, &*user.user_pid].join(" "));
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "processes::a_process_of_the_fleet", "--ignored"])
            .env(SIM, self.sim.url())
            .env(SERVER, self.server.address())
            .env(USERS, lines.collect::<Vec<_>>().join("\n"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// Waits until each bot user has logged in so often in all, and nobody more.
    async fn logins(&self, times: u64) {
        let control = self.sim.control();
        let logins = || -> Vec<u64> {
            self.users()
                .iter()
                .map(|user| control.logins_of(&user.login_name))
                .collect()
        };
        let begun = Instant::now();
        while logins() != [times; BOTS] {
            assert!(begun.elapsed() < PATIENCE, "{times} logins each, not {:?}", logins());
            assert!(
                logins().iter().all(|count| *count <= times),
                "a double login: {:?}",
                logins()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// For so long, nobody logs in.
    async fn quiet(&self, times: u64, time: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < time {
            self.logins(times).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn consumer(&self) -> String {
        let window = self.sim.control().messaging();
        let id = window.open_consumer(NewConsumer::default()).unwrap().consumer_id;
        window
            .start_conversation(&id, Some(self.sim.account().skills[0].id))
            .unwrap();
        id
    }

    /// Says something, and waits for the one answer.
    async fn says(&self, consumer: &str, text: &str) {
        let window = self.sim.control().messaging();
        window.say(consumer, text).unwrap();
        let answer = format!("You said: {text}");
        // The same event may come twice, live and in answer to a subscription; the same sequence is the same event.
        let heard = || {
            let frames = window.inbox(consumer).unwrap();
            let events = frames
                .iter()
                .filter_map(|frame| frame["body"]["changes"].as_array())
                .flatten();
            let answers = events.filter(|event| event["event"]["message"] == answer.as_str());
            answers
                .map(|event| event["sequence"].to_string())
                .collect::<BTreeSet<_>>()
                .len()
        };
        let begun = Instant::now();
        while heard() == 0 {
            assert!(begun.elapsed() < PATIENCE, "no answer to {text:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(heard(), 1, "two bots answer {text:?}");
    }
}

fn signal(child: &Child, name: &str) {
    let id = child.id().unwrap().to_string();
    let sent = std::process::Command::new("kill").args([name, &id]).status().unwrap();
    assert!(sent.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server: cargo xtask ci --only redis"]
async fn bots_move_when_their_process_is_killed_and_stay_when_the_lease_server_is() {
    let mut world = World::new().await;
    let mut one = world.process();
    world.logins(1).await;
    let consumers: Vec<_> = (0..8).map(|_| world.consumer()).collect();
    for consumer in &consumers {
        world.says(consumer, "one").await;
    }
    let _two = world.process();
    world.quiet(1, TTL * 2).await;

    one.kill().await.unwrap();
    let killed = Instant::now();
    world.logins(2).await;
    let moved = killed.elapsed();
    assert!(moved < TTL * 3, "{moved:?}");
    for consumer in &consumers {
        world.says(consumer, "two").await;
    }

    // The lease server dies and forgets everything: nobody is served by two, or by none.
    world.server.kill().await;
    world.says(&consumers[0], "without a lease server").await;
    world.server.restart().await;
    let _three = world.process();
    world.quiet(2, TTL * 3).await;
    for consumer in &consumers {
        world.says(consumer, "three").await;
    }
    world.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server: cargo xtask ci --only redis"]
async fn a_process_that_was_frozen_leaves_its_bots_to_the_one_that_took_them() {
    let world = World::new().await;
    let one = world.process();
    world.logins(1).await;
    let _two = world.process();
    world.quiet(1, TTL).await;
    let consumer = world.consumer();
    world.says(&consumer, "one").await;
    signal(&one, "-STOP");
    world.logins(2).await;
    world.says(&consumer, "two").await;
    // It wakes, and believes for a moment that nothing has happened.
    signal(&one, "-CONT");
    world.quiet(2, TTL * 2).await;
    world.says(&consumer, "three").await;
    world.sim.stop().await;
}
