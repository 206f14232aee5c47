//! What is logged, by this crate through `tracing` and by the libraries below through either facade. It is a program of its own,
//! since loggers are global.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[path = "connection/gate.rs"]
#[allow(dead_code, reason = "only its plain half is needed here")]
mod gate;

use std::io::Write;
use std::sync::{Arc, Mutex};

use gate::{Gate, Reply};
use le_bots::connector::Introduction;
use le_bots::credential::FixedToken;
use le_bots::{AgentConnector, AgentIdentity, ConsumerConnector};
use le_core::discover::FixedBase;
use le_core::transport::HttpTransport;
use le_core::{AccountId, BaseUri, TrustedHosts};

const TOKEN: &str = "bea7e7-secret";
const MESSAGE: &str = "hello-personal";

/// Keeps every line of the `log` facade with its target and level.
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

/// Keeps what `tracing` writes.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn start_logs() -> Written {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log::set_logger(&LINES).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    written
}

/// An agent who opens, speaks, and is refused the second time; and a consumer.
async fn talk() {
    let gate = Gate::new([Reply::Open, Reply::Refuse(401, ""), Reply::Open]);
    let base = Arc::new(FixedBase(BaseUri::plain(&gate.listen().await).unwrap()));
    let transport = Arc::new(HttpTransport::builder().no_proxy().build().unwrap());
    let token = Arc::new(FixedToken::new(TOKEN));
    let trusted = TrustedHosts::vendor().with_host("127.0.0.1");
    let account = AccountId::new("70000001").unwrap();
    let me = AgentIdentity::new(account.clone(), "9100000042");
    let connector =
        AgentConnector::new(transport.clone(), base.clone(), token.clone(), me).trusted_hosts(trusted.clone());
    let (agent, events) = connector.connect().await.unwrap();
    let _ = agent.publish_text("d", MESSAGE).await;
    connector.connect().await.unwrap_err();
    let consumers = ConsumerConnector::new(transport, base, token, account).trusted_hosts(trusted);
    let (consumer, _) = consumers.introduction(Introduction::Request).connect().await.unwrap();
    tracing::info!(?connector, ?agent, ?consumer, ?events, "shown");
    agent.close().await;
}

#[tokio::test]
async fn no_token_is_logged_and_messages_only_by_the_target_that_the_readme_names() {
    let written = start_logs();
    talk().await;
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("the socket ended"), "the log is on");
    for secret in [TOKEN, MESSAGE] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "the log shows {secret}");
    }
    let lines = LINES.0.lock().unwrap();
    assert!(
        lines.iter().any(|(target, ..)| target.starts_with("tungstenite")),
        "the other log is on too"
    );
    for (target, level, text) in lines.iter() {
        // Whole frames: the README says so.
        let of_frames = target.starts_with("tungstenite") && *level == log::Level::Trace;
        let clean = !text.contains(TOKEN) && !text.contains(MESSAGE);
        assert!(of_frames || clean, "{target} {level}: {text}");
    }
}
