//! Settings of a [`Domain`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use le_core::{AccountId, Client, Error, Transport};

use crate::bootstrap::{self, Bootstrap};
use crate::domain::Domain;
use crate::lookup::Lookup;

/// Settings of a [`Domain`]. See [`Domain::builder`].
#[must_use]
pub struct DomainBuilder {
    account: AccountId,
    client: Option<Client>,
    transport: Option<Arc<dyn Transport>>,
    host: Option<String>,
    ttl: Duration,
    lookup: Lookup,
    fallback: bool,
}

impl DomainBuilder {
    pub(crate) fn new(account: AccountId) -> Self {
        Self {
            account,
            client: None,
            transport: None,
            host: None,
            ttl: Duration::from_secs(600),
            lookup: Lookup::default(),
            fallback: true,
        }
    }

    /// Sends the lookups with this client: its transport, clock, retry rules and hooks. It must be of the same account.
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Sends the lookups over this transport, with the default settings of a client.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Asks this host (or `host:port`) instead of LivePerson's, e.g. a gateway, or the simulator. `http://` is for loopback only;
    /// loopback hosts that are found there are then called over plain http too.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// How long an answer holds (default 10 minutes).
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Which form of the lookup is used (default: one request for all services).
    pub fn lookup(mut self, lookup: Lookup) -> Self {
        self.lookup = lookup;
        self
    }

    /// Whether the other form of the lookup is tried where the preferred one is answered but of no use (default: yes).
    pub fn fallback(mut self, yes: bool) -> Self {
        self.fallback = yes;
        self
    }

    /// Builds the domain. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) where the host cannot be used, where the account is one of
    /// LivePerson's internal ones and no host was given, or where the client is of another account.
    pub fn build(self) -> Result<Domain, Error> {
        let bases = bootstrap::bases(&self.account, self.host.as_deref())?;
        let client = match (self.client, self.transport) {
            (Some(_), Some(_)) => {
                return Err(Error::configuration("both a client and a transport were given")
                    .with_advice("give the transport to the client"));
            }
            (Some(client), None) if *client.account() != self.account => {
                let (own, other) = (&self.account, client.account());
                return Err(
                    Error::configuration(format!("the client is of account {other}, the domain of {own}"))
                        .with_advice("use one account for both"),
                );
            }
            (Some(client), None) => client,
            (None, Some(transport)) => Client::builder(self.account).transport(transport).build()?,
            (None, None) => Client::builder(self.account).build()?,
        };
        Ok(Domain::new(
            client,
            Bootstrap::new(bases),
            self.ttl,
            self.lookup,
            self.fallback,
        ))
    }
}

impl fmt::Debug for DomainBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DomainBuilder")
            .field("account", &self.account)
            .field("host", &self.host)
            .field("lookup", &self.lookup)
            .finish_non_exhaustive()
    }
}
