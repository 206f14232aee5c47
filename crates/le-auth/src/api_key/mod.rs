//! OAuth 1.0a API keys: each attempt is signed anew.
//!
//! <https://developers.liveperson.com/oauth-1-0-api-keys.html>

mod refusal;
mod signature;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, DATE};
use http::{HeaderValue, Request};
use le_core::auth::{Refusal, Renewal, Stamp};
use le_core::clock::{Clock, Entropy, SystemClock, ThreadEntropy};
use le_core::{Authorize, Error, Secret, Timestamp};

use crate::generated::enums::OAuthProblem;
use signature::{encode, sign};

/// An API key of an account. Cheap to clone; clones share what they learned of the server's clock.
///
/// A key belongs to the account, not to a user, and needs no login. LivePerson calls OAuth 1.0 legacy.
///
/// Each attempt gets a fresh nonce of 128 random bits and the current time. Where a service answers `timestamp_refused`, this
/// machine's clock is compared with the `Date` of the answer; the difference is kept, and the call is sent once more.
///
/// ```
/// use std::sync::Arc;
/// use le_core::{AccountId, Client};
///
/// let key = le_auth::ApiKey::new("app-key", "secret", "access-token", "access-token-secret")?;
/// let client = Client::builder(AccountId::new("70011223")?).authorize(Arc::new(key)).build()?;
/// # Ok::<_, le_core::Error>(())
/// ```
#[derive(Clone)]
pub struct ApiKey(Arc<Key>);

struct Key {
    app_key: String,
    secret: Secret,
    access_token: Secret,
    access_token_secret: Secret,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    correction: Mutex<Correction>,
}

/// How far the server's clock is ahead. The stamp grows with each correction.
#[derive(Debug, Clone, Copy, Default)]
struct Correction {
    stamp: u64,
    millis: i64,
}

/// A difference below this does not explain a refused timestamp (`Date` has whole seconds only).
const NO_SKEW_MILLIS: i64 = 3_000;

impl ApiKey {
    /// The four values of the key, as the console shows them.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) naming the value that is empty or has white space around it.
    pub fn new(
        app_key: impl Into<String>,
        secret: impl Into<Secret>,
        access_token: impl Into<Secret>,
        access_token_secret: impl Into<Secret>,
    ) -> Result<Self, Error> {
        let key = Key {
            app_key: app_key.into(),
            secret: secret.into(),
            access_token: access_token.into(),
            access_token_secret: access_token_secret.into(),
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(ThreadEntropy),
            correction: Mutex::default(),
        };
        let values = [
            ("app key", key.app_key.as_str()),
            ("secret", key.secret.expose()),
            ("access token", key.access_token.expose()),
            ("access token secret", key.access_token_secret.expose()),
        ];
        for (name, value) in values {
            let fault = if value.is_empty() {
                "is empty"
            } else if value.trim() != value {
                "has white space around it"
            } else {
                continue;
            };
            return Err(Error::configuration(format!("the {name} of the API key {fault}"))
                .with_advice("copy all four values of the key from the console"));
        }
        Ok(Self(Arc::new(key)))
    }

    /// The same key with another clock. What was learned of the server's clock is forgotten.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        self.with(|key| key.clock = clock)
    }

    /// The same key with another source of nonces.
    #[must_use]
    pub fn with_entropy(self, entropy: Arc<dyn Entropy>) -> Self {
        self.with(|key| key.entropy = entropy)
    }

    fn with(self, change: impl FnOnce(&mut Key)) -> Self {
        let old = &*self.0;
        let mut key = Key {
            app_key: old.app_key.clone(),
            secret: old.secret.clone(),
            access_token: old.access_token.clone(),
            access_token_secret: old.access_token_secret.clone(),
            clock: Arc::clone(&old.clock),
            entropy: Arc::clone(&old.entropy),
            correction: Mutex::default(),
        };
        change(&mut key);
        Self(Arc::new(key))
    }

    /// How far the server's clock was found to be ahead of this machine's, in milliseconds.
    #[must_use]
    pub fn clock_correction_millis(&self) -> i64 {
        self.0.correction().millis
    }

    /// The value of the `Authorization` header for a request with an absolute URI.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) where a value cannot stand in a header.
    pub fn header(&self, request: &Request<Bytes>) -> Result<HeaderValue, Error> {
        let millis = self
            .0
            .clock
            .now()
            .as_millis()
            .saturating_add(self.0.correction().millis);
        let timestamp = Timestamp::from_millis(millis).as_secs().to_string();
        let nonce = format!("{:016x}{:016x}", self.0.entropy.next_u64(), self.0.entropy.next_u64());
        let oauth = [
            ("oauth_consumer_key", self.0.app_key.as_str()),
            ("oauth_token", self.0.access_token.expose()),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", timestamp.as_str()),
            ("oauth_nonce", nonce.as_str()),
            ("oauth_version", "1.0"),
        ];
        let signature = sign(
            request,
            &oauth,
            self.0.secret.expose(),
            self.0.access_token_secret.expose(),
        );
        let pairs: Vec<String> = oauth
            .iter()
            .chain([&("oauth_signature", signature.as_str())])
            .map(|(name, value)| format!("{name}=\"{}\"", encode(value)))
            .collect();
        let mut value = HeaderValue::try_from(format!("OAuth {}", pairs.join(",")))
            .map_err(|_| Error::configuration("the API key holds characters that an HTTP header cannot hold"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl Key {
    fn correction(&self) -> MutexGuard<'_, Correction> {
        self.correction.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns from the `Date` of a refusal. False where the clock is not the reason.
    fn correct(&self, refused: Stamp, refusal: &Refusal<'_>) -> bool {
        let mut correction = self.correction();
        if correction.stamp > refused.0 {
            return true;
        }
        let date = refusal.headers.get(DATE).and_then(|value| value.to_str().ok());
        let Some(server) = date.and_then(|text| text.parse::<Timestamp>().ok()) else {
            return false;
        };
        let millis = server.as_millis().saturating_sub(self.clock.now().as_millis());
        if millis.saturating_sub(correction.millis).saturating_abs() < NO_SKEW_MILLIS {
            return false;
        }
        tracing::warn!(
            ahead_ms = millis,
            "this machine's clock differs from LivePerson's; signatures are corrected"
        );
        *correction = Correction {
            stamp: correction.stamp + 1,
            millis,
        };
        true
    }
}

#[async_trait]
impl Authorize for ApiKey {
    async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Stamp, Error> {
        let stamp = Stamp(self.0.correction().stamp);
        let header = self.header(request)?;
        request.headers_mut().insert(AUTHORIZATION, header);
        Ok(stamp)
    }

    async fn renew(&self, refused: Stamp, refusal: &Refusal<'_>) -> Result<Renewal, Error> {
        let problem = refusal::problem(refusal);
        if problem == Some(OAuthProblem::TimestampRefused) && self.0.correct(refused, refusal) {
            return Ok(Renewal::Renewed);
        }
        match problem {
            Some(problem) => Err(refusal::error(&problem, refusal)),
            None => Ok(Renewal::NotPossible),
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(<redacted>)")
    }
}

#[cfg(test)]
mod tests;
