//! Tokens of a brand: what is signed, what is accepted, and which rule each bad one breaks.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use le_attributes::Sde;
use le_attributes::customer::CustomerInfo;
use le_attributes::identity::{
    BrandToken, Consumer, JwkSet, KeyRing, PublicKey, SigningKey, TokenFault, TokenSigner, TokenVerifier,
};
use le_attributes::personal::Personal;
use le_core::testing::TestClock;
use le_core::{ErrorKind, Secret, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

const ISSUER: &str = "https://id.example.org";
const FIRST: &str = include_str!("keys/first.pem");
const SECOND: &str = include_str!("keys/second.pem");
const JWKS: &str = include_str!("keys/private.jwks.json");
const TOKEN: &str = include_str!("keys/token.txt");

fn start() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000)
}

fn key(pem: &str, id: &str) -> SigningKey {
    SigningKey::from_pem(&pem.into()).unwrap().with_id(id)
}

fn signer_at(clock: &TestClock, keys: KeyRing) -> TokenSigner {
    TokenSigner::new(ISSUER, keys).clock(Arc::new(clock.clone()))
}

fn verifier_at(clock: &TestClock, keys: Vec<PublicKey>) -> TokenVerifier {
    TokenVerifier::new(ISSUER, keys).clock(Arc::new(clock.clone()))
}

fn ingrid() -> Consumer {
    let customer = CustomerInfo::default().customer_type("gold").user_name("imoe");
    let person = Personal::default().language("nb-NO");
    Consumer::of("cu-7f31")
        .given_name("Ingrid")
        .attributes(vec![customer.into(), person.into()])
}

