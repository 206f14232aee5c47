//! A running simulator.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    account::{Account, ApiKey, User},
    builder::SimBuilder,
    clock::SimClock,
    control::Control,
    driver,
    world::{OAuthClient, World},
};

/// How long [`Sim::stop`] waits for requests in flight.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// A LiveEngage on loopback. It stops when it is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), le_sim::SimError> {
/// let sim = le_sim::Sim::builder().account("70011223").seed(7).conversations(50).start().await?;
/// println!("Domain API: http://{}/api/account/70011223/service/baseURI.json?version=1.0", sim.csds());
/// sim.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sim {
    pub(crate) world: Arc<World>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    pub(crate) ca_path: Option<PathBuf>,
}

impl Sim {
    /// Begins to describe a simulator. Without further words: account `70011223`, seed 7, 200 conversations, plain
    /// HTTP on a free port of the loopback interface.
    pub fn builder() -> SimBuilder {
        SimBuilder::default()
    }

    /// The address of the main port: TLS if that is on, plain otherwise.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.world.addresses.tls.unwrap_or(self.world.addresses.plain)
    }

    /// `host:port` of the main port: what a client is given as the host of the Domain API.
    #[must_use]
    pub fn csds(&self) -> String {
        host_port(self.addr())
    }

    /// The base URL of the main port, `https://localhost:port` or `http://localhost:port`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.world.addresses.tls.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.csds())
    }

    /// The address of the plain port, which is always there.
    #[must_use]
    pub fn plain(&self) -> SocketAddr {
        self.world.addresses.plain
    }

    /// `host:port` of the plain port.
    #[must_use]
    pub fn plain_csds(&self) -> String {
        host_port(self.plain())
    }

    /// The address of the stand-in proxy.
    #[must_use]
    pub fn proxy(&self) -> Option<SocketAddr> {
        self.world.addresses.proxy
    }

    /// The certificate of the authority that vouches for the TLS port and for tunnels through the proxy, as PEM.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.world.ca_pem.as_deref()
    }

    /// The account with everything in it.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.world.account
    }

    /// The users of the account: an administrator first, then people, then bots.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.world.account.users
    }

    /// The API keys of the account: the first may read the history, the second may not.
    #[must_use]
    pub fn api_keys(&self) -> &[ApiKey] {
        &self.world.account.api_keys
    }

    /// OAuth 2.0 applications that bot users can log in with.
    #[must_use]
    pub fn oauth_clients(&self) -> &[OAuthClient] {
        &self.world.oauth_clients
    }

    /// How many conversations the history holds.
    #[must_use]
    pub fn conversations(&self) -> usize {
        self.world.conversations
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> SimClock {
        self.world.clock.clone()
    }

    /// Steers it: faults, clock, sessions, knobs, counters, the request log.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.world))
    }

    /// What a driver in any language needs to know, passwords and secrets included.
    #[must_use]
    pub fn ready_json(&self) -> serde_json::Value {
        driver::ready_json(&self.world, self.ca_path.as_deref())
    }

    /// [`ready_json`](Self::ready_json) as the one line that `le sim` prints.
    #[must_use]
    pub fn ready_line(&self) -> String {
        self.ready_json().to_string()
    }

    /// Stops: no new connections, requests in flight may end within a second.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(STOP_TIMEOUT, self.tasks.wait()).await.is_err() {
            tracing::warn!("connections were still open when the simulator stopped");
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stop.cancel();
        self.tasks.close();
    }
}

/// An address in the form that clients paste behind `https://`. Loopback is named, as certificates and vendor clients
/// expect it.
pub(crate) fn host_port(address: SocketAddr) -> String {
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}
