//! A side of a conversation: a connection to the simulator, and what it was told.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use le_bots::agent_state::Availability;
use le_bots::client_properties::{ClientProperties, Feature};
use le_bots::connector::Introduction;
use le_bots::conversation::{ChangeKind, Conversation, Stage, SubscribeConversations};
use le_bots::credential::FixedToken;
use le_bots::notification::ConversationChange;
use le_bots::ring::Ring;
use le_bots::{
    AgentConnection, AgentConnector, AgentIdentity, ConsumerConnection, ConsumerConnector, DialogEvent, Events,
    Incoming, News, NextStep, Settings, SocketCredential,
};
use le_core::auth::{Renewal, Stamp};
use le_core::discover::FixedBase;
use le_core::transport::{HttpTransport, Transport};
use le_core::{AccountId, BaseUri, Error, Secret, TrustedHosts};
use le_sim::account::User;
use le_sim::{Sim, SimClock};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "70011223";
/// When the clocks of these tests begin.
pub(crate) const NOW: i64 = 1_760_000_000_000;
/// Nothing here takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(20);

/// A simulator without history, whose clock stands.
pub(crate) async fn sim_with(change: impl FnOnce(&mut le_sim::MessagingBehaviour)) -> Sim {
    let mut behaviour = le_sim::Behaviour::default();
    change(&mut behaviour.messaging);
    Sim::builder()
        .account(ACCOUNT)
        .conversations(0)
        .clock(SimClock::manual(NOW))
        .behaviour(behaviour)
        .start()
        .await
        .unwrap()
}

pub(crate) async fn sim() -> Sim {
    sim_with(|_| {}).await
}

/// Skills that at least three agents have.
pub(crate) fn busy_skills(sim: &Sim) -> Vec<i64> {
    let all = sim.account().skills.iter().map(|skill| skill.id);
    all.filter(|id| agents_of(sim, *id).count() > 2).collect()
}

/// Agents without manager rights who have the skill.
pub(crate) fn agents_of(sim: &Sim, skill: i64) -> impl Iterator<Item = &User> {
    sim.users().iter().skip(1).filter(move |user| {
        user.enabled && user.agent_group_id != -1 && user.user_type.code() == "1" && user.skills.contains(&skill)
    })
}

pub(crate) fn transport() -> Arc<HttpTransport> {
    Arc::new(HttpTransport::builder().no_proxy().build().unwrap())
}

/// One HTTP exchange; gives status and body.
pub(crate) async fn http(method: &str, url: &str, body: impl Into<Bytes>) -> (u16, Bytes) {
    let request = Request::builder()
        .method(method)
        .uri(url)
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap();
    let answer = transport().execute(request).await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.into_body().collect(10 << 20).await.unwrap())
}

async fn posted(url: String, body: Value) -> Value {
    let (_, answer) = http("POST", &url, body.to_string()).await;
    serde_json::from_slice(&answer).unwrap()
}

/// The bearer of a login session that logs in anew when it is told to.
#[derive(Debug)]
pub(crate) struct Login {
    url: String,
    body: Value,
    session: tokio::sync::Mutex<(Secret, u64)>,
}

impl Login {
    pub(crate) async fn new(sim: &Sim, user: &User) -> Self {
        let login = Self {
            url: format!("{}/api/account/{ACCOUNT}/login?v=1.3", sim.url()),
            body: json!({"username": user.login_name, "password": user.password}),
            session: tokio::sync::Mutex::new((Secret::new(""), 0)),
        };
        login.log_in().await;
        login
    }

    async fn log_in(&self) {
        let answer = posted(self.url.clone(), self.body.clone()).await;
        let mut session = self.session.lock().await;
        session.0 = Secret::new(answer["bearer"].as_str().unwrap());
        session.1 += 1;
    }
}

#[async_trait]
impl SocketCredential for Login {
    async fn token(&self) -> Result<(Secret, Stamp), Error> {
        let session = self.session.lock().await;
        Ok((session.0.clone(), Stamp(session.1)))
    }

    async fn renew(&self, refused: Stamp, _: NextStep) -> Result<Renewal, Error> {
        if self.session.lock().await.1 == refused.0 {
            self.log_in().await;
        }
        Ok(Renewal::Renewed)
    }
}

fn base(sim: &Sim) -> Arc<FixedBase> {
    Arc::new(FixedBase(BaseUri::new(&sim.url()).unwrap()))
}

fn trusted() -> TrustedHosts {
    TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1")
}

/// Settings without probes: the simulator's clock stands.
fn quiet() -> Settings {
    let mut settings = Settings::default();
    (settings.ping_interval, settings.clock_interval) = (None, None);
    settings
}

pub(crate) fn identity(user: &User) -> AgentIdentity {
    AgentIdentity::new(AccountId::new(ACCOUNT).unwrap(), user.user_id.to_string()).with_pid(user.user_pid.as_str())
}

pub(crate) async fn agent_connector(sim: &Sim, user: &User) -> AgentConnector {
    let credential = Arc::new(Login::new(sim, user).await);
    AgentConnector::new(transport(), base(sim), credential, identity(user))
        .trusted_hosts(trusted())
        .settings(quiet())
}

pub(crate) async fn consumer_connector(sim: &Sim) -> ConsumerConnector {
    let answer = posted(format!("{}/api/account/{ACCOUNT}/signup", sim.url()), json!({})).await;
    let token = FixedToken::new(answer["jwt"].as_str().unwrap());
    consumer_connector_with(sim, Arc::new(token))
}

