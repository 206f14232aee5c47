//! What the examples share: a LiveEngage on loopback, a bot user's connector, and a consumer who follows a script.

#![allow(
    dead_code,
    unused_imports,
    clippy::print_stdout,
    clippy::panic,
    reason = "each example uses a part of it, and shows the conversation"
)]

mod consumer;

use std::error::Error;
use std::sync::Arc;

use le_bots::credential::FixedToken;
use le_bots::{AgentConnector, AgentIdentity, SocketCredential};
use le_core::discover::{Discover, FixedBase};
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, Transport as _, TrustedHosts};
use le_sim::account::User;
use le_sim::{Behaviour, MessagingBehaviour, Sim};

pub(crate) use consumer::Consumer;

pub(crate) type Failed = Box<dyn Error + Send + Sync>;

pub(crate) type Outcome<T = ()> = Result<T, Failed>;

/// The simulator in this process.
pub(crate) struct Stage {
    pub(crate) sim: Sim,
}

impl Stage {
    /// A LiveEngage without history.
    pub(crate) async fn new() -> Outcome<Self> {
        Self::with(|_| {}).await
    }

    /// The same with other knobs.
    pub(crate) async fn with(change: impl FnOnce(&mut MessagingBehaviour)) -> Outcome<Self> {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour.messaging);
        let sim = Sim::builder().conversations(0).behaviour(behaviour).start().await?;
        Ok(Self { sim })
    }

    /// A user who has a skill, and no manager's rights: the n-th one.
    pub(crate) fn agent(&self, skill: i64, n: usize) -> &User {
        let all = self
            .sim
            .users()
            .iter()
            .skip(1)
            .filter(|user| user.enabled && user.user_type.code() == "1");
        let mut all = all.filter(|user| user.skills.contains(&skill));
        all.nth(n).unwrap_or_else(|| panic!("no such agent"))
    }

    /// The n-th skill that at least three agents have.
    pub(crate) fn skill(&self, n: usize) -> i64 {
        let agents = |skill: i64| {
            self.sim
                .users()
                .iter()
                .filter(move |user| user.enabled && user.skills.contains(&skill))
        };
        let mut all = self
            .sim
            .account()
            .skills
            .iter()
            .map(|skill| skill.id)
            .filter(|id| agents(*id).count() > 2);
        all.nth(n).unwrap_or_else(|| panic!("no such skill"))
    }

    /// The administrator, who may see and join every conversation.
    pub(crate) fn manager(&self) -> &User {
        &self.sim.users()[0]
    }

    /// Logs a user in, and gives the bearer.
    pub(crate) async fn bearer(&self, user: &User) -> Outcome<String> {
        let account = &self.sim.account().id;
        let transport = HttpTransport::builder().no_proxy().build()?;
        let body = serde_json::json!({"username": user.login_name, "password": user.password});
        let login = http::Request::post(format!("{}/api/account/{account}/login?v=1.3", self.sim.url()))
            .header("content-type", "application/json")
            .body(body.to_string().into())?;
        let answer = transport.execute(login).await?.into_body().collect(1 << 20).await?;
        let answer: serde_json::Value = serde_json::from_slice(&answer)?;
        Ok(answer["bearer"].as_str().ok_or("the login was refused")?.to_owned())
    }

    /// Opens sockets for a user. A program of your own gives the bearer of a `le_auth::Session` in place of a fixed one.
    pub(crate) async fn connector(&self, user: &User) -> Outcome<AgentConnector> {
        let me = AgentIdentity::new(AccountId::new(&self.sim.account().id)?, user.user_id.to_string());
        let me = me.with_pid(user.user_pid.as_str());
        let bearer = FixedToken::new(self.bearer(user).await?);
        Ok(connector(&self.sim.url(), bearer, me)?)
    }

    /// A consumer who has not said anything yet.
    pub(crate) fn consumer(&self) -> Outcome<Consumer> {
        Consumer::new(&self.sim)
    }
}

fn connector(
    base: &str,
    credential: impl SocketCredential + 'static,
    me: AgentIdentity,
) -> le_core::Result<AgentConnector> {
    let transport = Arc::new(HttpTransport::builder().no_proxy().build()?);
    let discover: Arc<dyn Discover> = Arc::new(FixedBase(BaseUri::new(base)?));
    Ok(AgentConnector::new(transport, discover, Arc::new(credential), me)
        .trusted_hosts(TrustedHosts::vendor().with_host("localhost").with_host("127.0.0.1")))
}

/// The connector of a bot user of a real account, if the environment names one: `LE_ACCOUNT_ID`, `LE_USER_ID`, `LE_BEARER`, and
/// `LE_MESSAGING_HOST`, the host of the service `asyncMessagingEnt`.
pub(crate) fn of_environment() -> Outcome<Option<AgentConnector>> {
    let set = |name: &str| std::env::var(name);
    let Ok(bearer) = set("LE_BEARER") else { return Ok(None) };
    let me = AgentIdentity::new(AccountId::new(&set("LE_ACCOUNT_ID")?)?, set("LE_USER_ID")?);
    Ok(Some(connector(
        &set("LE_MESSAGING_HOST")?,
        FixedToken::new(bearer),
        me,
    )?))
}
