use super::*;

#[tokio::test]
async fn who_is_logged_in_gets_a_token_that_the_published_keys_check() {
    let clock = TestClock::manual(start());
    let router = backend(&clock).router();
    let answer = call(&router, "POST", "/token", &[("authorization", "Bearer ingrid")], "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.body["expires_in"], 900);
    assert_eq!(subject(&router, &clock, &answer.body["id_token"]).await, "cu-7f31");
    let keys = call(&router, "GET", "/.well-known/jwks.json", &[], "").await;
    assert_eq!(keys.headers["cache-control"], "public, max-age=300");
    let key = keys.body["keys"][0].as_object().unwrap();
    let members: Vec<_> = key.keys().map(String::as_str).collect();
    assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"], "nothing private");
}

#[tokio::test]
async fn nobody_else_gets_one() {
    let router = backend(&TestClock::manual(start())).router();
    for (bearer, status) in [
        ("Bearer mallory", StatusCode::UNAUTHORIZED),
        ("Bearer outage", StatusCode::SERVICE_UNAVAILABLE),
        ("Bearer broken", StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        for path in ["/token", "/code"] {
            let router = if path == "/code" {
                code_flow::router()
            } else {
                router.clone()
            };
            let answer = call(&router, "POST", path, &[("authorization", bearer)], "").await;
            assert_eq!(answer.status, status, "{bearer} at {path}");
            assert!(answer.body.get("id_token").is_none() && answer.body.get("code").is_none());
        }
    }
    let answer = call(&router, "POST", "/token", &[], "").await;
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    assert_eq!(
        call(&router, "GET", "/token", &[], "").await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!(
        call(&router, "POST", "/push", &[], "{}").await.status,
        StatusCode::NOT_FOUND,
        "not asked for"
    );
    assert_eq!(
        call(&router, "POST", "/code", &[], "").await.status,
        StatusCode::NOT_FOUND,
        "not asked for"
    );
}
