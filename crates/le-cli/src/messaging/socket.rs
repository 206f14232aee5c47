//! The sockets of agents and consumers: opening them, and coming back when they break.

use std::sync::Arc;
use std::time::Duration;

use le_auth::ConsumerIdentity;
use le_auth::settings::Credential;
use le_bots::client_properties::{ClientProperties, Feature};
use le_bots::credential::{BearerOf, FixedToken};
use le_bots::{
    AgentConnection, AgentConnector, AgentIdentity, Close, ConsumerConnection, ConsumerConnector, Events, NextStep,
    Recovery, SocketCredential,
};
use le_core::auth::Renewal;
use le_core::{Client, Error, ErrorKind, Secret};
use le_domain::Domain;

use crate::connection::Connection;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::settings::Settings;

/// How work on a socket came to its end.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The person, or the conversation, is done.
    Left,
    /// The connection is gone.
    Lost(Close),
}

/// How it ended, where it may have been an error that did: one of a connection that broke under a request is the break.
pub(crate) async fn end_of(connection: &le_bots::Connection, outcome: Result<Ended>) -> Result<Ended> {
    let Err(error) = outcome else { return outcome };
    // Requests fail a moment before the connection says that it has ended.
    match tokio::time::timeout(MOMENT, connection.closed()).await {
        Ok(close) => Ok(Ended::Lost(close)),
        Err(_) => Err(error),
    }
}

const MOMENT: Duration = Duration::from_millis(200);

/// The pauses before a return, seconds; the last one is repeated. The vendor blocks clients that come back in a hurry.
const PAUSES: [u64; 6] = [1, 5, 10, 15, 30, 60];

/// What to do after the end of a socket.
#[derive(Debug, Default)]
struct Return {
    recovery: Recovery,
    tries: usize,
    /// Whether a socket was ever open. What fails before that is told at once.
    was_open: bool,
}

impl Return {
    fn good(&mut self) {
        self.recovery.opened();
        self.was_open = true;
        self.tries = 0;
    }

    fn after(&mut self, error: &Error) -> NextStep {
        if !self.was_open {
            return NextStep::GiveUp;
        }
        match (error.status(), error.kind()) {
            (Some(status), _) => self.recovery.refused(status),
            (None, ErrorKind::Transport | ErrorKind::Timeout | ErrorKind::Discovery) => self.recovery.unreachable(),
            (None, _) => NextStep::GiveUp,
        }
    }

    fn pause(&mut self) -> Duration {
        let seconds = PAUSES[self.tries.min(PAUSES.len() - 1)];
        self.tries += 1;
        Duration::from_secs(seconds)
    }

    async fn wait(&mut self, why: &str, output: Output) {
        let pause = self.pause();
        output.note(format_args!("{why}; coming back in {} s", pause.as_secs()));
        tokio::time::sleep(pause).await;
    }
}

/// What is said when there is no way back.
fn no_return(close: &Close) -> Failure {
    Failure::new(Exit::Service, format!("the connection is gone for good: {close}"))
}

macro_rules! door {
    ($door:ty, $connection:ty) => {
        impl $door {
            /// Opens a socket. The first time it fails at once, later it tries until there is one.
            pub(crate) async fn open(&mut self, output: Output) -> Result<($connection, Events)> {
                loop {
                    let error = match self.connector.connect().await {
                        Ok(open) => return Ok(open),
                        Err(error) => error,
                    };
                    match self.back.after(&error) {
                        NextStep::Reconnect => self.back.wait(error.message(), output).await,
                        step @ (NextStep::RenewCredential | NextStep::ExtendIdentity) => {
                            if self.connector.renew(step).await? != Renewal::Renewed {
                                return Err(error.into());
                            }
                        }
                        _ => return Err(Failure::from(error).while_("no socket could be opened")),
                    }
                }
            }

            /// The socket answered: from now on a break is worth a return.
            pub(crate) fn good(&mut self) {
                self.back.good();
            }

            /// The socket ended by itself: gets what the next one needs, and waits.
            pub(crate) async fn lost(&mut self, close: &Close, output: Output) -> Result<()> {
                match self.back.recovery.closed(close) {
                    NextStep::RenewCredential | NextStep::ExtendIdentity => {
                        let step = NextStep::RenewCredential;
                        match self.connector.renew(step).await? {
                            Renewal::NotPossible => return Err(no_return(close)),
                            _ => output.note(format_args!("{close}; coming back with a new credential")),
                        }
                        Ok(())
                    }
                    NextStep::Reconnect => {
                        self.back.wait(&close.to_string(), output).await;
                        Ok(())
                    }
                    _ => Err(no_return(close)),
                }
            }
        }
    };
}

/// Opens the sockets of an agent.
#[derive(Debug)]
pub(crate) struct AgentDoor {
    connector: AgentConnector,
    identity: AgentIdentity,
    connection: Connection,
    back: Return,
}

door!(AgentDoor, AgentConnection);

impl AgentDoor {
    /// Logs in.
    pub(crate) async fn log_in(settings: &Settings) -> Result<Self> {
        if !matches!(settings.credential()?, Credential::Login(_)) {
            let message = "the messaging socket of an agent needs the login of a user or bot user";
            return Err(Failure::configuration(message).advise("set LE_USERNAME and LE_PASSWORD; see `le --help`"));
        }
        let connection = settings.connect().await?;
        let domain = settings.domain(connection.client())?;
        Self::of(connection, domain)
    }

