//! What reaches a log. Alone in its file: the log of a process is one, and its levels are cached for all threads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where something is not as it should be"
)]
#![cfg(feature = "http")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::operation::{AuthRequirement, CallClass};
use le_core::telemetry::names;
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, Client, Operation, OperationSpec, TrustedHosts};
use tracing_subscriber::fmt::MakeWriter;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

static READ: OperationSpec = OperationSpec {
    id: "test.read",
    service: "s",
    method: http::Method::GET,
    path: "/path",
    query: &[("q", "query-value")],
    auth: AuthRequirement::Required,
    idempotent: true,
    class: CallClass::Standard,
    sends_source: false,
    documentation: "",
};

const BEARER: &str = "bea7e700-very-secret";

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn nothing_secret_or_personal_reaches_a_log_an_error_or_debug() {
    let server = MockServer::start().await;
    let refusal = ResponseTemplate::new(401)
        .set_body_string(r#"{"error":{"message":"max@example.org is locked","internalCode":7}}"#);
    Mock::given(any()).respond_with(refusal).mount(&server).await;
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(captured.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let client = Client::builder(AccountId::new("70011223").unwrap())
        .transport(Arc::new(HttpTransport::builder().no_proxy().build().unwrap()))
        .discover(Arc::new(FixedBase(BaseUri::new(&server.uri()).unwrap())))
        .trusted_hosts(TrustedHosts::default().with_host("127.0.0.1"))
        .authorize(Arc::new(StaticBearer::new(BEARER)))
        .build()
        .unwrap();
    let operation = Operation::new(&READ)
        .query("token", "query-secret")
        .json(&"body-secret")
        .unwrap();
    let shown = format!("{client:?} {operation:?}");
    let error = client.call(operation).await.unwrap_err();
    drop(guard);
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    for name in [
        names::METHOD,
        names::TEMPLATE,
        names::ADDRESS,
        names::PORT,
        names::STATUS,
        names::RESEND_COUNT,
        names::BODY_SIZE,
        names::ERROR_TYPE,
        names::OPERATION,
        names::SERVICE,
        names::ACCOUNT,
    ] {
        assert!(log.contains(name), "{name} is missing in the log: {log}");
    }
    for text in [&log, &shown, &error.to_string(), &format!("{error:?}")] {
        for secret in [BEARER, "query-secret", "query-value", "body-secret", "max@example.org"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    assert_eq!(error.code(), Some("7"));
}
