//! Sets of keys as JSON (RFC 7517): the public one that a brand publishes, and the private one that it keeps.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use le_core::wire::List;
use le_core::{Error, Result, Secret};
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use serde::Deserialize;

use super::key::SigningKey;
use super::public_key::PublicKey;

le_core::record! {
    /// The public keys of a brand, as its endpoint publishes them.
    pub struct JwkSet {
        /// The keys.
        keys: List<Jwk> = "keys" [safe],
    }
}

le_core::record! {
    /// One public key. Private members, should a file hold them, are neither read into fields nor shown.
    pub struct Jwk {
        /// `RSA`.
        key_type: Option<String> = "kty" [safe],
        /// `sig`.
        public_key_use: Option<String> = "use" [safe],
        /// `RS256`.
        algorithm: Option<String> = "alg" [safe],
        /// The id.
        key_id: Option<String> = "kid" [safe],
        /// Modulus, base64url.
        modulus: Option<String> = "n",
        /// Exponent, base64url.
        exponent: Option<String> = "e",
    }
}

impl From<&PublicKey> for Jwk {
    fn from(key: &PublicKey) -> Self {
        Self {
            key_type: Some("RSA".to_owned()),
            public_key_use: Some("sig".to_owned()),
            algorithm: Some("RS256".to_owned()),
            key_id: Some(key.id().to_owned()),
            modulus: Some(key.modulus_text()),
            exponent: Some(key.exponent_text()),
            ..Self::default()
        }
    }
}

impl JwkSet {
    /// Reads a document.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration): it is no JSON object.
    pub fn read(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(|_| unreadable())
    }

    /// The RSA keys that sign. Keys of other types and for other uses are passed over, as the RFC asks.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) naming the place of a key that is damaged or too short,
    /// or that there is none.
    pub fn public_keys(&self) -> Result<Vec<PublicKey>> {
        let mut keys = Vec::new();
        for (at, jwk) in self.keys.iter().enumerate() {
            if signs(
                jwk.key_type.as_deref(),
                jwk.public_key_use.as_deref(),
                jwk.algorithm.as_deref(),
            ) {
                keys.push(jwk.public_key().map_err(|error| in_place(at, error))?);
            }
        }
        if keys.is_empty() {
            return Err(Error::configuration("the JWKS holds no RSA key for RS256").with_advice("add one"));
        }
        Ok(keys)
    }
}

impl Jwk {
    fn public_key(&self) -> Result<PublicKey> {
        let modulus = number("n", self.modulus.as_deref())?;
        let exponent = number("e", self.exponent.as_deref())?;
        let key = PublicKey::new(modulus, exponent)?;
        Ok(match &self.key_id {
            Some(id) => key.with_id(id),
            None => key,
        })
    }
}

/// A key of a file, with its private members, which are wiped when dropped.
#[derive(Deserialize)]
pub(super) struct FileJwk {
    kty: Option<String>,
    #[serde(rename = "use")]
    public_key_use: Option<String>,
    alg: Option<String>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<Secret>,
    p: Option<Secret>,
    q: Option<Secret>,
    dp: Option<Secret>,
    dq: Option<Secret>,
    qi: Option<Secret>,
}

/// A key of a file: it signs, or its private half is gone and it is only published.
pub(super) enum FileKey {
    Signing(SigningKey),
    Public(PublicKey),
}

/// Reads a file of keys, in its order.
pub(super) fn read_file(json: &Secret) -> Result<Vec<FileKey>> {
    #[derive(Deserialize)]
    struct File {
        keys: Vec<FileJwk>,
    }
    let file: File = serde_json::from_str(json.expose()).map_err(|_| unreadable())?;
    let mut keys = Vec::new();
    for (at, jwk) in file.keys.iter().enumerate() {
        if !signs(jwk.kty.as_deref(), jwk.public_key_use.as_deref(), jwk.alg.as_deref()) {
            let kind = jwk.kty.as_deref().unwrap_or("no type");
            let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
            return Err(Error::configuration(format!(
                "keys[{at}] is no RSA key for RS256 signatures (`kty` is {kind})"
            ))
            .with_advice("keep other keys in another file"));
        }
        keys.push(jwk.key().map_err(|error| in_place(at, error))?);
    }
    Ok(keys)
}

impl FileJwk {
    fn key(&self) -> Result<FileKey> {
        let modulus = number("n", self.n.as_deref())?;
        let exponent = number("e", self.e.as_deref())?;
        // Before the private half is looked at, so that a short key is reported with its length.
        let public = PublicKey::new(modulus.clone(), exponent.clone())?;
        let named = |key: PublicKey| match &self.kid {
            Some(id) => key.with_id(id),
            None => key,
        };
        if self.d.is_none() {
            return Ok(FileKey::Public(named(public)));
        }
        let private = |name, text: &Option<Secret>| number(name, text.as_ref().map(Secret::expose)).map(Wiped);
        let (d, p, q) = (private("d", &self.d)?, private("p", &self.p)?, private("q", &self.q)?);
        let (dp, dq, qi) = (
            private("dp", &self.dp)?,
            private("dq", &self.dq)?,
            private("qi", &self.qi)?,
        );
        let key = SigningKey::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents {
                n: modulus.as_slice(),
                e: exponent.as_slice(),
            },
            d: &d.0,
            p: &p.0,
            q: &q.0,
            dP: &dp.0,
            dQ: &dq.0,
            qInv: &qi.0,
        })?;
        let id = named(public).id().to_owned();
        Ok(FileKey::Signing(key.with_id(id)))
    }
}

/// Bytes that are wiped when dropped.
struct Wiped(Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// Whether a key with these members is for RS256 signatures.
fn signs(key_type: Option<&str>, public_key_use: Option<&str>, algorithm: Option<&str>) -> bool {
    key_type == Some("RSA")
        && public_key_use.is_none_or(|purpose| purpose == "sig")
        && algorithm.is_none_or(|name| name == "RS256")
}

fn number(name: &'static str, text: Option<&str>) -> Result<Vec<u8>> {
    let text =
        text.ok_or_else(|| Error::configuration(format!("`{name}` is missing")).with_advice("write the whole key"))?;
    // Some writers pad, which the RFC forbids.
    URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .map_err(|_| Error::configuration(format!("`{name}` is not base64url")).with_advice("write the key again"))
}

fn in_place(at: usize, error: Error) -> Error {
    let message = format!("keys[{at}]: {}", error.message());
    error.with_message(message)
}

fn unreadable() -> Error {
    Error::configuration("the JWKS is not JSON of the form {\"keys\": [...]}")
        .with_advice("give a JWKS document (RFC 7517)")
}
