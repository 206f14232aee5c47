//! The seam for credentials. `le-auth` implements it; a team with its own token service implements it itself.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Request, StatusCode};

use crate::error::Error;
use crate::secret::Secret;

/// Which credential an attempt carried: it grows with each renewal, so that thousands of callers that were refused with
/// the same credential cause one renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stamp(pub u64);

/// What came of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Renewal {
    /// There is a new credential: send the call once more.
    Renewed,
    /// This credential cannot be renewed: the refusal stands.
    NotPossible,
}

/// A 401 answer, for those who can learn from it (clock skew from `Date`, an OAuth problem in the body).
#[derive(Debug)]
#[non_exhaustive]
pub struct Refusal<'a> {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, never to be logged.
    pub body: &'a Bytes,
}

impl<'a> Refusal<'a> {
    /// A refusal that did not come through the pipeline, such as that of a WebSocket upgrade.
    #[must_use]
    pub fn new(status: StatusCode, headers: &'a HeaderMap, body: &'a Bytes) -> Self {
        Self { status, headers, body }
    }
}

/// Puts a credential on each attempt.
#[async_trait]
pub trait Authorize: Send + Sync + fmt::Debug {
    /// Adds the credential to one attempt. Called anew for each attempt: a signature must be fresh. The URI is the one that is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`](crate::ErrorKind::Authentication) where no credential can be had.
    async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Stamp, Error>;

    /// The service refused the credential with this stamp. Renew it, once for all callers, unless that has happened already.
    ///
    /// # Errors
    /// The reason why no new credential can be had; it replaces the refusal as the error of the call.
    async fn renew(&self, refused: Stamp, refusal: &Refusal<'_>) -> Result<Renewal, Error> {
        let _ = (refused, refusal);
        Ok(Renewal::NotPossible)
    }
}

/// A bearer that somebody else keeps fresh.
#[derive(Debug, Clone)]
pub struct StaticBearer(Secret);

impl StaticBearer {
    /// Sends `Authorization: Bearer {token}`.
    #[must_use]
    pub fn new(token: impl Into<Secret>) -> Self {
        Self(token.into())
    }
}

#[async_trait]
impl Authorize for StaticBearer {
    async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Stamp, Error> {
        request.headers_mut().insert(AUTHORIZATION, bearer_header(&self.0)?);
        Ok(Stamp::default())
    }
}

/// The header value `Bearer {token}`, marked sensitive.
///
/// # Errors
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) where the token holds characters that no header can hold.
pub fn bearer_header(token: &Secret) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))
        .map_err(|_| Error::configuration("the bearer holds characters that an HTTP header cannot hold"))?;
    value.set_sensitive(true);
    Ok(value)
}
