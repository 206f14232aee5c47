//! Consumers: anonymous identities that stay the same, brands, and what the identity provider says no with.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderMap, Request, StatusCode};
use le_auth::ConsumerIdentity;
use le_auth::consumer::{BrandToken, Idp};
use le_core::auth::{Refusal, Renewal, Stamp};
use le_core::discover::FixedBase;
use le_core::testing::TestClock;
use le_core::{AccountId, Authorize, BaseUri, Client, Error, ErrorKind, Secret, Timestamp, TrustedHosts};
use le_domain::Domain;
use le_sim::{Sim, SimClock};
use serde_json::{Value, json};
use wiremock::matchers::{body_json, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const NOW: i64 = 1_893_488_400_000;

struct World {
    sim: Sim,
    sim_clock: SimClock,
    clock: TestClock,
    client: Client,
}

impl World {
    async fn new() -> Self {
        let (sim_clock, clock) = (SimClock::manual(NOW), TestClock::auto(Timestamp::from_millis(NOW)));
        let sim = Sim::builder()
            .conversations(1)
            .clock(sim_clock.clone())
            .start()
            .await
            .unwrap();
        let account = AccountId::new(&sim.account().id).unwrap();
        let bare = Client::builder(account.clone())
            .trusted_hosts(TrustedHosts::vendor().with_host("localhost"))
            .clock(Arc::new(clock.clone()))
            .build()
            .unwrap();
        let domain = Domain::builder(account).client(bare.clone()).host(sim.url()).build();
        Self {
            client: bare.with_discover(Arc::new(domain.unwrap())),
            sim,
            sim_clock,
            clock,
        }
    }

    fn pass(&self, seconds: u64) {
        self.sim_clock.advance(Duration::from_secs(seconds));
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn count(&self, route: &str) -> u64 {
        self.sim.control().requests_to(route)
    }
}

async fn renew(identity: &ConsumerIdentity, stamp: Stamp) -> Result<Renewal, Error> {
    let (headers, body) = (HeaderMap::new(), Bytes::new());
    let refusal = Refusal::new(StatusCode::UNAUTHORIZED, &headers, &body);
    identity.renew(stamp, &refusal).await
}

async fn bearer(identity: &ConsumerIdentity) -> (String, Stamp) {
    let mut request = Request::new(Bytes::new());
    let stamp = identity.authorize(&mut request).await.unwrap();
    let header = request.headers()["authorization"].to_str().unwrap().to_owned();
    (header.strip_prefix("Bearer ").unwrap().to_owned(), stamp)
}

#[tokio::test]
async fn an_anonymous_consumer_stays_the_same_beyond_the_end_of_its_tokens() {
    let world = World::new().await;
    let identity = ConsumerIdentity::anonymous(&world.client);
    let (first, _) = bearer(&identity).await;
    let id = identity.consumer_id().await.unwrap();
    world.pass(500);
    assert_eq!(bearer(&identity).await.0, first, "it lasts for ten minutes");
    world.pass(50);
    let (second, _) = bearer(&identity).await;
    assert_ne!(second, first, "it is renewed shortly before its end");
    // Long after everything has expired.
    world.pass(3 * 86_400);
    let (third, _) = bearer(&identity).await;
    assert_ne!(third, second);
    assert_eq!(identity.consumer_id().await.unwrap(), id);
    assert_eq!(world.count("connectors.all"), 1, "the connector is looked up once");
    world.sim.stop().await;
}

#[tokio::test]
async fn a_restarted_program_is_the_same_consumer() {
    let world = World::new().await;
    let identity = ConsumerIdentity::anonymous(&world.client);
    let id = identity.consumer_id().await.unwrap();
    let saved = identity.external_token().unwrap();
    drop(identity);
    world.pass(86_400);
    let again = ConsumerIdentity::anonymous(&world.client).resume(saved);
    assert_eq!(again.consumer_id().await.unwrap(), id);
    world.sim.stop().await;
}

#[tokio::test]
async fn a_lost_identity_is_an_error_unless_another_one_is_wanted() {
    let world = World::new().await;
    let identity = ConsumerIdentity::anonymous(&world.client);
    let id = identity.consumer_id().await.unwrap();
    let saved = identity.external_token().unwrap();
    world.pass(731 * 3_600);
    let error = identity.token().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Authentication, Some("2001")));
    assert!(error.advice().unwrap().contains("anew_when_lost"), "{error}");
    assert_eq!(
        error.attempts(),
        1,
        "an answer that says no for good is not asked for again"
    );
    let anew = ConsumerIdentity::anonymous(&world.client)
        .resume(saved)
        .anew_when_lost(true);
    assert_ne!(anew.consumer_id().await.unwrap(), id);
    world.sim.stop().await;
}

