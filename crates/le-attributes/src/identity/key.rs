//! A private RSA key that signs.

use std::fmt;
use std::sync::Arc;

use jsonwebtoken::EncodingKey;
use le_core::{Error, Result, Secret};
use ring::error::KeyRejected;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use super::public_key::PublicKey;

/// A private RSA key of 2048 to 4096 bits, and its id. Clones share the key.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<RsaKeyPair>,
    public: PublicKey,
}

impl SigningKey {
    /// Reads `-----BEGIN PRIVATE KEY-----` (PKCS #8) or `-----BEGIN RSA PRIVATE KEY-----` (PKCS #1). The id is the key's
    /// thumbprint (RFC 7638), so that it is the same after every restart; [`with_id`](Self::with_id) gives it a name.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) naming what the text holds in place of such a key, or
    /// that the key is too short. The text is never shown.
    pub fn from_pem(pem: &Secret) -> Result<Self> {
        let kind = kind_of(pem.expose());
        if kind != "a private key" {
            return Err(
                Error::configuration(format!("the PEM text holds {kind}, not a private RSA key"))
                    .with_advice(advice_on(kind)),
            );
        }
        let key =
            EncodingKey::from_rsa_pem(pem.expose().as_bytes()).map_err(|_| of_wrong_kind(pem.expose().as_bytes()))?;
        Self::new(RsaKeyPair::from_der(key.as_bytes()).map_err(rejected)?)
    }

    pub(super) fn from_components(components: &KeyPairComponents<&[u8]>) -> Result<Self> {
        Self::new(RsaKeyPair::from_components(components).map_err(rejected)?)
    }

    fn new(pair: RsaKeyPair) -> Result<Self> {
        let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
        Ok(Self {
            public: PublicKey::new(public.n, public.e)?,
            pair: Arc::new(pair),
        })
    }

    /// Names the key, e.g. `2026-11`.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.public = self.public.with_id(id);
        self
    }

    /// The id, which stands as `kid` in the tokens.
    #[must_use]
    pub fn id(&self) -> &str {
        self.public.id()
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::configuration("the RSA key cannot sign").with_advice("make a new key"))?;
        Ok(signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

/// What a PEM text holds, by its first armour line.
pub(super) fn kind_of(pem: &str) -> &'static str {
    let label = pem
        .lines()
        .find_map(|line| line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----"));
    match label {
        Some("PRIVATE KEY" | "RSA PRIVATE KEY") => "a private key",
        Some("PUBLIC KEY" | "RSA PUBLIC KEY") => "a public key",
        Some("ENCRYPTED PRIVATE KEY") => "an encrypted key",
        Some("EC PRIVATE KEY" | "EC PARAMETERS") => "an elliptic curve key",
        Some("CERTIFICATE") => "a certificate",
        Some("OPENSSH PRIVATE KEY") => "an SSH key",
        Some(_) => "something else",
        None => "no PEM block",
    }
}

fn advice_on(kind: &str) -> &'static str {
    match kind {
        "a public key" | "a certificate" => "give the private key that belongs to it",
        "an encrypted key" => "decrypt it first: `openssl pkcs8 -in key.pem -out plain.pem`",
        "an elliptic curve key" => "RS256 needs an RSA key",
        _ => "`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048` makes one",
    }
}

/// The armour of PKCS #8 is the same for every kind of key.
fn of_wrong_kind(pem: &[u8]) -> Error {
    let kind = if EncodingKey::from_ec_pem(pem).is_ok() {
        "an elliptic curve key"
    } else if EncodingKey::from_ed_pem(pem).is_ok() {
        "an Ed25519 key"
    } else {
        return Error::configuration("the PEM text holds a private key that cannot be read")
            .with_advice("`openssl rsa -in key.pem -check` says what is wrong with it");
    };
    Error::configuration(format!("the PEM text holds {kind}, not a private RSA key"))
        .with_advice("RS256 needs an RSA key")
}

fn rejected(reason: KeyRejected) -> Error {
    // The reasons of ring are fixed words; they hold nothing of the key.
    let (rule, advice) = match reason.to_string().as_str() {
        "TooSmall" => (
            "the RSA key has fewer than 2048 bits",
            "RS256 needs 2048 bits or more: make a new key",
        ),
        "TooLarge" => ("the RSA key has more than 4096 bits", "make a key of 2048 to 4096 bits"),
        "PrivateModulusLenNotMultipleOf512Bits" => (
            "the length of the RSA key is no multiple of 512 bits",
            "make a key of 2048, 3072 or 4096 bits",
        ),
        _ => (
            "the RSA key is damaged",
            "`openssl rsa -in key.pem -check` says what is wrong with it",
        ),
    };
    Error::configuration(rule).with_advice(advice)
}
