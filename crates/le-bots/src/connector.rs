//! Opens agent and consumer sockets: finds the host, takes the credential, does the upgrade, and renews the credential once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};
use le_core::auth::{Renewal, Stamp};
use le_core::discover::Discover;
use le_core::wire::RawRecord;
use le_core::{AccountId, BaseUri, Error, ErrorKind, Secret, Transport, TrustedHosts};

use crate::agent::AgentConnection;
use crate::client_properties::{ClientProperties, consumer_authentication};
use crate::close::Reconnect;
use crate::connection::{Connection, Events, Settings};
use crate::consumer::ConsumerConnection;
use crate::credential::SocketCredential;
use crate::dialect::Dialect;
use crate::frame::raw;
use crate::identity::AgentIdentity;
use crate::recovery::NextStep;
use crate::request::{Acknowledged, Request, names};
use crate::socket::{SocketUrl, consumer_authorization};
use crate::upgrade::upgrade;

/// The service whose host has the sockets.
pub const SERVICE: &str = "asyncMessagingEnt";
const CLIENT_PROPERTIES: HeaderName = HeaderName::from_static("client-properties");

/// What both connectors share.
#[derive(Debug)]
struct Door {
    transport: Arc<dyn Transport>,
    discover: Arc<dyn Discover>,
    credential: Arc<dyn SocketCredential>,
    service: String,
    trusted: TrustedHosts,
    settings: Settings,
    /// The stamp of the token that was used last.
    stamp: AtomicU64,
}

impl Door {
    async fn token(&self) -> Result<Secret, Error> {
        let (token, stamp) = self.credential.token().await?;
        self.stamp.store(stamp.0, Ordering::Relaxed);
        Ok(token)
    }

    async fn base(&self) -> Result<BaseUri, Error> {
        self.discover.discover(&self.service).await
    }

    async fn open(&self, url: &SocketUrl, headers: HeaderMap, dialect: Dialect) -> Result<(Connection, Events), Error> {
        let stream = upgrade(&*self.transport, url, headers, &self.settings).await?;
        Ok(Connection::over(stream, dialect, self.settings.clone()).await)
    }

    /// Whether to try once more: the credential was refused, and there is a new one.
    async fn renewed_after(&self, failed: &Failed) -> Result<bool, Error> {
        match failed.step {
            Some(step) => Ok(self.renew(step).await? == Renewal::Renewed),
            None => Ok(false),
        }
    }

    async fn renew(&self, step: NextStep) -> Result<Renewal, Error> {
        let stamp = Stamp(self.stamp.load(Ordering::Relaxed));
        self.credential.renew(stamp, step).await
    }
}

/// Why a socket was not opened, and what a credential can do about it.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) step: Option<NextStep>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        // A login that fails is an authentication error too, and no new credential comes of it.
        let of_socket = error.operation().is_some_and(|id| id.starts_with("messaging."));
        let refused = of_socket && error.kind() == ErrorKind::Authentication;
        Self {
            step: refused.then_some(NextStep::RenewCredential),
            error,
        }
    }
}

macro_rules! door_settings {
    () => {
        /// Limits and times of the connections.
        #[must_use]
        pub fn settings(mut self, settings: Settings) -> Self {
            self.door.settings = settings;
            self
        }

        /// Hosts that may see the credential; LivePerson's alone where it is not set.
        #[must_use]
        pub fn trusted_hosts(mut self, trusted: TrustedHosts) -> Self {
            self.door.trusted = trusted;
            self
        }

        /// Another service than [`SERVICE`]; a client of the vendor uses `facadeMsg`.
        #[must_use]
        pub fn service(mut self, name: impl Into<String>) -> Self {
            self.door.service = name.into();
            self
        }

        /// The limits and times of its connections.
        pub(crate) fn of_connections(&self) -> &Settings {
            &self.door.settings
        }

        /// Gets a new credential, after a close that asks for one: see [`Recovery`](crate::Recovery).
        ///
        /// # Errors
        /// Why none can be had.
        ///
        /// # Cancel safety
        /// As the credential's own renewal; a call later renews again unless that has happened.
        pub async fn renew(&self, step: NextStep) -> Result<Renewal, Error> {
            self.door.renew(step).await
        }
    };
}

/// Opens agent sockets. One connector can open any number, but the server allows one session for each user.
#[derive(Debug)]
pub struct AgentConnector {
    door: Door,
    agent: AgentIdentity,
}

impl AgentConnector {
    /// For this agent, with the bearer of its login session: see [`BearerOf`](crate::credential::BearerOf).
    #[must_use]
    pub fn new(
        transport: Arc<dyn Transport>,
        discover: Arc<dyn Discover>,
        credential: Arc<dyn SocketCredential>,
        agent: AgentIdentity,
    ) -> Self {
        Self {
            door: door(transport, discover, credential),
            agent,
        }
    }

    door_settings!();

    /// Opens a socket. A credential that is refused is renewed once.
    ///
    /// # Errors
    /// As [`upgrade`], as discovery, or as the credential.
    ///
    /// # Cancel safety
    /// Dropping the future drops the half-open socket.
    pub async fn connect(&self) -> Result<(AgentConnection, Events), Error> {
        let done = match self.try_connect().await {
            Err(failed) if self.door.renewed_after(&failed).await? => self.try_connect().await,
            done => done,
        };
        done.map_err(|failed| failed.error)
    }

