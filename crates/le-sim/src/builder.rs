//! Describing and starting a simulator.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    account::Account,
    behaviour::Behaviour,
    certificate::{Certificates, Leaf, TlsVersions, check_names},
    clock::SimClock,
    domain,
    error::SimError,
    faults::FaultPlan,
    history::History,
    messaging, routing,
    server::{Entrance, Server},
    sim::Sim,
    world::{Addresses, Ingredients, World},
};

/// Lines that the request log keeps unless told otherwise.
const REQUEST_LOG: usize = 10_000;

/// Any free port of the loopback interface.
const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Describes a simulator. [`Sim::builder`] begins, [`start`](Self::start) ends.
#[derive(Debug, Clone)]
#[must_use = "a description starts nothing"]
pub struct SimBuilder {
    account: String,
    seed: u64,
    conversations: usize,
    listen: SocketAddr,
    plain: Option<SocketAddr>,
    tls: bool,
    proxy: Option<SocketAddr>,
    ca_out: Option<PathBuf>,
    names: Vec<String>,
    leaf: Leaf,
    tls_versions: TlsVersions,
    clock: SimClock,
    behaviour: Behaviour,
    faults: FaultPlan,
    request_log: usize,
}

impl Default for SimBuilder {
    fn default() -> Self {
        Self {
            account: "70011223".to_owned(),
            seed: 7,
            conversations: 200,
            listen: LOOPBACK,
            plain: None,
            tls: false,
            proxy: None,
            ca_out: None,
            names: Vec::new(),
            leaf: Leaf::default(),
            tls_versions: TlsVersions::default(),
            clock: SimClock::system(),
            behaviour: Behaviour::default(),
            faults: FaultPlan::default(),
            request_log: REQUEST_LOG,
        }
    }
}

impl SimBuilder {
    /// The account id, 1 to 20 letters, digits or underscores.
    pub fn account(mut self, id: impl Into<String>) -> Self {
        self.account = id.into();
        self
    }

    /// The seed of account and history. The same id, seed and clock give the same data.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many conversations the history holds.
    pub fn conversations(mut self, conversations: usize) -> Self {
        self.conversations = conversations;
        self
    }

    /// The address of the main port. Port 0 is any free one.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// `true`: the main port speaks TLS, and a plain port is opened beside it.
    pub fn tls(mut self, on: bool) -> Self {
        self.tls = on;
        self
    }

    /// The address of the plain port beside a TLS port. Any free port of the same interface unless set.
    pub fn plain_listen(mut self, address: SocketAddr) -> Self {
        self.plain = Some(address);
        self
    }

    /// `true`: opens a stand-in proxy on a free port of the loopback interface.
    pub fn proxy(mut self, on: bool) -> Self {
        self.proxy = on.then_some(self.proxy.unwrap_or(LOOPBACK));
        self
    }

    /// Opens the stand-in proxy at this address.
    pub fn proxy_listen(mut self, address: SocketAddr) -> Self {
        self.proxy = Some(address);
        self
    }

    /// Where the certificate of the authority is written, as PEM.
    pub fn ca_out(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_out = Some(path.into());
        self
    }

