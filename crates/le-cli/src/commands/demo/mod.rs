//! `le demo`: from an account id to conversations on the disk, with faults on the way, in one process.

mod clock;
#[cfg(all(feature = "parquet", feature = "sqlite"))]
mod lake;
mod plan;
mod report;
mod talks;
mod tally;
mod verify;
mod visitor;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueHint};
use le_attributes::Attributes;
use le_auth::{Session, UserCredentials};
use le_core::transport::HttpTransport;
use le_core::{AccountId, Client, TimeRange, Timestamp, TrustedHosts};
use le_data::Data;
use le_data::messaging_interactions::ContentToRetrieve;
use le_domain::Domain;
use le_export::PageExport;
use le_sim::account::UserType;
use le_sim::{Behaviour, Sim, SurveyKnobs};

use self::clock::HastyClock;
use self::report::Report;
use self::tally::Tally;
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt;
use crate::output::{Output, styled};
use crate::progress::Progress;
use crate::target::{self, Existing};

const LONG_ABOUT: &str = "\
Runs a LiveEngage in this process (TLS, with a certificate authority of its own) and goes the whole way that a brand's engineer \
goes: finds the services of the account, logs in, keeps the session alive, reports what a visitor of the shop does and takes up what \
is offered, lets a bot and fifty consumers talk, pulls every conversation, and writes JSON Lines, Parquet and SQLite. \
On the way it injects faults: 429 with and without Retry-After, 503s, connections reset before and after the request was read, \
an answer cut off in the middle, and a session that the server ends. Then it reads the file again and counts.

LivePerson's rules hold (pauses of 5, 10 and 15 s, a refresh of the session every four minutes), but time passes hundreds of \
times faster for them; the report says how many. All figures are measured. Nothing leaves this machine.";

const EXAMPLES: &str = "\
Examples:
  le demo                                      into a new folder below the temporary one
  le demo --out conversations.jsonl            into this folder
  le demo --conversations 20000 --json
  le demo --keep                               leaves the LiveEngage running, for `le` in another terminal";

/// The flags of `le demo`.
#[derive(Debug, Args)]
#[command(
    about = "Runs a LiveEngage in this process: a visitor, a bot and its consumers, exports, faults on the way",
    long_about = LONG_ABOUT, after_long_help = EXAMPLES
)]
pub(crate) struct Demo {
    /// How many conversations the simulated history holds
    #[arg(long, value_name = "N", default_value_t = 2000)]
    conversations: usize,

    /// Decides users and conversations
    #[arg(long, default_value_t = 7)]
    seed: u64,

    /// Writes the conversations here [default: conversations.jsonl in a new folder below the temporary one]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,

    /// Replaces the file of --out if it is there
    #[arg(long)]
    force: bool,

    /// Leaves the LiveEngage running until Ctrl-C and says how to reach it
    #[arg(long)]
    keep: bool,
}

/// The account that is simulated where none is given.
const ACCOUNT: &str = "70011223";

/// The history is read in windows of this length.
const WINDOW: Duration = Duration::from_secs(30 * 86_400);

/// Longer than the history of the simulator, which is LivePerson's 13 months.
const HISTORY: Duration = Duration::from_secs(420 * 86_400);

pub(crate) async fn run(flags: &Demo, global: &Global, output: Output) -> Result<Exit> {
    let mut stop = std::pin::pin!(interrupt::interrupted());
    let begun = Instant::now();
    let file = place(flags)?;
    #[cfg(all(feature = "parquet", feature = "sqlite"))]
    lake::check(folder(&file))?;
    let sim = start(flags, global, &file).await?;
    let outcome = tokio::select! {
        outcome = Box::pin(journey(&sim, flags, &file, begun, output)) => outcome,
        () = &mut stop => Err(interrupt::failure()),
    };
    let report = match outcome {
        Ok(report) => report,
        Err(failure) => {
            sim.stop().await;
            return Err(failure);
        }
    };
    if output.is_json() {
        output.json(&report.to_json())?;
    } else {
        output.line(report.to_text().trim_end())?;
    }
    if flags.keep {
        keep(&sim, &file, output);
        stop.await;
    } else if !output.is_json() {
        output.note(report::next(&file));
    }
    sim.stop().await;
    Ok(if report.is_complete() { Exit::Ok } else { Exit::Data })
}

/// Where the file goes.
fn place(flags: &Demo) -> Result<PathBuf> {
    if let Some(path) = &flags.out {
        target::check(path, Existing::of(flags.force))?;
        return Ok(path.clone());
    }
    let folder = std::env::temp_dir().join(format!("le-demo-{}", std::process::id()));
    // A folder that is there already may be somebody else's, so it is not used.
    std::fs::create_dir(&folder).map_err(|e| Failure::file("make", &folder, &e))?;
    Ok(folder.join("conversations.jsonl"))
}

/// The folder of the file, where the other exports go.
#[cfg(all(feature = "parquet", feature = "sqlite"))]
fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

fn ca_file(file: &Path) -> PathBuf {
    file.with_file_name("le-demo-ca.pem")
}

