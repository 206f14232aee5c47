//! Whole flows against the simulator, over a real connection: discovery, login, expiry, throttling, lockout, signatures.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use le_auth::{ApiKey, AppCredentials, Login, Session, SessionState, UserCredentials};
use le_core::limit::Limits;
use le_core::operation::{AuthRequirement, CallClass, OperationSpec};
use le_core::testing::TestClock;
use le_core::{AccountId, Authorize, Client, ErrorKind, Operation, Timestamp, TrustedHosts};
use le_domain::Domain;
use le_sim::{Behaviour, Lockout, LoginErrors, LoginLimit, Sim, SimClock, UserState};

static SEARCH: OperationSpec = OperationSpec {
    id: "messaging_interactions.search",
    service: "msgHist",
    method: Method::POST,
    path: "/messaging_history/api/account/{accountId}/conversations/search",
    query: &[("v", "2"), ("offset", "0"), ("limit", "1"), ("sort", "start:desc")],
    auth: AuthRequirement::Required,
    idempotent: true,
    class: CallClass::Standard,
    sends_source: true,
    documentation: "",
};

const NOW: i64 = 1_893_488_400_000;

struct World {
    sim: Sim,
    sim_clock: SimClock,
    clock: TestClock,
    client: Client,
}

impl World {
    async fn new() -> Self {
        Self::start(Sim::builder(), TestClock::manual(Timestamp::from_millis(NOW))).await
    }

    /// Time passes by itself where the client waits.
    async fn hasty() -> Self {
        Self::start(Sim::builder(), TestClock::auto(Timestamp::from_millis(NOW))).await
    }

    async fn start(builder: le_sim::SimBuilder, clock: TestClock) -> Self {
        let sim_clock = SimClock::manual(NOW);
        let sim = builder.conversations(5).clock(sim_clock.clone()).start().await.unwrap();
        let account = AccountId::new(&sim.account().id).unwrap();
        let bare = Client::builder(account.clone())
            .trusted_hosts(TrustedHosts::vendor().with_host("localhost"))
            .clock(Arc::new(clock.clone()))
            .limits(Limits::default().concurrency(NonZeroU32::new(64).unwrap()))
            .build()
            .unwrap();
        let domain = Domain::builder(account)
            .client(bare.clone())
            .host(sim.url())
            .build()
            .unwrap();
        let client = bare.with_discover(Arc::new(domain));
        Self {
            sim,
            sim_clock,
            clock,
            client,
        }
    }

    fn user(&self) -> UserCredentials {
        let user = &self.sim.users()[0];
        UserCredentials::new(&*user.login_name, user.password.as_str())
    }

    fn wrong(&self) -> UserCredentials {
        UserCredentials::new(&*self.sim.users()[0].login_name, "wrong")
    }

    fn with(&self, authorize: impl Authorize + 'static) -> Client {
        self.client.with_authorize(Arc::new(authorize))
    }

    fn logins(&self) -> u64 {
        self.sim.control().requests_to("login.login")
    }

    fn adjust(&self, change: impl FnOnce(&mut Behaviour)) {
        self.sim.control().adjust(change);
    }

    fn pass(&self, seconds: u64) {
        self.sim_clock.advance(Duration::from_secs(seconds));
        self.clock.advance(Duration::from_secs(seconds));
    }
}

fn search() -> Operation {
    let range = serde_json::json!({"start": {"from": NOW - 86_400_000, "to": NOW}});
    Operation::new(&SEARCH).json(&range).unwrap()
}

#[tokio::test]
async fn from_an_account_id_to_a_call_and_back() {
    let world = World::new().await;
    let session = Session::builder(world.client.clone(), world.user())
        .open()
        .await
        .unwrap();
    let calling = world.with(session.clone());
    let answer = calling.call(search()).await.unwrap();
    assert!(answer.text().unwrap().contains("conversationHistoryRecords"));
    let listed = session.answer().unwrap().base_uris().count();
    assert!(listed > 20, "the login answer lists {listed} services");
    assert_eq!(
        session.answer().unwrap().user_id().unwrap().as_str(),
        world.sim.users()[0].user_id
    );
    assert_eq!(world.sim.control().sessions().len(), 1);
    session.close().await.unwrap();
    assert!(world.sim.control().sessions().is_empty());
    assert_eq!(calling.call(search()).await.unwrap_err().kind(), ErrorKind::Cancelled);
}

