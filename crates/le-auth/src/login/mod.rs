//! The Login Service API: login, refresh and logout, one call each. [`Session`](crate::Session) does all of it by itself.
//!
//! <https://developers.liveperson.com/login-service-api-overview.html>

mod answer;
mod cookies;
mod envelope;
mod grant;
mod refusal;

use std::sync::Arc;

use le_core::{Client, Error, ErrorKind, Operation, RawResponse};
use serde_json::json;

use crate::credentials::LoginCredentials;
use crate::generated::operations::{LOGIN, LOGOUT, REFRESH};
use envelope::Envelope;

pub use answer::{AccountData, AgentGroup, AgentGroups, BaseUriEntry, BaseUris, LoginAnswer, LoginConfig};
pub use grant::Grant;
pub(crate) use refusal::sentence;

/// Calls the Login Service of a client's account.
///
/// The client needs a way to find the service `agentVep`. The credential travels in the body of the call: it is sent only to a
/// host that the client [trusts](le_core::TrustedHosts).
///
/// Repeats follow LivePerson's rules: at least five seconds after a 429, 5, 10 and 15 seconds after a 5xx, never after a 401.
#[derive(Debug, Clone)]
pub struct Login {
    client: Client,
}

/// What a logout found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Logout {
    /// The session was ended.
    Ended,
    /// The session was gone already (401).
    AlreadyGone,
}

impl Login {
    /// Calls by this client. It needs no credential of its own.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Logs in.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] (401) where the credential is refused: do not repeat it, repeated failures lock the user.
    /// [`ErrorKind::Authorization`] (403, 451) where the user or the account may not log in. [`ErrorKind::RateLimited`] after too
    /// many logins. [`ErrorKind::Configuration`] where a field is empty. All say what to do about it.
    pub async fn login(&self, credentials: impl Into<LoginCredentials>) -> Result<Grant, Error> {
        let operation = Operation::new(&LOGIN).json(&credentials.into().body()?)?;
        let mut envelope = Envelope::new(&self.client);
        let answer = self.send(operation, &mut envelope).await?;
        let Some(grant) = Grant::new(answer::read(&answer)?, envelope.into_jar()) else {
            return Err(answer
                .fail(ErrorKind::Protocol, "the login answer holds no bearer")
                .with_advice("the login counts as failed; report it to LivePerson if it stays so"));
        };
        if !grant.can_be_refreshed() {
            tracing::warn!(
                "the login answer holds no csrf: the session can be neither refreshed nor ended, only replaced"
            );
        }
        Ok(grant)
    }

    /// Prolongs a session. The bearer stays the same, unless the answer says otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] (401) where the session is gone: log in again. [`ErrorKind::Validation`] where the login
    /// answer held no `csrf`.
    pub async fn refresh(&self, grant: &mut Grant) -> Result<(), Error> {
        let mut envelope = Envelope::with_cookies(&self.client, grant.jar().clone());
        let answer = self.send(Self::with_csrf(&REFRESH, grant)?, &mut envelope).await?;
        grant.set_jar(envelope.into_jar());
        // Documented as empty; what it may say is taken in.
        if let Ok(record) = answer::read(&answer) {
            grant.adopt(record);
        }
        Ok(())
    }

    /// Ends a session; its bearer stops working.
    ///
    /// # Errors
    /// As [`Login::refresh`], but a 401 is no error.
    pub async fn logout(&self, grant: &Grant) -> Result<Logout, Error> {
        let mut envelope = Envelope::with_cookies(&self.client, grant.jar().clone());
        match self.send(Self::with_csrf(&LOGOUT, grant)?, &mut envelope).await {
            Ok(_) => Ok(Logout::Ended),
            Err(error) if refusal::is_session_gone(&error) => Ok(Logout::AlreadyGone),
            Err(error) => Err(error),
        }
    }

    fn with_csrf(spec: &'static le_core::OperationSpec, grant: &Grant) -> Result<Operation, Error> {
        let Some(csrf) = grant.csrf() else {
            return Err(
                Error::validation("the login answer held no csrf, which refresh and logout need")
                    .with_operation(spec.id)
                    .with_advice("log in again"),
            );
        };
        Operation::new(spec).json(&json!({ "csrf": csrf.expose() }))
    }

    async fn send(&self, operation: Operation, envelope: &mut Envelope) -> Result<RawResponse, Error> {
        let spec = operation.spec();
        let client = self.client.with_hook(Arc::new(envelope.clone()));
        let answer = client.call(operation).await.map_err(|e| refusal::explain(spec, e))?;
        envelope.receive(answer.headers());
        // The object form of a refusal can come with a 2xx status.
        match refusal::in_success(spec, &answer) {
            Some(refused) => Err(refused),
            None => Ok(answer),
        }
    }
}
