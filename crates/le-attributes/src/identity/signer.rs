//! Signs tokens.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header};
use le_core::clock::{Clock, SystemClock};
use le_core::{Error, Result, Secret, Timestamp};
use serde::Serialize;

use super::claims::{BrandClaims, Consumer};
use super::key_ring::KeyRing;

/// How long a token lives unless the signer is told otherwise.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Signs the tokens of one brand.
#[derive(Debug, Clone)]
pub struct TokenSigner {
    issuer: String,
    keys: KeyRing,
    lifetime: Duration,
    backdated: Duration,
    clock: Arc<dyn Clock>,
}

/// A signed token.
#[derive(Clone)]
pub struct BrandToken {
    text: Secret,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl TokenSigner {
    /// Signs in the name of `issuer`, which is the name of the authorization service as it is configured in LivePerson.
    #[must_use]
    pub fn new(issuer: impl Into<String>, keys: KeyRing) -> Self {
        Self {
            issuer: issuer.into(),
            keys,
            lifetime: LIFETIME,
            backdated: Duration::ZERO,
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// How long a token lives: 15 minutes by default. At its end LivePerson asks the app for the next one, so keep it short.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Writes `iat` so much earlier than it is, for machines whose clocks differ. Zero by default. The end stays the same.
    #[must_use]
    pub fn backdated(mut self, by: Duration) -> Self {
        self.backdated = by;
        self
    }

    /// Replaces the clock of this machine.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Signs a token for a consumer.
    ///
    /// # Errors
    /// Those of [`Consumer::check`]; [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) for an empty issuer, a
    /// lifetime of less than a second, or no key that signs.
    pub fn sign(&self, consumer: &Consumer) -> Result<BrandToken> {
        consumer.check()?;
        if self.issuer.trim().is_empty() {
            return Err(Error::configuration("`iss` is empty")
                .with_advice("give the name of the authorization service as it is configured in LivePerson"));
        }
        if self.lifetime < Duration::from_secs(1) {
            return Err(Error::configuration("the token would live less than a second").with_advice("raise `lifetime`"));
        }
        let now = self.clock.now();
        let key = self.keys.signing_key(now)?;
        let (issued_at, expires_at) = (earlier(now, self.backdated), later(now, self.lifetime));
        let claims = BrandClaims::of(consumer.clone(), &self.issuer, issued_at, expires_at);
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(key.id().to_owned());
        let message = format!("{}.{}", part(&header)?, part(&claims)?);
        let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes())?);
        Ok(BrandToken {
            text: Secret::new(format!("{message}.{signature}")),
            issued_at,
            expires_at,
        })
    }
}

/// A part of the token: JSON in base64url.
fn part(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(value)
        .map_err(|error| Error::validation("the claims cannot be written as JSON").with_source(error))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_millis(at.as_millis().saturating_sub(millis(by)))
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_millis(at.as_millis().saturating_add(millis(by)))
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl BrandToken {
    /// The token. Never log it: whoever has it is the consumer.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.text
    }

    /// The moment in `iat`.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// The moment in `exp`.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

impl fmt::Debug for BrandToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrandToken")
            .field("text", &self.text)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}
