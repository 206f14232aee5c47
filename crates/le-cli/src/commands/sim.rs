//! `le sim`: the simulator as a process.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use le_core::Timestamp;
use le_sim::{Sim, SimError, driver};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::moment::{Moment, moment};
use crate::output::Output;

const LONG_ABOUT: &str = "\
Runs a LiveEngage on loopback until Ctrl-C or SIGTERM: Domain API, Login Service, Messaging Interactions, the \
messaging sockets and visitors who are offered engagements, over a generated account. The same account id and seed give the same users, keys and conversations.

When it is ready it prints one line of JSON on the standard output, so that a program in any language can start it:
{\"ready\":true,\"csds\":\"localhost:PORT\",\"plain\":..,\"proxy\":..,\"ca\":..,\"account\":..,\"users\":[..],\"apiKeys\":[..],\
\"oauthClients\":[..],\"skills\":[..],\"appInstallations\":[..]}
Logs go to the standard error, and so does, on a terminal, a command that reports a visitor's cart.";

const EXAMPLES: &str = "\
Examples:
  le sim --tls --ca-out ca.pem                 then, in another terminal, with a user of the ready line:
    LE_ACCOUNT_ID=70011223 LE_DOMAIN_HOST=localhost:PORT LE_CA_FILE=ca.pem LE_USERNAME=.. LE_PASSWORD=.. le doctor
  le sim --tls --proxy 127.0.0.1:3128 --ca-out ca.pem
    HTTPS_PROXY=http://127.0.0.1:3128 SSL_CERT_FILE=ca.pem any-liveengage-client
  le sim --survey --listen 127.0.0.1:8080      then `le agent` and `le chat` in two other terminals, with
    LE_ACCOUNT_ID=70011223 LE_DOMAIN_HOST=http://localhost:8080, and for the agent a user of the ready line
  le sim --campaigns campaigns.toml            with, for example, in that file:
    [[campaigns]]
    id = 700111
    name = \"Carts\"
    [[campaigns.engagements]]
    id = 700222
    name = \"Ask about the cart\"
    when = { cart_total = { at_least = 100 } }
  le sim --faults faults.toml                  with, for example, in that file:
    [[rules]]
    route = \"messaging_interactions.search\"
    every = 5
    action = { kind = \"status\", status = 503 }";

/// The flags of `le sim`.
#[derive(Debug, Args)]
#[command(about = "Runs a LiveEngage on loopback until Ctrl-C", long_about = LONG_ABOUT, after_long_help = EXAMPLES)]
pub(crate) struct SimFlags {
    /// The main port; port 0 is any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// The main port speaks TLS, with a certificate authority made at start; a plain port is opened beside it
    #[arg(long)]
    tls: bool,

    /// The address of the plain port beside a TLS port
    #[arg(long, value_name = "ADDR")]
    plain: Option<SocketAddr>,

    /// Opens a proxy that stands in for LivePerson's hosts, so that any client runs against the simulator unmodified
    // By the driver contract the flag is --proxy. It hides the global flag of that name, which has no meaning here, and must
    // therefore be of its type.
    #[arg(long, value_name = "ADDR", value_parser = address)]
    proxy: Option<String>,

    /// Writes the certificate of the authority here (PEM)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ca_out: Option<PathBuf>,

    /// A further DNS name or address for the certificate; can be given several times
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,

    /// Decides users, keys and conversations
    #[arg(long, default_value_t = 7)]
    seed: u64,

    /// How many conversations the history holds
    #[arg(long, value_name = "N", default_value_t = 200)]
    conversations: usize,

    /// A fault plan (TOML)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    faults: Option<PathBuf>,

    /// Campaigns (TOML) in place of those that the account has
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    campaigns: Option<PathBuf>,

    /// Consumers are asked a survey after a conversation
    #[arg(long)]
    survey: bool,

    /// A clock that stands at this time and is moved by the control API only
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<Moment>,
}

/// Checks an address and keeps it as text.
fn address(text: &str) -> Result<String, std::net::AddrParseError> {
    text.parse::<SocketAddr>().map(|address| address.to_string())
}

/// The account that the simulator has where none is given.
const ACCOUNT: &str = "70011223";

pub(crate) async fn run(flags: &SimFlags, global: &Global, output: Output) -> Result<Exit> {
    let mut options = driver::Options::default();
    options.listen = flags.listen;
    options.plain = flags.plain;
    options.tls = flags.tls;
    options.proxy = flags.proxy.as_deref().and_then(|proxy| proxy.parse().ok());
    options.ca_out = flags.ca_out.clone();
    options.names = flags.name.clone();
    options.account = global.account.clone().unwrap_or_else(|| ACCOUNT.to_owned());
    options.seed = flags.seed;
    options.conversations = flags.conversations;
    options.faults = flags.faults.clone();
    options.campaigns = flags.campaigns.clone();
    options.survey = flags.survey;
    options.now_ms = flags.now.map(|now| now.begins(Timestamp::now()).as_millis());
    let mut printed = Ok(());
    driver::run(options, |sim| {
        printed = output.line(sim.ready_line());
        if output.draws_progress() {
            output.note(visitor_example(sim));
        }
    })
    .await
    .map_err(|e| failure(&e))?;
    printed?;
    Ok(Exit::Ok)
}

/// A command that reports a cart and shows what is offered for it.
fn visitor_example(sim: &Sim) -> String {
    let (url, account, application) = (sim.url(), &sim.account().id, sim.app_installation_id());
    let trust = if url.starts_with("https") {
        " --cacert CA.pem"
    } else {
        ""
    };
    format!(
        "a visitor: curl{trust} -H 'content-type: application/json' '{url}/api/account/{account}/app/{application}/engagement?v=1.1' \\\n  \
         -d '{{\"engagementAttributes\":[{{\"type\":\"cart\",\"total\":150,\"numItems\":2}}]}}'"
    )
}

/// A simulator that did not start.
pub(crate) fn failure(error: &SimError) -> Failure {
    let exit = match error {
        SimError::AccountId { .. } => Exit::Usage,
        SimError::File { action: "write", .. } => Exit::Output,
        SimError::Listen { .. } | SimError::File { .. } | SimError::FaultPlan { .. } | SimError::Campaigns { .. } => {
            Exit::Configuration
        }
        _ => Exit::Unexpected,
    };
    Failure::new(exit, format!("the simulator did not start: {error}"))
}
