//! A client that is ready for calls, and the session behind it.

use std::sync::Arc;
use std::time::Duration;

use le_auth::{LoginAnswer, LoginCredentials, Session};
use le_core::Client;
use le_domain::Domain;

use crate::failure::{Failure, Result};

/// How long the logout may take: nobody waits for it longer, the session ends by its time anyway.
const LOGOUT: Duration = Duration::from_secs(5);

/// A client with discovery and credential.
#[derive(Debug)]
pub(crate) struct Connection {
    client: Client,
    session: Option<Session>,
}

impl Connection {
    /// Logs in. The list of services that comes with the login saves further lookups.
    pub(crate) async fn log_in(client: Client, domain: Domain, credentials: LoginCredentials) -> Result<Self> {
        let session = Session::builder(client.clone(), credentials)
            .on_login(move |answer| {
                domain.seed(answer.base_uris());
            })
            .open()
            .await
            .map_err(|e| Failure::from(e).while_("the login failed"))?;
        Ok(Self {
            client: client.with_authorize(Arc::new(session.clone())),
            session: Some(session),
        })
    }

    /// For credentials that need no login.
    pub(crate) fn without_login(client: Client) -> Self {
        Self { client, session: None }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The session, where the credential needed a login.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// What the Login Service said.
    pub(crate) fn answer(&self) -> Option<Arc<LoginAnswer>> {
        self.session.as_ref()?.answer()
    }

    /// Logs out.
    pub(crate) async fn close(self) {
        let Some(session) = self.session else { return };
        match tokio::time::timeout(LOGOUT, session.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::info!(%error, "the logout failed; the session ends by its time"),
            Err(_) => tracing::info!("no answer to the logout in time; the session ends by its time"),
        }
    }
}