    /// With a login that was made.
    pub(crate) fn of(connection: Connection, domain: Domain) -> Result<Self> {
        let (Some(session), Some(answer)) = (connection.session().cloned(), connection.answer()) else {
            return Err(Failure::new(Exit::Service, "the session ended right after the login"));
        };
        let Some(user) = answer.user_id() else {
            return Err(Failure::new(Exit::Service, "the login does not say who the user is"));
        };
        let client = connection.client();
        let mut identity = AgentIdentity::new(client.account().clone(), user.clone());
        if let Some(pid) = answer.user_pid() {
            identity = identity.with_pid(pid.clone());
        }
        let connector = AgentConnector::new(
            Arc::clone(client.transport()),
            Arc::new(domain),
            Arc::new(BearerOf::new(Arc::new(session))),
            identity.clone(),
        )
        .trusted_hosts(client.trusted_hosts().clone());
        Ok(Self {
            connector,
            identity,
            connection,
            back: Return::default(),
        })
    }

    /// What opens the sockets, and the login behind it, for who comes back by other means.
    pub(crate) fn into_parts(self) -> (AgentConnector, Connection) {
        (self.connector, self.connection)
    }

    pub(crate) fn identity(&self) -> &AgentIdentity {
        &self.identity
    }

    pub(crate) async fn log_out(self) {
        self.connection.close().await;
    }
}

/// Opens the sockets of a consumer.
#[derive(Debug)]
pub(crate) struct ConsumerDoor {
    connector: ConsumerConnector,
    back: Return,
}

door!(ConsumerDoor, ConsumerConnection);

/// A LivePerson token of a consumer whom the brand has authenticated.
const TOKEN: &str = "LE_CONSUMER_JWT";

impl ConsumerDoor {
    /// Finds or makes the consumer.
    pub(crate) async fn find(settings: &Settings) -> Result<Self> {
        let client = settings.client()?.build()?;
        let domain = settings.domain(&client)?;
        let client = client.with_discover(Arc::new(domain.clone()));
        let credential = match std::env::var(TOKEN).ok().filter(|token| !token.is_empty()) {
            Some(token) => Arc::new(FixedToken::new(Secret::new(token))) as Arc<dyn SocketCredential>,
            None => Self::anonymous(&client).await?,
        };
        Ok(Self::of(&client, domain, credential))
    }

    /// With this credential.
    pub(crate) fn of(client: &Client, domain: Domain, credential: Arc<dyn SocketCredential>) -> Self {
        let mut properties = ClientProperties::default();
        properties.app_id = Some("le".to_owned());
        properties.app_version = Some(env!("CARGO_PKG_VERSION").to_owned());
        let features = [
            Feature::RichContent,
            Feature::QuickReplies,
            Feature::MultiDialog,
            Feature::AutoMessages,
        ];
        properties.features = features.into_iter().collect();
        let connector = ConsumerConnector::new(
            Arc::clone(client.transport()),
            Arc::new(domain),
            credential,
            client.account().clone(),
        )
        .properties(properties)
        .trusted_hosts(client.trusted_hosts().clone());
        Self {
            connector,
            back: Return::default(),
        }
    }

    /// A new anonymous consumer, who stays the same for as long as the program runs.
    pub(crate) async fn anonymous(client: &Client) -> Result<Arc<dyn SocketCredential>> {
        let mut identity = ConsumerIdentity::anonymous(client);
        let mut made = identity.token().await;
        // Older accounts have no connector for anonymous consumers, and the older way.
        if made.as_ref().is_err_and(is_older) {
            identity = ConsumerIdentity::signed_up(client);
            made = identity.token().await;
        }
        made.map_err(|error| {
            let failure = Failure::from(error).while_("no anonymous consumer could be made");
            failure.advise(format!(
                "the account may not allow them; put a consumer's token into {TOKEN}"
            ))
        })?;
        Ok(Arc::new(BearerOf::new(Arc::new(identity))))
    }
}

/// Whether the account does not know the newer way of anonymous consumers.
fn is_older(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Discovery)
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn the_first_failure_ends_it_and_a_later_one_is_waited_out() {
        let unreachable = Error::new(ErrorKind::Transport, "no connection");
        let refused = Error::new(ErrorKind::Authentication, "no").with_status(StatusCode::UNAUTHORIZED);
        let mut back = Return::default();
        assert_eq!(back.after(&unreachable), NextStep::GiveUp);
        back.good();
        assert_eq!(back.after(&unreachable), NextStep::Reconnect);
        assert_eq!(back.after(&refused), NextStep::RenewCredential);
        assert_eq!(back.after(&refused), NextStep::GiveUp);
        back.good();
        assert_eq!(back.after(&refused), NextStep::RenewCredential);
    }

    #[test]
    fn pauses_grow_and_begin_anew() {
        let mut back = Return::default();
        let pauses: Vec<_> = (0..7).map(|_| back.pause().as_secs()).collect();
        assert_eq!(pauses, [1, 5, 10, 15, 30, 60, 60]);
        back.good();
        assert_eq!(back.pause().as_secs(), 1);
    }
}
