//! A Login Service and one API in a few lines, whose state the tests look at.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http::Method;
use http::header::{AUTHORIZATION, COOKIE};
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass, OperationSpec};
use le_core::retry::RetryPolicy;
use le_core::testing::{Scripted, ScriptedTransport, SentRequest, TestClock};
use le_core::{AccountId, BaseUri, Client, Operation, Timestamp};

pub static READ: OperationSpec = OperationSpec {
    id: "test.read",
    service: "msgHist",
    method: Method::GET,
    path: "/api/account/{accountId}/things",
    query: &[],
    auth: AuthRequirement::Required,
    idempotent: true,
    class: CallClass::Standard,
    sends_source: false,
    documentation: "",
};

pub fn read() -> Operation {
    Operation::new(&READ)
}

#[derive(Default)]
pub struct State {
    pub logins: u32,
    pub refreshes: u32,
    pub logouts: u32,
    pub calls: u32,
    /// The bearer that the API accepts; `None` accepts none.
    pub valid: Option<String>,
    /// Refuses every bearer.
    pub refuses_calls: bool,
    /// What login answers instead of a session.
    pub login_refusal: Option<(u16, &'static str)>,
    /// What refresh answers instead of nothing.
    pub refresh_answer: Option<(u16, String)>,
    pub logout_status: Option<u16>,
    pub ttl_ms: Option<u64>,
    pub last_password: String,
    pub last_cookie: Option<String>,
    pub last_csrf: String,
    pub omit_csrf: bool,
    pub omit_cookie: bool,
}

#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<State>>);

impl Server {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn transport(&self) -> ScriptedTransport {
        let server = self.clone();
        ScriptedTransport::answering(move |sent| Some(server.answer(sent)))
    }

    pub fn logins(&self) -> u32 {
        self.state().logins
    }

    fn answer(&self, sent: &SentRequest) -> Scripted {
        let mut state = self.state();
        let body: serde_json::Value = serde_json::from_slice(&sent.body).unwrap_or_default();
        let cookie = sent.headers.get(COOKIE).map(|value| value.to_str().unwrap().to_owned());
        let path = sent.uri.path().rsplit('/').next().unwrap();
        if path != "things" {
            assert!(sent.headers.get(AUTHORIZATION).is_none());
        }
        match path {
            "login" => {
                assert_eq!(sent.uri.query(), Some("v=1.3"));
                state.logins += 1;
                state.last_password = body["password"].as_str().unwrap_or_default().to_owned();
                Self::login(&mut state)
            }
            "refresh" => {
                state.refreshes += 1;
                state.last_cookie = cookie;
                state.last_csrf = body["csrf"].as_str().unwrap().to_owned();
                match state.refresh_answer.clone() {
                    Some((status, body)) => Scripted::status(status, body),
                    None => Scripted::ok("").header("set-cookie", "Session_id=rotated"),
                }
            }
            "logout" => {
                state.logouts += 1;
                state.last_cookie = cookie;
                state.last_csrf = body["csrf"].as_str().unwrap().to_owned();
                state.valid = None;
                Scripted::status(state.logout_status.unwrap_or(200), "")
            }
            _ => {
                state.calls += 1;
                let bearer = sent
                    .headers
                    .get(AUTHORIZATION)
                    .map(|value| value.to_str().unwrap().to_owned());
                match &state.valid {
                    Some(valid) if !state.refuses_calls && bearer == Some(format!("Bearer {valid}")) => {
                        Scripted::ok("{}")
                    }
                    _ => Scripted::status(401, "{}"),
                }
            }
        }
    }

    fn login(state: &mut State) -> Scripted {
        if let Some((status, body)) = state.login_refusal {
            return Scripted::status(status, body);
        }
        let bearer = format!("bearer-{}", state.logins);
        state.valid = Some(bearer.clone());
        let mut answer = serde_json::json!({
            "csrf": format!("csrf-{}", state.logins),
            "wsuk": "900000000000000001",
            "sessionId": format!("sid-{}", state.logins),
            "config": {"loginName": "ops@example.org", "userId": "4100000001", "userPid": "pid-1"},
            "csdsCollectionResponse": {"baseURIs": [
                {"account": "70011223", "service": "msgHist", "baseURI": "va.msghist.liveperson.net"}]},
            "sessionTTl": state.ttl_ms.unwrap_or(28_800_000).to_string(),
            "bearer": bearer,
        });
        if state.omit_csrf {
            answer.as_object_mut().unwrap().remove("csrf");
        }
        let answered = Scripted::ok(answer.to_string());
        if state.omit_cookie {
            return answered;
        }
        let cookie = format!("Session_id=cookie-{}; Path=/; Secure", state.logins);
        answered.header("set-cookie", &cookie).header("set-cookie", "lb=7")
    }
}

pub fn clock() -> TestClock {
    TestClock::manual(Timestamp::from_millis(1_893_488_400_000))
}

/// A client without a credential, that does not retry.
pub fn client(transport: &ScriptedTransport, clock: &TestClock) -> Client {
    Client::builder(AccountId::new("70011223").unwrap())
        .transport(Arc::new(transport.clone()))
        .discover(Arc::new(FixedBase(BaseUri::new("va.agentvep.liveperson.net").unwrap())))
        .clock(Arc::new(clock.clone()))
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

/// Lets other tasks run until `done`.
pub async fn until(done: impl Fn() -> bool) {
    for _ in 0..100_000 {
        if done() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never came true");
}

/// Lets other tasks run for a while.
pub async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// Waits for the keeper to sleep, then moves the time.
pub async fn advance(clock: &TestClock, seconds: u64) {
    clock.wait_for_sleepers(1).await;
    clock.advance(Duration::from_secs(seconds));
    settle().await;
}