    /// How hosts are reached.
    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.door.transport)
    }

    /// How hosts are found.
    pub(crate) fn discovery(&self) -> Arc<dyn Discover> {
        Arc::clone(&self.door.discover)
    }

    /// The hosts that may see a credential.
    pub(crate) fn trusted(&self) -> &TrustedHosts {
        &self.door.trusted
    }

    /// Whose sockets it opens.
    #[must_use]
    pub fn agent(&self) -> &AgentIdentity {
        &self.agent
    }

    /// As [`connect`](Self::connect), without renewing a credential that is refused.
    pub(crate) async fn try_connect(&self) -> Result<(AgentConnection, Events), Failed> {
        let token = self.door.token().await?;
        let base = self.door.base().await?;
        let url = SocketUrl::agent(&base, self.agent.account(), &token, &self.door.trusted)?;
        let (connection, events) = self.door.open(&url, HeaderMap::new(), Dialect::Agent).await?;
        Ok((AgentConnection::new(connection, self.agent.clone()), events))
    }
}

/// Where a consumer's token and properties travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Introduction {
    /// In headers of the upgrade.
    #[default]
    Headers,
    /// In the request `InitConnection`, as browsers must. Its answer is waited for before the connection is handed out.
    Request,
}

/// Opens consumer sockets.
#[derive(Debug)]
pub struct ConsumerConnector {
    door: Door,
    account: AccountId,
    properties: ClientProperties,
    introduction: Introduction,
}

impl ConsumerConnector {
    /// For a consumer of this account, with its token.
    #[must_use]
    pub fn new(
        transport: Arc<dyn Transport>,
        discover: Arc<dyn Discover>,
        credential: Arc<dyn SocketCredential>,
        account: AccountId,
    ) -> Self {
        Self {
            door: door(transport, discover, credential),
            account,
            properties: ClientProperties::default(),
            introduction: Introduction::default(),
        }
    }

    door_settings!();

    /// What the client can show. What is not listed is not delivered to it.
    #[must_use]
    pub fn properties(mut self, properties: ClientProperties) -> Self {
        self.properties = properties;
        self
    }

    /// Where token and properties travel.
    #[must_use]
    pub fn introduction(mut self, introduction: Introduction) -> Self {
        self.introduction = introduction;
        self
    }

    /// Opens a socket. A token that is refused is renewed once.
    ///
    /// # Errors
    /// As [`upgrade`], as discovery, as the credential, or as the answer to `InitConnection`.
    ///
    /// # Cancel safety
    /// Dropping the future drops the half-open socket.
    pub async fn connect(&self) -> Result<(ConsumerConnection, Events), Error> {
        let done = match self.try_connect().await {
            Err(failed) if self.door.renewed_after(&failed).await? => self.try_connect().await,
            done => done,
        };
        done.map_err(|failed| failed.error)
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// As [`connect`](Self::connect), without renewing a token that is refused.
    pub(crate) async fn try_connect(&self) -> Result<(ConsumerConnection, Events), Failed> {
        let token = self.door.token().await?;
        let base = self.door.base().await?;
        let url = SocketUrl::consumer(&base, &self.account, &self.door.trusted)?;
        let headers = match self.introduction {
            Introduction::Headers => self.headers(&token)?,
            Introduction::Request => HeaderMap::new(),
        };
        let (connection, events) = self.door.open(&url, headers, Dialect::Public).await?;
        if self.introduction == Introduction::Request {
            let introduced = connection.request(InitConnection::new(&self.properties, &token)?).await;
            introduced.map_err(|error| Failed {
                step: extension(&connection).or(Failed::from(error.clone()).step),
                error,
            })?;
        }
        Ok((ConsumerConnection::new(connection, self.account.clone()), events))
    }

    fn headers(&self, token: &Secret) -> Result<HeaderMap, Error> {
        let properties: HeaderValue = self.properties.as_header()?;
        Ok(HeaderMap::from_iter([
            (http::header::AUTHORIZATION, consumer_authorization(token)?),
            (CLIENT_PROPERTIES, properties),
        ]))
    }
}

/// Whether the server ended the connection for an anonymous identity that is to be extended.
fn extension(connection: &Connection) -> Option<NextStep> {
    let close = connection.end()?;
    (close.reconnect() == Reconnect::ExtendIdentity).then_some(NextStep::ExtendIdentity)
}

fn door(transport: Arc<dyn Transport>, discover: Arc<dyn Discover>, credential: Arc<dyn SocketCredential>) -> Door {
    Door {
        transport,
        discover,
        credential,
        service: SERVICE.to_owned(),
        trusted: TrustedHosts::vendor(),
        settings: Settings::default(),
        stamp: AtomicU64::new(Stamp::default().0),
    }
}

/// Says who a consumer is, on a socket that was opened without headers. `Debug` shows no token.
#[derive(Debug, Clone)]
pub struct InitConnection {
    headers: [RawRecord; 2],
}

impl InitConnection {
    /// With these properties and this token.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] naming a property that is too long.
    pub fn new(properties: &ClientProperties, token: &Secret) -> Result<Self, Error> {
        Ok(Self {
            headers: [
                raw("headers", &properties.in_request()?)?,
                raw("headers", &consumer_authentication(token))?,
            ],
        })
    }
}

impl Request for InitConnection {
    type Answer = Acknowledged;
    type Body<'a> = ();

    fn operation(&self) -> &'static str {
        names::INIT_CONNECTION.id
    }

    fn spelled(&self, dialect: Dialect) -> Option<&str> {
        names::INIT_CONNECTION.spelled(dialect)
    }

    fn body(&self, _: Dialect) -> Option<()> {
        None
    }

    fn headers(&self) -> &[RawRecord] {
        &self.headers
    }
}
