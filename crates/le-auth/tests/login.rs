//! The Login Service over the wire: the answer tree, and every way in which it says no.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

use std::sync::Arc;

use le_auth::{AppCredentials, Login, UserCredentials};
use le_core::discover::FixedBase;
use le_core::testing::TestClock;
use le_core::{AccountId, BaseUri, Client, Error, ErrorKind, Timestamp, TrustedHosts};
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const ANSWER: &str = r#"{
  "csrf": "c0ffee11", "wsuk": "900000000000000001", "sessionId": "5e55-0001",
  "config": { "loginName": "night-bot", "userId": "4100000001",
    "userPid": "0b1c2d3e-1111-4222-8333-444455556666",
    "userPrivileges": [100, 1730], "serverCurrentTime": 1700000000123,
    "timeDiff": -3600000, "serverTimeZoneName": "Europe/Lisbon", "serverTimeGMTDiff": 0,
    "isLPA": false, "isAdmin": "true", "accountTimeZoneId": "Europe/Lisbon", "later": {"x": 1} },
  "csdsCollectionResponse": { "baseURIs": [
    { "account": "70011223", "baseURI": "zz.smt.example.net", "service": "smt" } ] },
  "accountData": { "agentGroupsData": {
    "items": [ { "id": -1, "deleted": false, "name": "Root" } ], "revision": 3 } },
  "sessionTTl": "28800000", "newMember": [1], "bearer": "bea7e700" }"#;

async fn setup() -> (MockServer, Login, TestClock) {
    let server = MockServer::start().await;
    let clock = TestClock::auto(Timestamp::from_millis(1_893_488_400_000));
    let base = BaseUri::plain(&server.address().to_string()).unwrap();
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .discover(Arc::new(FixedBase(base)))
        .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1"))
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    (server, Login::new(client), clock)
}

fn user() -> UserCredentials {
    UserCredentials::new("ops@example.org", "hunter2")
}

async fn refusal(answer: ResponseTemplate) -> (Error, usize, TestClock) {
    let (server, login, clock) = setup().await;
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    let error = login.login(user()).await.unwrap_err();
    let sent = server.received_requests().await.unwrap().len();
    (error, sent, clock)
}

fn object(status: u16, code: i64, message: &str) -> ResponseTemplate {
    let body = serde_json::json!({"error": {"time": "Jan 2, 2031 3:04:05 PM", "message": message,
        "internalCode": code, "responseStatus": "UNAUTHORIZED"}});
    ResponseTemplate::new(status).set_body_json(body)
}

