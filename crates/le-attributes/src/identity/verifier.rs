//! Checks tokens, as LivePerson does, and says which rule one breaks.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, decode_header};
use le_core::clock::{Clock, SystemClock};
use le_core::wire::RawRecord;
use le_core::{Secret, Timestamp};

use super::claims::{BrandClaims, allowed_attributes};
use super::fault::TokenFault;
use super::public_key::PublicKey;
use super::signer::millis;

/// Checks the tokens of one issuer.
#[derive(Debug, Clone)]
pub struct TokenVerifier {
    issuer: String,
    keys: Vec<PublicKey>,
    skew: Duration,
    longest_lifetime: Option<Duration>,
    clock: Arc<dyn Clock>,
}

/// A token that holds.
#[derive(Clone)]
pub struct CheckedToken {
    /// What it says.
    pub claims: BrandClaims,
    /// The key that signed it.
    pub key_id: String,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

impl TokenVerifier {
    /// Accepts tokens of `issuer`, signed with one of the keys.
    #[must_use]
    pub fn new(issuer: impl Into<String>, keys: Vec<PublicKey>) -> Self {
        Self {
            issuer: issuer.into(),
            keys,
            skew: Duration::ZERO,
            longest_lifetime: None,
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// How far the issuer's clock and this one may differ. Zero by default.
    #[must_use]
    pub fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// Refuses tokens that live longer. There is no such limit by default: LivePerson publishes none.
    #[must_use]
    pub fn longest_lifetime(mut self, longest: Duration) -> Self {
        self.longest_lifetime = Some(longest);
        self
    }

    /// Replaces the clock of this machine.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks a token: form, algorithm, key, signature, then issuer, times and attributes.
    ///
    /// # Errors
    /// The first rule that it breaks. No claim is looked at before the signature holds.
    pub fn verify(&self, token: &Secret) -> Result<CheckedToken, TokenFault> {
        let text = token.expose();
        let header = decode_header(text).map_err(|_| self.unreadable(text))?;
        if header.alg != Algorithm::RS256 {
            return Err(TokenFault::Algorithm);
        }
        let key = self.key(header.kid.as_deref())?;
        let (message, signature) = text.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenFault::Malformed)?;
        if !key.verifies(message.as_bytes(), &signature) {
            return Err(TokenFault::Signature);
        }
        let (_, payload) = message.split_once('.').ok_or(TokenFault::Malformed)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenFault::Malformed)?;
        let claims = read_claims(payload).ok_or(TokenFault::Malformed)?;
        let (issued_at, expires_at) = self.check(&claims)?;
        Ok(CheckedToken {
            claims,
            key_id: key.id().to_owned(),
            issued_at,
            expires_at,
        })
    }

    /// A header with an algorithm that jsonwebtoken does not know, `none` above all, is no malformed one.
    fn unreadable(&self, text: &str) -> TokenFault {
        let header = text
            .split('.')
            .next()
            .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let header = header.and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok());
        match header {
            Some(header) if text.split('.').count() == 3 && header["alg"].is_string() => TokenFault::Algorithm,
            _ => TokenFault::Malformed,
        }
    }

    fn key(&self, id: Option<&str>) -> Result<&PublicKey, TokenFault> {
        match (id, self.keys.as_slice()) {
            (Some(id), keys) => keys.iter().find(|key| key.id() == id).ok_or(TokenFault::KeyUnknown),
            (None, [only]) => Ok(only),
            (None, _) => Err(TokenFault::KeyNotNamed),
        }
    }

    fn check(&self, claims: &BrandClaims) -> Result<(Timestamp, Timestamp), TokenFault> {
        let issuer = claims.issuer.as_deref().ok_or(TokenFault::ClaimMissing("iss"))?;
        if issuer != self.issuer {
            return Err(TokenFault::Issuer);
        }
        if claims.subject.as_deref().unwrap_or_default().is_empty() {
            return Err(TokenFault::ClaimMissing("sub"));
        }
        let issued_at = claims.issued_at().ok_or(TokenFault::ClaimMissing("iat"))?;
        let expires_at = claims.expires_at().ok_or(TokenFault::ClaimMissing("exp"))?;
        self.check_times(claims, issued_at, expires_at)?;
        allowed_attributes(&claims.attributes).map_err(|error| TokenFault::Attributes(error.message().to_owned()))?;
        if let Some((at, _)) = claims.attributes.misfits().next() {
            return Err(TokenFault::Attributes(format!("lp_sdes[{at}] is not an object")));
        }
        Ok((issued_at, expires_at))
    }

    fn check_times(&self, claims: &BrandClaims, issued: Timestamp, expires: Timestamp) -> Result<(), TokenFault> {
        let now = self.clock.now();
        let skew = millis(self.skew);
        if expires.as_millis().saturating_add(skew) <= now.as_millis() {
            return Err(TokenFault::Expired { at: expires, now });
        }
        for (claim, from) in [("iat", Some(issued)), ("nbf", claims.not_before())] {
            if let Some(from) = from.filter(|from| from.as_millis().saturating_sub(skew) > now.as_millis()) {
                return Err(TokenFault::NotYetValid { claim, from, now });
            }
        }
        let too_long = |longest: Duration| expires.since(issued) > longest;
        if expires <= issued || self.longest_lifetime.is_some_and(too_long) {
            return Err(TokenFault::Lifetime);
        }
        Ok(())
    }
}

/// The claims; one of the wrong type stays in `extra`, and the rules find it missing.
fn read_claims(json: Vec<u8>) -> Option<BrandClaims> {
    let record = RawRecord::new(String::from_utf8(json).ok()?).ok()?;
    Some(record.decode::<BrandClaims>().ok()?.into_inner())
}

impl fmt::Debug for CheckedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedToken")
            .field("claims", &self.claims)
            .field("key_id", &self.key_id)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}
