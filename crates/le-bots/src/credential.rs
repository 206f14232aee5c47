//! The credential of a socket: an agent's bearer or a consumer's token, and how a new one is had.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, StatusCode};
use le_core::auth::{Refusal, Renewal, Stamp};
use le_core::{Authorize, Error, Secret};

use crate::recovery::NextStep;

/// Gives the credential for each upgrade.
#[async_trait]
pub trait SocketCredential: Send + Sync + fmt::Debug {
    /// The token at hand, and its stamp, which grows with each renewal.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`](le_core::ErrorKind::Authentication) where none can be had.
    async fn token(&self) -> Result<(Secret, Stamp), Error>;

    /// The token with this stamp was refused. Get a new one ([`NextStep::RenewCredential`]), or have the anonymous identity extended
    /// ([`NextStep::ExtendIdentity`]), unless that has happened already.
    ///
    /// # Errors
    /// Why no new token can be had.
    async fn renew(&self, refused: Stamp, step: NextStep) -> Result<Renewal, Error> {
        let _ = (refused, step);
        Ok(Renewal::NotPossible)
    }
}

/// A token that somebody else keeps fresh.
#[derive(Debug, Clone)]
pub struct FixedToken(Secret);

impl FixedToken {
    /// Gives this token always.
    #[must_use]
    pub fn new(token: impl Into<Secret>) -> Self {
        Self(token.into())
    }
}

#[async_trait]
impl SocketCredential for FixedToken {
    async fn token(&self) -> Result<(Secret, Stamp), Error> {
        Ok((self.0.clone(), Stamp::default()))
    }
}

/// The bearer of anything that authorizes requests with `Authorization: Bearer`, such as a login session.
#[derive(Debug, Clone)]
pub struct BearerOf(Arc<dyn Authorize>);

impl BearerOf {
    /// Takes the bearer from `authorize`, and renews it there.
    #[must_use]
    pub fn new(authorize: Arc<dyn Authorize>) -> Self {
        Self(authorize)
    }
}

#[async_trait]
impl SocketCredential for BearerOf {
    async fn token(&self) -> Result<(Secret, Stamp), Error> {
        let mut request = Request::new(Bytes::new());
        let stamp = self.0.authorize(&mut request).await?;
        let header = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let bearer = header.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token)
        });
        bearer.map(|token| (Secret::new(token), stamp)).ok_or_else(|| {
            Error::configuration("this authorization is no bearer, and an agent socket takes nothing else")
                .with_advice("use a login session of the Login Service")
        })
    }

    async fn renew(&self, refused: Stamp, _: NextStep) -> Result<Renewal, Error> {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        let refusal = Refusal::new(StatusCode::UNAUTHORIZED, &headers, &body);
        self.0.renew(refused, &refusal).await
    }
}
