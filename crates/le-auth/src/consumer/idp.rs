//! The calls of the identity provider, one by one.

use le_core::{Client, Error, ErrorKind, Operation, OperationSpec, RawResponse, Secret};
use serde_json::{Value, json};

use super::connector::{Connector, connectors_of};
use super::refusal::{Guard, explain};
use super::token::ConsumerToken;
use crate::generated::operations::{
    CONNECTORS_ALL, IDP_ANONYMOUS_AUTHORIZE, IDP_APP_AUTHENTICATE, IDP_AUTHENTICATE, IDP_SIGNUP,
};

/// Calls the identity provider (service `idp`) of a client's account. It needs no credential; [`ConsumerIdentity`] does all of
/// this by itself.
///
/// Tokens travel in bodies: they are sent only to a host that the client [trusts](le_core::TrustedHosts). The service answers 500
/// to what will never work; such a call is repeated only where the code of the answer says that it may pass.
///
/// [`ConsumerIdentity`]: super::ConsumerIdentity
#[derive(Debug, Clone)]
pub struct Idp {
    client: Client,
}

impl Idp {
    /// Calls by this client.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        Self {
            client: Guard::around(client),
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// A new anonymous identity, or a longer life for the one of `previous`, also some time after it has expired.
    /// The answer is the external token that [`Idp::authenticate`] takes.
    ///
    /// # Errors
    /// [`ErrorKind::Authorization`] where the account has no anonymous messaging (2005) or the identity is on a deny list (1049);
    /// [`ErrorKind::Authentication`] where it is too old to be prolonged (2001). All say what to do.
    pub async fn authorize_anonymous(&self, previous: Option<&Secret>) -> Result<Secret, Error> {
        let operation = Operation::new(&IDP_ANONYMOUS_AUTHORIZE);
        let operation = match previous {
            Some(token) => operation.json(&json!({ "id_token": token.expose() }))?,
            None => operation,
        };
        self.token(operation).await
    }

    /// The LivePerson token for an external one: that of an anonymous identity, or one that the brand has signed.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] where the token is refused, [`ErrorKind::NotFound`] where the connector is not known.
    pub async fn authenticate(&self, connector: &str, external: &Secret) -> Result<ConsumerToken, Error> {
        let operation = Operation::new(&IDP_APP_AUTHENTICATE)
            .path_value("connectorId", connector)
            .json(&json!({ "id_token": external.expose() }))?;
        self.token(operation).await.map(ConsumerToken::new)
    }

    /// The LivePerson token for a signed token or a code of the brand, without a connector (the older way).
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] where it is refused.
    pub async fn authenticate_by_code(&self, code: &Secret) -> Result<ConsumerToken, Error> {
        let operation = Operation::new(&IDP_AUTHENTICATE).json(&json!({ "authCode": code.expose() }))?;
        self.token(operation).await.map(ConsumerToken::new)
    }

    /// A new anonymous consumer (the older way): its token lives for years and cannot be prolonged.
    ///
    /// # Errors
    /// [`ErrorKind::Authorization`] where the account has no anonymous messaging.
    pub async fn sign_up(&self) -> Result<ConsumerToken, Error> {
        self.token(Operation::new(&IDP_SIGNUP)).await.map(ConsumerToken::new)
    }

    /// The connectors of the account, which are public.
    ///
    /// # Errors
    /// As any call; [`ErrorKind::Decode`] where the list cannot be read.
    pub async fn connectors(&self) -> Result<Vec<Connector>, Error> {
        let answer = self.client.call(Operation::new(&CONNECTORS_ALL)).await?;
        connectors_of(&answer)
    }

    async fn token(&self, operation: Operation) -> Result<Secret, Error> {
        let spec: &'static OperationSpec = operation.spec();
        let answer = self.client.call(operation).await.map_err(|e| explain(spec, e))?;
        read(&answer)
    }
}

fn read(answer: &RawResponse) -> Result<Secret, Error> {
    let found: Value = answer.json()?;
    // The older calls say `jwt`, the newer ones `token`.
    let token = ["token", "jwt"].iter().find_map(|name| found[name].as_str());
    token
        .filter(|token| !token.is_empty())
        .map(Secret::new)
        .ok_or_else(|| answer.fail(ErrorKind::Protocol, "the identity provider answered without a token"))
}
