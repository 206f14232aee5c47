//! The public half of an RSA key, in the forms in which it is handed out.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use le_core::{Error, Result};
use ring::digest;
use ring::rsa::PublicKeyComponents;
use ring::signature::RSA_PKCS1_2048_8192_SHA256;
use simple_asn1::{ASN1Block, BigInt, BigUint, OID};

use super::key::kind_of;

/// The shortest modulus: what RS256 demands (RFC 7518, 3.3).
const SHORTEST: usize = 2048;

/// A public RSA key and its id.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl PublicKey {
    /// Reads `-----BEGIN PUBLIC KEY-----` or `-----BEGIN RSA PUBLIC KEY-----`. The id is the key's thumbprint.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration): no public RSA key, or one shorter than 2048 bits.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let kind = kind_of(pem);
        if kind != "a public key" {
            return Err(
                Error::configuration(format!("the PEM text holds {kind}, not a public RSA key"))
                    .with_advice("`openssl rsa -in key.pem -pubout` writes it"),
            );
        }
        let not_rsa = || Error::configuration("the PEM text holds no RSA key").with_advice("RS256 needs an RSA key");
        let key = DecodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| not_rsa())?;
        let (modulus, exponent) = key.try_get_as_bytes().ok().and_then(numbers).ok_or_else(not_rsa)?;
        Self::new(modulus, exponent)
    }

    /// Modulus and exponent, most significant byte first.
    pub(super) fn new(modulus: Vec<u8>, exponent: Vec<u8>) -> Result<Self> {
        let modulus: Vec<u8> = modulus.into_iter().skip_while(|byte| *byte == 0).collect();
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        if bits < SHORTEST {
            return Err(Error::configuration(format!("the RSA key has {bits} bits"))
                .with_advice(format!("RS256 needs {SHORTEST} bits or more: make a new key")));
        }
        let mut key = Self {
            id: String::new(),
            modulus,
            exponent,
        };
        key.id = key.thumbprint();
        Ok(key)
    }

    /// Names the key.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// The id, which stands as `kid` in the tokens that the key signs.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key as the settings of a LivePerson connector want it: X.509 SubjectPublicKeyInfo, base64 in one line, no armour.
    #[must_use]
    pub fn connector_setting(&self) -> String {
        let rsa_encryption = OID::new([1_u32, 2, 840, 113_549, 1, 1, 1].map(BigUint::from).to_vec());
        let integer = |bytes: &[u8]| ASN1Block::Integer(0, BigInt::from(BigUint::from_bytes_be(bytes)));
        let numbers = ASN1Block::Sequence(0, vec![integer(&self.modulus), integer(&self.exponent)]);
        let key = der(&numbers);
        let algorithm = vec![ASN1Block::ObjectIdentifier(0, rsa_encryption), ASN1Block::Null(0)];
        let info = vec![
            ASN1Block::Sequence(0, algorithm),
            ASN1Block::BitString(0, key.len() * 8, key),
        ];
        STANDARD.encode(der(&ASN1Block::Sequence(0, info)))
    }

    /// The thumbprint of RFC 7638, with SHA-256.
    fn thumbprint(&self) -> String {
        let (exponent, modulus) = (self.exponent_text(), self.modulus_text());
        let text = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
    }

    pub(super) fn modulus_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.modulus)
    }

    pub(super) fn exponent_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.exponent)
    }

    pub(super) fn is_pair_of(&self, other: &Self) -> bool {
        self.modulus == other.modulus && self.exponent == other.exponent
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = PublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
    }
}

/// Writing these blocks cannot fail: the only failure is a number too large for its tag, and all tags are universal.
fn der(block: &ASN1Block) -> Vec<u8> {
    simple_asn1::to_der(block).unwrap_or_default()
}

/// Modulus and exponent of a PKCS #1 `RSAPublicKey`.
fn numbers(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let blocks = simple_asn1::from_der(der).ok()?;
    let [ASN1Block::Sequence(_, members)] = blocks.as_slice() else {
        return None;
    };
    let [ASN1Block::Integer(_, modulus), ASN1Block::Integer(_, exponent)] = members.as_slice() else {
        return None;
    };
    Some((modulus.to_bytes_be().1, exponent.to_bytes_be().1))
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("id", &self.id)
            .field("bits", &(self.modulus.len() * 8))
            .finish_non_exhaustive()
    }
}
