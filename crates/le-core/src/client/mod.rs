//! The client: an account, a transport, and the seams for discovery and credentials.

mod builder;
mod call;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::account::AccountId;
use crate::auth::Authorize;
use crate::base::{BaseUri, TrustedHosts};
use crate::clock::{Clock, Entropy};
use crate::discover::Discover;
use crate::error::{Error, ErrorKind};
use crate::hook::Hook;
use crate::limit::HostLimits;
use crate::operation::Operation;
use crate::retry::{Budget, RetryPolicy};
use crate::transport::Transport;

pub use builder::ClientBuilder;
pub use call::Call;
pub(crate) use call::CallOptions;

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
    pub(crate) source: String,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Option<Duration>,
    pub(crate) body_limit: usize,
}

impl Client {
    /// Starts from the default settings.
    pub fn builder(account: AccountId) -> ClientBuilder {
        ClientBuilder::new(account)
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

    /// The retry rules of calls that bring none of their own.
    #[must_use]
    pub fn retry_policy(&self) -> &RetryPolicy {
        &self.0.retry
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
