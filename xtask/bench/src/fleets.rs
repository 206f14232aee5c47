//! A thousand bot users in one process: how long until all are online, and what each of them takes.
//!
//! The floor logs the same users in, opens a bare socket for each, says that it is there, and subscribes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use le_auth::{Session, UserCredentials};
use le_bots::bot::{BotRunner, Shutdown};
use le_bots::credential::BearerOf;
use le_bots::fleet::{BotState, BotUser, Fleet, Rate};
use le_bots::store::{MemoryStore, Store};
use le_bots::{AgentConnector, AgentIdentity};
use le_core::discover::FixedBase;
use le_core::{BaseUri, Client};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::bots::ours::Echo;
use crate::sockets::bare::open;
use crate::target::{Figures, Member, Target};
use crate::{bare, measure, ours, server};

/// The bot users, and one more who is there before anything is measured, so that what all share is not counted.
pub(crate) const BOTS: usize = 1000;

/// What is measured: the floor, then ours.
pub(crate) const COMPARED: [&str; 2] = ["bare-fleet", "fleet"];

/// Users of the floor that come at the same time.
const TOGETHER: usize = 64;

/// Brings all bots online and measures that.
pub(crate) async fn measured(target: &Target, scenario: &str) -> Result<Figures> {
    match scenario {
        "fleet" => fleet(target).await,
        _ => floor(target).await,
    }
}

fn members(target: &Target) -> Result<(&Member, &[Member])> {
    target.fleet.split_first().context("the server has no bot users")
}

async fn fleet(target: &Target) -> Result<Figures> {
    let base = BaseUri::plain(&target.plain)?;
    let client = ours::client(target, base.clone())?;
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let fleet = Fleet::builder()
        .logins(Rate::unlimited())
        .connections(Rate::unlimited());
    let fleet = fleet.build();
    let (first, others) = members(target)?;
    fleet.add(bot(&client, &base, &store, first))?;
    fleet.online(1).await;
    let mark = Mark::now(target);
    for member in others {
        fleet.add(bot(&client, &base, &store, member))?;
    }
    fleet.online(target.fleet.len()).await;
    let figures = mark.until_now(target, others.len());
    let health = fleet.health();
    let online = health.bots.iter().filter(|bot| bot.state == BotState::Online).count();
    ensure!(online == target.fleet.len(), "only {online} bots are online");
    fleet.shutdown(Shutdown::Keep).await;
    Ok(figures)
}

/// A bot user, and how its bot is started: a login of its own, a link, and the framework.
fn bot(client: &Client, base: &BaseUri, store: &Arc<dyn Store>, member: &Member) -> BotUser {
    let (client, base, store, member) = (client.clone(), base.clone(), Arc::clone(store), member.clone());
    BotUser::new(member.login_name.clone(), move |tenure| {
        let (client, base, store, member) = (client.clone(), base.clone(), Arc::clone(&store), member.clone());
        async move {
            let credentials = UserCredentials::new(member.login_name, member.password);
            let login = Session::builder(client.clone(), credentials).open();
            let session = tenure.login(login).await?;
            let connector = AgentConnector::new(
                Arc::clone(client.transport()),
                Arc::new(FixedBase(base)),
                tenure.credential(Arc::new(BearerOf::new(Arc::new(session)))),
                AgentIdentity::new(client.account().clone(), member.user),
            );
            let connector = connector.trusted_hosts(client.trusted_hosts().clone());
            BotRunner::new(Echo, connector)
                .shared_store(tenure.store(store))
                .run()
                .await
        }
    })
}

async fn floor(target: &Target) -> Result<Figures> {
    let http = bare::client(&target.ca)?;
    let (first, others) = members(target)?;
    let warm = online(target, &http, first).await?;
    let mark = Mark::now(target);
    let mut sockets = Vec::with_capacity(others.len());
    let shared = Arc::new(Target {
        fleet: Vec::new(),
        ..target.clone()
    });
    let mut coming = JoinSet::new();
    for member in others {
        let (target, http, member) = (Arc::clone(&shared), http.clone(), member.clone());
        coming.spawn(async move { online(&target, &http, &member).await });
        if coming.len() >= TOGETHER
            && let Some(socket) = coming.join_next().await
        {
            sockets.push(socket??);
        }
    }
    while let Some(socket) = coming.join_next().await {
        sockets.push(socket??);
    }
    let figures = mark.until_now(target, others.len());
    drop((warm, sockets));
    Ok(figures)
}

/// Logs in, opens a socket, says that the user is there and subscribes; ends when all is answered.
async fn online(target: &Target, http: &reqwest::Client, member: &Member) -> Result<WebSocketStream<TcpStream>> {
    let bearer = server::login(
        http,
        &target.plain,
        &target.account,
        &member.login_name,
        &member.password,
    )
    .await?;
    let mut stream = open(target, &format!("brand/{bearer}?v=2.1"), None).await?;
    let own = format!("{}.{}", target.account, member.user);
    let state = json!({ "channels": ["MESSAGING"], "availability": "ONLINE", "agentUserId": member.user });
    let tasks = json!({ "channelType": "MESSAGING", "agentId": member.user, "brandId": target.account });
    let requests = [
        (".GetClock", json!({})),
        (".ams.routing.SetAgentState", state),
        (
            ".ams.aam.SubscribeExConversations",
            json!({ "convState": ["OPEN"], "agentIds": [own] }),
        ),
        (".ams.routing.SubscribeRoutingTasks", tasks),
    ];
    let mut waiting = requests.len();
    for (number, (name, body)) in requests.into_iter().enumerate() {
        let frame = json!({ "kind": "req", "id": number.to_string(), "type": name, "body": body });
        stream.feed(Message::text(frame.to_string())).await?;
    }
    stream.flush().await?;
    while waiting > 0 {
        let message = stream.next().await.context("the socket ended")??;
        let Message::Text(text) = message else { continue };
        let answer: Value = serde_json::from_str(&text)?;
        if answer["kind"] == "resp" {
            ensure!(
                answer["code"].as_i64().is_some_and(|code| code < 400),
                "refused: {answer}"
            );
            waiting -= 1;
        }
    }
    Ok(stream)
}

/// What was spent before.
struct Mark {
    begun: Instant,
    client: Option<Duration>,
    server: Option<Duration>,
    memory: u64,
}

impl Mark {
    fn now(target: &Target) -> Self {
        Self {
            memory: measure::memory().unwrap_or_default(),
            client: measure::cpu(std::process::id()),
            server: measure::cpu(target.server),
            begun: Instant::now(),
        }
    }

    /// What was spent since. `peak` is the memory that all of them take together.
    fn until_now(self, target: &Target, bots: usize) -> Figures {
        let spent = |pid, before: Option<Duration>| Some(measure::cpu(pid)?.saturating_sub(before?).as_secs_f64());
        Figures {
            records: bots as u64,
            bytes: 0,
            wall: self.begun.elapsed().as_secs_f64(),
            client_cpu: spent(std::process::id(), self.client),
            server_cpu: spent(target.server, self.server),
            peak: measure::memory().map(|memory| memory.saturating_sub(self.memory)),
            p99: None,
        }
    }
}