#[tokio::test]
async fn applications_log_in_with_either_kind_of_key() {
    let world = World::new().await;
    let oauth2 = &world.sim.oauth_clients()[0];
    let login = Login::new(world.client.clone());
    let app = AppCredentials::oauth2(&*oauth2.login_name, &*oauth2.client_id, oauth2.client_secret.as_str());
    let grant = login.login(app).await.unwrap();
    assert_eq!(login.logout(&grant).await.unwrap(), le_auth::login::Logout::Ended);
    assert_eq!(login.logout(&grant).await.unwrap(), le_auth::login::Logout::AlreadyGone);
    let keys = world.sim.api_keys();
    let bot = world.sim.users().iter().find(|user| user.app_key.is_some()).unwrap();
    let key = keys
        .iter()
        .find(|key| Some(&key.app_key) == bot.app_key.as_ref())
        .unwrap();
    let app = AppCredentials::oauth1(
        &*bot.login_name,
        &*key.app_key,
        key.secret.as_str(),
        key.access_token.as_str(),
        key.access_token_secret.as_str(),
    );
    assert!(login.login(app).await.is_ok());
}

#[tokio::test]
async fn a_kept_session_outlives_its_time_and_an_expired_one_is_renewed() {
    let world = World::new().await;
    world.adjust(|behaviour| behaviour.session_ttl_ms = 600_000);
    let session = Session::builder(world.client.clone(), world.user())
        .open()
        .await
        .unwrap();
    let calling = world.with(session.clone());
    for refreshes in 1..=5 {
        world.clock.wait_for_sleepers(1).await;
        world.pass(240);
        while world.sim.control().requests_to("login.refresh") < refreshes {
            tokio::task::yield_now().await;
        }
        calling.call(search()).await.unwrap();
    }
    assert_eq!(world.logins(), 1, "20 minutes with a session of 10");
    let mut states = session.watch();
    assert_eq!(world.sim.control().expire_sessions(), 1);
    calling.call(search()).await.unwrap();
    assert_eq!(world.logins(), 2);
    states
        .wait_for(|state| matches!(state, SessionState::Open { .. }))
        .await
        .unwrap();
    // A refresh of an expired session leads to a login before anybody calls.
    world.sim.control().expire_sessions();
    world.clock.wait_for_sleepers(1).await;
    world.pass(240);
    while world.logins() < 3 {
        tokio::task::yield_now().await;
    }
    calling.call(search()).await.unwrap();
    assert_eq!(world.logins(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_on_an_expired_session_cause_one_login() {
    let world = World::new().await;
    let session = Session::builder(world.client.clone(), world.user())
        .open()
        .await
        .unwrap();
    let calling = world.with(session);
    calling.call(search()).await.unwrap();
    world.clock.advance(Duration::from_secs(3600));
    world.sim.control().expire_sessions();
    let callers = (0..10_000).map(|_| {
        let calling = calling.clone();
        tokio::spawn(async move { calling.call(search()).await.map(drop) })
    });
    for outcome in join_all(callers).await {
        outcome.unwrap().unwrap();
    }
    assert_eq!(world.logins(), 2);
}

#[tokio::test]
async fn a_wrong_password_is_sent_once_and_does_not_lock_the_user() {
    let world = World::hasty().await;
    world.adjust(|behaviour| {
        behaviour.lockout = Some(Lockout {
            failures: 2,
            for_ms: 900_000,
        })
    });
    let session = Session::builder(world.client.clone(), world.wrong()).build();
    let calling = world.with(session.clone());
    for _ in 0..20 {
        let error = calling.call(search()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
    }
    assert_eq!(world.logins(), 1);
    session.set_credentials(world.user());
    calling.call(search()).await.unwrap();
    assert_eq!(world.logins(), 2);
}

#[tokio::test]
async fn a_locked_user_learns_it_and_gets_in_when_the_lock_ends() {
    let world = World::hasty().await;
    world.adjust(|behaviour| {
        behaviour.lockout = Some(Lockout {
            failures: 2,
            for_ms: 900_000,
        })
    });
    let login = Login::new(world.client.clone());
    for _ in 0..2 {
        let error = login.login(world.wrong()).await.unwrap_err();
        assert!(error.to_string().contains("not repeat the login"), "{error}");
    }
    let error = login.login(world.user()).await.unwrap_err();
    assert!(error.to_string().contains("the user is locked"), "{error}");
    world.sim_clock.advance(Duration::from_secs(901));
    login.login(world.user()).await.unwrap();
}

#[tokio::test]
async fn throttled_logins_wait_and_then_succeed() {
    let world = World::hasty().await;
    world.adjust(|behaviour| {
        behaviour.login_limit = Some(LoginLimit {
            attempts: 1,
            per_ms: 60_000,
            retry_after_s: Some(7),
        });
    });
    let login = Login::new(world.client.clone());
    login.login(world.user()).await.unwrap();
    let error = login.login(world.user()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 4));
    let pauses = world.clock.slept();
    assert!(
        pauses.len() == 3 && pauses.iter().all(|pause| pause.as_secs() >= 7),
        "{pauses:?}"
    );
    world.sim_clock.advance(Duration::from_secs(61));
    login.login(world.user()).await.unwrap();
}

#[tokio::test]
async fn every_state_of_a_user_and_shape_of_a_refusal_is_understood() {
    let world = World::hasty().await;
    let login = Login::new(world.client.clone());
    let name = world.sim.users()[0].login_name.clone();
    let states = [
        (UserState::Blocked, ErrorKind::Authorization, "support case"),
        (UserState::Locked, ErrorKind::Authentication, "unlock"),
        (
            UserState::PasswordExpired,
            ErrorKind::Authentication,
            "set a new password",
        ),
        (
            UserState::MustChangePassword,
            ErrorKind::Authentication,
            "set a new password",
        ),
        (UserState::MfaRequired, ErrorKind::Authentication, "multi-factor"),
    ];
    for shape in [LoginErrors::Object, LoginErrors::Text, LoginErrors::ObjectInSuccess] {
        world.adjust(|behaviour| behaviour.login_errors = shape);
        for (state, kind, text) in states {
            world.sim.control().set_user_state(&name, state);
            let error = login.login(world.user()).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{shape:?} {state:?}: {error}");
            assert!(error.to_string().contains(text), "{shape:?} {state:?}: {error}");
            assert!(!error.to_string().contains(&name));
        }
    }
    world.sim.control().set_user_state(&name, UserState::Normal);
    world.adjust(|behaviour| {
        behaviour.login_errors = LoginErrors::Object;
        behaviour.bot_users = false;
    });
    let oauth2 = &world.sim.oauth_clients()[0];
    let app = AppCredentials::oauth2(&*oauth2.login_name, &*oauth2.client_id, oauth2.client_secret.as_str());
    let error = login.login(app).await.unwrap_err();
    assert!(error.to_string().contains("User Type - Bot"), "{error}");
}

#[tokio::test]
async fn sessions_without_cookie_or_with_a_number_for_their_length_work_too() {
    let world = World::hasty().await;
    world.adjust(|behaviour| {
        behaviour.session_cookie = false;
        behaviour.session_ttl_as_number = true;
        behaviour.login_omits = vec!["config.userId".to_owned(), "accountData".to_owned()];
    });
    let login = Login::new(world.client.clone());
    let mut grant = login.login(world.user()).await.unwrap();
    assert_eq!(grant.ttl().unwrap().as_secs(), 28_800);
    login.refresh(&mut grant).await.unwrap();
    login.logout(&grant).await.unwrap();
    assert_eq!(
        login.refresh(&mut grant).await.unwrap_err().kind(),
        ErrorKind::Authentication
    );
}

#[tokio::test]
async fn a_key_signs_what_the_server_verifies_with_a_nonce_for_each_call() {
    let world = World::new().await;
    let key = &world.sim.api_keys()[0];
    let make = |secret: &str| {
        let (token, token_secret) = (key.access_token.as_str(), key.access_token_secret.as_str());
        let made = ApiKey::new(&*key.app_key, secret, token, token_secret).unwrap();
        made.with_clock(Arc::new(world.clock.clone()))
    };
    let calling = world.with(make(&key.secret));
    let outcomes = join_all((0..200).map(|_| calling.call(search()).send())).await;
    assert!(
        outcomes.iter().all(Result::is_ok),
        "{:?}",
        outcomes.iter().find(|outcome| outcome.is_err())
    );
    let error = world.with(make("wrong")).call(search()).await.unwrap_err();
    assert_eq!(error.code(), Some("signature_invalid"));
    assert!(error.to_string().contains("check secret"), "{error}");
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_an_hour_is_corrected_from_the_answer() {
    let world = World::new().await;
    world.sim_clock.advance(Duration::from_secs(3600));
    let key = &world.sim.api_keys()[0];
    let (token, token_secret) = (key.access_token.as_str(), key.access_token_secret.as_str());
    let key = ApiKey::new(&*key.app_key, key.secret.as_str(), token, token_secret)
        .unwrap()
        .with_clock(Arc::new(world.clock.clone()));
    let calling = world.with(key.clone());
    for _ in 0..3 {
        calling.call(search()).await.unwrap();
    }
    assert_eq!(key.clock_correction_millis(), 3_600_000);
    assert_eq!(world.sim.control().requests_to("messaging_interactions.search"), 4);
}
