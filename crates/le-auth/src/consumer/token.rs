//! The LivePerson token of a consumer, and what its claims say.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use le_core::id::ConsumerId;
use le_core::{Secret, Timestamp};
use serde_json::Value;

/// How long a token without a readable end is used: what the vendor gives to anonymous identities by default.
const UNSAID: Duration = Duration::from_secs(600);

/// A token that opens messaging as a consumer. `Debug` shows its times and no part of it.
///
/// The claims are read and not verified: LivePerson's services do that, and nothing here is decided by them but when to ask for
/// the next token.
#[derive(Clone)]
pub struct ConsumerToken {
    token: Secret,
    consumer: Option<ConsumerId>,
    issued: Option<Timestamp>,
    expires: Option<Timestamp>,
}

impl ConsumerToken {
    /// Takes a token, and reads its claims as far as there are some.
    #[must_use]
    pub fn new(token: impl Into<Secret>) -> Self {
        let token = token.into();
        let claims = claims(token.expose()).unwrap_or_default();
        Self {
            consumer: claims["sub"].as_str().map(ConsumerId::new),
            issued: instant(&claims["iat"]),
            expires: instant(&claims["exp"]),
            token,
        }
    }

    /// The token. Never log it.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.token
    }

    /// Who it stands for: the claim `sub`, which is the consumer id of conversations.
    #[must_use]
    pub fn consumer(&self) -> Option<&ConsumerId> {
        self.consumer.as_ref()
    }

    /// When it ends, by the server's clock.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// How long it can be used from `now`, which is when it came. Where it says when it was made, this machine's clock may be
    /// wrong; one that says nothing counts as ten minutes.
    #[must_use]
    pub fn lasts(&self, now: Timestamp) -> Duration {
        match (self.expires, self.issued) {
            (None, _) => UNSAID,
            (Some(expires), Some(issued)) if issued < expires => expires.since(issued),
            (Some(expires), _) => expires.since(now),
        }
    }
}

impl fmt::Debug for ConsumerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsumerToken")
            .field("issued", &self.issued)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A time claim: seconds as number or text; sample tokens of the vendor carry milliseconds, which are far too large for seconds.
fn instant(claim: &Value) -> Option<Timestamp> {
    let number = match claim {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let millis = if number >= 100_000_000_000 {
        number
    } else {
        number.saturating_mul(1_000)
    };
    Some(Timestamp::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(claims: &Value) -> ConsumerToken {
        let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
        ConsumerToken::new(format!("e30.{payload}.c2ln"))
    }

    #[test]
    fn claims_are_read_in_every_unit_and_form() {
        for (iat, exp) in [
            (json!(1_700_000_000), json!(1_700_000_600)),
            (json!("1700000000"), json!("1700000600")),
            (json!(1_700_000_000_000_i64), json!(1_700_000_600_000_i64)),
            (json!(1_700_000_000.4), json!(1_700_000_600.0)),
        ] {
            let token = token(&json!({"sub": "9d9d", "iat": iat, "exp": exp}));
            assert_eq!(token.consumer().map(|id| id.as_str()), Some("9d9d"));
            assert_eq!(token.expires(), Some(Timestamp::from_millis(1_700_000_600_000)));
            // A clock that is a year off changes nothing.
            assert_eq!(token.lasts(Timestamp::from_millis(0)), Duration::from_secs(600));
        }
    }

    #[test]
    fn what_says_nothing_is_not_kept_for_ever() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        assert_eq!(ConsumerToken::new("opaque").lasts(now), UNSAID);
        assert_eq!(ConsumerToken::new("a.%%%.c").lasts(now), UNSAID);
        assert_eq!(
            token(&json!({"exp": 1_700_000_030})).lasts(now),
            Duration::from_secs(30)
        );
        assert_eq!(token(&json!({"exp": 1_600_000_000})).lasts(now), Duration::ZERO);
        let turned = token(&json!({"iat": 1_700_000_050, "exp": 1_700_000_020}));
        assert_eq!(turned.lasts(now), Duration::from_secs(20));
    }

    #[test]
    fn debug_shows_no_token_and_no_consumer() {
        let shown = format!("{:?}", token(&json!({"sub": "rivka", "exp": 1_700_000_030})));
        assert!(!shown.contains("rivka") && !shown.contains("e30"), "{shown}");
        assert!(shown.contains("2023-11-14"), "{shown}");
    }
}
