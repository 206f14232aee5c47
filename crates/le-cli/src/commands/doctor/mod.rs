//! `le doctor`: what is set, what works, and what to fix.

mod files;
mod network;
mod report;
mod service;

use clap::Args;

use self::report::{Check, Report};
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;
use crate::settings::Settings;

const LONG_ABOUT: &str = "\
Checks one by one: the configuration file and its permissions, the environment, the account id, the credential, name lookup and \
connection to the Domain API, TLS, the clock of this machine, the services of the account, the login, and a call.

It goes on after a failure where that makes sense. Each finding says what to fix. The exit code is that of the first failure; \
warnings do not count. No secret is shown.";

/// The flags of `le doctor`.
#[derive(Debug, Args)]
#[command(about = "Checks settings, network and credentials one by one, and says what to fix", long_about = LONG_ABOUT)]
pub(crate) struct DoctorFlags {
    /// Checks settings and network only: no login, no call with a credential
    #[arg(long)]
    no_login: bool,
}

pub(crate) async fn run(flags: &DoctorFlags, global: &Global, output: Output) -> Result<Exit> {
    let mut report = Report::new(output);
    examine(flags, global, &mut report).await?;
    report.end()
}

async fn examine(flags: &DoctorFlags, global: &Global, report: &mut Report) -> Result<()> {
    report.add(files::configuration(global))?;
    let settings = match Settings::resolve_asking(global) {
        Ok(settings) => settings.without_retries(),
        Err(failure) => {
            report.add(Check::failed("settings", failure))?;
            return report.skip(&[
                "account",
                "credential",
                "name lookup",
                "connection",
                "TLS",
                "clock",
                "services",
                "login",
                "call",
            ]);
        }
    };
    report.add(files::environment(&settings))?;
    report.add(files::account(&settings))?;
    report.add(files::credential(&settings))?;
    report.add(files::ca_file(&settings))?;
    let reachable = network::examine(&settings, report).await?;
    if !reachable || report.has_failed("account") {
        return report.skip(&["services", "login", "call"]);
    }
    service::examine(&settings, flags.no_login, report).await
}
