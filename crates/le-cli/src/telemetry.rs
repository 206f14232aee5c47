//! Logs, on the standard error.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::cli::Cli;
#[cfg(feature = "sim")]
use crate::cli::Command;

/// Starts the logs as `-v` says, or as `LE_LOG` says in the language of tracing's filters (`le_core=debug`).
pub(crate) fn start(cli: &Cli) {
    let verbose = cli.global.verbose;
    let default = match (&cli.command, verbose) {
        #[cfg(feature = "sim")]
        (Command::Sim(_), 0) if !cli.global.quiet => "warn,le_sim=info",
        // What the simulator's faults do is what the report is about.
        #[cfg(feature = "sim")]
        (Command::Demo(_), 0) => "error",
        (_, 0) if cli.global.quiet => "error",
        // What a session meets, the command that needs it reports.
        (_, 0) => "warn,le_auth=off",
        (_, 1) => "warn,le_core=info,le_domain=info,le_auth=info,le_data=info,le_export=info,le_sim=info",
        (_, 2) => "info,le_core=debug,le_domain=debug,le_auth=debug,le_data=debug,le_export=debug,le_sim=debug",
        _ => "trace",
    };
    let filter = match std::env::var("LE_LOG") {
        Ok(given) if !given.is_empty() => EnvFilter::new(given),
        _ => EnvFilter::new(default),
    };
    let colors = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(colors)
        .with_target(verbose > 1)
        .init();
}