/// A consumer whose client can show everything.
pub(crate) fn consumer_connector_with(sim: &Sim, credential: Arc<dyn SocketCredential>) -> ConsumerConnector {
    let mut properties = ClientProperties::default();
    properties.features = Feature::KNOWN.iter().map(|name| Feature::from(*name)).collect();
    let account = AccountId::new(ACCOUNT).unwrap();
    ConsumerConnector::new(transport(), base(sim), credential, account)
        .trusted_hosts(trusted())
        .settings(quiet())
        .properties(properties)
}

/// A connection and what came over it.
pub(crate) struct Party<C> {
    pub(crate) connection: C,
    pub(crate) events: Events,
    seen: VecDeque<News>,
}

impl<C> Deref for Party<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.connection
    }
}

impl<C> Party<C> {
    pub(crate) fn new((connection, events): (C, Events)) -> Self {
        Self {
            connection,
            events,
            seen: VecDeque::new(),
        }
    }

    /// The first news, of those that came and those that come, that fits; earlier ones of other kinds are kept.
    pub(crate) async fn find<T>(&mut self, what: &str, mut fits: impl FnMut(&News) -> Option<T>) -> T {
        let mut at = 0;
        loop {
            while let Some(news) = self.seen.get(at) {
                if let Some(found) = fits(news) {
                    self.seen.remove(at);
                    return found;
                }
                at += 1;
            }
            let next = tokio::time::timeout(PATIENCE, self.events.next()).await;
            match next.unwrap_or_else(|_| panic!("waited for {what}, saw {:#?}", self.seen)) {
                Some(Incoming::Notification(notification)) => self.seen.push_back(notification.read().unwrap()),
                other => panic!("waited for {what}, got {other:?}"),
            }
        }
    }

    /// The next change of a conversation that fits.
    pub(crate) async fn change(
        &mut self,
        what: &str,
        fits: impl Fn(&ConversationChange) -> bool,
    ) -> ConversationChange {
        self.find(what, |news| match news {
            News::Conversations(changed) => changed.changes.iter().find(|change| fits(change)).cloned(),
            _ => None,
        })
        .await
    }

    /// The next state of a conversation that fits.
    pub(crate) async fn conversation(&mut self, what: &str, fits: impl Fn(&Conversation) -> bool) -> Conversation {
        let upsert = |change: &ConversationChange| {
            change.kind == Some(ChangeKind::Upsert) && change.conversation.as_ref().is_some_and(&fits)
        };
        self.change(what, upsert).await.conversation.unwrap()
    }

    /// The next event that fits.
    pub(crate) async fn event(&mut self, what: &str, fits: impl Fn(&DialogEvent) -> bool) -> DialogEvent {
        self.find(what, |news| match news {
            News::Events(events) => events.events.iter().find(|event| fits(event)).cloned(),
            _ => None,
        })
        .await
    }

    /// The next message with this text.
    pub(crate) async fn message(&mut self, text: &str) -> DialogEvent {
        self.event(text, |event| {
            event.event.as_ref().and_then(|event| event.as_text()) == Some(text)
        })
        .await
    }

    /// The next ring that waits.
    pub(crate) async fn ring(&mut self) -> Ring {
        self.find("a ring", |news| match news {
            News::RoutingTasks(tasks) => {
                let tasks = tasks.changes.iter().filter_map(|change| change.task.as_ref());
                tasks.flat_map(|task| task.waiting()).next().cloned()
            }
            _ => None,
        })
        .await
    }
}

pub(crate) type Agent = Party<AgentConnection>;
pub(crate) type Consumer = Party<ConsumerConnection>;

impl Agent {
    /// Says that it takes conversations, and subscribes to its own and to rings.
    pub(crate) async fn ready(sim: &Sim, user: &User) -> Self {
        let agent = Self::new(agent_connector(sim, user).await.connect().await.unwrap());
        agent.go_online().await;
        agent
    }

    pub(crate) async fn go_online(&self) {
        self.set_state(Availability::Online).await.unwrap();
        let subscribed = self.subscribe_own_conversations().await.unwrap();
        assert!(subscribed.subscription_id.is_some());
        self.subscribe_rings().await.unwrap();
    }

    /// Takes the next ring; gives its conversation as soon as this agent has it.
    pub(crate) async fn take(&mut self) -> Conversation {
        let ring = self.ring().await;
        self.accept(ring.ring_id.unwrap()).await.unwrap();
        let me = self.agent().clone();
        self.conversation("the conversation that was rung", |one| one.is_assigned_to(&me))
            .await
    }
}

impl Consumer {
    pub(crate) async fn ready(sim: &Sim) -> Self {
        let connector = consumer_connector(sim).await.introduction(Introduction::Request);
        let consumer = Self::new(connector.connect().await.unwrap());
        let all = SubscribeConversations::in_stages([Stage::Open, Stage::Close]);
        consumer.subscribe_conversations(all).await.unwrap();
        consumer
    }

    /// Opens a conversation and says something; gives its id.
    pub(crate) async fn start(&self, skill: i64, text: &str) -> String {
        let opened = self.request_conversation(skill.to_string()).await.unwrap();
        let id = opened.conversation_id.unwrap().as_str().to_owned();
        self.subscribe_messages(id.as_str(), id.as_str(), 0).await.unwrap();
        let published = self.publish_text(id.as_str(), text).await.unwrap();
        assert_eq!(published.sequence.unwrap(), 0);
        id
    }
}
