//! No secret and no name reaches the log, at any level, nor the text of an error.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as expected"
)]

mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use le_auth::{ApiKey, Session, UserCredentials};
use le_core::testing::{Scripted, ScriptedTransport};
use support::{Server, advance, client, clock, read, settle};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

const SECRETS: [&str; 12] = [
    "ops@example.org",
    "hunter2",
    "bearer-",
    "csrf-1",
    "cookie-1",
    "sid-1",
    "app-key-9",
    "secret-9",
    "token-9",
    "oauth_signature",
    "rotated",
    "user max",
];

#[tokio::test]
async fn a_life_of_a_session_and_signed_calls_leave_no_secret_behind() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut errors = String::new();

    let (server, clock) = (Server::default(), clock());
    let calls = client(&server.transport(), &clock);
    let session = Session::builder(calls.clone(), UserCredentials::new("ops@example.org", "hunter2")).build();
    let calling = calls.with_authorize(Arc::new(session.clone()));
    calling.call(read()).await.unwrap();
    advance(&clock, 240).await;
    server.state().refresh_answer = Some((
        401,
        r#"{"error":{"message":"user max is gone","internalCode":10}}"#.into(),
    ));
    server.state().login_refusal = Some((401, r#"{"error":{"message":"user max is locked","internalCode":3}}"#));
    advance(&clock, 240).await;
    settle().await;
    server.state().valid = None;
    let error = calling.call(read()).await.unwrap_err();
    errors += &format!("{error} {error:?} {session:?} {:?} {calling:?}", session.state());
    server.state().login_refusal = None;
    session.set_credentials(UserCredentials::new("ops@example.org", "hunter2"));
    session.open().await.unwrap();
    session.close().await.unwrap();

    let key = ApiKey::new("app-key-9", "secret-9", "token-9", "secret-9b").unwrap();
    let refusal = "oauth_problem=signature_invalid&oauth_problem_advice=user+max";
    let signed =
        client(&ScriptedTransport::new([Scripted::status(401, refusal)]), &clock).with_authorize(Arc::new(key.clone()));
    let error = signed.call(read()).await.unwrap_err();
    errors += &format!("{error} {error:?} {key:?} {signed:?}");

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for expected in [
        "logged in",
        "session refreshed",
        "login refused",
        "liveperson.operation",
    ] {
        assert!(log.contains(expected), "the log must hold {expected:?}: {log}");
    }
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret:?} is in the log: {log}");
        assert!(!errors.contains(secret), "{secret:?} is in an error: {errors}");
    }
}

/// The same over a real connection, where the HTTP stack writes to the log too.
#[tokio::test]
async fn the_http_stack_logs_no_secret_either() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let sim = le_sim::Sim::builder().conversations(1).start().await.unwrap();
    let user = &sim.users()[0];
    let account = le_core::AccountId::new(&sim.account().id).unwrap();
    let bare = le_core::Client::builder(account.clone())
        .trusted_hosts(le_core::TrustedHosts::vendor().with_host("localhost"))
        .build()
        .unwrap();
    let domain = le_domain::Domain::builder(account)
        .client(bare.clone())
        .host(sim.url())
        .build()
        .unwrap();
    let client = bare.with_discover(Arc::new(domain));
    let credentials = UserCredentials::new(&*user.login_name, user.password.as_str());
    let session = Session::builder(client.clone(), credentials).open().await.unwrap();
    let bearer = session.bearer().await.unwrap();
    let _ = client.with_authorize(Arc::new(session.clone())).call(read()).await;
    let key = &sim.api_keys()[0];
    let (secret, token, token_secret) = (&*key.secret, &*key.access_token, &*key.access_token_secret);
    let signing = ApiKey::new(&*key.app_key, secret, token, token_secret).unwrap();
    let _ = client.with_authorize(Arc::new(signing)).call(read()).await;
    session.close().await.unwrap();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("hyper") || log.contains("reqwest"),
        "the HTTP stack speaks: {log}"
    );
    for secret in [
        user.login_name.as_str(),
        user.password.as_str(),
        bearer.expose(),
        secret,
        token,
        token_secret,
    ] {
        assert!(!log.contains(secret), "{secret:?} is in the log");
    }
    assert!(!log.contains("oauth_signature") && !log.contains("Session_id"));
}
