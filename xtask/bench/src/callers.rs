//! Many callers at once on a session that the server has forgotten: they cause one login.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use le_auth::{Session, UserCredentials};
use le_core::discover::FixedBase;
use le_core::limit::Limits;
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, Client, TimeRange, Timestamp, TrustedHosts};
use le_data::Data;
use le_sim::Sim;

/// The name of the scenario.
pub(crate) const NAME: &str = "callers";

/// Connections that are open at once; the callers beyond it wait for a place with their call in hand.
const CONNECTIONS: NonZeroU32 = NonZeroU32::new(256).unwrap();

/// What it came to.
pub(crate) struct Callers {
    pub(crate) callers: usize,
    pub(crate) logins: u64,
    pub(crate) seconds: f64,
}

pub(crate) async fn one_login(callers: usize) -> Result<Callers> {
    let sim = Sim::builder().conversations(10).start().await?;
    let user = sim
        .users()
        .iter()
        .find(|user| user.enabled && user.app_key.is_none())
        .context("no user can log in")?;
    let client = Client::builder(AccountId::new(&sim.account().id)?)
        .transport(Arc::new(HttpTransport::builder().no_proxy().build()?))
        .discover(Arc::new(FixedBase(BaseUri::plain(&sim.csds())?)))
        .trusted_hosts(TrustedHosts::default().with_host("localhost"))
        .limits(Limits::default().concurrency(CONNECTIONS))
        .build()?;
    let credentials = UserCredentials::new(&user.login_name, user.password.as_str());
    let session = Arc::new(Session::builder(client.clone(), credentials).open().await?);
    let data = Data::new(client.with_authorize(session.clone()));
    sim.control().expire_sessions();
    let before = sim.control().logins_of(&user.login_name);
    let now = Timestamp::from_millis(sim.clock().now_ms());
    let range = TimeRange::last(Duration::from_secs(86_400), now);
    let begun = Instant::now();
    try_join_all((0..callers).map(|_| data.conversations().search(range).count())).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let logins = sim.control().logins_of(&user.login_name) - before;
    session.close().await?;
    sim.stop().await;
    Ok(Callers {
        callers,
        logins,
        seconds,
    })
}