async fn start(flags: &Demo, global: &Global, file: &Path) -> Result<Sim> {
    let mut behaviour = Behaviour::default();
    behaviour.messaging.survey = Some(SurveyKnobs::default());
    behaviour.messaging.capacity = talks::CONSUMERS;
    // What was talked about is in the history at once, so that the exports have it.
    behaviour.messaging.history_latency_ms = 0;
    let mut builder = Sim::builder()
        .behaviour(behaviour)
        .account(global.account.as_deref().unwrap_or(ACCOUNT))
        .seed(flags.seed)
        .conversations(flags.conversations)
        .tls(true)
        .faults(plan::faults(flags.seed));
    if flags.keep {
        builder = builder.ca_out(ca_file(file));
    }
    builder.start().await.map_err(|e| super::sim::failure(&e))
}

/// Discovers, logs in, pulls, writes, and reads the file again.
async fn journey(sim: &Sim, flags: &Demo, file: &Path, begun: Instant, output: Output) -> Result<Report> {
    let tally = Tally::default();
    let client = client(sim, tally.clone())?;
    let domain = Domain::builder(client.account().clone())
        .client(client.clone())
        .host(sim.csds())
        .build()?;
    let client = client.with_discover(Arc::new(domain.clone()));
    let user = sim
        .users()
        .iter()
        .find(|user| user.enabled && user.user_type == UserType::Human)
        .ok_or_else(|| Failure::new(Exit::Unexpected, "the simulated account has no user"))?;
    let credentials = UserCredentials::new(user.login_name.as_str(), user.password.as_str());
    let seeded = domain.clone();
    let session = Session::builder(client.clone(), credentials)
        .on_login(move |answer| {
            seeded.seed(answer.base_uris());
        })
        .open()
        .await?;
    let authorized = client.clone().with_authorize(Arc::new(session.clone()));
    let talks = talks::hold(sim, &client, &domain, Attributes::new(authorized.clone())).await?;
    let client = authorized;
    let of_visit = talks.of_visit.as_ref().map_or("", |id| id.as_str());
    let pulled = Instant::now();
    pull(&client, sim, file, Existing::of(flags.force), output).await?;
    let pull = pulled.elapsed();
    kept_alive(&tally).await;
    let counts = tally.counts();
    #[cfg(all(feature = "parquet", feature = "sqlite"))]
    let lake = lake::fill(&client, folder(file), of_visit).await?;
    session.close().await?;
    let control = sim.control();
    let verified = verify::verify(file, of_visit)?;
    Ok(Report {
        account: client.account().to_string(),
        expected: sim.conversations() as u64 + talks.tally.conversations,
        visit: talks.visit.exported(verified.attributes),
        talks: talks.tally,
        #[cfg(all(feature = "parquet", feature = "sqlite"))]
        lake,
        verified,
        file: file.to_owned(),
        client: counts,
        faults: control.fault_counts(),
        logins: control.logins_of(&user.login_name),
        pull,
        total: begun.elapsed(),
    })
}

/// Stays logged in until the session was refreshed once; a fast machine has pulled everything before that.
async fn kept_alive(tally: &Tally) {
    const PATIENCE: Duration = Duration::from_secs(3);
    let refreshed = async {
        while tally.counts().calls_of(report::REFRESH) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if tokio::time::timeout(PATIENCE, refreshed).await.is_err() {
        tracing::warn!("the session was not refreshed in time");
    }
}

fn client(sim: &Sim, tally: Tally) -> Result<Client> {
    let pem = sim
        .ca_pem()
        .ok_or_else(|| Failure::new(Exit::Unexpected, "the simulator has no certificate"))?;
    let transport = HttpTransport::builder()
        .no_proxy()
        .only_added_roots()
        .add_root_pem(pem.as_bytes())?
        .build()?;
    Ok(Client::builder(AccountId::new(&sim.account().id)?)
        .transport(Arc::new(transport))
        .trusted_hosts(TrustedHosts::vendor().with_host("localhost"))
        .clock(Arc::new(HastyClock::new()))
        .hook(Arc::new(tally))
        .application(concat!("le/", env!("CARGO_PKG_VERSION")))
        .source("le_demo")
        .build()?)
}

/// Pulls every conversation into the file.
async fn pull(client: &Client, sim: &Sim, file: &Path, existing: Existing, output: Output) -> Result<()> {
    let range = TimeRange::last(HISTORY, Timestamp::now());
    let search = Data::new(client.clone())
        .conversations()
        .search(range)
        .content(ContentToRetrieve::documented())
        .windows(WINDOW);
    let mut progress = Progress::new(output, "le demo");
    progress.total(sim.conversations() as u64);
    PageExport::new(search.raw_stream().pages(), target::open(file, existing)?)
        .on_progress(move |now| progress.position(now.records))
        .run()
        .await
        .map_err(|e| target::failed(e.error()))?;
    Ok(())
}

/// Says how to reach the simulator from another terminal.
fn keep(sim: &Sim, file: &Path, output: Output) {
    sim.control().clear_faults();
    let user = sim
        .users()
        .iter()
        .find(|user| user.enabled && user.user_type == UserType::Human);
    let (name, password) = user.map_or(("", ""), |user| (user.login_name.as_str(), user.password.as_str()));
    output.note(format_args!(
        "\n{}\n  export LE_ACCOUNT_ID={} LE_DOMAIN_HOST={} LE_CA_FILE={}\n  export LE_USERNAME={name} LE_PASSWORD={password}\n  \
         le doctor",
        styled(report::STRONG, "It goes on running until Ctrl-C; in another terminal:"),
        sim.account().id,
        sim.csds(),
        ca_file(file).display(),
    ));
}
