//! A running simulator.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    account::{Account, ApiKey, User},
    builder::SimBuilder,
    clock::SimClock,
    control::Control,
    driver,
    server::{Server, Way},
    wire::ConnectionHandle,
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
pub struct Sim {
    pub(crate) world: Arc<World>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    pub(crate) server: Server,
    pub(crate) ca_path: Option<PathBuf>,
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sim")
            .field("world", &self.world)
            .finish_non_exhaustive()
    }
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

    /// A connection to the plain entrance, in memory: HTTP/1.1, with upgrades to WebSockets. It holds up to `buffer` bytes
    /// in each direction; a writer waits for room. No port is needed, see [`SimBuilder::start_in_memory`].
    ///
    /// ```
    /// use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sim = le_sim::Sim::builder().conversations(0).start_in_memory()?;
    /// let mut connection = sim.connect(4096);
    /// connection.write_all(b"GET /_sim/state HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n").await?;
    /// let mut answer = String::new();
    /// connection.read_to_string(&mut answer).await?;
    /// assert!(answer.starts_with("HTTP/1.1 200 OK"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn connect(&self, buffer: usize) -> DuplexStream {
        let (near, far) = tokio::io::duplex(buffer);
        self.serve(far);
        near
    }

    /// Serves one connection over any stream, as the plain port would.
    pub fn serve<I>(&self, io: I)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let way = Way {
            scheme: "http",
            proxied: false,
            at_proxy: false,
            connection: ConnectionHandle::default(),
        };
        self.tasks.spawn(self.server.clone().http(io, way));
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

    /// The id by which an application reports what visitors do: what stands behind `/app/` in the paths of the Monitoring API.
    #[must_use]
    pub fn app_installation_id(&self) -> &str {
        self.world.account.app_installation_id()
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
