//! Describing a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use super::{Client, Settings};
use crate::account::AccountId;
use crate::auth::Authorize;
use crate::base::TrustedHosts;
use crate::clock::{Clock, Entropy, SystemClock, ThreadEntropy};
use crate::discover::Discover;
use crate::error::Error;
use crate::hook::Hook;
use crate::limit::{HostLimits, Limits};
use crate::retry::{Budget, RetryPolicy};
use crate::transport::Transport;

/// Settings of a [`Client`]. The first one that is wrong is reported by [`ClientBuilder::build`].
#[must_use]
pub struct ClientBuilder {
    account: AccountId,
    transport: Option<Arc<dyn Transport>>,
    discover: Option<Arc<dyn Discover>>,
    authorize: Option<Arc<dyn Authorize>>,
    trusted: TrustedHosts,
    retry: RetryPolicy,
    budget: Budget,
    limits: Option<Limits>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    hooks: Vec<Arc<dyn Hook>>,
    application: Option<String>,
    source: String,
    attempt_timeout: Duration,
    deadline: Option<Duration>,
    body_limit: usize,
}

const USER_AGENT: &str = concat!("le-sdk-rust/", env!("CARGO_PKG_VERSION"));
const SOURCE: &str = "le_rust_sdk";

impl ClientBuilder {
    pub(super) fn new(account: AccountId) -> Self {
        Self {
            account,
            transport: None,
            discover: None,
            authorize: None,
            trusted: TrustedHosts::default(),
            retry: RetryPolicy::default(),
            budget: Budget::default(),
            limits: None,
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(ThreadEntropy),
            hooks: Vec::new(),
            application: None,
            source: SOURCE.to_owned(),
            attempt_timeout: Duration::from_secs(35),
            deadline: None,
            body_limit: 256 << 20,
        }
    }

    /// Carries the requests with this transport instead of a new [`HttpTransport`](crate::transport::HttpTransport).
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Finds hosts with this, e.g. `le_domain::Domain`.
    pub fn discover(mut self, discover: Arc<dyn Discover>) -> Self {
        self.discover = Some(discover);
        self
    }

    /// Puts credentials on calls with this, e.g. `le_auth::Session`.
    pub fn authorize(mut self, authorize: Arc<dyn Authorize>) -> Self {
        self.authorize = Some(authorize);
        self
    }

    /// The hosts that may receive a credential (default: LivePerson's domains).
    pub fn trusted_hosts(mut self, trusted: TrustedHosts) -> Self {
        self.trusted = trusted;
        self
    }

    /// The retry rules (default: LivePerson's).
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The retry budget, to share one between clients.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Client-side limits per host (default: none).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Another clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Another source of randomness.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// Looks at calls and attempts; hooks run in the order in which they were added.
    pub fn hook(mut self, hook: Arc<dyn Hook>) -> Self {
        self.hooks.push(hook);
        self
    }

    /// Names the application behind `le-sdk-rust/x.y.z` in the `User-Agent`, e.g. `acme-export/1.2`.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.application = Some(name.into());
        self
    }

    /// The `source` query parameter of the data APIs: 1 to 20 letters, digits or underscores, e.g. `acme_export_crm`.
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// How long one attempt may take, with its body (default 35 s).
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long a call may take with all attempts and pauses (default: no limit of its own).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The largest answer that is taken in (default 256 MiB).
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) naming the setting that does not fit.
    pub fn build(self) -> Result<Client, Error> {
        let fits = (1..=20).contains(&self.source.len())
            && self.source.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !fits {
            let message = format!(
                "`source` {:?} is not 1 to 20 letters, digits or underscores",
                self.source
            );
            return Err(
                Error::configuration(message).with_advice("name project, app and use case, e.g. acme_export_crm")
            );
        }
        let user_agent = match &self.application {
            Some(name) => format!("{USER_AGENT} (+{name})"),
            None => USER_AGENT.to_owned(),
        };
        let user_agent = HeaderValue::try_from(user_agent).map_err(|_| {
            Error::configuration("the application name holds characters that an HTTP header cannot hold")
        })?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport()?,
        };
        #[allow(unused_mut, reason = "mutated with the feature `metrics`")]
        let mut hooks = self.hooks;
        #[cfg(feature = "metrics")]
        hooks.push(Arc::new(crate::telemetry::MetricsHook));
        Ok(Client(Arc::new(Settings {
            account: self.account,
            transport,
            discover: self.discover,
            authorize: self.authorize,
            trusted: self.trusted,
            retry: self.retry,
            budget: self.budget,
            limits: self.limits.and_then(HostLimits::new).map(Arc::new),
            clock: self.clock,
            entropy: self.entropy,
            hooks,
            user_agent,
            source: self.source,
            attempt_timeout: self.attempt_timeout,
            deadline: self.deadline,
            body_limit: self.body_limit,
        })))
    }
}

#[cfg(feature = "http")]
fn default_transport() -> Result<Arc<dyn Transport>, Error> {
    Ok(Arc::new(crate::transport::HttpTransport::new()?))
}

#[cfg(not(feature = "http"))]
fn default_transport() -> Result<Arc<dyn Transport>, Error> {
    Err(Error::configuration("no transport was given")
        .with_advice("give one, or turn on the feature `http` of le-core"))
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}
