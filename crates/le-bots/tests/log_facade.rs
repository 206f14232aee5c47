//! What the libraries below write through the `log` facade.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[path = "connection/gate.rs"]
#[allow(dead_code, reason = "only its plain half is needed here")]
mod gate;

use std::sync::Mutex;

use gate::{Gate, Reply};
use le_bots::credential::FixedToken;
use le_bots::{AgentConnector, AgentIdentity};
use le_core::discover::FixedBase;
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, TrustedHosts};

/// Keeps every line with its target and level.
struct Lines(Mutex<Vec<(String, log::Level, String)>>);

static LINES: Lines = Lines(Mutex::new(Vec::new()));

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = (record.target().to_owned(), record.level(), record.args().to_string());
        self.0.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

#[tokio::test]
async fn no_token_is_logged_at_all_and_messages_only_by_the_target_that_the_readme_names() {
    log::set_logger(&LINES).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let gate = Gate::new([Reply::Open]);
    let base = BaseUri::plain(&gate.listen().await).unwrap();
    let connector = AgentConnector::new(
        std::sync::Arc::new(HttpTransport::builder().no_proxy().build().unwrap()),
        std::sync::Arc::new(FixedBase(base)),
        std::sync::Arc::new(FixedToken::new("bea7e7-secret")),
        AgentIdentity::new(AccountId::new("70000001").unwrap(), "9100000042"),
    );
    let connector = connector.trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1"));
    let (agent, _events) = connector.connect().await.unwrap();
    let _ = agent.publish_text("d", "hello-personal").await;
    agent.close().await;
    let lines = LINES.0.lock().unwrap();
    assert!(
        lines.iter().any(|(target, ..)| target.starts_with("tungstenite")),
        "the log is on"
    );
    for (target, level, text) in lines.iter() {
        assert!(!text.contains("bea7e7"), "{target} {level}: {text}");
        let of_frames = target.starts_with("tungstenite") && *level == log::Level::Trace;
        assert!(
            of_frames || !text.contains("hello-personal"),
            "{target} {level}: {text}"
        );
    }
}
