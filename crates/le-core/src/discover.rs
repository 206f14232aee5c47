//! The seam for service discovery. `le-domain` implements it; a fixed host needs no crate at all.

use std::fmt;

use async_trait::async_trait;

use crate::base::BaseUri;
use crate::error::Error;

/// Why a host is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// No connection could be made: name lookup, TCP or TLS failed.
    Unreachable,
    /// The host answered 404; it may no longer serve this account.
    NotFound,
}

/// Finds the base URI of a service.
#[async_trait]
pub trait Discover: Send + Sync + fmt::Debug {
    /// The base URI of the service with this exact (case-sensitive) name.
    ///
    /// # Errors
    /// [`ErrorKind::Discovery`](crate::ErrorKind::Discovery) where it cannot be found.
    async fn discover(&self, service: &str) -> Result<BaseUri, Error>;

    /// The pipeline doubts what it was told. True if the entry was dropped, so that asking again may give another host.
    async fn doubt(&self, service: &str, base: &BaseUri, why: Doubt) -> bool {
        let _ = (service, base, why);
        false
    }
}

/// One base for every service: for a gateway, or for tests.
#[derive(Debug, Clone)]
pub struct FixedBase(pub BaseUri);

#[async_trait]
impl Discover for FixedBase {
    async fn discover(&self, _service: &str) -> Result<BaseUri, Error> {
        Ok(self.0.clone())
    }
}