#[tokio::test]
async fn ten_thousand_callers_cause_one_renewal() {
    let world = World::new().await;
    let identity = ConsumerIdentity::anonymous(&world.client);
    let (_, stamp) = bearer(&identity).await;
    let outcomes = join_all((0..10_000).map(|_| renew(&identity, stamp))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(Renewal::Renewed))));
    assert_eq!(world.count("idp.anonymous_authorize"), 2);
    assert_eq!(world.count("idp.app_authenticate"), 2);
    world.sim.stop().await;
}

#[tokio::test]
async fn the_older_sign_up_lasts_and_is_never_another_consumer_by_itself() {
    let world = World::new().await;
    let identity = ConsumerIdentity::signed_up(&world.client);
    let (token, stamp) = bearer(&identity).await;
    world.pass(365 * 86_400);
    assert_eq!(bearer(&identity).await.0, token);
    assert_eq!(renew(&identity, stamp).await.unwrap(), Renewal::NotPossible);
    assert_eq!(world.count("idp.signup"), 1);
    let anew = ConsumerIdentity::signed_up(&world.client).anew_when_lost(true);
    let (other, stamp) = bearer(&anew).await;
    assert_eq!(renew(&anew, stamp).await.unwrap(), Renewal::Renewed);
    assert_ne!(bearer(&anew).await.0, other);
    world.sim.stop().await;
}

#[tokio::test]
async fn an_account_without_anonymous_messaging_says_so_at_once() {
    let world = World::new().await;
    world
        .sim
        .control()
        .adjust(|behaviour| behaviour.messaging.anonymous = false);
    let error = ConsumerIdentity::anonymous(&world.client).token().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Authorization, Some("2005")));
    assert_eq!(world.clock.slept(), Vec::<Duration>::new());
    world.sim.stop().await;
}

/// A brand that signs a token that lasts for a quarter of an hour, for each who asks.
#[derive(Debug)]
struct Brand {
    clock: SimClock,
    asked: AtomicU32,
}

#[async_trait]
impl BrandToken for Brand {
    async fn token(&self) -> Result<Secret, Error> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.now_ms() / 1_000;
        let claims =
            json!({"sub": "crm-000417", "iss": "https://id.example.org", "iat": now, "exp": now + 900, "n": asked});
        Ok(Secret::new(format!(
            "e30.{}.c2ln",
            URL_SAFE_NO_PAD.encode(claims.to_string())
        )))
    }
}

#[tokio::test]
async fn a_brand_is_asked_for_each_new_token_through_both_calls() {
    let world = World::new().await;
    let brand = Arc::new(Brand {
        clock: world.sim_clock.clone(),
        asked: AtomicU32::new(0),
    });
    let older = ConsumerIdentity::of_brand(&world.client, brand.clone());
    let newer = ConsumerIdentity::of_brand(&world.client, brand.clone()).connector("123");
    let id = older.consumer_id().await.unwrap();
    assert_eq!(
        newer.consumer_id().await.unwrap(),
        id,
        "the same person, whatever the call"
    );
    assert_eq!(older.external_token().map(|_| ()), None);
    world.pass(1_000);
    let (_, stamp) = bearer(&older).await;
    assert_eq!(stamp, Stamp(2));
    assert_eq!(brand.asked.load(Ordering::Relaxed), 3);
    // A token that is given once is good for as long as it lasts.
    let given = Arc::new(brand.token().await.unwrap());
    let fixed = ConsumerIdentity::of_brand(&world.client, given);
    assert_eq!(fixed.consumer_id().await.unwrap(), id);
    world.pass(1_000);
    let error = fixed.token().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Authentication, Some("1012")));
    world.sim.stop().await;
}

async fn wired() -> (MockServer, Client, TestClock) {
    let server = MockServer::start().await;
    let clock = TestClock::auto(Timestamp::from_millis(NOW));
    let base = BaseUri::plain(&server.address().to_string()).unwrap();
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .discover(Arc::new(FixedBase(base)))
        .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1"))
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    (server, client, clock)
}

const ANONYMOUS: &str = "lpTag.taglets.unAuthMessaging.lpUnauthFunction";