#[tokio::test]
async fn the_whole_answer_is_read_and_the_secrets_are_taken_out() {
    let (server, login, _) = setup().await;
    Mock::given(method("POST"))
        .and(path("/api/account/70011223/login"))
        .and(query_param("v", "1.3"))
        .and(header("content-type", "application/json"))
        .and(header("accept", "application/json"))
        .and(body_json(
            serde_json::json!({"username": "night-bot", "appKey": "k", "secret": "s",
            "accessToken": "t", "accessTokenSecret": "ts"}),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_raw(ANSWER, "application/json"))
        .expect(1)
        .mount(&server)
        .await;
    let grant = login
        .login(AppCredentials::oauth1("night-bot", "k", "s", "t", "ts"))
        .await
        .unwrap();
    assert_eq!(grant.bearer().expose(), "bea7e700");
    assert_eq!(grant.ttl().unwrap().as_secs(), 28_800);
    assert!(grant.can_be_refreshed());
    let answer = grant.answer();
    let config = answer.config.as_ref().unwrap();
    assert_eq!(config.user_id.as_ref().unwrap().as_str(), "4100000001");
    assert_eq!(config.user_privileges.len(), 2);
    assert_eq!(config.time_diff.as_ref().unwrap().get(), -3_600_000);
    assert!(config.is_admin.as_ref().unwrap().get(), "a flag as text");
    assert_eq!(config.extra.get("later"), Some(r#"{"x": 1}"#));
    assert_eq!(answer.extra.get("newMember"), Some("[1]"));
    assert_eq!(answer.base_uris().collect::<Vec<_>>(), [("smt", "zz.smt.example.net")]);
    let groups = answer
        .account_data
        .as_ref()
        .unwrap()
        .agent_groups_data
        .as_ref()
        .unwrap();
    assert_eq!(groups.items[0].name.as_deref(), Some("Root"));
    let text = format!("{grant:?} {}", serde_json::to_string(answer).unwrap());
    for secret in ["bea7e700", "c0ffee11", "5e55-0001"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn members_of_unexpected_types_do_not_fail_a_login() {
    let (server, login, _) = setup().await;
    let odd = r#"{"csrf": 7, "config": "none", "sessionTTl": 100000, "accountData": [], "bearer": "b"}"#;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(odd, "application/json"))
        .mount(&server)
        .await;
    let grant = login.login(user()).await.unwrap();
    assert_eq!((grant.bearer().expose(), grant.ttl().unwrap().as_secs()), ("b", 100));
    assert!(!grant.can_be_refreshed(), "a csrf that is no text is none");
    let error = login.logout(&grant).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
}

#[tokio::test]
async fn every_refusal_says_what_to_do() {
    let cases = [
        (
            object(401, 2, "Authentication failed"),
            ErrorKind::Authentication,
            "not repeat the login",
        ),
        (
            object(401, 10, "whatever"),
            ErrorKind::Authentication,
            "not repeat the login",
        ),
        (
            object(401, 3, "User is locked"),
            ErrorKind::Authentication,
            "an administrator can unlock",
        ),
        (
            object(401, 4, "Your password has expired"),
            ErrorKind::Authentication,
            "set a new password",
        ),
        (
            object(401, 5, "password must be changed"),
            ErrorKind::Authentication,
            "set a new password",
        ),
        (
            object(401, 6, "multi-factor authentication is required"),
            ErrorKind::Authentication,
            "OAuth 2.0",
        ),
        (
            object(401, 7, "the user is disabled"),
            ErrorKind::Authentication,
            "enable the user",
        ),
        (
            object(401, 8, "user does not match the account"),
            ErrorKind::Authentication,
            "LE_ACCOUNT_ID",
        ),
        (
            object(403, 9, "bot users are not enabled"),
            ErrorKind::Authorization,
            "User Type - Bot",
        ),
        (object(451, 1, "no"), ErrorKind::Authorization, "support case"),
        (ResponseTemplate::new(451), ErrorKind::Authorization, "support case"),
        (
            ResponseTemplate::new(400).set_body_string("{}"),
            ErrorKind::InvalidRequest,
            "every field",
        ),
        (
            ResponseTemplate::new(401),
            ErrorKind::Authentication,
            "not repeat the login",
        ),
        (
            object(200, 2, "wrong credentials"),
            ErrorKind::Authentication,
            "not repeat the login",
        ),
        (object(200, 99, "?"), ErrorKind::Authentication, "not repeat the login"),
        (
            object(200, 3, "User is locked"),
            ErrorKind::Authentication,
            "an administrator can unlock",
        ),
        (
            ResponseTemplate::new(200).set_body_string(r#"{"error": "User is locked"}"#),
            ErrorKind::Authentication,
            "an administrator can unlock",
        ),
        (
            ResponseTemplate::new(200).set_body_string(r#"{"csrf": "x"}"#),
            ErrorKind::Protocol,
            "no bearer",
        ),
        (
            ResponseTemplate::new(200).set_body_string(r#"{"bearer": ""}"#),
            ErrorKind::Protocol,
            "no bearer",
        ),
        (
            ResponseTemplate::new(200).set_body_string(r#"{"bearer": "x"#),
            ErrorKind::Decode,
            "ends too early",
        ),
        (ResponseTemplate::new(200), ErrorKind::Protocol, "empty"),
        (
            ResponseTemplate::new(200).set_body_string("<html>hi</html>"),
            ErrorKind::Protocol,
            "proxy",
        ),
        (
            ResponseTemplate::new(403).set_body_string("<html>no</html>"),
            ErrorKind::Protocol,
            "proxy",
        ),
    ];
    for (case, (answer, kind, advice)) in cases.into_iter().enumerate() {
        let (error, sent, _) = refusal(answer).await;
        let text = error.to_string();
        assert_eq!(error.kind(), kind, "case {case}: {text}");
        assert!(text.contains(advice), "case {case}: {text}");
        assert!(text.starts_with("login.login: "), "case {case}: {text}");
        assert_eq!(sent, 1, "case {case} must not be repeated");
        assert!(
            !text.contains("hunter2") && !text.contains("ops@"),
            "case {case}: {text}"
        );
    }
}

#[tokio::test]
async fn a_throttled_login_waits_at_least_five_seconds_each_time() {
    let answer = object(429, 1, "slow down").insert_header("retry-after", "2");
    let (error, sent, clock) = refusal(answer).await;
    assert_eq!((error.kind(), sent), (ErrorKind::RateLimited, 4));
    assert!(error.to_string().contains("keep one session"), "{error}");
    assert!(
        clock.slept().iter().all(|pause| pause.as_secs() >= 5),
        "{:?}",
        clock.slept()
    );
}

#[tokio::test]
async fn a_failing_service_is_tried_after_5_10_and_15_seconds() {
    let answer = ResponseTemplate::new(500).set_body_string(r#"{"error": "upstream url rejected"}"#);
    let (error, sent, clock) = refusal(answer).await;
    assert_eq!((error.kind(), sent), (ErrorKind::Server, 4));
    assert_eq!(error.vendor_message(), Some("upstream url rejected"));
    let pauses: Vec<u64> = clock.slept().iter().map(std::time::Duration::as_secs).collect();
    assert!(pauses[0] >= 5 && pauses[1] >= 10 && pauses[2] >= 15, "{pauses:?}");
}

#[tokio::test]
async fn refresh_and_logout_say_that_the_session_is_gone() {
    let (server, login, _) = setup().await;
    Mock::given(path("/api/account/70011223/login"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(ANSWER, "application/json"))
        .mount(&server)
        .await;
    Mock::given(path("/api/account/70011223/refresh"))
        .and(body_json(serde_json::json!({"csrf": "c0ffee11"})))
        .and(header("cookie", "Session_id=5e55-0001"))
        .respond_with(object(401, 10, "csrf does not match"))
        .mount(&server)
        .await;
    Mock::given(path("/api/account/70011223/logout"))
        .respond_with(object(200, 10, "csrf does not match"))
        .mount(&server)
        .await;
    let mut grant = login.login(user()).await.unwrap();
    let error = login.refresh(&mut grant).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Authentication, Some("10")));
    assert!(error.to_string().contains("session is gone"), "{error}");
    assert_eq!(login.logout(&grant).await.unwrap(), le_auth::login::Logout::AlreadyGone);
}

#[tokio::test]
async fn a_redirect_carries_no_credential_to_another_host() {
    let elsewhere = MockServer::start().await;
    let (server, login, _) = setup().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(307).insert_header("location", elsewhere.uri().as_str()))
        .mount(&server)
        .await;
    let error = login.login(user()).await.unwrap_err();
    assert!(error.to_string().contains("redirects are not followed"), "{error}");
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_host_that_cannot_be_found_is_no_refused_login() {
    #[derive(Debug)]
    struct UnknownAccount;
    #[async_trait::async_trait]
    impl le_core::Discover for UnknownAccount {
        async fn discover(&self, _service: &str) -> Result<BaseUri, Error> {
            Err(Error::new(ErrorKind::Discovery, "no such account")
                .with_operation("domain.all_services")
                .with_status(http::StatusCode::UNAUTHORIZED))
        }
    }
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .discover(Arc::new(UnknownAccount))
        .build();
    let login = Login::new(client.unwrap());
    let error = login
        .login(UserCredentials::new("ops@example.org", "pass-word"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Discovery, "no such account")
    );
}
