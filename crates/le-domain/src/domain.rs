//! Discovery for one account.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt as _;
use le_core::discover::{Discover, Doubt};
use le_core::{AccountId, BaseUri, Client, Error};

use crate::bootstrap::Bootstrap;
use crate::builder::DomainBuilder;
use crate::cache::{Cache, Known};
use crate::generated::services::ServiceName;
use crate::listing::{Read, Services};
use crate::lookup::{self, Key, Lookup};
use crate::unknown;

/// Finds the hosts of an account's services by the Domain API, and remembers them. Cheap to clone; clones share the cache.
///
/// Give it to a client: `Client::builder(account).discover(Arc::new(domain))`.
///
/// * An answer holds for ten minutes. Failures and empty lists are never kept.
/// * Callers that ask at the same time share one request; each of them may be cancelled without harm to the others.
/// * Where a new answer cannot be had, the old one is served, marked [stale](Services::is_stale), with a warning in the log;
///   the lookup is tried again every 30 seconds.
/// * A host that cannot be reached is looked up again once; so is one that answers 404, if its entry is older than a minute.
///
/// <https://developers.liveperson.com/domain-api.html>
#[derive(Clone)]
pub struct Domain(Arc<Inner>);

struct Inner {
    client: Client,
    bootstrap: Arc<Bootstrap>,
    plain: bool,
    lookup: Lookup,
    fallback: bool,
    cache: Cache,
}

impl Domain {
    /// Starts from the default settings.
    pub fn builder(account: AccountId) -> DomainBuilder {
        DomainBuilder::new(account)
    }

    pub(crate) fn new(client: Client, bootstrap: Bootstrap, ttl: Duration, lookup: Lookup, fallback: bool) -> Self {
        let bootstrap = Arc::new(bootstrap);
        Self(Arc::new(Inner {
            plain: bootstrap.current().is_plain(),
            client: client.with_discover(Arc::<Bootstrap>::clone(&bootstrap)),
            bootstrap,
            lookup,
            fallback,
            cache: Cache::new(ttl),
        }))
    }

    /// The base URI of a service.
    ///
    /// Cancel-safe: a lookup that other callers wait for goes on.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`](le_core::ErrorKind::Discovery): the lookup failed, or the account has no such service. The error
    /// names the service and those that come near; the status and the body of the answer are at hand.
    pub async fn service(&self, service: impl Into<ServiceName>) -> Result<BaseUri, Error> {
        self.find(service.into().as_str()).await
    }

    /// All services of the account.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`](le_core::ErrorKind::Discovery) where the lookup failed.
    pub async fn all(&self) -> Result<Services, Error> {
        match self.0.cache.all(self.0.now()) {
            Some(services) => Ok(services),
            None => self.look_up(Key::All).await,
        }
    }

    /// All services of the account, asked for anew.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`](le_core::ErrorKind::Discovery) where the lookup failed. What is in the cache stays there.
    pub async fn refresh(&self) -> Result<Services, Error> {
        let services = lookup::ask(&self.0.client, &Key::All, self.0.plain, true).await?;
        self.0.cache.keep(&Key::All, &services, true, self.0.now());
        Ok(services)
    }

    /// Fills the cache with a list from elsewhere: pairs of service and base URI, as a login answer holds them
    /// (`csdsCollectionResponse`). Gives what was taken and what was not. An empty list changes nothing.
    pub fn seed<S, B>(&self, list: impl IntoIterator<Item = (S, B)>) -> Services
    where
        S: Into<String>,
        B: Into<String>,
    {
        let pairs = list
            .into_iter()
            .map(|(service, base)| (Some(service.into()), Some(base.into())));
        let read = Read::pairs(pairs, self.0.plain);
        let services = Services::new(read, self.0.client.clock().now(), Bytes::new());
        if !services.is_empty() {
            self.0.cache.keep(&Key::All, &services, false, self.0.now());
        }
        services
    }

    /// The host that is asked.
    #[must_use]
    pub fn bootstrap(&self) -> &BaseUri {
        self.0.bootstrap.current()
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        self.0.client.account()
    }

    async fn find(&self, service: &str) -> Result<BaseUri, Error> {
        let (first, other) = match self.0.lookup {
            Lookup::All => (Key::All, Key::One(service.to_owned())),
            Lookup::Single => (Key::One(service.to_owned()), Key::All),
        };
        let services = match self.0.cache.service(service, self.0.now()) {
            Known::At(base) => return Ok(base),
            Known::Missing(services) if self.0.lookup == Lookup::All => services,
            _ => match self.look_up(first).await {
                Err(error) if self.0.fallback && lookup::other_form_may_help(&error) => {
                    tracing::debug!(liveperson.service = service, %error, "lookup of no use, the other form is tried");
                    // Where both fail, the preferred form's failure is the one to show.
                    self.look_up(other).await.map_err(|_| error)?
                }
                outcome => outcome?,
            },
        };
        match services.get(service) {
            Some(base) => Ok(base.clone()),
            None => Err(unknown::not_listed(service, self.account(), &services)),
        }
    }

    async fn look_up(&self, key: Key) -> Result<Services, Error> {
        let flight = self.0.cache.join(&key, || {
            let (inner, key) = (Arc::clone(&self.0), key.clone());
            async move { inner.look_up(&key).await }.boxed().shared()
        });
        flight.await
    }
}

impl Inner {
    fn now(&self) -> Duration {
        self.client.clock().monotonic()
    }

    /// One lookup, for all who wait for it: a new answer, or an old one where that cannot be had.
    async fn look_up(&self, key: &Key) -> Result<Services, Error> {
        // Another lookup may have ended between the caller's look into the cache and this one.
        if let Some(fresh) = self.cache.fresh(key, self.now()) {
            return Ok(fresh);
        }
        let stale = self.cache.stale(key);
        if let Some(stale) = stale.as_ref().filter(|_| self.cache.is_quiet(key, self.now())) {
            return Ok(stale.clone());
        }
        // With an old answer at hand, nobody is made to wait through the retries of an outage.
        match lookup::ask(&self.client, key, self.plain, stale.is_none()).await {
            Ok(services) => {
                self.cache.keep(key, &services, *key == Key::All, self.now());
                Ok(services)
            }
            Err(error) => {
                let Some(stale) = stale else {
                    return Err(error);
                };
                tracing::warn!(%error, fetched_at = %stale.fetched_at(), "the Domain API fails, an old answer is served");
                let stale = stale.into_stale();
                self.cache.keep_stale(key, &stale, self.now());
                Ok(stale)
            }
        }
    }
}

#[async_trait]
impl Discover for Domain {
    async fn discover(&self, service: &str) -> Result<BaseUri, Error> {
        self.find(service).await
    }

    async fn doubt(&self, service: &str, base: &BaseUri, why: Doubt) -> bool {
        self.0.cache.doubt(service, base, why, self.0.now())
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Domain")
            .field("account", self.account())
            .field("bootstrap", self.bootstrap())
            .field("lookup", &self.0.lookup)
            .finish_non_exhaustive()
    }
}
