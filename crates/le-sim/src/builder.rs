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
    campaign::{self, Campaign},
    certificate::{Certificates, Leaf, TlsVersions, check_names},
    clock::SimClock,
    domain,
    error::SimError,
    faults::FaultPlan,
    history::{Chats, History},
    messaging, routing,
    server::{Entrance, Server},
    sim::Sim,
    world::{Addresses, Ingredients, World},
};

/// Lines that the request log keeps unless told otherwise.
const REQUEST_LOG: usize = 10_000;

/// What base URIs name where there is no port.
const IN_MEMORY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 80);

/// Any free port of the loopback interface.
const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Describes a simulator. [`Sim::builder`] begins, [`start`](Self::start) ends.
#[derive(Debug, Clone)]
#[must_use = "a description starts nothing"]
pub struct SimBuilder {
    account: String,
    seed: u64,
    conversations: usize,
    distinct_conversations: usize,
    chats: Option<usize>,
    bots: usize,
    campaigns: Option<Vec<Campaign>>,
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
            distinct_conversations: 0,
            chats: None,
            bots: 0,
            campaigns: None,
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

    /// How many ended chats Engagement History holds. Half as many as there are conversations, unless set.
    pub fn chats(mut self, chats: usize) -> Self {
        self.chats = Some(chats);
        self
    }

    /// So many bot users more, `fleet-001@shop.example` and so on, who take conversations of every skill: for fleets. They stand
    /// behind all other users, and have no part in the history.
    pub fn bots(mut self, bots: usize) -> Self {
        self.bots = bots;
        self
    }

    /// The campaigns at the start and after a reset, in place of those that each account has.
    pub fn campaigns(mut self, campaigns: impl IntoIterator<Item = Campaign>) -> Self {
        self.campaigns = Some(campaigns.into_iter().collect());
        self
    }

    /// Makes closed conversations copies of this many, with ids and times of their own; 0 (the default) makes each for
    /// itself. For measurements: a million conversations then take some 200 MB, and rendering one a few microseconds.
    pub fn distinct_conversations(mut self, distinct: usize) -> Self {
        self.distinct_conversations = distinct;
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
    /// [`SimError`] if the account id or a name is malformed, campaigns share an id, a fault rule cannot be done, a port is taken, or the PEM
    /// file cannot be written.
    pub async fn start(self) -> Result<Sim, SimError> {
        if !domain::is_account_id(&self.account) {
            return Err(SimError::AccountId { value: self.account });
        }
        check_names(&self.names)?;
        self.check()?;
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
        Ok(serving(world, tls, tls_versions, ports.listeners, ca_path))
    }

    /// As [`start`](Self::start), but opens no port: [`Sim::connect`] and [`Sim::serve`] take connections over streams in
    /// memory. The history is made at once, on this thread.
    ///
    /// On a runtime of one thread whose time is paused, with [`SimClock::runtime`], everything that happens follows from the
    /// seeds: the same run comes out the same, byte by byte.
    ///
    /// # Errors
    ///
    /// [`SimError`] if the account id is malformed, campaigns share an id, or a fault rule cannot be done.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn start_in_memory(self) -> Result<Sim, SimError> {
        if !domain::is_account_id(&self.account) {
            return Err(SimError::AccountId { value: self.account });
        }
        self.check()?;
        let account = Account::generate(&self.account, self.seed);
        let distinct = self.distinct_conversations;
        let history = History::copied(&account, self.seed, self.conversations, distinct, self.clock.now_ms());
        let addresses = Addresses {
            plain: IN_MEMORY,
            tls: None,
            proxy: None,
        };
        let tls_versions = self.tls_versions;
        let world = Arc::new(self.with(account, history, addresses, None));
        Ok(serving(world, None, tls_versions, Vec::new(), None))
    }

    fn check(&self) -> Result<(), SimError> {
        campaign::check(self.campaigns.as_deref().unwrap_or_default())?;
        self.faults.check()
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
        let distinct = self.distinct_conversations;
        let generated = {
            let account = account.clone();
            // A large history takes seconds of CPU, which the caller's runtime has other uses for.
            tokio::task::spawn_blocking(move || History::copied(&account, seed, conversations, distinct, now_ms)).await
        };
        // The task is neither aborted nor is there anything to fall back to if it panicked: then we panic, too.
        let history = generated.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        self.with(account, history, addresses, ca_pem)
    }

    fn with(self, mut account: Account, history: History, addresses: Addresses, ca_pem: Option<String>) -> World {
        let chats = self.chats.unwrap_or(self.conversations / 2);
        let chats = Chats::generate(&account, self.seed, chats, self.clock.now_ms());
        account.add_bots(self.seed, self.bots);
        if let Some(campaigns) = self.campaigns {
            account.campaigns = campaigns;
        }
        World::new(Ingredients {
            account,
            history,
            chats,
            conversations: self.conversations,
            clock: self.clock,
            seed: self.seed,
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

/// Begins to serve.
fn serving(
    world: Arc<World>,
    tls: Option<TlsAcceptor>,
    tls_versions: TlsVersions,
    listeners: Vec<(TcpListener, Entrance)>,
    ca_path: Option<PathBuf>,
) -> Sim {
    let server = Server {
        router: routing::router(&world),
        world: Arc::clone(&world),
        tls,
        tls_versions,
        stop: world.stop.clone(),
        tasks: world.tasks.clone(),
    };
    let beating = messaging::pulse(Arc::clone(&world), world.stop.clone());
    server.tasks.spawn(beating);
    for (listener, entrance) in listeners {
        server.tasks.spawn(server.clone().accept(listener, entrance));
    }
    Sim {
        world,
        stop: server.stop.clone(),
        tasks: server.tasks.clone(),
        server,
        ca_path,
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
