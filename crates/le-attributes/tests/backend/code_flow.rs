use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use le_attributes::app_backend::{CodeFlow, CodesInMemory};

use super::*;

fn flow(clock: &TestClock, most: usize) -> CodeFlow {
    CodeFlow::new("liveperson", "s:ecret")
        .codes(Arc::new(CodesInMemory::new(most, Arc::new(clock.clone()))))
        .clock(Arc::new(clock.clone()))
}

fn routed(clock: &TestClock, most: usize) -> Router {
    backend(clock).code_flow(flow(clock, most)).router()
}

pub(super) fn router() -> Router {
    routed(&TestClock::manual(start()), 10)
}

async fn code(router: &Router) -> Answer {
    call(router, "POST", "/code", &[("authorization", "Bearer ingrid")], "").await
}

fn form(code: &str) -> String {
    format!("grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fliveperson.net")
}

async fn exchange(router: &Router, form: String) -> Answer {
    let basic = format!("Basic {}", STANDARD.encode("liveperson:s:ecret"));
    call(router, "POST", "/oauth/token", &[("authorization", &basic)], form).await
}

#[tokio::test]
async fn a_code_is_exchanged_once_for_a_token() {
    let clock = TestClock::manual(start());
    let router = routed(&clock, 10);
    let given = code(&router).await.body;
    assert_eq!(given["expires_in"], 60);
    let given = given["code"].as_str().unwrap();
    assert!(given.len() >= 43, "256 bits");
    let answer = exchange(&router, form(given)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.body["token_type"], "Bearer");
    assert!(answer.body["access_token"].is_string());
    assert_eq!(subject(&router, &clock, &answer.body["id_token"]).await, "cu-7f31");
    let again = exchange(&router, form(given)).await;
    assert_eq!(
        (again.status, &again.body["error"]),
        (StatusCode::BAD_REQUEST, &"invalid_code".into())
    );
}

#[tokio::test]
async fn the_client_may_be_named_in_the_form() {
    let router = router();
    let given = code(&router).await.body["code"].as_str().unwrap().to_owned();
    let form = format!("{}&client_id=liveperson&client_secret=s%3Aecret", form(&given));
    assert_eq!(
        call(&router, "POST", "/oauth/token", &[], form).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn each_refusal_is_one_that_the_pages_name() {
    let clock = TestClock::manual(start());
    let router = routed(&clock, 10);
    let given = code(&router).await.body["code"].as_str().unwrap().to_owned();
    let stranger = call(
        &router,
        "POST",
        "/oauth/token",
        &[("authorization", "Basic eDp5")],
        form(&given),
    )
    .await;
    assert_eq!(
        (stranger.status, &stranger.body["error"]),
        (StatusCode::BAD_REQUEST, &"unauthorized_client".into())
    );
    let nobody = call(&router, "POST", "/oauth/token", &[], form(&given)).await;
    assert_eq!(nobody.body["error"], "unauthorized_client");
    for (sent, error) in [
        (String::new(), "json_parse_error"),
        ("grant_type=authorization_code".to_owned(), "json_parse_error"),
        (format!("grant_type=password&code={given}"), "json_parse_error"),
        ("x".repeat(20_000), "json_parse_error"),
        (form("guess"), "invalid_code"),
        (
            format!("grant_type=authorization_code&code={given}&redirect_uri=https://evil.example"),
            "invalid_code",
        ),
    ] {
        let answer = exchange(&router, sent).await;
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (StatusCode::BAD_REQUEST, &error.into())
        );
    }
    clock.advance(Duration::from_secs(60));
    assert_eq!(
        exchange(&router, form(&given)).await.body["error"],
        "invalid_code",
        "too late"
    );
}

#[tokio::test]
async fn codes_are_of_bounded_number_and_make_room_when_used_or_expired() {
    let clock = TestClock::manual(start());
    let router = routed(&clock, 2);
    let first = code(&router).await.body["code"].as_str().unwrap().to_owned();
    assert_eq!(code(&router).await.status, StatusCode::OK);
    assert_eq!(code(&router).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(exchange(&router, form(&first)).await.status, StatusCode::OK);
    assert_eq!(code(&router).await.status, StatusCode::OK, "a used code makes room");
    assert_eq!(code(&router).await.status, StatusCode::SERVICE_UNAVAILABLE);
    clock.advance(Duration::from_secs(60));
    assert_eq!(code(&router).await.status, StatusCode::OK, "an expired one too");
}
