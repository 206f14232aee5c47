//! Messaging sockets: echo of published messages, and the cost of sockets that only stay open.

pub(crate) mod bare;
pub(crate) mod ours;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::task::JoinHandle;

use crate::measure;
use crate::target::{Figures, Target};

/// The text of each message: 1 KB.
pub(crate) fn text() -> String {
    "Where is my parcel? ".repeat(52).chars().take(1024).collect()
}

/// How many publishes wait for their answer over one connection.
pub(crate) const IN_FLIGHT: u64 = 32;

/// The connections of the second echo; one publish waits on each.
pub(crate) const CONNECTIONS: usize = 100;

/// The connections that only stay open.
pub(crate) const IDLE: usize = 1000;

/// How long they are watched: longer than the interval of pings and clock questions.
const WATCHED: Duration = Duration::from_secs(40);

/// A new consumer's token.
pub(crate) async fn sign_up(client: &reqwest::Client, target: &Target) -> Result<String> {
    let url = format!("http://{}/api/account/{}/signup", target.plain, target.account);
    let answer = client.post(url).send().await?.error_for_status()?.bytes().await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    Ok(answer["jwt"].as_str().context("the sign-up gave no token")?.to_owned())
}

/// Measures a piece of work, from its first poll to its end.
pub(crate) async fn measured(
    target: &Target,
    messages: u64,
    work: impl Future<Output = Result<()>>,
) -> Result<Figures> {
    let own = std::process::id();
    let (client, server, begun) = (measure::cpu(own), measure::cpu(target.server), Instant::now());
    work.await?;
    let spent = |pid, before: Option<Duration>| Some(measure::cpu(pid)?.saturating_sub(before?).as_secs_f64());
    Ok(Figures {
        records: messages,
        bytes: messages * 1024,
        wall: begun.elapsed().as_secs_f64(),
        client_cpu: spent(own, client),
        server_cpu: spent(target.server, server),
        peak: measure::peak_memory(),
        p99: None,
    })
}

/// Starts all tasks, and waits for all of them.
pub(crate) async fn all(tasks: impl Iterator<Item = JoinHandle<Result<()>>>) -> Result<()> {
    let tasks: Vec<_> = tasks.collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// Watches this process while its connections are open and nothing happens. `before` is the memory without them; `peak` is what they
/// take together.
pub(crate) async fn watch(target: &Target, before: u64) -> Result<Figures> {
    let taken = measure::memory().unwrap_or_default().saturating_sub(before);
    let quiet = async {
        tokio::time::sleep(WATCHED).await;
        Ok(())
    };
    let figures = measured(target, IDLE as u64, quiet);
    Ok(Figures {
        peak: Some(taken),
        ..figures.await?
    })
}