    /// Further DNS names or IP addresses for the certificate and the proxy.
    pub fn names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.names.extend(names.into_iter().map(Into::into));
        self
    }

    /// Shows another certificate, for tests of clients that must refuse it.
    pub fn leaf(mut self, leaf: Leaf) -> Self {
        self.leaf = leaf;
        self
    }

    /// Limits the TLS versions.
    pub fn tls_versions(mut self, versions: TlsVersions) -> Self {
        self.tls_versions = versions;
        self
    }

    /// The clock. System time unless set.
    pub fn clock(mut self, clock: SimClock) -> Self {
        self.clock = clock;
        self
    }

    /// The knobs at the start and after a reset.
    pub fn behaviour(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    /// The fault plan at the start and after a reset.
    pub fn faults(mut self, plan: FaultPlan) -> Self {
        self.faults = plan;
        self
    }

    /// How many requests the log keeps; 0 switches it off.
    pub fn request_log(mut self, lines: usize) -> Self {
        self.request_log = lines;
        self
    }

    /// Opens the ports, makes the account, its history and the certificates, and serves.
    ///
    /// # Errors
    ///
    /// [`SimError`] if the account id or a name is malformed, a fault rule cannot be done, a port is taken, or the PEM
    /// file cannot be written.
    pub async fn start(self) -> Result<Sim, SimError> {
        if !domain::is_account_id(&self.account) {
            return Err(SimError::AccountId { value: self.account });
        }
        check_names(&self.names)?;
        self.faults.check()?;
        let certificates = self.certificates()?;
        let tls = certificates
            .as_ref()
            .map(|certificates| certificates.server_config(self.tls_versions).map(TlsAcceptor::from))
            .transpose()?;
        let ports = Ports::open(&self).await?;
        let ca_pem = certificates.map(|certificates| certificates.ca_pem());
        let ca_path = write_ca(self.ca_out.clone(), ca_pem.as_deref())?;
        let tls_versions = self.tls_versions;
        let world = Arc::new(self.world(ports.addresses, ca_pem).await);
        let server = Server {
            router: routing::router(&world),
            world: Arc::clone(&world),
            tls,
            tls_versions,
            stop: world.stop.clone(),
            tasks: world.tasks.clone(),
        };
        server
            .tasks
            .spawn(messaging::pulse(Arc::clone(&world), world.stop.clone()));
        for (listener, entrance) in ports.listeners {
            server.tasks.spawn(server.clone().accept(listener, entrance));
        }
        Ok(Sim {
            world,
            stop: server.stop,
            tasks: server.tasks,
            ca_path,
        })
    }

    fn certificates(&self) -> Result<Option<Arc<Certificates>>, SimError> {
        if !self.tls && self.proxy.is_none() {
            return Ok(None);
        }
        let mut names = self.names.clone();
        let ip = self.listen.ip();
        if !ip.is_loopback() && !ip.is_unspecified() {
            names.push(ip.to_string());
        }
        Certificates::generate(self.leaf, &names).map(Some)
    }

    async fn world(self, addresses: Addresses, ca_pem: Option<String>) -> World {
        let account = Account::generate(&self.account, self.seed);
        let (seed, conversations, now_ms) = (self.seed, self.conversations, self.clock.now_ms());
        let generated = {
            let account = account.clone();
            // A large history takes seconds of CPU, which the caller's runtime has other uses for.
            tokio::task::spawn_blocking(move || History::generate(&account, seed, conversations, now_ms)).await
        };
        // The task is neither aborted nor is there anything to fall back to if it panicked: then we panic, too.
        let history = generated.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        World::new(Ingredients {
            account,
            history,
            conversations,
            clock: self.clock,
            seed,
            addresses,
            names: self.names,
            ca_pem,
            behaviour: self.behaviour,
            faults: self.faults,
            request_log: self.request_log,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        })
    }
}

/// The open ports.
struct Ports {
    addresses: Addresses,
    listeners: Vec<(TcpListener, Entrance)>,
}

impl Ports {
    async fn open(builder: &SimBuilder) -> Result<Self, SimError> {
        let mut listeners = Vec::new();
        let mut tls = None;
        if builder.tls {
            tls = Some(open(&mut listeners, builder.listen, Entrance::Tls).await?);
        }
        let plain = match builder.plain {
            Some(plain) => plain,
            None if builder.tls => SocketAddr::new(builder.listen.ip(), 0),
            None => builder.listen,
        };
        let plain = open(&mut listeners, plain, Entrance::Plain).await?;
        let mut proxy = None;
        if let Some(address) = builder.proxy {
            proxy = Some(open(&mut listeners, address, Entrance::Proxy).await?);
        }
        Ok(Self {
            addresses: Addresses { plain, tls, proxy },
            listeners,
        })
    }
}

async fn open(
    listeners: &mut Vec<(TcpListener, Entrance)>,
    address: SocketAddr,
    entrance: Entrance,
) -> Result<SocketAddr, SimError> {
    let failed = |source| SimError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    listeners.push((listener, entrance));
    if bound.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) {
        // Some clients resolve `localhost` to ::1 and try nothing else. Where there is no IPv6 they do not.
        let twin = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), bound.port());
        if let Ok(listener) = TcpListener::bind(twin).await {
            listeners.push((listener, entrance));
        }
    }
    Ok(bound)
}

fn write_ca(path: Option<PathBuf>, pem: Option<&str>) -> Result<Option<PathBuf>, SimError> {
    let (Some(path), Some(pem)) = (path, pem) else {
        return Ok(None);
    };
    let written: io::Result<PathBuf> = std::fs::write(&path, pem).and_then(|()| std::path::absolute(&path));
    written.map(Some).map_err(|source| SimError::File {
        action: "write",
        path,
        source,
    })
}
