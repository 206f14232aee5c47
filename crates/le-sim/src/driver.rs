//! What `le sim` does: start, say where, and serve until told to stop.
//!
//! A program in any language starts `le sim` as a child process, reads one line of JSON from its standard output, and
//! ends it with SIGTERM when it is done. This module is all of that but the printing, which is left to the caller.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    behaviour::Behaviour,
    campaign,
    clock::SimClock,
    error::SimError,
    faults::FaultPlan,
    messaging::SurveyKnobs,
    sim::{Sim, host_port},
    world::World,
};

/// The flags of `le sim`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// `--listen`: the main port.
    pub listen: SocketAddr,
    /// `--plain`: the plain port beside a TLS port.
    pub plain: Option<SocketAddr>,
    /// `--tls`: the main port speaks TLS.
    pub tls: bool,
    /// `--proxy`: the stand-in proxy.
    pub proxy: Option<SocketAddr>,
    /// `--ca-out`: where the authority's certificate is written.
    pub ca_out: Option<PathBuf>,
    /// `--name`, repeatable: further names for the certificate.
    pub names: Vec<String>,
    /// `--account`.
    pub account: String,
    /// `--seed`.
    pub seed: u64,
    /// `--conversations`.
    pub conversations: usize,
    /// `--faults`: a TOML file.
    pub faults: Option<PathBuf>,
    /// `--campaigns`: a TOML file.
    pub campaigns: Option<PathBuf>,
    /// `--survey`: consumers are asked a survey after a conversation.
    pub survey: bool,
    /// `--now`: a clock that stands at this time (epoch milliseconds) and moves by the control API only.
    pub now_ms: Option<i64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            plain: None,
            tls: false,
            proxy: None,
            ca_out: None,
            names: Vec::new(),
            account: "70011223".to_owned(),
            seed: 7,
            conversations: 200,
            faults: None,
            campaigns: None,
            survey: false,
            now_ms: None,
        }
    }
}

/// Starts a simulator as the flags say.
///
/// # Errors
///
/// As [`SimBuilder::start`](crate::SimBuilder::start), and [`SimError::File`], [`SimError::FaultPlan`] or
/// [`SimError::Campaigns`] for the files.
pub async fn start(options: Options) -> Result<Sim, SimError> {
    let faults = options
        .faults
        .as_deref()
        .map(FaultPlan::from_file)
        .transpose()?
        .unwrap_or_default();
    let campaigns = options.campaigns.as_deref().map(campaign::from_file).transpose()?;
    let mut behaviour = Behaviour::default();
    behaviour.messaging.survey = options.survey.then(SurveyKnobs::default);
    let mut builder = Sim::builder()
        .behaviour(behaviour)
        .account(options.account)
        .seed(options.seed)
        .conversations(options.conversations)
        .listen(options.listen)
        .tls(options.tls)
        .names(options.names)
        .faults(faults)
        .clock(options.now_ms.map_or_else(SimClock::system, SimClock::manual));
    if let Some(campaigns) = campaigns {
        builder = builder.campaigns(campaigns);
    }
    if let Some(plain) = options.plain {
        builder = builder.plain_listen(plain);
    }
    if let Some(proxy) = options.proxy {
        builder = builder.proxy_listen(proxy);
    }
    if let Some(path) = options.ca_out {
        builder = builder.ca_out(path);
    }
    builder.start().await
}

/// Starts a simulator, hands it to `ready` (which prints [`Sim::ready_line`]), serves until SIGTERM or Ctrl-C, and
/// stops cleanly.
///
/// # Errors
///
/// As [`start`].
pub async fn run(options: Options, ready: impl FnOnce(&Sim)) -> Result<(), SimError> {
    let sim = start(options).await?;
    // The handlers stand before the line is out: a driver may end the process the moment it has read it.
    let stopped = stop_signal();
    ready(&sim);
    stopped.await;
    tracing::info!("stopping");
    sim.stop().await;
    Ok(())
}

/// Completes at SIGTERM or Ctrl-C. The signals are caught from the call on, not from the first poll.
#[cfg(unix)]
fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};

    let terminate = signal(SignalKind::terminate());
    let interrupt = signal(SignalKind::interrupt());
    async move {
        match (terminate, interrupt) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            // Without handlers the signals end the process by themselves, so there is nothing to wait for.
            _ => std::future::pending().await,
        }
    }
}

/// Completes at Ctrl-C.
#[cfg(not(unix))]
async fn stop_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The line of the driver contract.
pub(crate) fn ready_json(world: &World, ca_path: Option<&Path>) -> Value {
    let addresses = world.addresses;
    json!({
        "ready": true,
        "csds": host_port(addresses.tls.unwrap_or(addresses.plain)),
        "plain": host_port(addresses.plain),
        "proxy": addresses.proxy.map(|proxy| proxy.to_string()),
        "ca": ca_path,
        "account": world.account.id,
        "users": users_json(world, true),
        "apiKeys": world.account.api_keys,
        "oauthClients": world.oauth_clients,
        "skills": world.account.skills,
        "appInstallations": world.account.app_installations,
    })
}

/// The users; passwords only where they are asked for.
pub(crate) fn users_json(world: &World, passwords: bool) -> Value {
    let users = world.account.users.iter().map(|user| {
        let mut value = json!({
            "loginName": user.login_name,
            "userId": user.user_id,
            "userPid": user.user_pid,
            "fullName": user.full_name,
            "nickname": user.nickname,
            "type": user.user_type.name(),
            "skills": user.skills,
            "enabled": user.enabled,
            "agentGroupId": user.agent_group_id,
        });
        if passwords {
            value["password"] = json!(user.password);
        }
        if let Some(app_key) = &user.app_key {
            value["appKey"] = json!(app_key);
        }
        value
    });
    users.collect()
}
