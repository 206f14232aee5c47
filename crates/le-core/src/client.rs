//! The client: an account, a transport, and the seams for discovery and credentials.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::account::AccountId;
use crate::auth::Authorize;
use crate::base::{BaseUri, TrustedHosts};
use crate::clock::{Clock, Entropy, SystemClock, ThreadEntropy};
use crate::discover::Discover;
use crate::error::{Error, ErrorKind};
use crate::hook::Hook;
use crate::limit::{HostLimits, Limits};
use crate::operation::Operation;
use crate::pipeline;
use crate::response::RawResponse;
use crate::retry::{Budget, RetryPolicy};
use crate::transport::Transport;

/// Sends [`Operation`]s for one account. Cheap to clone; clones share connections, budget and limits.
///
/// The API crates (`le-domain`, `le-auth`, `le-data` ...) each take a `Client`. See the crate's front page for an example.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Settings>);

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) account: AccountId,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) discover: Option<Arc<dyn Discover>>,
    pub(crate) authorize: Option<Arc<dyn Authorize>>,
    pub(crate) trusted: TrustedHosts,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) limits: Option<Arc<HostLimits>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) hooks: Vec<Arc<dyn Hook>>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) source: Option<String>,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Option<Duration>,
    pub(crate) body_limit: usize,
}

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

impl Client {
    /// Starts from the default settings.
    pub fn builder(account: AccountId) -> ClientBuilder {
        ClientBuilder {
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

    /// The same client with another way to find hosts.
    #[must_use]
    pub fn with_discover(&self, discover: Arc<dyn Discover>) -> Self {
        self.with(|settings| settings.discover = Some(discover))
    }

    /// The same client with another credential.
    #[must_use]
    pub fn with_authorize(&self, authorize: Arc<dyn Authorize>) -> Self {
        self.with(|settings| settings.authorize = Some(authorize))
    }

    /// The same client with one more hook.
    #[must_use]
    pub fn with_hook(&self, hook: Arc<dyn Hook>) -> Self {
        self.with(|settings| settings.hooks.push(hook))
    }

    fn with(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::clone(&self.0);
        change(&mut settings);
        Self(Arc::new(settings))
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.0.account
    }

    /// The clock that waits and timestamps come from.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Where jitter and nonces come from.
    #[must_use]
    pub fn entropy(&self) -> &Arc<dyn Entropy> {
        &self.0.entropy
    }

    /// What carries the requests.
    #[must_use]
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.0.transport
    }

    /// The hosts that may receive a credential.
    #[must_use]
    pub fn trusted_hosts(&self) -> &TrustedHosts {
        &self.0.trusted
    }

    /// Refuses a host that may not receive a credential: for calls that carry one in their body.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] naming the host.
    pub fn check_trusted(&self, base: &BaseUri) -> Result<(), Error> {
        self.0.check_trusted(base)
    }

    /// A call, sent by `.await`.
    pub fn call(&self, operation: Operation) -> Call {
        Call {
            settings: Arc::clone(&self.0),
            operation,
            options: CallOptions::default(),
        }
    }
}

impl Settings {
    /// Refuses to send a credential to a host that is not trusted.
    pub(crate) fn check_trusted(&self, base: &BaseUri) -> Result<(), Error> {
        if self.trusted.allows(base) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Validation,
            format!("host {:?} is not trusted with a credential", base.host()),
        )
        .with_advice("if it is yours, add it to the trusted hosts of the client"))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("account", &self.0.account)
            .field("transport", &self.0.transport)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
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
    /// [`ErrorKind::Configuration`] naming the setting that does not fit.
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
            source: Some(self.source),
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

/// Options of one call; what is not set comes from the client.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallOptions {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
}

/// A call that is sent by `.await`.
///
/// Dropping the future ends the call: nothing more is sent, but what was sent may be carried out.
#[must_use = "a call does nothing unless awaited"]
pub struct Call {
    settings: Arc<Settings>,
    operation: Operation,
    options: CallOptions,
}

impl Call {
    /// How long one attempt may take, with its body.
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.options.attempt_timeout = Some(timeout);
        self
    }

    /// How long the call may take with all attempts and pauses.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// The retry rules of this call.
    pub fn with_retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// The operation as it would be sent.
    #[must_use]
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Sends the call.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn send(self) -> Result<RawResponse, Error> {
        pipeline::run(&self.settings, self.operation, &self.options).await
    }
}

impl IntoFuture for Call {
    type Output = Result<RawResponse, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
