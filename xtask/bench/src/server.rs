//! The process that serves: le-sim alone on its core.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use le_sim::Sim;
use le_sim::account::User;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::target::{Member, Target};
use crate::{bare, measure};

const DAY: i64 = 86_400_000;
const TEN_MINUTES: i64 = 600_000;

/// The simulator keeps the texts of about so many conversations (1 GiB). A larger history consists of copies, which are
/// rendered quickly.
const KEPT: usize = 130_000;

/// What the copies of a large history are made from; they have ids and times of their own.
const DISTINCT: usize = 1000;

/// Starts the simulator, prints the target as one line, and serves until its standard input ends.
#[expect(clippy::print_stdout, reason = "the parent process reads the line")]
pub(crate) async fn serve(conversations: usize, bots: usize) -> Result<()> {
    measure::pin(0);
    let sim = Sim::builder()
        .seed(7)
        .conversations(conversations)
        .bots(bots)
        .distinct_conversations(if conversations > KEPT { DISTINCT } else { 0 })
        .tls(true)
        .start()
        .await?;
    sim.control().adjust(|behaviour| {
        // One user is every bot in turn, some of them by a login of their own, and has to have room for all conversations.
        behaviour.messaging.one_session_per_user = false;
        behaviour.messaging.capacity = 100_000;
    });
    // Thirteen months, in windows that the API takes, on the 10-minute marks to which it widens them.
    let now = (sim.clock().now_ms() / TEN_MINUTES + 1) * TEN_MINUTES;
    let windows = (0..5)
        .rev()
        .map(|n| (now - (n + 1) * 89 * DAY, now - n * 89 * DAY - 1))
        .collect();
    let user = sim
        .users()
        .iter()
        .find(|user| user.enabled && user.app_key.is_none() && !user.skills.is_empty())
        .context("no user can log in")?;
    let target = Target {
        csds: sim.csds(),
        small: small_answers().await?,
        plain: sim.plain_csds(),
        user: user.user_id.clone(),
        login_name: user.login_name.clone(),
        password: user.password.clone(),
        skill: *user.skills.first().context("no skill")?,
        ca: sim.ca_pem().context("no certificate authority")?.to_owned(),
        account: sim.account().id.clone(),
        app_installation: sim.app_installation_id().to_owned(),
        bearer: {
            let http = bare::client(sim.ca_pem().context("no certificate authority")?)?;
            let plain = sim.plain_csds();
            login(&http, &plain, &sim.account().id, &user.login_name, &user.password).await?
        },
        windows,
        server: std::process::id(),
        fleet: fleet(&sim),
    };
    println!("{}", serde_json::to_string(&target)?);
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    sim.stop().await;
    Ok(())
}

/// The bot users that only a fleet logs in as.
fn fleet(sim: &Sim) -> Vec<Member> {
    let users = sim.users().iter();
    let bots = users.filter(|user| user.login_name.starts_with("fleet-"));
    let member = |user: &User| Member {
        user: user.user_id.clone(),
        login_name: user.login_name.clone(),
        password: user.password.clone(),
    };
    bots.map(member).collect()
}

/// Logs in at a plain address, and gives the bearer.
pub(crate) async fn login(
    http: &reqwest::Client,
    plain: &str,
    account: &str,
    username: &str,
    password: &str,
) -> Result<String> {
    let url = format!("http://{plain}/api/account/{account}/login?v=1.3");
    let body = serde_json::json!({ "username": username, "password": password }).to_string();
    let request = http.post(url).header("content-type", "application/json").body(body);
    let answer = request.send().await?.error_for_status()?.bytes().await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    Ok(answer["bearer"]
        .as_str()
        .context("the login gave no bearer")?
        .to_owned())
}

/// A server that answers every request with the same 200 bytes of JSON, so that only the client is measured.
async fn small_answers() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(200 - 11));
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = Vec::new();
                // The clients send one small request at a time and wait for its answer.
                while stream.read_buf(&mut request).await.is_ok_and(|read| read > 0) {
                    if request.ends_with(b"\r\n\r\n") {
                        request.clear();
                        if stream.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    Ok(address)
}
