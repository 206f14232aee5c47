//! The process that serves: le-sim alone on its core.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use le_sim::Sim;

use crate::measure;
use crate::target::Target;

const DAY: i64 = 86_400_000;
const TEN_MINUTES: i64 = 600_000;

/// Starts the simulator, prints the target as one line, and serves until its standard input ends.
#[expect(clippy::print_stdout, reason = "the parent process reads the line")]
pub(crate) async fn serve(conversations: usize) -> Result<()> {
    measure::pin(0);
    let sim = Sim::builder()
        .seed(7)
        .conversations(conversations)
        .tls(true)
        .start()
        .await?;
    // Thirteen months, in windows that the API takes, on the 10-minute marks to which it widens them.
    let now = (sim.clock().now_ms() / TEN_MINUTES + 1) * TEN_MINUTES;
    let windows = (0..5)
        .rev()
        .map(|n| (now - (n + 1) * 89 * DAY, now - n * 89 * DAY - 1))
        .collect();
    let user = sim
        .users()
        .iter()
        .find(|user| user.enabled && user.app_key.is_none())
        .context("no user can log in")?;
    let target = Target {
        csds: sim.csds(),
        plain: sim.plain_csds(),
        ca: sim.ca_pem().context("no certificate authority")?.to_owned(),
        account: sim.account().id.clone(),
        bearer: login(&sim, &user.login_name, &user.password).await?,
        windows,
        server: std::process::id(),
    };
    println!("{}", serde_json::to_string(&target)?);
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    sim.stop().await;
    Ok(())
}

async fn login(sim: &Sim, username: &str, password: &str) -> Result<String> {
    let url = format!(
        "http://{}/api/account/{}/login?v=1.3",
        sim.plain_csds(),
        sim.account().id
    );
    let body = serde_json::json!({ "username": username, "password": password }).to_string();
    let tls =
        rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()?;
    let answer = client
        .post(url)
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await?
        .bytes()
        .await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    Ok(answer["bearer"]
        .as_str()
        .context("the login gave no bearer")?
        .to_owned())
}