/// A token with these claims, signed by the first key.
fn signed(header: &Value, claims: &str) -> Secret {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let der = jsonwebtoken::EncodingKey::from_rsa_pem(FIRST.as_bytes()).unwrap();
    let pair = ring::signature::RsaKeyPair::from_der(der.as_bytes()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    pair.sign(
        &ring::signature::RSA_PKCS1_SHA256,
        &random,
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    Secret::new(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[test]
fn a_token_is_byte_for_byte_what_openssl_signs() {
    let clock = TestClock::manual(start());
    let signer = signer_at(&clock, KeyRing::new(key(FIRST, "2026-05")));
    let token = signer.sign(&ingrid()).unwrap();
    assert_eq!(token.secret().expose(), TOKEN.trim());
    assert_eq!(token.expires_at().since(token.issued_at()), Duration::from_secs(900));

    let key = SigningKey::from_pem(&include_str!("keys/first_pkcs1.pem").into()).unwrap();
    let again = signer_at(&clock, KeyRing::new(key.with_id("2026-05")));
    assert_eq!(again.sign(&ingrid()).unwrap().secret(), token.secret());
    assert!(!format!("{token:?}").contains("eyJ"), "{token:?}");
}

#[test]
fn public_keys_agree_with_openssl() {
    let pem = include_str!("keys/first.pub.pem");
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = PublicKey::from_pem(pem).unwrap();
    assert_eq!(key.connector_setting(), body);
    assert_eq!(SigningKey::from_pem(&FIRST.into()).unwrap().public_key(), &key);
    let checked = verifier_at(&TestClock::manual(start()), vec![key.with_id("2026-05")]).verify(&TOKEN.trim().into());
    assert_eq!(checked.unwrap().claims.given_name.as_deref(), Some("Ingrid"));
}

#[test]
fn a_key_without_a_name_is_named_by_its_thumbprint() {
    // The example of RFC 7638, section 3.1.
    let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let set = json!({"keys": [{"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256"}]}).to_string();
    let keys = JwkSet::read(&set).unwrap().public_keys().unwrap();
    assert_eq!(keys[0].id(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn the_newest_key_signs_and_all_are_published() {
    let clock = TestClock::manual(start());
    let keys = KeyRing::new(key(FIRST, "2026-05"));
    let signer = signer_at(&clock, keys.clone());
    let old = signer.sign(&ingrid()).unwrap();
    let hour = Duration::from_secs(3600);
    keys.add(
        key(SECOND, "2026-11"),
        Timestamp::from_millis(start().as_millis() + 600_000),
    )
    .unwrap();

    let check = |token: &BrandToken, keys: &KeyRing| {
        let published = JwkSet::read(&serde_json::to_string(&keys.jwks()).unwrap()).unwrap();
        verifier_at(&clock, published.public_keys().unwrap())
            .skew(hour)
            .verify(token.secret())
            .map(|checked| checked.key_id)
    };
    assert_eq!(
        check(&signer.sign(&ingrid()).unwrap(), &keys).unwrap(),
        "2026-05",
        "published, but not yet signing"
    );
    clock.advance(Duration::from_secs(600));
    let new = signer.sign(&ingrid()).unwrap();
    assert_eq!(check(&new, &keys).unwrap(), "2026-11");
    assert_eq!(check(&old, &keys).unwrap(), "2026-05", "the old token still holds");
    let now = Timestamp::from_millis(start().as_millis() + 600_000);
    keys.retire("2026-05", now).unwrap();
    assert_eq!(check(&old, &keys).unwrap_err(), TokenFault::KeyUnknown);
    assert!(
        keys.retire("2026-11", now)
            .unwrap_err()
            .to_string()
            .contains("only key that signs")
    );
    assert!(keys.retire("2020-01", now).is_err());
    assert!(
        keys.add(key(FIRST, "2026-11"), now)
            .unwrap_err()
            .to_string()
            .contains("its id")
    );
}

#[test]
fn a_file_of_keys_is_read_and_its_last_private_key_signs() {
    let clock = TestClock::manual(start());
    let keys = KeyRing::from_jwks(&JWKS.into()).unwrap();
    assert_eq!(keys.signing_key(start()).unwrap().id(), "2026-11");
    let mut file: Value = serde_json::from_str(JWKS).unwrap();
    file["keys"][1]["d"].take();
    let keys = KeyRing::from_jwks(&file.to_string().into()).unwrap();
    assert_eq!(
        signer_at(&clock, keys.clone())
            .sign(&ingrid())
            .unwrap()
            .secret()
            .expose(),
        TOKEN.trim()
    );
    let published = serde_json::to_value(keys.jwks()).unwrap();
    assert_eq!(published["keys"].as_array().unwrap().len(), 2);
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        assert!(published["keys"][0].get(member).is_none(), "`{member}` is private");
    }
    assert!(!format!("{keys:?}").contains(file["keys"][0]["n"].as_str().unwrap()));
}

#[test]
fn each_bad_key_is_refused_by_what_is_wrong_with_it() {
    for (pem, expected) in [
        (include_str!("keys/short.pem"), "fewer than 2048 bits"),
        (include_str!("keys/elliptic.pem"), "an elliptic curve key"),
        (include_str!("keys/edwards.pem"), "an Ed25519 key"),
        (include_str!("keys/first.pub.pem"), "a public key"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "an encrypted key",
        ),
        (
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "cannot be read",
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMAMCAQA=\n-----END RSA PRIVATE KEY-----\n",
            "damaged",
        ),
        ("hunter2", "no PEM block"),
    ] {
        let error = SigningKey::from_pem(&pem.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let text = format!("{error} {error:?}");
        assert!(text.contains(expected), "{expected}: {text}");
        assert!(error.advice().is_some() && !text.contains("AAAA") && !text.contains("hunter2"));
    }
    assert!(
        PublicKey::from_pem(FIRST)
            .unwrap_err()
            .to_string()
            .contains("a private key, not a public")
    );
    assert!(PublicKey::from_pem("").is_err());
}

#[test]
fn each_bad_file_of_keys_is_refused_with_the_place() {
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut file: Value = serde_json::from_str(JWKS).unwrap();
        change(&mut file["keys"]);
        let error = KeyRing::from_jwks(&file.to_string().into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.to_string()
    };
    assert!(
        broken(&|keys| keys[1]["kty"] = "EC".into())
            .contains("keys[1] is no RSA key for RS256 signatures (`kty` is EC)")
    );
    assert!(broken(&|keys| keys[1]["alg"] = "RS512".into()).contains("keys[1]"));
    assert!(broken(&|keys| keys[1]["use"] = "enc".into()).contains("keys[1]"));
    assert!(broken(&|keys| keys[0]["n"] = "AQAB".into()).contains("keys[0]: the RSA key has 17 bits"));
    assert!(broken(&|keys| keys[0]["p"] = Value::Null).contains("keys[0]: `p` is missing"));
    assert!(broken(&|keys| keys[0]["q"] = "!".into()).contains("keys[0]: `q` is not base64url"));
    assert!(broken(&|keys| keys[0]["d"] = keys[1]["d"].clone()).contains("damaged"));
    assert!(broken(&|keys| keys[1]["kid"] = "2026-05".into()).contains("its id"));
    assert!(broken(&|keys| *keys = json!([])).contains("no private key"));
    assert!(
        KeyRing::from_jwks(&"[]".into())
            .unwrap_err()
            .to_string()
            .contains("JWKS")
    );
    assert!(
        JwkSet::read("{}")
            .unwrap()
            .public_keys()
            .unwrap_err()
            .to_string()
            .contains("no RSA key")
    );
}

#[test]
fn a_token_that_must_not_be_signed_is_not() {
    let clock = TestClock::manual(start());
    let signer = signer_at(&clock, KeyRing::new(key(FIRST, "k")));
    let store = CustomerInfo::default().store_zip_code("0150");
    let error = signer.sign(&ingrid().attributes(vec![store.into()])).unwrap_err();
    assert!(error.to_string().contains("lp_sdes[0]: `info.storeZipCode`") && !error.to_string().contains("0150"));
    assert!(
        signer
            .clone()
            .lifetime(Duration::from_millis(10))
            .sign(&ingrid())
            .is_err()
    );
    let nameless = TokenSigner::new(" ", KeyRing::new(key(FIRST, "k")));
    assert!(
        nameless
            .sign(&ingrid())
            .unwrap_err()
            .to_string()
            .contains("`iss` is empty")
    );
}

#[test]
fn each_broken_rule_is_named() {
    let clock = TestClock::manual(start());
    let keys = vec![
        key(FIRST, "a").public_key().clone(),
        key(SECOND, "b").public_key().clone(),
    ];
    let verifier = verifier_at(&clock, keys);
    let with_key = json!({"alg": "RS256", "kid": "a"});
    let good = json!({"iss": ISSUER, "sub": "c", "iat": 1_700_000_000, "exp": 1_700_000_900});
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        verifier.verify(&signed(&with_key, &claims.to_string()))
    };
    assert!(with("x", json!(1)).is_ok());
    let token = |text: &str| verifier.verify(&text.into()).unwrap_err();
    for text in ["", "a.b", "a.b.c.d", "e30.e30.e30", "%.%.%"] {
        assert_eq!(token(text), TokenFault::Malformed, "{text}");
    }
    assert_eq!(
        verifier.verify(&signed(&with_key, "[1]")).unwrap_err(),
        TokenFault::Malformed
    );
    for name in ["none", "HS256", "RS512", "ES256"] {
        let header = json!({"alg": name, "kid": "a"});
        assert_eq!(
            verifier.verify(&signed(&header, &good.to_string())).unwrap_err(),
            TokenFault::Algorithm
        );
    }
    let of_key = |header: Value| verifier.verify(&signed(&header, &good.to_string())).unwrap_err();
    assert_eq!(of_key(json!({"alg": "RS256"})), TokenFault::KeyNotNamed);
    assert_eq!(of_key(json!({"alg": "RS256", "kid": "z"})), TokenFault::KeyUnknown);
    assert_eq!(of_key(json!({"alg": "RS256", "kid": "b"})), TokenFault::Signature);
    for name in ["iss", "sub", "iat", "exp"] {
        assert_eq!(with(name, Value::Null).unwrap_err(), TokenFault::ClaimMissing(name));
    }
    assert_eq!(with("iat", json!("soon")).unwrap_err(), TokenFault::ClaimMissing("iat"));
    assert_eq!(
        with("iss", json!("https://id.example.com")).unwrap_err(),
        TokenFault::Issuer
    );
    assert!(matches!(
        with("exp", json!(1_700_000_000)).unwrap_err(),
        TokenFault::Expired { .. }
    ));
    assert_eq!(
        with("nbf", json!(1_700_000_005)).unwrap_err().to_string(),
        "`nbf` lies 5 s in the future"
    );
    assert!(
        with("exp", json!("1700000900000")).is_ok(),
        "milliseconds, as a page shows them"
    );
    let lead = json!([{"type": "lead", "lead": {}}]);
    assert!(
        matches!(with("lp_sdes", lead).unwrap_err(), TokenFault::Attributes(rule) if rule.contains("lp_sdes[0]: `lead`"))
    );
    assert!(matches!(
        with("lp_sdes", json!([7])).unwrap_err(),
        TokenFault::Attributes(_)
    ));
    let impatient = verifier.clone().longest_lifetime(Duration::from_secs(60));
    assert_eq!(
        impatient.verify(&signed(&with_key, &good.to_string())).unwrap_err(),
        TokenFault::Lifetime
    );
    let error = le_core::Error::from(TokenFault::Issuer);
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.advice().unwrap().contains("letter by letter"));
}

#[test]
fn clocks_may_differ_by_the_skew_and_no_more() {
    let (here, there) = (TestClock::manual(start()), TestClock::manual(start()));
    let keys = KeyRing::new(key(FIRST, "k"));
    let verifier = verifier_at(&here, keys.public_keys());
    let lenient = verifier.clone().skew(Duration::from_secs(30));
    there.advance(Duration::from_secs(30));
    let signer = signer_at(&there, keys);
    let token = signer.sign(&ingrid()).unwrap();
    assert!(matches!(
        verifier.verify(token.secret()),
        Err(TokenFault::NotYetValid { claim: "iat", .. })
    ));
    assert!(lenient.verify(token.secret()).is_ok());
    let backdated = signer
        .clone()
        .backdated(Duration::from_secs(30))
        .sign(&ingrid())
        .unwrap();
    assert!(verifier.verify(backdated.secret()).is_ok());
    assert_eq!(backdated.expires_at(), token.expires_at());
    there.advance(Duration::from_secs(1));
    assert!(lenient.verify(signer.sign(&ingrid()).unwrap().secret()).is_err());
    here.advance(Duration::from_secs(30 + 900 + 29));
    assert!(lenient.verify(token.secret()).is_ok());
    here.advance(Duration::from_secs(1));
    let fault = lenient.verify(token.secret()).unwrap_err();
    assert_eq!(fault.to_string(), "the token expired 30 s ago");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a consumer is called, the token says it and nothing of it is seen elsewhere.
    #[test]
    fn what_is_signed_is_what_is_checked(sub in "[^ \u{0}]{1,20}", name in ".{0,20}", kind in ".{0,10}") {
        prop_assume!(!sub.trim().is_empty());
        let clock = TestClock::manual(start());
        let keys = KeyRing::new(key(FIRST, "k"));
        let sde = Sde::from(CustomerInfo::default().customer_type(kind));
        let consumer = Consumer::of(sub.clone()).given_name(name.clone()).attributes(vec![sde.clone()]);
        let token = signer_at(&clock, keys.clone()).sign(&consumer).unwrap();
        let checked = verifier_at(&clock, keys.public_keys()).verify(token.secret()).unwrap();
        prop_assert_eq!(checked.claims.subject.as_deref(), Some(sub.as_str()));
        prop_assert_eq!(checked.claims.given_name.as_deref(), Some(name.as_str()));
        prop_assert_eq!(checked.claims.attributes.as_slice(), &[sde]);
    }

    /// One changed character anywhere breaks the token.
    #[test]
    fn a_changed_token_is_refused(at in 0_usize..600) {
        let mut bytes = TOKEN.trim().as_bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let token = Secret::new(String::from_utf8(bytes).unwrap());
        let clock = TestClock::manual(start());
        let verifier = verifier_at(&clock, vec![key(FIRST, "2026-05").public_key().clone()]);
        prop_assert!(verifier.verify(&token).is_err());
    }
}
