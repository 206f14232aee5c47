#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod scripts;
mod server;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use le_bots::fleet::lease::{Grant, Leases};
use le_core::clock::{Clock, SystemClock};
use le_core::{Error, ErrorKind};
use redis::{Client, FromRedisValue, IntoConnectionInfo as _, Script, ScriptInvocation};

use scripts::{ACQUIRE, RELEASE, RENEW};
use server::{Connected, Server, failed, is_stale};

/// Leases on a Redis server. Cheap to clone; clones are the same holder and share one connection.
///
/// The connection is made when it is first needed, and anew whenever it breaks.
#[derive(Clone)]
pub struct RedisLeases(Arc<Inner>);

struct Inner {
    server: Server,
    prefix: String,
    holder: String,
    acquire: Script,
    renew: Script,
    release: Script,
}

/// Settings of [`RedisLeases`].
#[must_use]
pub struct RedisLeasesBuilder {
    address: String,
    prefix: String,
    timeout: Duration,
    clock: Arc<dyn Clock>,
}

impl RedisLeases {
    /// On the server with this address: `redis://host:6379/0`, or `redis://user:password@host:6379/0`; `rediss://` with the feature
    /// `tls`.
    pub fn builder(address: impl Into<String>) -> RedisLeasesBuilder {
        RedisLeasesBuilder {
            address: address.into(),
            prefix: "le".to_owned(),
            timeout: Duration::from_secs(1),
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// As the builder, with all defaults.
    ///
    /// # Errors
    /// As [`RedisLeasesBuilder::build`].
    pub fn new(address: impl Into<String>) -> Result<Self, Error> {
        Self::builder(address).build()
    }

    /// The keys of a lease on the server. The braces keep both in one slot of a cluster.
    fn keys(&self, key: &str) -> [String; 2] {
        let prefix = &self.0.prefix;
        [format!("{prefix}:lease:{{{key}}}"), format!("{prefix}:fence:{{{key}}}")]
    }
}

impl RedisLeasesBuilder {
    /// What all keys begin with (`le`): fleets of different prefixes know nothing of each other.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long an answer may take, and how long connecting may (1 s). It should be well below the ttl of the leases.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Leases, without a connection yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] where the address cannot be read.
    pub fn build(self) -> Result<RedisLeases, Error> {
        let info = self.address.as_str().into_connection_info().map_err(|e| failed(&e))?;
        let client = Client::open(info).map_err(|e| failed(&e))?;
        Ok(RedisLeases(Arc::new(Inner {
            server: Server::new(client, self.timeout, self.clock),
            prefix: self.prefix,
            holder: format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..)),
            acquire: Script::new(ACQUIRE),
            renew: Script::new(RENEW),
            release: Script::new(RELEASE),
        })))
    }
}

fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

impl RedisLeases {
    /// Runs a script. A connection that was idle may have broken long ago, so it is done once more on a new one: to do any of
    /// the scripts twice is as good as once.
    async fn run<T: FromRedisValue>(&self, mut connected: Connected, call: &ScriptInvocation<'_>) -> Result<T, Error> {
        let server = &self.0.server;
        match call.invoke_async(&mut connected.connection).await {
            Err(error) if is_stale(&error) => {
                server.forget(&connected).await;
                let mut fresh = server.connected().await?;
                let outcome = call.invoke_async(&mut fresh.connection).await;
                server.settle(&fresh, outcome).await
            }
            outcome => server.settle(&connected, outcome).await,
        }
    }
}

#[async_trait]
impl Leases for RedisLeases {
    async fn acquire(&self, key: &str, ttl: Duration) -> Result<Option<Grant>, Error> {
        let inner = &*self.0;
        let mut connected = inner.server.connected().await?;
        // A server that has just come up may have forgotten leases that still last.
        if connected.up_since.lasts(inner.server.clock().monotonic()) < ttl {
            return Ok(None);
        }
        let [lease, fence] = self.keys(key);
        let mut call = inner.acquire.key(lease);
        call.key(fence).arg(&inner.holder).arg(millis(ttl));
        // Not on another connection: that may be to a server that has come up meanwhile.
        let outcome: Result<Option<String>, _> = call.invoke_async(&mut connected.connection).await;
        let Some(fence) = inner.server.settle(&connected, outcome).await? else {
            return Ok(None);
        };
        let fence = fence
            .parse()
            .map_err(|_| Error::new(ErrorKind::Protocol, "the lease server gave a fence that is no number"))?;
        Ok(Some(Grant::new(fence)))
    }

    async fn renew(&self, key: &str, grant: &Grant, ttl: Duration) -> Result<bool, Error> {
        let inner = &*self.0;
        let connected = inner.server.connected().await?;
        let [lease, fence] = self.keys(key);
        let mut call = inner.renew.key(lease);
        call.key(fence).arg(&inner.holder).arg(grant.fence).arg(millis(ttl));
        Ok(self.run::<i64>(connected, &call).await? == 1)
    }

    async fn release(&self, key: &str, grant: &Grant) -> Result<(), Error> {
        let inner = &*self.0;
        let connected = inner.server.connected().await?;
        let [lease, fence] = self.keys(key);
        let mut call = inner.release.key(lease);
        call.key(fence).arg(&inner.holder).arg(grant.fence);
        self.run::<i64>(connected, &call).await.map(drop)
    }
}

impl fmt::Debug for RedisLeases {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLeases")
            .field("prefix", &self.0.prefix)
            .field("holder", &self.0.holder)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RedisLeasesBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLeasesBuilder")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
