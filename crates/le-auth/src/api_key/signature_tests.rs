//! The vectors, and an independent verifier.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn request(method: &str, uri: &str, kind: Option<&str>, body: &str) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(uri);
    if let Some(kind) = kind {
        request = request.header(CONTENT_TYPE, kind);
    }
    request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

#[test]
fn the_vector_of_a_search() {
    let request = request(
        "POST",
        "https://zz.msghist.example.net/messaging_history/api/account/70011223/conversations/search?offset=0&limit=50&sort=start:desc",
        Some("application/json"),
        r#"{"start":{"from":1}}"#,
    );
    let oauth = [
        ("oauth_consumer_key", "ck_9f2a"),
        ("oauth_token", "at_77c1"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "1700000000"),
        ("oauth_nonce", "n0nce-0001"),
        ("oauth_version", "1.0"),
    ];
    assert_eq!(
        parameters(&request, &oauth),
        "limit=50&oauth_consumer_key=ck_9f2a&oauth_nonce=n0nce-0001&oauth_signature_method=HMAC-SHA1&oauth_timestamp=1700000000&oauth_token=at_77c1&oauth_version=1.0&offset=0&sort=start%3Adesc"
    );
    assert_eq!(
        base_string(&request, &oauth),
        "POST&https%3A%2F%2Fzz.msghist.example.net%2Fmessaging_history%2Fapi%2Faccount%2F70011223%2Fconversations%2Fsearch&limit%3D50%26oauth_consumer_key%3Dck_9f2a%26oauth_nonce%3Dn0nce-0001%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1700000000%26oauth_token%3Dat_77c1%26oauth_version%3D1.0%26offset%3D0%26sort%3Dstart%253Adesc"
    );
    assert_eq!(
        sign(&request, &oauth, "cs_secret+1", "ats_secret/2"),
        "HVTgLWWeh1l5fbCXaHxIzTHsvos="
    );
}

/// RFC 5849 §3.4.1.1: a form body, a plus, an empty value and one name twice.
#[test]
fn the_base_string_of_the_rfc() {
    let request = request(
        "post",
        "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        Some("application/x-www-form-urlencoded; charset=utf-8"),
        "c2&a3=2+q",
    );
    let oauth = [
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ];
    assert_eq!(
        base_string(&request, &oauth),
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    );
}

/// RFC 5849 §1.2: the signature of the photo request.
#[test]
fn the_signature_of_the_rfc() {
    let request = request(
        "GET",
        "http://photos.example.net/photos?file=vacation.jpg&size=original",
        None,
        "",
    );
    let oauth = [
        ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
        ("oauth_token", "nnch734d00sl2jdk"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131202"),
        ("oauth_nonce", "chapoH"),
    ];
    assert_eq!(
        sign(&request, &oauth, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00"),
        "MdpQcU8iPSUjWoN/UDMsK2sui9I="
    );
}

#[test]
fn a_usual_port_is_left_out_and_another_is_kept() {
    let base = |uri: &str| base_uri(&uri.parse().unwrap());
    assert_eq!(base("HTTPS://Host.Example:443/a%2Fb?x=1"), "https://host.example/a%2Fb");
    assert_eq!(base("https://host.example:9443"), "https://host.example:9443/");
    assert_eq!(base("http://127.0.0.1:8080/x"), "http://127.0.0.1:8080/x");
    assert_eq!(base("http://[::1]:80/x"), "http://[::1]/x");
}

/// A verifier written from the RFC without a look at the code above: it works on decoded pairs in a sorted map.
fn verify(method: &str, uri: &str, oauth: &[(&str, &str)], secrets: (&str, &str), signature: &str) -> bool {
    fn unescape(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            out.push(match byte {
                b'%' => {
                    let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
                }
                b'+' => b' ',
                other => other,
            });
        }
        out
    }
    fn escape(bytes: &[u8]) -> String {
        let mut out = String::new();
        for byte in bytes {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(*byte)),
                other => out.push_str(&format!("%{other:02X}")),
            }
        }
        out
    }
    let (address, query) = uri.split_once('?').unwrap();
    let mut sorted: BTreeMap<(String, String), usize> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        *sorted
            .entry((escape(&unescape(name)), escape(&unescape(value))))
            .or_default() += 1;
    }
    for (name, value) in oauth {
        *sorted
            .entry((escape(name.as_bytes()), escape(value.as_bytes())))
            .or_default() += 1;
    }
    let mut joined = String::new();
    for ((name, value), times) in sorted {
        for _ in 0..times {
            joined.push_str(if joined.is_empty() { "" } else { "&" });
            joined.push_str(&format!("{name}={value}"));
        }
    }
    let base = [method, address, &joined].map(|part| escape(part.as_bytes())).join("&");
    let key = format!("{}&{}", escape(secrets.0.as_bytes()), escape(secrets.1.as_bytes()));
    let given = STANDARD.decode(signature).unwrap();
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(base.as_bytes());
    mac.verify_slice(&given).is_ok()
}

proptest! {
    #[test]
    fn an_independent_verifier_agrees(
        query in proptest::collection::vec(("\\PC{0,8}", "\\PC{0,12}"), 0..6),
        path in "(/[a-z0-9_]{1,6}){1,3}",
        secret in "\\PC{0,12}",
        token_secret in "\\PC{0,12}",
        nonce in "[ -~]{1,20}",
    ) {
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let uri = format!("https://zz.example.net{path}?{}", query.join("&"));
        let oauth = [("oauth_consumer_key", "ck"), ("oauth_nonce", nonce.as_str()), ("oauth_timestamp", "1")];
        let signature = sign(&request("POST", &uri, Some("application/json"), "{}"), &oauth, &secret, &token_secret);
        prop_assert!(verify("POST", &uri, &oauth, (&secret, &token_secret), &signature));
        // One changed character anywhere must be noticed.
        let changed = uri.replacen("https://z", "https://y", 1);
        prop_assert!(!verify("POST", &changed, &oauth, (&secret, &token_secret), &signature));
        prop_assert!(!verify("GET", &uri, &oauth, (&secret, &token_secret), &signature));
    }
}
