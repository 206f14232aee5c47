//! The identity provider (IDP): who a consumer is
//! (<https://developers.liveperson.com/consumer-authentication-overview.html>).

mod connectors;
mod endpoint;
mod token;

use std::collections::HashMap;

use rcgen::KeyPair;
use serde_json::{Map, Value, json};

use crate::account::{fold_text, mix, uuid};

pub(crate) use connectors::brand as brand_connector;
pub(crate) use endpoint::endpoint;

/// Who a token stands for.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// `sub` of LivePerson's token.
    pub(crate) consumer: String,
    /// `sub` of the brand's token: the id by which the brand knows the consumer.
    pub(crate) subject: Option<String>,
    /// Epoch milliseconds.
    pub(crate) expires_ms: i64,
    pub(crate) anonymous: bool,
    /// Members of the profile that the brand's token vouched for.
    pub(crate) profile: Map<String, Value>,
}

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Opens messaging.
    Messaging,
    /// Proves an anonymous identity to the IDP.
    External,
}

/// Tokens that were issued.
pub(crate) struct Idp {
    key: Option<KeyPair>,
    issued: HashMap<String, (Purpose, Identity)>,
    random: fastrand::Rng,
    seed: u64,
}

/// An error of the IDP: its code, which clients classify by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IdpError(pub(crate) &'static str);

impl Idp {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            // Without a key tokens are unsigned; the simulator knows its own by heart and never asks the signature.
            key: token::key(seed),
            issued: HashMap::new(),
            random: fastrand::Rng::with_seed(seed ^ 0x1d9),
            seed,
        }
    }

    /// Whose token this is. `Err(true)`: it is one of ours whose time is over, and it was anonymous.
    pub(crate) fn messaging(&self, token: &str, now_ms: i64) -> Result<Identity, bool> {
        match self.issued.get(token) {
            Some((Purpose::Messaging, identity)) if identity.expires_ms > now_ms => Ok(identity.clone()),
            Some((_, identity)) => Err(identity.anonymous),
            None => Err(false),
        }
    }

    /// A new anonymous identity, or a known one extended.
    pub(crate) fn external(
        &mut self,
        account: &str,
        previous: Option<&str>,
        now_ms: i64,
        lives_ms: i64,
        extension_ms: i64,
    ) -> Result<String, IdpError> {
        let consumer = match previous {
            None => uuid(&mut self.random),
            Some(token) => match self.issued.get(token) {
                Some((Purpose::External, identity)) => {
                    if identity.expires_ms.saturating_add(extension_ms) <= now_ms {
                        return Err(IdpError("2001"));
                    }
                    identity.consumer.clone()
                }
                _ => return Err(IdpError("2002")),
            },
        };
        let identity = Identity {
            consumer,
            subject: None,
            expires_ms: now_ms.saturating_add(lives_ms),
            anonymous: true,
            profile: Map::new(),
        };
        Ok(self.issue(account, Purpose::External, identity, now_ms))
    }

    /// The identity that an external token proves: one of ours, or a JWT of the brand.
    pub(crate) fn prove(&mut self, account: &str, external: &str, now_ms: i64) -> Result<Identity, IdpError> {
        if let Some((purpose, identity)) = self.issued.get(external) {
            return match purpose {
                Purpose::External if identity.expires_ms <= now_ms => Err(IdpError("1012")),
                Purpose::External => Ok(identity.clone()),
                Purpose::Messaging => Err(IdpError("9008")),
            };
        }
        let claims = token::claims(external).ok_or(IdpError("1008"))?;
        self.brand_identity(account, &claims, now_ms)
    }

    fn brand_identity(&self, account: &str, claims: &Map<String, Value>, now_ms: i64) -> Result<Identity, IdpError> {
        let expires_ms = claims.get("exp").and_then(token::instant_ms).ok_or(IdpError("9007"))?;
        if expires_ms <= now_ms {
            return Err(IdpError("1012"));
        }
        let subject = claims.get("sub").and_then(Value::as_str).ok_or(IdpError("9007"))?;
        if claims.get("lp_sdes").is_some_and(|sdes| !sdes.is_array()) {
            return Err(IdpError("1026"));
        }
        Ok(Identity {
            consumer: self.consumer_of(account, claims.get("iss").and_then(Value::as_str), subject),
            subject: Some(subject.to_owned()),
            expires_ms,
            anonymous: false,
            profile: token::profile(claims),
        })
    }

    /// An identity that the brand's end answered a code with. The simulator has no brand to ask, so the code is the name.
    pub(crate) fn by_code(&self, account: &str, code: &str, now_ms: i64) -> Identity {
        Identity {
            consumer: self.consumer_of(account, None, code),
            subject: Some(code.to_owned()),
            expires_ms: now_ms.saturating_add(3_600_000),
            anonymous: false,
            profile: Map::from_iter([(
                "claims".to_owned(),
                json!({ "lp_sdes": [{ "type": "ctmrinfo", "info": { "customerId": code } }] }),
            )]),
        }
    }

    /// 64 hexadecimal digits that are always the same for the same subject.
    fn consumer_of(&self, account: &str, issuer: Option<&str>, subject: &str) -> String {
        let mut number = mix(
            self.seed,
            fold_text(account) ^ fold_text(issuer.unwrap_or("")).rotate_left(7),
        );
        (0..4)
            .map(|part| {
                number = mix(number ^ fold_text(subject), part);
                format!("{number:016x}")
            })
            .collect()
    }

    /// A token over these claims.
    pub(crate) fn signed(&self, claims: &Value) -> String {
        token::signed(claims, self.key.as_ref())
    }

    /// A token that opens messaging.
    pub(crate) fn grant(&mut self, account: &str, identity: Identity, now_ms: i64) -> String {
        self.issue(account, Purpose::Messaging, identity, now_ms)
    }

    /// A new consumer of the legacy sign-up, whose token lives for ages.
    pub(crate) fn signed_up(&mut self, account: &str, now_ms: i64) -> String {
        let thirteen_years = 13 * 365 * 86_400_000_i64;
        let identity = Identity {
            consumer: uuid(&mut self.random),
            subject: None,
            expires_ms: now_ms.saturating_add(thirteen_years),
            anonymous: true,
            profile: Map::new(),
        };
        self.grant(account, identity, now_ms)
    }

    fn issue(&mut self, account: &str, purpose: Purpose, identity: Identity, now_ms: i64) -> String {
        let mut claims = json!({
            "sub": identity.consumer,
            "aud": format!("acc:{account}"),
            "iss": "https://idp.liveperson.net",
            "iat": now_ms / 1_000,
            "exp": identity.expires_ms / 1_000,
            "jti": uuid(&mut self.random),
        });
        if purpose == Purpose::External {
            claims["acr"] = json!("0");
        }
        let token = token::signed(&claims, self.key.as_ref());
        self.issued.insert(token.clone(), (purpose, identity));
        token
    }
}
