//! Why a token is refused: which rule it breaks.

use std::fmt;

use le_core::{Error, ErrorKind, Timestamp};

/// The rule that a token breaks. No variant holds a claim that names the consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFault {
    /// It is no signed JWT: three parts of base64url, JSON in the first two.
    Malformed,
    /// It is signed with another algorithm than RS256.
    Algorithm,
    /// It names no key although there are several.
    KeyNotNamed,
    /// It names a key that is not known.
    KeyUnknown,
    /// The signature is not of that key.
    Signature,
    /// A required claim is missing or of the wrong type.
    ClaimMissing(&'static str),
    /// It is of another issuer.
    Issuer,
    /// It has expired.
    Expired {
        /// The moment when it did.
        at: Timestamp,
        /// The moment of the check.
        now: Timestamp,
    },
    /// It was issued, or becomes valid, in the future. A clock is wrong, here or at the issuer.
    NotYetValid {
        /// `iat` or `nbf`.
        claim: &'static str,
        /// That moment.
        from: Timestamp,
        /// The moment of the check.
        now: Timestamp,
    },
    /// It expires before it is issued, or lives longer than the verifier allows.
    Lifetime,
    /// `lp_sdes` holds what a token may not carry. The text names place and rule.
    Attributes(String),
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("the token is not a signed JWT"),
            Self::Algorithm => f.write_str("the token is not signed with RS256"),
            Self::KeyNotNamed => f.write_str("the token's header has no `kid`, and there are several keys"),
            Self::KeyUnknown => f.write_str("the token's `kid` is none of the known keys"),
            Self::Signature => f.write_str("the signature is not of the key that the token names"),
            Self::ClaimMissing(claim) => write!(f, "the claim `{claim}` is missing or of the wrong type"),
            Self::Issuer => f.write_str("the claim `iss` is not the expected issuer"),
            Self::Expired { at, now } => write!(f, "the token expired {} s ago", now.since(*at).as_secs()),
            Self::NotYetValid { claim, from, now } => {
                write!(f, "`{claim}` lies {} s in the future", from.since(*now).as_secs())
            }
            Self::Lifetime => f.write_str("`exp` is not after `iat`, or the token lives longer than allowed"),
            Self::Attributes(rule) => f.write_str(rule),
        }
    }
}

impl std::error::Error for TokenFault {}

impl TokenFault {
    fn advice(&self) -> &'static str {
        match self {
            Self::Malformed | Self::Algorithm => "sign it as a JWS with RS256",
            Self::KeyNotNamed => "sign with a `kid` in the header",
            Self::KeyUnknown => {
                "publish the key before it signs, and keep it published until its last token has expired"
            }
            Self::Signature => "check that the public key is the one of the signing key",
            Self::ClaimMissing(_) => "`iss`, `iat`, `exp` and `sub` are required; times are seconds",
            Self::Issuer => "use the name that is configured in LivePerson, letter by letter",
            Self::Expired { .. } => "ask for a new token",
            Self::NotYetValid { .. } => "compare the clocks of both machines",
            Self::Lifetime => "shorten the token's life",
            Self::Attributes(_) => "put only customer and personal info into `lp_sdes`, without store fields",
        }
    }
}

impl From<TokenFault> for Error {
    fn from(fault: TokenFault) -> Self {
        let (message, advice) = (fault.to_string(), fault.advice());
        Error::new(ErrorKind::Authentication, message)
            .with_advice(advice)
            .with_source(fault)
    }
}