#[tokio::test]
async fn the_calls_are_as_documented_and_odd_entries_of_the_list_do_no_harm() {
    let (server, client, _) = wired().await;
    for id in [json!(4_711), json!("4711")] {
        server.reset().await;
        let list = json!([null, {"id": 1}, 5, {"id": id, "configuration": {"jsMethodName": ANONYMOUS, "x": 1}}]);
        Mock::given(path("/api/account/70011223/configuration/le-connectors/all-connectors"))
            .and(method("GET"))
            .respond_with(ResponseTemplate::new(200).set_body_json(list))
            .expect(1)
            .mount(&server)
            .await;
        Mock::given(path("/api/account/70011223/anonymous/authorize"))
            .and(method("POST"))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({"token": "ext.header.sig"})))
            .expect(1)
            .mount(&server)
            .await;
        Mock::given(path("/api/account/70011223/app/4711/authenticate"))
            .and(query_param("v", "3.0"))
            .and(body_json(json!({"id_token": "ext.header.sig"})))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({"token": "lp.header.sig"})))
            .expect(1)
            .mount(&server)
            .await;
        let identity = ConsumerIdentity::anonymous(&client);
        assert_eq!(identity.token().await.unwrap().secret().expose(), "lp.header.sig");
        let sent = server.received_requests().await.unwrap();
        let first = sent.iter().find(|r| r.url.path().ends_with("authorize")).unwrap();
        assert!(first.body.is_empty(), "a new identity is asked for without a body");
        assert!(
            sent.iter()
                .all(|request| !request.headers.contains_key("authorization"))
        );
        server.verify().await;
    }
}

#[tokio::test]
async fn codes_that_pass_are_repeated_and_others_are_not() {
    for (code, attempts, kind) in [
        ("9010", 4, ErrorKind::Server),
        ("9007", 1, ErrorKind::Authentication),
        ("1024", 1, ErrorKind::NotFound),
        ("8888", 1, ErrorKind::Authentication),
    ] {
        let (server, client, clock) = wired().await;
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(500).set_body_json(json!({"internalErrorCode": code})))
            .mount(&server)
            .await;
        let error = Idp::new(&client).sign_up().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (kind, attempts), "{code}: {error}");
        assert_eq!(clock.slept().len() as u32, attempts - 1, "{code}");
    }
    // Without a code nothing is known, so it may pass.
    let (server, client, _) = wired().await;
    let gone = ResponseTemplate::new(500);
    Mock::given(method("POST")).respond_with(gone).mount(&server).await;
    let error = Idp::new(&client).sign_up().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 4));
}

#[tokio::test]
async fn while_the_old_token_serves_a_failed_renewal_is_no_failure() {
    let (server, client, clock) = wired().await;
    let claims = |life: i64| json!({"sub": "9d9d", "iat": NOW / 1_000, "exp": NOW / 1_000 + life});
    let token = |claims: Value| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()));
    Mock::given(path("/api/account/70011223/signup"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"jwt": token(claims(600))})))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(500).set_body_json(json!({"internalErrorCode": "9007"})))
        .mount(&server)
        .await;
    let identity = ConsumerIdentity::signed_up(&client);
    let first = identity.token().await.unwrap();
    clock.advance(Duration::from_secs(550));
    for _ in 0..100 {
        assert_eq!(identity.token().await.unwrap().secret(), first.secret());
    }
    let asked = server.received_requests().await.unwrap().len();
    assert_eq!(asked, 2, "the renewal was tried once, not by each caller");
    clock.advance(Duration::from_secs(51));
    assert_eq!(identity.token().await.unwrap_err().code(), Some("9007"));
}

#[tokio::test]
async fn a_renewal_goes_on_when_the_caller_leaves() {
    let (server, client, _) = wired().await;
    let slow = ResponseTemplate::new(200)
        .set_body_json(json!({"jwt": "a.b.c"}))
        .set_delay(Duration::from_millis(200));
    Mock::given(method("POST"))
        .respond_with(slow)
        .expect(1)
        .mount(&server)
        .await;
    let identity = ConsumerIdentity::signed_up(&client);
    let hasty = tokio::time::timeout(Duration::from_millis(50), identity.token()).await;
    assert!(hasty.is_err());
    assert_eq!(identity.token().await.unwrap().secret().expose(), "a.b.c");
    server.verify().await;
}

#[tokio::test]
async fn tokens_go_to_trusted_hosts_only() {
    let (server, _, _) = wired().await;
    let base = BaseUri::plain(&server.address().to_string()).unwrap();
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .discover(Arc::new(FixedBase(base)))
        .build()
        .unwrap();
    let error = Idp::new(&client)
        .authenticate("1", &Secret::new("ext"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
    assert!(!format!("{:?}", ConsumerIdentity::signed_up(&client)).contains("Secret"));
}
