use super::*;

fn vendor_request() -> SignedRequest<'static> {
    SignedRequest {
        method: "POST",
        scheme: "https",
        authority: "zz.msghist.example.net",
        path: "/messaging_history/api/account/70011223/conversations/search",
        query: "offset=0&limit=50&sort=start:desc",
        form: "",
    }
}

const VENDOR_HEADER: &str = r#"OAuth oauth_consumer_key="ck_9f2a", oauth_token="at_77c1", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1700000000", oauth_nonce="n0nce-0001", oauth_version="1.0", oauth_signature="HVTgLWWeh1l5fbCXaHxIzTHsvos%3D""#;

#[test]
fn the_vector_of_the_api_key_page_verifies() {
    let parameters = Parameters::parse(VENDOR_HEADER).unwrap();
    let base = base_string(vendor_request(), &parameters.0);
    assert_eq!(
        base,
        "POST&https%3A%2F%2Fzz.msghist.example.net%2Fmessaging_history%2Fapi%2Faccount%2F70011223%2Fconversations%2Fsearch&limit%3D50%26oauth_consumer_key%3Dck_9f2a%26oauth_nonce%3Dn0nce-0001%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1700000000%26oauth_token%3Dat_77c1%26oauth_version%3D1.0%26offset%3D0%26sort%3Dstart%253Adesc"
    );
    parameters
        .check_signature(vendor_request(), "cs_secret+1", "ats_secret/2")
        .unwrap();
    assert_eq!(
        parameters.check_form(1_700_000_100_000, TIMESTAMP_WINDOW_S),
        Ok(1_700_000_000)
    );
}

#[test]
fn any_change_of_the_request_breaks_the_signature() {
    let parameters = Parameters::parse(VENDOR_HEADER).unwrap();
    let changed = [
        SignedRequest {
            method: "GET",
            ..vendor_request()
        },
        SignedRequest {
            scheme: "http",
            ..vendor_request()
        },
        SignedRequest {
            authority: "zz.msghist.example.net:8443",
            ..vendor_request()
        },
        SignedRequest {
            query: "offset=0&limit=100&sort=start:desc",
            ..vendor_request()
        },
        SignedRequest {
            path: "/other",
            ..vendor_request()
        },
    ];
    for request in changed {
        let problem = parameters
            .check_signature(request, "cs_secret+1", "ats_secret/2")
            .unwrap_err();
        assert_eq!(problem.problem, "signature_invalid", "{request:?}");
    }
    assert!(
        parameters
            .check_signature(vendor_request(), "cs_secret+1", "other")
            .is_err()
    );
    let default_port = SignedRequest {
        authority: "ZZ.msghist.example.net:443",
        ..vendor_request()
    };
    parameters
        .check_signature(default_port, "cs_secret+1", "ats_secret/2")
        .unwrap();
}

/// RFC 5849 §3.4.1.1 with the parameters of §3.4.1.3.1.
#[test]
fn the_base_string_of_the_rfc_comes_out() {
    let header = r#"OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D""#;
    let parameters = Parameters::parse(header).unwrap();
    let request = SignedRequest {
        method: "POST",
        scheme: "http",
        authority: "EXAMPLE.COM:80",
        path: "/request",
        query: "b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        form: "c2&a3=2+q",
    };
    assert_eq!(
        base_string(request, &parameters.0),
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    );
}

/// RFC 5849 §1.2, the signed request for the photograph: base string and signature are checked as published.
#[test]
fn the_signed_example_of_the_rfc_verifies() {
    let header = r#"OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH", oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D""#;
    let parameters = Parameters::parse(header).unwrap();
    let request = SignedRequest {
        method: "GET",
        scheme: "http",
        authority: "photos.example.net",
        path: "/photos",
        query: "file=vacation.jpg&size=original",
        form: "",
    };
    parameters
        .check_signature(request, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00")
        .unwrap();
}

#[test]
fn each_defect_of_the_header_has_its_problem() {
    let now_ms = 1_700_000_000_000;
    let problem = |header: &str| {
        Parameters::parse(header)
            .unwrap()
            .check_form(now_ms, TIMESTAMP_WINDOW_S)
            .unwrap_err()
            .problem
    };
    assert_eq!(problem("OAuth oauth_version=\"2.0\""), "version_rejected");
    assert_eq!(problem("OAuth oauth_nonce=\"1\""), "parameter_absent");
    assert_eq!(
        problem("OAuth oauth_signature_method=\"PLAINTEXT\""),
        "signature_method_rejected"
    );
    let with_time = |time: &str| format!("OAuth oauth_signature_method=\"HMAC-SHA1\",oauth_timestamp=\"{time}\"");
    assert_eq!(problem(&with_time("yesterday")), "parameter_rejected");
    assert_eq!(problem(&with_time("1699999699")), "timestamp_refused");
    assert_eq!(problem(&with_time("1700000301")), "timestamp_refused");
    assert_eq!(problem(&with_time("9223372036854775807")), "timestamp_refused");
    assert_eq!(problem(&with_time("1\",oauth_timestamp=\"2")), "parameter_rejected");
    assert!(Parameters::parse("Bearer abc").is_none());
    assert!(Parameters::parse("").is_none());
}

#[test]
fn a_nonce_is_good_once_per_key_and_is_forgotten_after_its_window() {
    let mut nonces = Nonces::default();
    nonces.accept("key", "n", 0, 300).unwrap();
    assert_eq!(nonces.accept("key", "n", 1_000, 300).unwrap_err().problem, "nonce_used");
    nonces.accept("other", "n", 1_000, 300).unwrap();
    nonces.accept("key", "n", 600_001, 300).unwrap();
    assert_eq!(nonces.seen.len(), nonces.order.len());
}

#[test]
fn a_problem_is_form_text() {
    let body = Problem::new("signature_invalid", "a b&c").body();
    assert_eq!(body, "oauth_problem=signature_invalid&oauth_problem_advice=a%20b%26c");
}
