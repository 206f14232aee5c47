//! JSON web tokens, as far as an issuer needs them that knows its own by heart.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{KeyPair, SigningKey as _};
use serde_json::{Map, Value, json};

/// An Ed25519 key that follows from a seed, so that a run has the same tokens each time. It protects nothing.
pub(super) fn key(seed: u64) -> Option<KeyPair> {
    // PKCS#8 of RFC 8410: the algorithm, and 32 bytes.
    let mut pkcs8 = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ];
    let mut random = fastrand::Rng::with_seed(seed ^ 0x006b_6579);
    pkcs8.extend(std::iter::repeat_with(|| random.u8(..)).take(32));
    KeyPair::try_from(pkcs8).ok()
}

/// A token over these claims, signed with Ed25519 (`EdDSA`): the vendor's are RS256, which no client verifies.
pub(super) fn signed(claims: &Value, key: Option<&KeyPair>) -> String {
    let algorithm = if key.is_some() { "EdDSA" } else { "none" };
    let header = json!({ "alg": algorithm, "typ": "JWT", "kid": "le-sim" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&header), part(claims));
    let signature = key.and_then(|key| key.sign(text.as_bytes()).ok()).unwrap_or_default();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of a token, unverified: no brand registers its key here.
pub(super) fn claims(token: &str) -> Option<Map<String, Value>> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A time claim in milliseconds: seconds as number or text; values from 10^11 on are milliseconds already.
pub(super) fn instant_ms(claim: &Value) -> Option<i64> {
    let number = match claim {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Some(if number >= 100_000_000_000 {
        number
    } else {
        number.saturating_mul(1_000)
    })
}

/// What the brand's claims say about the consumer, as the profile shows it.
pub(super) fn profile(claims: &Map<String, Value>) -> Map<String, Value> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut sdes: Vec<Value> = claims
        .get("lp_sdes")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let has = |sdes: &[Value], kind: &str| {
        sdes.iter()
            .any(|sde| sde.get("type").and_then(Value::as_str) == Some(kind))
    };
    if !has(&sdes, "ctmrinfo") {
        let mut info = Map::new();
        info.extend(text("sub").map(|subject| ("customerId".to_owned(), subject.into())));
        info.extend(text("preferred_username").map(|name| ("userName".to_owned(), name.into())));
        sdes.push(json!({ "type": "ctmrinfo", "info": info }));
    }
    let mut profile = Map::new();
    profile.extend(text("given_name").map(|name| ("firstName".to_owned(), name.into())));
    profile.extend(text("family_name").map(|name| ("lastName".to_owned(), name.into())));
    let mut private = Map::new();
    private.extend(text("phone_number").map(|phone| ("mobileNum".to_owned(), phone.into())));
    private.extend(text("email").map(|mail| ("mail".to_owned(), mail.into())));
    if !private.is_empty() {
        profile.insert("privateData".to_owned(), Value::Object(private));
    }
    profile.insert(
        "acr".to_owned(),
        text("acr").unwrap_or_else(|| "loa1".to_owned()).into(),
    );
    profile.insert(
        "claims".to_owned(),
        json!({ "lp_sdes": sdes, "iss": text("iss").unwrap_or_default() }),
    );
    profile
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_its_claims_back() {
        let key = key(7).unwrap();
        let claims_in = json!({ "sub": "a", "exp": 5 });
        let token = signed(&claims_in, Some(&key));
        assert_eq!(token.split('.').count(), 3);
        assert_eq!(Value::Object(claims(&token).unwrap()), claims_in);
        assert!(claims("not a token").is_none());
    }

    #[test]
    fn times_are_read_in_either_unit() {
        assert_eq!(instant_ms(&json!(1_700_000_000)), Some(1_700_000_000_000));
        assert_eq!(instant_ms(&json!("1700000000")), Some(1_700_000_000_000));
        assert_eq!(instant_ms(&json!(1_700_000_000_000_i64)), Some(1_700_000_000_000));
        assert_eq!(instant_ms(&json!([])), None);
    }
}
