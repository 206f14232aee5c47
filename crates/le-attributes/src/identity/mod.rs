//! Authenticated attributes: the token that a brand signs for its consumer, and what checks one.
//!
//! A page or app hands the token to LivePerson (implicit flow), or LivePerson fetches it from the brand (code flow, see
//! `app_backend`). Its standard claims and its `lp_sdes` become attributes that an agent sees as authenticated.
//!
//! ```
//! use le_attributes::customer::CustomerInfo;
//! use le_attributes::identity::{Consumer, KeyRing, SigningKey, TokenSigner, TokenVerifier};
//! # let pem = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/first.pem"));
//!
//! let keys = KeyRing::new(SigningKey::from_pem(&pem.into())?);
//! let signer = TokenSigner::new("https://id.example.org", keys.clone());
//! let consumer = Consumer::of("cu-7f31")
//!     .given_name("Ingrid")
//!     .attributes(vec![CustomerInfo::default().customer_type("gold").into()]);
//! let token = signer.sign(&consumer)?;
//!
//! let checked = TokenVerifier::new("https://id.example.org", keys.public_keys()).verify(token.secret())?;
//! assert_eq!(checked.claims.subject.as_deref(), Some("cu-7f31"));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! Only RS256 is offered, since it is all that the pages document. They also mention encryption of the token (JWE) without
//! naming the content encryption; it is not offered here.
//!
//! The texts of keys and tokens are [`Secret`](le_core::Secret)s and wiped when dropped. The parsed key is *ring*'s; it lives as
//! long as its [`SigningKey`].
//!
//! <https://developers.liveperson.com/authentication-detailed-api.html>

mod claims;
mod fault;
mod jwk;
mod key;
mod key_ring;
mod public_key;
mod signer;
mod verifier;

pub use claims::{BrandClaims, Consumer};
pub use fault::TokenFault;
pub use jwk::{Jwk, JwkSet};
pub use key::SigningKey;
pub use key_ring::KeyRing;
pub use public_key::PublicKey;
pub use signer::{BrandToken, TokenSigner};
pub use verifier::{CheckedToken, TokenVerifier};
